"""The project's setting ``RECTIFY``, read once and checked: what is wrong is said by name.

::

    RECTIFY = {
        "CAMPAIGN": "hubei-2018",                # a name, a path to a TOML file, or a Campaign
        "DATABASE": "default",                   # the alias the ledger is kept on
        "UNITS": BASE_DIR / "units.csv",         # the table of units; else no scope is checked
        "LIFECYCLE": "office.cases.LIFECYCLE",   # with states and moves of your own
        "HOOKS": ["office.hooks.add"],           # functions that are given the ledger once
        "ACTOR": "office.people.actor",          # a function from a user to an Actor
        "UNIT": "profile.unit",                  # or: where a user's unit is
        "ROLES": {"纪检监察": "discipline"},        # and what a group's members are in the ledger
        "SECRETS": "office.keys.key",            # gives the key that confidential texts are kept by
        "DIGEST": "sm3",                         # the hash of a ledger that was made with it
        "CLOCK": "office.clock.now",             # the present, as an aware datetime
        "DELIVER": "on_commit",                  # or "worker": `manage.py rectify_deliver` does it
    }

Only ``CAMPAIGN`` is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from os import PathLike, fspath
from typing import Any, Final, Literal, TypeVar, cast

import attrs
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.db import connections
from django.utils.module_loading import import_string

from rectify.actor import Actor
from rectify.campaign import Campaign, load_campaign
from rectify.digests import ALGORITHMS, Algorithm, hash_function
from rectify.errors import RectifyError
from rectify.i18n import Message, message
from rectify.ledger import Ledger
from rectify.lifecycle import STANDARD, Lifecycle
from rectify.secret_key import SecretKey
from rectify.unit import UnitTree

T = TypeVar("T")

KEYS: Final = (
    "CAMPAIGN",
    "DATABASE",
    "UNITS",
    "LIFECYCLE",
    "HOOKS",
    "ACTOR",
    "UNIT",
    "ROLES",
    "SECRETS",
    "DIGEST",
    "CLOCK",
    "DELIVER",
)
"""The keys of the setting."""


_STANDARD: Final[Lifecycle[Any]] = STANDARD
_NO_ROLES: Final[Mapping[str, str]] = {}


@attrs.frozen(kw_only=True)
class Settings:
    """The setting, read: every dotted name imported, every file loaded."""

    campaign: Campaign
    database: str = "default"
    units: UnitTree | None = None
    lifecycle: Lifecycle[Any] = STANDARD
    hooks: tuple[Callable[[Ledger[Any]], object], ...] = ()
    actor: Callable[[Any], Actor] | None = None
    unit: str = "unit"
    roles: Mapping[str, str] = attrs.field(factory=dict[str, str])
    secrets: SecretKey | None = None
    digest: Algorithm = "sha256"
    clock: Callable[[], Any] | None = None
    deliver: Literal["on_commit", "worker"] = "on_commit"


@cache
def current() -> Settings:
    """The settings of the project; `ImproperlyConfigured` with the first problem there is."""
    found, problems = read(given())
    if found is None:
        raise ImproperlyConfigured(str(problems[0]))
    return found


def given() -> object:
    """The setting as it stands in the project."""
    return getattr(settings, "RECTIFY", None)


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "RECTIFY":
        current.cache_clear()


setting_changed.connect(_forget)


def read(given: object) -> tuple[Settings | None, tuple[Message, ...]]:
    """The settings, or every problem in them."""
    if not isinstance(given, Mapping):
        return None, (message('RECTIFY is missing; write RECTIFY = {{"CAMPAIGN": "hubei-2018"}}'),)
    values = cast("Mapping[str, object]", given)
    reader = _Reader(values)
    found: dict[str, Any] = {
        "campaign": reader.one("CAMPAIGN", _campaign),
        "database": reader.one("DATABASE", _alias, "default"),
        "units": reader.one("UNITS", _units, None),
        "lifecycle": reader.one("LIFECYCLE", _lifecycle, _STANDARD),
        "hooks": reader.one("HOOKS", _hooks, ()),
        "actor": reader.one("ACTOR", _function, None),
        "unit": reader.one("UNIT", _text, "unit"),
        "roles": reader.one("ROLES", _roles, _NO_ROLES),
        "secrets": reader.one("SECRETS", _secrets, None),
        "digest": reader.one("DIGEST", _digest, "sha256"),
        "clock": reader.one("CLOCK", _function, None),
        "deliver": reader.one("DELIVER", _deliver, "on_commit"),
    }
    for key in values:
        if key not in KEYS:
            reader.problems.append(
                message("RECTIFY has no key {key}; it has: {known}", key=key, known=KEYS)
            )
    if reader.problems:
        return None, tuple(reader.problems)
    return Settings(**found), ()


class _Wrong(Exception):
    """What is wrong with a value."""

    def __init__(self, problem: Message) -> None:
        super().__init__(problem)
        self.problem = problem


class _Reader:
    """Reads one value after another and gathers what is wrong."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values
        self.problems: list[Message] = []

    def one(self, key: str, convert: Callable[[object], T], *default: T) -> T | None:
        if key not in self._values:
            if default:
                return default[0]
            self._say(key, message("it is missing"))
            return None
        try:
            return convert(self._values[key])
        except _Wrong as wrong:
            self._say(key, wrong.problem)
        except RectifyError as error:
            self._say(key, error.message)
        except (ImportError, OSError) as error:
            self._say(key, message("{error}", error=str(error)))
        return None

    def _say(self, key: str, problem: Message) -> None:
        self.problems.append(message("RECTIFY[{key}]: {problem}", key=f'"{key}"', problem=problem))


