"""The page on Django holds a project that runs as it stands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_project_of_the_page_runs(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "django.md").read_text("utf-8")
    shell = ["import django", "django.setup()"]
    for block in re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        named = re.match(r"# (\w+\.py)\n", block)
        if named:
            (tmp_path / named[1]).write_text(block, "utf-8")
        else:
            shell.append(block)
    (tmp_path / "shell.py").write_text("\n".join(shell), "utf-8")
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "settings",
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{tmp_path}",
        "PYTHONUTF8": "1",
    }
    for arguments in (("-m", "django", "migrate"), ("shell.py",)):
        done = subprocess.run(
            [sys.executable, "-W", "error", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=120,
        )
        assert "Traceback" not in done.stderr
        assert done.returncode == 0, done.stderr
    assert "只能由台账写入" in done.stdout
