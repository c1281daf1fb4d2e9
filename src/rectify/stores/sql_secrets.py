"""The confidential texts of a ledger in a database, encrypted where the host gave a key.

Statements over them go past SQLAlchemy, whose log shows what a statement is given and gets,
and whose frames hold it: what goes over them in the clear is in no log, and in no local
variable where an error may arise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ClauseElement,
    ColumnElement,
    Connection,
    bindparam,
    delete,
    exc,
    insert,
    select,
    update,
)

from rectify.errors import NotIntact, SecretKeyError
from rectify.i18n import message
from rectify.record import Problem
from rectify.sealed import Sealed
from rectify.secret_key import SecretKey, encrypted_with, key_of
from rectify.store import Secret
from rectify.stores import tables
from rectify.stores.tables import Instant

_INSTANT: Final = Instant()
_S: Final = tables.secret.c
_COLUMNS: Final = (_S.issue_id, _S.field, _S.salt, _S.text, _S.erased_at)
_INSERT: Final = insert(tables.secret).values({c: bindparam(f"the_{c.name}") for c in _COLUMNS})


class SqlSecrets:
    """What is kept apart from the records, over one connection, with the key or without."""

    def __init__(self, connection: Connection, key: SecretKey | None) -> None:
        self._connection = connection
        self._key = key

    def keep(self, secrets: Iterable[Secret]) -> None:
        """Write texts, encrypted with the ledger's key if it has one.

        Raises `SecretKeyError` where the store was given another, or none.
        """
        # Shared, so that no other program changes the key before this is committed.
        self._check_key(self._of_ledger(read=True))
        self._overwrite()
        self._write(secrets, self._key)

    def read(self, *conditions: ColumnElement[bool]) -> list[Secret]:
        """The texts that fit, as far as the key decrypts them."""
        query = select(*_COLUMNS).where(*conditions).order_by(_S.issue_id, _S.field)
        return [self._opened(row) for row in _unlogged(self._connection, query)]

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
        self._check_key(self._of_ledger(read=False))
        every = self.read()
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

    def _of_ledger(self, *, read: bool) -> str | None:
        query = select(tables.ledger.c.secret_key).with_for_update(read=read)
        key: str | None = self._connection.execute(query).scalar_one()
        return key

    def _check_key(self, theirs: str | None) -> None:
        check_key(theirs, self._key, reads=False)

    def _write(self, secrets: Iterable[Secret], key: SecretKey | None) -> None:
        for secret in secrets:
            text = secret.text
            if text is not None and key is not None:
                text = key.encrypt(text, _place(secret.issue_id, secret.field))
            values = (secret.issue_id, secret.field, secret.salt, text, secret.erased_at)
            named = dict(zip((f"the_{c.name}" for c in _COLUMNS), values, strict=True))
            _unlogged(self._connection, _INSERT, named)

    # The rows it is given hold what is not sealed yet: nothing here may raise.
    def _opened(self, row: Sequence[Any]) -> Secret:
        issue_id, field = row[0], row[1]
        text = None if row[3] is None else Sealed(row[3])
        name = None if text is None else key_of(text)
        if text is not None and name is not None:
            known = self._key is not None and self._key.id == name
            key = self._key if known else None
            text = None if key is None else key.decrypt(text, _place(issue_id, field))
            name = None if known else name
        read = _INSTANT.result_processor(self._connection.dialect, None)
        erased_at: datetime | None = row[4] if read is None else read(row[4])
        return Secret(issue_id, field, Sealed(row[2]), text, erased_at, name)


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
    connection: Connection, statement: ClauseElement, values: Mapping[str, Any] | None = None
) -> Iterator[Sequence[Any]]:
    """Run a statement on the driver's own cursor, in the connection's transaction."""
    compiled: Any = statement.compile(connection, compile_kwargs={"render_postcompile": True})
    cursor: Any = connection.connection.cursor()
    failed: exc.DBAPIError | None = None
    try:
        cursor.execute(str(compiled), _placed(connection, compiled, values or {}))
        if cursor.description is not None:
            return iter(cursor.fetchall())
    except connection.dialect.loaded_dbapi.Error as error:
        # Without the frames it came through, and not raised from it: both hold what it was given.
        failed = exc.DBAPIError(None, None, error.with_traceback(None))
    finally:
        cursor.close()
    if failed is not None:
        raise failed
    return iter(())


def _placed(connection: Connection, compiled: Any, values: Mapping[str, Any]) -> Any:
    write = _INSTANT.bind_processor(connection.dialect)
    every = {name: _as_kept(value, write) for name, value in {**compiled.params, **values}.items()}
    names = compiled.positiontup
    return every if names is None else tuple(every[name] for name in names)


def _as_kept(value: Any, write: Any) -> Any:
    if isinstance(value, Sealed):
        return value.open()
    return write(value) if isinstance(value, datetime) and write is not None else value
