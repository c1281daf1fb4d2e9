"""The confidential texts of a ledger in a database, encrypted where the host gave a key.

Statements over them go past SQLAlchemy, whose log shows what a statement is given and gets,
and whose frames hold it: what goes over them in the clear is in no log, and in no local
variable where an error may arise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Select,
    Text,
    bindparam,
    cast,
    delete,
    exc,
    insert,
    select,
    update,
)

from rectify.errors import NotIntact, SecretKeyError
from rectify.i18n import message
from rectify.record import Problem
from rectify.sealed import ESCAPED, Sealed
from rectify.secret_key import SecretKey, encrypted_with, key_of
from rectify.store import Secret
from rectify.stores import tables
from rectify.stores.cells import name_of, text_of
from rectify.stores.driver import compiled
from rectify.stores.tables import Instant

_INSTANT: Final = Instant()
_S: Final = tables.secret.c
_COLUMNS: Final = (_S.issue_id, _S.field, _S.salt, _S.text, _S.erased_at)
_INSERT: Final = insert(tables.secret)
_ONE: Final = select(*_COLUMNS).where(
    _S.issue_id == bindparam("issue_id"), _S.field == bindparam("field")
)
_EVERY: Final = select(*_COLUMNS)
_KEY: Final = select(tables.ledger.c.secret_key)


@cache
def _some(count: int) -> Any:
    """The statement for a number of issues; a page of them is of few sizes."""
    # Cast, since one that is damaged goes as bytes; see `_as_kept`.
    names = [cast(bindparam(f"id{number}"), Text) for number in range(count)]
    return _EVERY.where(_S.issue_id.in_(names))


class SqlSecrets:
    """What is kept apart from the records, over one connection, with the key or without."""

    def __init__(self, connection: Connection, key: SecretKey | None) -> None:
        self._connection = connection
        self._key = key

    def check(self) -> None:
        """Raise `SecretKeyError` where `keep` would."""
        self._check_key(_KEY)

    def keep(self, secrets: Iterable[Secret]) -> None:
        """Write texts, encrypted with the ledger's key if it has one.

        Raises `SecretKeyError` where the store was given another, or none.
        """
        # Shared, so that no other program changes the key before this is committed.
        self._check_key(_KEY.with_for_update(read=True))
        self._overwrite()
        self._write(secrets, self._key)

    def one(self, issue_id: str, field: str) -> Secret | None:
        """The text of a field of an issue, as far as the key decrypts it."""
        place = {"issue_id": issue_id, "field": field}
        return next(map(self._opened, _unlogged(self._connection, _ONE, place)), None)

    def of(self, issue_ids: Sequence[str]) -> list[Secret]:
        """The texts of some issues."""
        named = {f"id{number}": issue_id for number, issue_id in enumerate(issue_ids)}
        return list(map(self._opened, _unlogged(self._connection, _some(len(named)), named)))

    def erase(self, secret: Secret) -> None:
        """Write what is left of a text over it."""
        self._overwrite()
        place = (_S.issue_id == secret.issue_id, _S.field == secret.field)
        left = {"salt": secret.salt.open(), "text": None, "erased_at": secret.erased_at}
        self._connection.execute(update(tables.secret).where(*place).values(left))

    def keeping(self, states: Sequence[str], after: str, at_most: int) -> Sequence[str]:
        """See `Transaction.keeping`."""
        i = tables.issue.c
        query = (
            select(_S.issue_id)
            .distinct()
            .join(tables.issue, i.id == _S.issue_id)
            .where(_S.erased_at.is_(None), i.state.in_(states), _S.issue_id > after)
            .order_by(_S.issue_id)
            .limit(at_most)
        )
        return self._connection.execute(query).scalars().all()

    def rekey(self, key: SecretKey) -> None:
        """Write every text anew, encrypted with another key, which is the ledger's from then on."""
        self._check_key(_KEY.with_for_update())
        every = list(map(self._opened, _unlogged(self._connection, _EVERY, {})))
        for secret in every:
            if secret.locked_by is not None:
                raise SecretKeyError(encrypted_with(secret.locked_by))
            if secret.text is None and secret.erased_at is None:
                problem = message(
                    "what is kept of the confidential field {field} is not what was recorded",
                    field=secret.field,
                )
                raise NotIntact([Problem(secret.issue_id, None, problem)])
        self._overwrite()
        # All at once: SQLite then clears whole pages, and moves no text between them.
        self._connection.execute(delete(tables.secret))
        self._write(every, key)
        self._connection.execute(update(tables.ledger).values(secret_key=key.id))

    def _overwrite(self) -> None:
        """Have SQLite overwrite what it frees, over a host's connection too."""
        if self._connection.dialect.name == "sqlite":
            self._connection.exec_driver_sql("PRAGMA secure_delete = ON").close()

    def _check_key(self, query: Select[Any]) -> None:
        check_key(self._connection.execute(query).scalar_one(), self._key, reads=False)

    def _write(self, secrets: Iterable[Secret], key: SecretKey | None) -> None:
        for secret in secrets:
            text = secret.text
            if text is not None and key is not None:
                text = key.encrypt(text, _place(secret.issue_id, secret.field))
            values = (secret.issue_id, secret.field, secret.salt, text, secret.erased_at)
            named = dict(zip((column.name for column in _COLUMNS), values, strict=True))
            _unlogged(self._connection, _INSERT, named)

    # The rows it is given hold what is not sealed yet: nothing here may raise.
    def _opened(self, row: Sequence[Any]) -> Secret:
        issue_id, field = name_of(row[0]), name_of(row[1])
        text = None if row[3] is None else Sealed(text_of(row[3]))
        name = None if text is None else key_of(text)
        if text is not None and name is not None:
            known = self._key is not None and self._key.id == name
            key = self._key if known else None
            text = None if key is None else key.decrypt(text, _place(issue_id, field))
            name = None if known else name
        erased_at = _INSTANT.process_result_value(row[4], self._connection.dialect)
        return Secret(issue_id, field, Sealed(text_of(row[2])), text, erased_at, name)


