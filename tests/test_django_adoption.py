"""A small project with a status column of its own adopts the ledger in under thirty lines."""

from __future__ import annotations

import difflib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
LINES_MAX: Final = 30
ROWS: Final = 1_000

BEFORE: Final = {
    "settings.py": """\
SECRET_KEY = "x"
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
LANGUAGE_CODE = "zh-hans"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "county",
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "county.db"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
""",
    "county/__init__.py": "",
    "county/models.py": """\
from django.db import models

class Problem(models.Model):
    title = models.CharField(max_length=200)
    town = models.CharField(max_length=20)
    found_on = models.DateField()
    status = models.CharField(max_length=20)
    handler = models.CharField(max_length=50)
    measure = models.TextField(blank=True)
    fixed_on = models.DateField(null=True)
    checker = models.CharField(max_length=50, blank=True)
    proof = models.TextField(blank=True)
    closed_on = models.DateField(null=True)
    due_on = models.DateField(null=True)
""",
}
"""The project as it was."""

AFTER: Final = {
    "settings.py": BEFORE["settings.py"].replace(
        '    "county",\n', '    "rectify.integrations.django",\n    "county",\n'
    )
    + """\
RECTIFY = {"CAMPAIGN": "hubei-2018", "UNIT": "first_name", "CLOCK": "clock.now"}
""",
    "mapping.toml": (ROOT / "tests" / "data" / "old_platform_mapping.toml").read_text("utf-8"),
}
"""What adopting changes and adds."""

FILL: Final = """\
import django
django.setup()
from datetime import date
from django.contrib.auth.models import User
from county.models import Problem
User.objects.create_user("管理员", first_name="420901")
statuses = ["待整改", "已整改", "整改中", "已销号"]
Problem.objects.bulk_create(
    Problem(
        title=f"第{n}号问题", town=f"4209010{n % 10}", found_on=date(2018, 3, 1 + n % 28),
        status=statuses[n % 4], handler="经办员甲",
        # One in fifty says that it was put right, and not how.
        measure="" if n % 50 == 1 else "已整改到位", fixed_on=date(2018, 4, 2),
        checker="核查员乙", proof="现场核查", closed_on=date(2018, 4, 20), due_on=date(2018, 6, 1),
    )
    for n in range(1000)
)
"""

CLOCK: Final = """\
from datetime import UTC, datetime
def now():
    return datetime(2018, 5, 10, 4, tzinfo=UTC)
"""


def _changed_lines() -> int:
    """Lines added and lines taken away, blank ones not counted."""
    count = 0
    for name, after in AFTER.items():
        before = BEFORE.get(name, "").splitlines()
        lines = difflib.unified_diff(before, after.splitlines(), lineterm="", n=0)
        changes = [line for line in lines if line[:3] not in ("---", "+++", "@@ ")]
        count += sum(bool(line[1:].strip()) for line in changes)
    return count


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "settings",
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{folder}",
            "PYTHONUTF8": "1",
        },
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=240,
    )


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def test_a_project_adopts_in_under_thirty_changed_lines(tmp_path: Path) -> None:
    assert 0 < _changed_lines() < LINES_MAX
    _write(tmp_path, {**BEFORE, "fill.py": FILL, "clock.py": CLOCK})
    for arguments in (
        ("-m", "django", "makemigrations", "county"),
        ("-m", "django", "migrate"),
        ("fill.py",),
    ):
        done = _run(tmp_path, *arguments)
        assert done.returncode == 0, done.stderr

    _write(tmp_path, AFTER)
    assert _run(tmp_path, "-m", "django", "migrate").returncode == 0
    adopt = ("-m", "django", "rectify_adopt", "county.Problem", "--mapping=mapping.toml")
    tried = _run(tmp_path, *adopt, "--by=管理员", "--dry-run")
    assert tried.returncode == 1, tried.stderr  # rows are left
    # Of the rows without a measure, those whose status needs one.
    unexplained = [n for n in range(ROWS) if n % 50 == 1 and n % 4 in (1, 3)]
    summary, *listed = tried.stdout.splitlines()
    assert f"可接管{ROWS - len(unexplained)}件" in summary
    assert len(listed) == len(unexplained)
    assert all("measure" in line for line in listed)

    audited = json.loads(_run(tmp_path, "-m", "django", "rectify_audit", "--json").stdout)
    assert audited["issues"] == 0
    taken = json.loads(_run(tmp_path, *adopt, "--by=管理员", "--json").stdout)
    assert len(taken["taken"]) == ROWS - len(unexplained)
    again = json.loads(_run(tmp_path, *adopt, "--by=管理员", "--json").stdout)
    assert (len(again["taken"]), len(again["there"])) == (0, ROWS - len(unexplained))
    audited = json.loads(_run(tmp_path, "-m", "django", "rectify_audit", "--json").stdout)
    assert (audited["intact"], audited["issues"]) == (True, ROWS - len(unexplained))


def test_what_is_not_there_to_adopt_is_said(tmp_path: Path) -> None:
    _write(tmp_path, {**BEFORE, **AFTER, "clock.py": CLOCK})
    for arguments in (("makemigrations", "county"), ("migrate",)):
        assert _run(tmp_path, "-m", "django", *arguments).returncode == 0
    for model, by in (("county.Nothing", "管理员"), ("nothing", "x"), ("county.Problem", "没有")):
        done = _run(
            tmp_path,
            "-m",
            "django",
            "rectify_adopt",
            model,
            "--mapping=mapping.toml",
            f"--by={by}",
        )
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert "CommandError" in done.stderr
