"""The form of a move, made of its class: a field for each piece of its evidence."""

from __future__ import annotations

import uuid
from typing import Any, Final

from django import forms

from rectify.errors import InvalidValue, Refused, StaleIssue
from rectify.finding import Finding
from rectify.i18n import Message, message
from rectify.integrations.django.inputs import inputs_of
from rectify.integrations.django.scene import Scene
from rectify.integrations.django.words import language, said
from rectify.issue import Issue
from rectify.labels import label
from rectify.move import Move
from rectify.reason import ASSUMPTION, Reason

VERSION: Final = "version"
"""The hidden field that says which version of the issue the form was filled in on."""
ISSUE_ID: Final = "issue_id"
"""The hidden field with the id of an issue to be registered."""


class EvidenceForm(forms.Form):
    """A form whose fields are those of an attrs class; what the ledger says goes into it."""

    def __init__(self, kind: type[Any], scene: Scene, data: Any = None, **options: Any) -> None:
        super().__init__(data, label_suffix="", **options)
        self.kind = kind
        self.scene = scene
        self.reasons: tuple[Reason, ...] = ()
        self.stale = False
        self.value: Any = None
        self._inputs = inputs_of(kind, scene, without=self.without)
        self.fields.update(self._inputs.fields)

    without = ""

    @property
    def name(self) -> str:
        """The name of the class."""
        return self.kind.__name__

    def clean(self) -> dict[str, Any]:
        """What was filled in, and as ``value`` what it makes."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not self.stale:
            try:
                self.value = self.make(self._inputs.read(cleaned))
            except InvalidValue as error:
                self.say(error)
        return cleaned

    def make(self, read: Any) -> Any:
        """What is made of the values."""
        return read

    def say(self, error: InvalidValue) -> None:
        """Tell what is wrong with a value, at its field where there is one."""
        last = error.field.rpartition(".")[2].partition("[")[0]
        names = [name for name in self.fields if name.rpartition("-")[2] == last]
        self.add_error(names[0] if names else None, said(error.problem))

    def refuse(self, refused: Refused) -> None:
        """Show every reason, each with its clause."""
        self.reasons = refused.reasons
        for reason in refused.reasons:
            self.add_error(None, forms.ValidationError(reason_text(reason), code=reason.code))

    def outdate(self, stale: StaleIssue) -> None:
        """Say that another step came first."""
        self.stale = True
        self.full_clean()
        text = message(
            "this was filled in on version {version}; the issue has moved on since. Nothing was"
            " done: look at it anew and decide again",
            version=stale.version,
        )
        self.add_error(None, forms.ValidationError(said(text), code="stale"))


class MoveForm(EvidenceForm):
    """The form of one move on one issue; ``value`` is the move.

    It carries the version of the issue that the user saw, for a repeated or late submission to
    be told so instead of being a second move.
    """

    without = "issue"

    def __init__(self, kind: type[Move[Issue]], scene: Scene, data: Any = None) -> None:
        super().__init__(kind, scene, data, prefix=None, auto_id=f"{kind.__name__}-%s")
        assert scene.issue is not None
        self.fields[VERSION] = forms.IntegerField(
            widget=forms.HiddenInput(), initial=scene.issue.version
        )

    @property
    def title(self) -> str:
        """What the move is called."""
        return label(self.kind, language())

    def make(self, read: Any) -> Any:
        """The move, on the issue as it stands."""
        return self.kind(issue=self.scene.issue, **read)


class RegisterForm(EvidenceForm):
    """The form of a finding to register; ``value`` is the finding.

    It carries the id that the issue will have: sent twice, it registers once.
    """

    def __init__(self, scene: Scene, data: Any = None) -> None:
        super().__init__(Finding, scene, data, auto_id="Register-%s")
        self.fields[ISSUE_ID] = forms.UUIDField(widget=forms.HiddenInput(), initial=uuid.uuid4)

    @property
    def issue_id(self) -> str:
        """The id that the issue will have."""
        return str(self.cleaned_data[ISSUE_ID])

    @property
    def title(self) -> str:
        """What it is called."""
        return said(message("register a finding"))


def reason_text(reason: Reason) -> str:
    """A reason in the active language, with what it rests on."""
    basis: Message | str = reason.clause
    if reason.clause == ASSUMPTION:
        basis = message("assumption")
    return said(message("{text} ({basis})", text=reason.text, basis=basis))
