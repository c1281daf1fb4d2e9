"""Having what was erased gone from a database's files, as far as the database can do that.

SQLite overwrites what is deleted (``secure_delete``, on every connection); what is left is in
the write-ahead log, which is emptied here. PostgreSQL keeps an old version of a row in its
file: the table of confidential texts, a small one, is written anew without it.
"""

from __future__ import annotations

import time
from typing import Any, Final

from sqlalchemy import Connection, Engine, exc, text

from rectify.stores import tables
from rectify.stores.trouble import BUSY_SECONDS_MAX

LOG_WAIT_SECONDS_MAX = 2.0
"""How long SQLite waits for readers of the log, and writers with it."""
_PAUSE_SECONDS: Final = 0.05


def scrub(engine: Engine) -> bool:
    """Whether nothing that was erased is in the files any more; False where others prevent it."""
    return _empty_log(engine) if engine.dialect.name == "sqlite" else _write_anew(engine)


def _empty_log(engine: Engine) -> bool:
    connection = engine.raw_connection()
    try:
        cursor: Any = connection.cursor()
        # It waits for readers.
        cursor.execute(f"PRAGMA busy_timeout = {int(LOG_WAIT_SECONDS_MAX * 1000)}")
        ((busy, _, _),) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS_MAX * 1000}")
    finally:
        connection.close()
    return bool(busy == 0)


def _write_anew(engine: Engine) -> bool:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not _wait_for_others(connection):
            return False
        file = _file(connection)
        connection.execute(text(f"SET lock_timeout = '{BUSY_SECONDS_MAX}s'"))
        try:
            connection.execute(text(f"VACUUM (FULL) {tables.secret.name}"))
        except exc.OperationalError:  # others held the table all that while
            return False
        finally:
            connection.execute(text("RESET lock_timeout"))
        # Who does not own the table is only warned that nothing was done.
        return _file(connection) != file


def _wait_for_others(connection: Connection) -> bool:
    """Wait for transactions that began before and may still see what was erased."""
    began = connection.execute(text("SELECT txid_snapshot_xmax(txid_current_snapshot())")).scalar()
    older = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND backend_xmin IS NOT NULL"
        " AND age(backend_xmin) > txid_snapshot_xmax(txid_current_snapshot()) - :began"
    )
    for _ in range(int(BUSY_SECONDS_MAX / _PAUSE_SECONDS)):
        if connection.execute(older, {"began": began}).scalar() == 0:
            return True
        time.sleep(_PAUSE_SECONDS)
    return False


def _file(connection: Connection) -> object:
    query = text(f"SELECT pg_relation_filenode('{tables.secret.name}')")
    return connection.execute(query).scalar()
