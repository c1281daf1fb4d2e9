"""What a form sends that is confidential: sealed before a view's variables hold it.

An error mail shows the variables of every frame, and a debug page the whole of a request.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

from django.http import QueryDict

from rectify.sealed import PERSONS, REPORTER, Sealed

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

_CONFIDENTIAL: Final = re.compile(rf"{REPORTER}|{PERSONS}-[0-9]+-name")
"""The names of the form fields that say who reported, and who is involved."""


def sealed_data(data: Mapping[str, Any]) -> Any:
    """A form's data with its confidential texts sealed; what is blank stays."""
    if not isinstance(data, QueryDict):
        return {name: _sealed(name, data[name]) for name in data}
    copied: Any = data.copy()
    for name in data:
        copied.setlist(name, [_sealed(name, each) for each in copied.getlist(name)])
    return copied


def _sealed(name: str, value: Any) -> Any:
    return Sealed(value) if value and _is_plain(name, value) else value


def _is_plain(name: str, value: object) -> bool:
    return isinstance(value, str) and _CONFIDENTIAL.fullmatch(name) is not None


def sealed_post(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A view that registers: what it is sent of a reporter or a person is in ``POST`` sealed.

    Then neither an error mail nor a debug page has it; without debugging, nothing of ``POST``.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
        given: Any = request
        given.sensitive_post_parameters = "__ALL__"
        if request.method == "POST":
            given.POST = sealed_data(request.POST)
        return view(request, *args, **named)

    return wrapped
