"""The desk of one user: which issues and moves are his or hers, and taking them.

Every page of a project goes through it, and so does the admin: what a user may not see is not
there, what he or she may not do is refused, whatever a request says.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs
from django import forms
from django.core.exceptions import PermissionDenied

from rectify.actor import Actor
from rectify.errors import InvalidValue, Refused, StaleIssue, UnknownIssue, UnknownMove
from rectify.finding import Finding
from rectify.i18n import message
from rectify.integrations.django import conf, permissions
from rectify.integrations.django.actors import actor_for
from rectify.integrations.django.dossier import confidential_of
from rectify.integrations.django.forms import VERSION, MoveForm, RegisterForm
from rectify.integrations.django.ledgers import get_ledger, ledger_for
from rectify.integrations.django.posted import sealed_data
from rectify.integrations.django.scene import Scene
from rectify.integrations.django.words import language, said
from rectify.issue import Found, Issue
from rectify.labels import label
from rectify.ledger import Ledger
from rectify.move import Move, Step
from rectify.moves import Register
from rectify.reason import Option
from rectify.sealed import REPORTER, Sealed

if TYPE_CHECKING:
    from django.http import HttpRequest


@attrs.frozen
class Choice:
    """A move that an issue's state allows: what stands against it so far, and its form.

    ``form`` is None where rules already refuse it, or the user lacks the permission.
    """

    option: Option
    permitted: bool
    form: MoveForm | None

    @property
    def name(self) -> str:
        """The name of the move's class."""
        return self.option.move.__name__

    @property
    def title(self) -> str:
        """What the move is called."""
        return label(self.option.move, language())


