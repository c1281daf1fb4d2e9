"""Reaching a database: its address, its engine, and what it says when something is wrong."""

from __future__ import annotations

import sqlite3
from os import PathLike, fspath
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    ExceptionContext,
    create_engine,
    event,
    exc,
    make_url,
)

from rectify.errors import MissingExtra, StoreError, StoreUnreadable
from rectify.i18n import message
from rectify.sealed import ESCAPED
from rectify.stores.frozen import frozen, is_written_beside
from rectify.stores.trouble import BUSY_SECONDS_MAX

_SETTINGS: Final = frozenset(
    {"cached_statements", "check_same_thread", "detect_types", "isolation_level", "timeout"}
)


def shown(url: URL) -> str:
    """An address as messages show it: without its password."""
    try:
        return url.render_as_string(hide_password=True)
    except UnicodeEncodeError:
        return "–"


def connect(url: str | PathLike[str], *, create: bool) -> Engine:
    """An engine for an address or a SQLite file's path; nothing is written.

    With ``create`` false no file is made either.

    Raises `StoreError` for an address that can't be read, a driver that is not installed, a
    file that is not there.
    """
    try:
        if isinstance(url, str):
            parsed = make_url(url)
        else:
            parsed = URL.create("sqlite", database=fspath(url))
    except (exc.ArgumentError, ValueError):  # the latter for a port that is no number
        raise StoreError(
            "–",
            message("the address can't be read; expected for example sqlite:///ledger.db"),
        ) from None
    name = shown(parsed)
    check_backend(parsed.get_backend_name(), name)
    options: dict[str, Any] = {"hide_parameters": True}
    if parsed.get_backend_name() == "sqlite":
        _check_settings(parsed, name)
        _check_file(parsed, name, create=create)
        if (still := frozen(str(parsed.database), name)) is not None:
            options["creator"] = still.connect
            options["execution_options"] = {"rectify_frozen": still}
    else:
        options["connect_args"] = {"connect_timeout": BUSY_SECONDS_MAX}
    try:
        engine = create_engine(parsed, **options)
    except ValueError:
        raise _wrong_settings(name) from None
    except exc.NoSuchModuleError:
        raise StoreError(
            name, message("no such driver is known; expected postgresql+psycopg://…")
        ) from None
    except ModuleNotFoundError as error:
        if error.name == "psycopg":
            raise MissingExtra(error.name, "postgres") from None
        raise StoreError(
            name,
            message(
                "the driver {driver} is not installed; rectify[postgres] brings psycopg,"
                " for postgresql+psycopg://…",
                driver=error.name,
            ),
        ) from None
    _prepare(engine)
    return engine


def check_backend(backend: str, name: str) -> None:
    """`StoreError` for a kind of database that ledgers are not kept on."""
    if backend not in ("sqlite", "postgresql"):
        raise StoreError(
            name, message("ledgers are kept on SQLite (sqlite:///…) or PostgreSQL (postgresql+…)")
        )


def _check_settings(url: URL, name: str) -> None:
    """`StoreError` for a setting that SQLite's driver does not have and would be left out."""
    if "uri" not in url.query and not url.query.keys() <= _SETTINGS:
        raise _wrong_settings(name)


def _wrong_settings(name: str) -> StoreError:
    return StoreError(
        name,
        message("what follows the “?” of the address is no setting of the driver, or no value"),
    )


def _check_file(url: URL, name: str, *, create: bool) -> None:
    if url.database in (None, "", ":memory:"):
        raise StoreError(
            name, message("a ledger in memory is Ledger(campaign), without an address")
        )
    path = Path(str(url.database))
    if name == "–" or "\0" in str(path):
        raise StoreError(name, message("the path has characters that can't be written"))
    if path.is_dir():
        raise StoreUnreadable(name, message("it is a folder"))
    if not path.parent.is_dir():
        raise StoreError(name, message("the folder {folder} is not there", folder=path.parent))
    if not create and not path.exists():
        raise StoreError(name, message("there is no such file"))


def check_whole(connection: Connection, name: str) -> None:
    """`StoreUnreadable` for a SQLite file that is shorter than it says.

    SQLite itself finds out only once it comes to what is missing. What other programs are
    writing may be beside the file yet; then nothing can be said.
    """
    database = connection.engine.url.database
    if connection.dialect.name != "sqlite" or database is None:
        return
    pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    page_size = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
    cut_short = Path(database).stat().st_size < pages * page_size
    if cut_short and not is_written_beside(Path(database)):
        raise StoreUnreadable(name, message("the file was cut short; part of it is missing"))


def _as_it_is(text: bytes) -> str:
    """A text that may be damaged: read for the audit to find, rather than quoted by an error."""
    return text.decode(errors=ESCAPED)


def _damaged_text() -> sqlite3.DatabaseError:
    """What SQLite's driver means where it can't read what SQLite says of a damaged file."""
    return sqlite3.DatabaseError("malformed text")


def _prepare(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        _prepare_postgresql(engine)
        return

    def on_connect(connection: Any, _: object) -> None:
        # Transactions are begun below, not by the driver, which would begin them too late.
        connection.isolation_level = None
        connection.text_factory = _as_it_is
        try:
            connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS_MAX * 1000}")
            connection.execute("PRAGMA synchronous = FULL")
            # What is deleted is overwritten: what is erased is in no free page.
            connection.execute("PRAGMA secure_delete = ON")
        except UnicodeError:
            raise _damaged_text() from None

    def on_error(context: ExceptionContext) -> BaseException | None:
        if not isinstance(context.original_exception, UnicodeError):
            return None
        damaged = _damaged_text()
        return exc.DatabaseError(None, None, damaged, hide_parameters=True)

    def on_begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("rectify_read_only")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)
    event.listen(engine, "handle_error", on_error)


def _prepare_postgresql(engine: Engine) -> None:
    def on_connect(connection: Any, _: object) -> None:
        # What an administrator or the address has set is left as it is.
        connection.execute(
            f"SELECT set_config('lock_timeout', '{BUSY_SECONDS_MAX}s', false)"
            " WHERE current_setting('lock_timeout') = '0'"
        )
        connection.commit()

    event.listen(engine, "connect", on_connect)
    if engine.dialect.driver == "psycopg":
        from rectify.stores.answering import Answering

        def do_connect(_d: object, _r: object, args: Any, options: Any) -> Any:
            return Answering.connect(*args, **options)

        event.listen(engine, "do_connect", do_connect)
