"""A connection to PostgreSQL that is given up once the server falls silent.

The driver waits as long as the operating system keeps the connection open: for ever, where the
server is stopped or a network swallows what is sent.
"""

from __future__ import annotations

import time
from typing import Any, TypeVar, cast

from psycopg import Connection, OperationalError
from psycopg.abc import PQGen

from rectify.stores.trouble import SILENT, SILENT_SECONDS_MAX

T = TypeVar("T")


class Silence(OperationalError):
    """The server has not answered."""

    sqlstate = SILENT


class Answering(Connection[Any]):
    """A connection that is closed where the server says nothing for too long."""

    def wait(self, gen: PQGen[T], *args: Any, **options: Any) -> T:
        """Wait for an answer; `Silence` where none comes."""
        return super().wait(self._within_time(gen), *args, **options)

    def _within_time(self, gen: PQGen[T]) -> PQGen[T]:
        # The driver sends 0 whenever nothing has come for a tenth of a second.
        heard_at = time.monotonic()
        try:
            awaited = next(gen)
            while True:
                ready = yield awaited
                if ready:
                    heard_at = time.monotonic()
                elif time.monotonic() - heard_at > SILENT_SECONDS_MAX:
                    gen.close()
                    self.close()
                    raise Silence(f"no answer in {SILENT_SECONDS_MAX} s")
                awaited = gen.send(ready)
        except StopIteration as end:
            return cast("T", end.value)
