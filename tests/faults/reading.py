"""Running as who may not write: root may write to what is closed to others."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Generator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, TypeVar

from faults.exercising import WRITES, filled, opened
from rectify.cli import main
from rectify.errors import StoreError

T = TypeVar("T")

NOBODY: Final = 65_534


@contextmanager
def open_folder() -> Generator[Path]:
    """A folder that others get to, as pytest's are not."""
    with tempfile.TemporaryDirectory(prefix="rectify-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def unprivileged(function: Callable[..., T], *args: Any) -> T:
    """Call a function of this module in a process that is not root's."""
    context = get_context("forkserver")
    with ProcessPoolExecutor(1, mp_context=context, initializer=_let_go) as pool:
        return pool.submit(function, *args).result()


def _let_go() -> None:
    # What others may not read is imported before.
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ledger.db"
        filled(f"sqlite:///{file}").close()
        use(f"sqlite:///{file}")
        audit_by_command(str(file))
    if os.geteuid() == 0:
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def use(url: str) -> tuple[bool, int, dict[str, str]]:
    """What a process that may not write finds: intact, records read, what writes came to."""
    said: dict[str, str] = {}
    with opened(url, create=False) as ledger:
        audit = ledger.audit()
        assert ledger.history("moved")[0].issue_id == ledger.get("moved").id
        assert len(list(ledger.issues())) == audit.issues
        for name, write in WRITES.items():
            try:
                write(ledger)
            except StoreError as error:
                said[name] = error.message.en
    return audit.intact, audit.records, said


def audit_by_command(path: str) -> int:
    """What ``rectify audit`` exits with."""
    with redirect_stdout(StringIO()):
        return main(["audit", path])


def killed(url: str) -> None:
    """Write, and stop at once: what is in the file beside the ledger stays there."""
    WRITES["register"](filled(url))
    os._exit(9)


def read_while_it_changes(url: str, signals: str) -> str:
    """Read from where nothing can be written while the ledger is written to from elsewhere."""
    with opened(url, create=False) as ledger:
        assert ledger.audit().intact
        (Path(signals) / "read").touch()
        while not (Path(signals) / "written").exists():
            time.sleep(0.01)
        try:
            ledger.audit()
        except StoreError as error:
            return error.message.en
    return "nothing was said"
