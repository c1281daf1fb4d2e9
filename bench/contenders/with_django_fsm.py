"""django-fsm-2: methods of a Django model that is never saved.

Its conditions see no arguments, so the rules are asked in the method, before the state moves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import django  # type: ignore[import-untyped]
from django.apps import apps  # type: ignore[import-untyped]
from django.conf import settings  # type: ignore[import-untyped]

from bench import work
from bench.contenders import Contender
from bench.contenders.fleet import Fleet
from bench.story import EDGES, Step

# In the project's own tests, Django is configured for a site already.
if not settings.configured:
    settings.configure(INSTALLED_APPS=[], DATABASES={})
if not apps.ready:
    django.setup()

from django.db import models  # type: ignore[import-untyped]
from django_fsm import FSMField, transition


def _idle(move: str) -> Callable[..., None]:
    def method(self: Any) -> None: ...

    method.__name__ = move
    return method


def _working(move: str) -> Callable[..., None]:
    def method(self: Any, step: Step) -> None:
        work.require(self, step)
        work.commit(self, step)

    method.__name__ = move
    return method


def _model(name: str, method: Callable[[str], Callable[..., None]]) -> type[Any]:
    """The model class, with one method for each move, as if each were written out."""
    state: Any = FSMField(default="Found")
    body: dict[str, Any] = {
        "__module__": __name__,
        "Meta": type("Meta", (), {"app_label": "bench"}),
        "id": models.CharField(primary_key=True, max_length=40),
        "state": state,
    }
    for move in dict.fromkeys(move for move, _, _ in EDGES):
        edges = [(source, target) for name, source, target in EDGES if name == move]
        trigger = "return_" if move == "Return" else move.lower()
        body[trigger] = transition(
            field=state, source=[source for source, _ in edges], target=edges[0][1]
        )(method(trigger))
    return type(name, (models.Model,), body)


_BareIssue: Final = _model("BareIssue", _idle)
_WorkingIssue: Final = _model("WorkingIssue", _working)


class Bare(Fleet):
    def start(self) -> Any:
        return _BareIssue()


class Work(Fleet):
    works = True

    def start(self) -> Any:
        return _WorkingIssue()


CONTENDER: Final = Contender("django-fsm-2", "django-fsm-2", bare=Bare, work=Work)