def check_key(theirs: str | None, ours: SecretKey | None, *, reads: bool) -> None:
    """Raise `SecretKeyError` unless a key is the ledger's, by the id of that.

    A ledger that encrypts may be read without its key; then its texts are locked.
    """
    if ours is None:
        if theirs is not None and not reads:
            raise SecretKeyError(encrypted_with(theirs))
    elif theirs is None:
        raise SecretKeyError(
            message("the ledger's texts are not encrypted yet; open it without one, then rekey")
        )
    elif theirs != ours.id:
        raise SecretKeyError(encrypted_with(theirs))


def _place(issue_id: str, field: str) -> str:
    return f"{field}\0{issue_id}"


def _unlogged(
    connection: Connection, statement: Any, values: Mapping[str, Any]
) -> Iterator[Sequence[Any]]:
    """Run a statement on the driver's own cursor, in the connection's transaction."""
    sql, names = compiled(connection.dialect, statement, tuple(values))
    cursor: Any = connection.connection.cursor()
    driver: Any = connection.dialect.loaded_dbapi
    failed: Any = None
    try:
        cursor.execute(sql, _placed(connection, names, values))
        if cursor.description is not None:
            return iter(cursor.fetchall())
    except driver.Error as error:
        # Without the frames it came through, and not raised from it: both hold what it was given.
        said: Any = exc.DBAPIError
        failed = said.instance(
            None, None, error.with_traceback(None), driver.Error, hide_parameters=True
        )
    finally:
        cursor.close()
    if failed is not None:
        raise failed
    return iter(())


def _placed(connection: Connection, names: Sequence[str] | None, values: Mapping[str, Any]) -> Any:
    every = {name: _as_kept(value, connection) for name, value in values.items()}
    return every if names is None else tuple(every[name] for name in names)


def _as_kept(value: Any, connection: Connection) -> Any:
    if isinstance(value, Sealed):
        return value.open()
    if isinstance(value, str) and not value.isascii():
        # A damaged id is no text that could be written.
        kept = value.encode(errors=ESCAPED)
        return value if kept.decode(errors="replace") == value else kept
    if isinstance(value, datetime):
        return _INSTANT.process_bind_param(value, connection.dialect)
    return value