@attrs.frozen
class Desk:
    """What one user sees of the ledger, and may do.

    ``units`` are the codes of the units whose issues they are: the own and those below it,
    None for all.
    """

    ledger: Ledger[Any]
    actor: Actor
    may: Callable[[str], bool] = attrs.field(repr=False)
    units: frozenset[str] | None = None

    def issues(self) -> Any:
        """The issues of the desk's units, as a query set of `models.Issue`."""
        from rectify.integrations.django.models import Issue as IssueRow

        alias = conf.current().database
        rows = IssueRow.objects.using(alias).all()
        return rows if self.units is None else rows.filter(unit__in=sorted(self.units))

    def get(self, issue_id: str) -> Issue:
        """The issue; one of another unit is not there (`UnknownIssue`)."""
        issue: Issue = self.ledger.get(issue_id)
        if self.units is not None and issue.finding.unit not in self.units:
            raise UnknownIssue(issue_id)
        return issue

    def choices(self, issue: Issue) -> tuple[Choice, ...]:
        """The moves that start from the issue's state."""
        return tuple(self._choice(issue, o) for o in self.ledger.options(issue, by=self.actor))

    def _choice(self, issue: Issue, option: Option) -> Choice:
        permitted = self.may(permissions.of(option.move))
        form = MoveForm(option.move, self._scene(issue)) if permitted and option.allowed else None
        return Choice(option, permitted, form)

    def form(self, issue: Issue, name: str, data: Any = None) -> MoveForm:
        """The form of a move by its name: `UnknownMove` where the state has none such."""
        kinds = {kind.__name__: kind for kind in self.ledger.lifecycle.moves_from(type(issue))}
        if name not in kinds:
            raise UnknownMove(name, tuple(kinds))
        return MoveForm(kinds[name], self._scene(issue), data)

    def register_form(self, data: Any = None) -> RegisterForm:
        """The form of a finding to register."""
        return RegisterForm(self._scene(None), data)

    def take(self, issue_id: str, name: str, data: Any) -> Issue | MoveForm:
        """Carry out the move that a submitted form proposes, or give the form with what is wrong.

        A form that was filled in on an earlier version is told so, and is no second move.
        Raises `PermissionDenied`, `UnknownIssue`, `UnknownMove`.
        """
        issue = self.get(issue_id)
        seen = _version(data)
        if seen is not None and seen != issue.version:
            return self._outdated(issue, name, data, StaleIssue(issue_id, seen, issue.version))
        form = self.form(issue, name, data)
        self._permit(form.kind)
        if form.is_valid():
            try:
                return self._apply(form.value)
            except Refused as refused:
                form.refuse(refused)
            except StaleIssue as stale:
                form.outdate(stale)
            except InvalidValue as error:
                form.say(error)
        return form

    def _apply(self, move: Move[Any]) -> Issue:
        issue: Issue = self.ledger.apply(move, by=self.actor)
        return issue

    def _outdated(self, issue: Issue, name: str, data: Any, stale: StaleIssue) -> MoveForm:
        """The form again; of a move that the new state no longer has, as it would be."""
        kind = self.ledger.lifecycle.step(name)
        if not issubclass(kind, Move):
            raise UnknownMove(name, tuple(one.__name__ for one in self.ledger.lifecycle.moves))
        self._permit(kind)
        form = MoveForm(kind, self._scene(issue), data)
        form.outdate(stale)
        return form

    def register(self, data: Any) -> Found | RegisterForm:
        """Register the finding of a submitted form, or give the form with all that is wrong."""
        self._permit(Register)
        data = sealed_data(data)
        form = self.register_form(data)
        if form.is_valid():
            finding = form.value
            if self.units is not None and finding.unit not in self.units:
                form.add_error("unit", said(message("it is not one of your units")))
                return form
            try:
                return self.ledger.register(finding, by=self.actor, issue_id=form.issue_id)
            except Refused as refused:
                form.refuse(refused)
            except (InvalidValue, StaleIssue) as error:
                return self._registered(form, finding, error)
        return form

    def _registered(
        self, form: RegisterForm, finding: Finding, error: InvalidValue | StaleIssue
    ) -> Found | RegisterForm:
        """The issue that the same form has registered before, or the form with what is wrong."""
        try:
            first = self.ledger.history(form.issue_id)[0]
        except UnknownIssue:
            first = None
        if first is not None and first.by == self.actor:
            if self.ledger.is_registered_as(form.issue_id, finding):
                found: Found = self.ledger.get(form.issue_id)
                return found
            problem = message(
                "this form has registered an issue already, of another content; nothing was"
                " changed: register what is new with a new form"
            )
            form.add_error(None, forms.ValidationError(said(problem), code="registered"))
            return form
        if isinstance(error, StaleIssue):
            form.outdate(error)
        else:
            form.say(error)
        return form

    def reveal(self, issue_id: str, reason: str, field: str = REPORTER) -> Sealed:
        """What is confidential of an issue: who reported it, or a person by the pseudonym.

        It is recorded who asked and why before it is shown. It stays sealed until a template
        draws it, with ``{{ revealed|opened }}``. Raises `PermissionDenied`, and what
        `Ledger.reveal` raises.
        """
        if not self.may(permissions.REVEAL):
            raise PermissionDenied(said(message("you may not see who reported an issue")))
        issue = self.get(issue_id)
        return self.ledger.reveal(issue, field=field, by=self.actor, reason=reason).sealed

    def confidential(self, issue: Issue) -> tuple[tuple[str, str], ...]:
        """What the user may have revealed of an issue, with what it is called; else nothing."""
        if not self.may(permissions.REVEAL):
            return ()
        return tuple((field, confidential_of(field)) for field in issue.finding.confidential)

    def _permit(self, step: type[Step[Any]]) -> None:
        if not self.may(permissions.of(step)):
            problem = message("you may not: {step}", step=label(step, language()))
            raise PermissionDenied(said(problem))

    def _scene(self, issue: Issue | None) -> Scene:
        return Scene(ledger=self.ledger, actor=self.actor, now=now(), issue=issue, units=self.units)


def now() -> datetime:
    """The ledger's present."""
    return get_ledger().now()


def _version(data: Any) -> int | None:
    try:
        return int(data.get(VERSION, ""))
    except ValueError:
        return None


def desk_for(request: HttpRequest) -> Desk:
    """The desk of a request's user; `NoActor`, a `PermissionDenied`, where nobody is logged in."""
    ledger, actor = ledger_for(request), actor_for(request)
    user: Any = request.user
    units = None if user.has_perm(permissions.ALL_UNITS) else own_units(ledger, actor)
    return Desk(ledger, actor, user.has_perm, units)


def own_units(ledger: Ledger[Any], actor: Actor) -> frozenset[str]:
    """The actor's unit and those below it."""
    tree = ledger.units
    if tree is None or actor.unit not in tree:
        return frozenset({actor.unit})
    return frozenset({actor.unit, *(unit.code for unit in tree.descendants(actor.unit))})