def _campaign(value: object) -> Campaign:
    if isinstance(value, Campaign):
        return value
    if isinstance(value, (str, PathLike)):
        return load_campaign(cast("str | PathLike[str]", value))
    raise _Wrong(message("expected a campaign's name or the path to its file"))


def _alias(value: object) -> str:
    known = tuple(connections.settings)
    if isinstance(value, str) and value in known:
        return value
    raise _Wrong(message("DATABASES has: {known}", known=known))


def _units(value: object) -> UnitTree | None:
    if value is None or isinstance(value, UnitTree):
        return value
    if isinstance(value, (str, PathLike)):
        return UnitTree.from_csv(fspath(cast("str | PathLike[str]", value)))
    raise _Wrong(message("expected the path to a table of units, or a UnitTree"))


def _lifecycle(value: object) -> Lifecycle[Any]:
    found: Any = _imported(value)
    if isinstance(found, Lifecycle):
        lifecycle: Lifecycle[Any] = found  # pyright: ignore[reportUnknownVariableType]
        return lifecycle
    raise _Wrong(message("expected a Lifecycle, or its dotted name"))


def _imported(value: object) -> object:
    return import_string(value) if isinstance(value, str) else value


def _function(value: object) -> Any:
    found = _imported(value)
    if found is None or callable(found):
        return found
    raise _Wrong(message("expected a function, or its dotted name"))


def _hooks(value: object) -> tuple[Any, ...]:
    if isinstance(value, (list, tuple)):
        return tuple(_function(one) for one in cast("list[object]", value))
    raise _Wrong(message("expected a list of functions, or of their dotted names"))


def _text(value: object) -> str:
    if isinstance(value, str) and value:
        return value
    raise _Wrong(message("expected a text"))


def _roles(value: object) -> Mapping[str, str]:
    if isinstance(value, Mapping):
        roles = cast("Mapping[object, object]", value)
        if all(isinstance(part, str) for pair in roles.items() for part in pair):
            return cast("Mapping[str, str]", value)
    raise _Wrong(message("expected the name of a role for the name of each group"))


def _secrets(value: object) -> SecretKey | None:
    found: Any = _imported(value)
    given: object = found() if callable(found) else found
    if isinstance(given, bytes):
        return SecretKey(given)
    if given is None or isinstance(given, SecretKey):
        return given
    raise _Wrong(message("expected the name of a function that gives a SecretKey"))


def _digest(value: object) -> Algorithm:
    for known in ALGORITHMS:
        if value == known:
            hash_function(known)
            return known
    raise _Wrong(message("expected {expected}, got {actual}", expected=ALGORITHMS, actual=value))


def _deliver(value: object) -> str:
    if value in ("on_commit", "worker"):
        return value
    raise _Wrong(message('expected "on_commit" or "worker"'))
