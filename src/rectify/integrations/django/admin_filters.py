"""What the list of issues can be narrowed to: state, unit, area, and what is due."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from django.contrib import admin
from django.db.models import Min, OuterRef, Q, Subquery

from rectify.duty import SOON_DAYS
from rectify.i18n import message
from rectify.integrations.django import dossier
from rectify.integrations.django.desk import now
from rectify.integrations.django.ledgers import get_ledger
from rectify.integrations.django.models import Deadline
from rectify.integrations.django.scene import areas
from rectify.integrations.django.words import language, lazily, said
from rectify.labels import label

Lookups = Sequence[tuple[str, str]]


def due_annotated(rows: Any) -> Any:
    """The rows of issues, each with ``due_at``: when its next open milestone ends."""
    open_ones = Deadline.objects.filter(
        kind="milestone", subject=OuterRef("pk"), closed_at__isnull=True
    )
    first = open_ones.order_by().values("subject").annotate(first=Min("due_at")).values("first")
    return rows.annotate(due_at=Subquery(first))


class _Filter(admin.SimpleListFilter):
    """A filter with words of ours."""

    def lookups(self, request: Any, model_admin: Any) -> Lookups:
        """Values and their labels."""
        return self.known()

    @abstractmethod
    def known(self) -> Lookups:
        """The same, whoever asks."""
        ...

    def queryset(self, request: Any, queryset: Any) -> Any:
        """The rows that fit; all where nothing, or nothing known, is asked for."""
        value = self.value()
        if value is None or value not in [each for each, _ in self.known()]:
            return queryset
        return queryset.filter(self.fitting(value))

    @abstractmethod
    def fitting(self, value: str) -> Q:
        """What a value asks for."""
        ...


class StateFilter(_Filter):
    """By state."""

    title = lazily(message("state"))
    parameter_name = "state"

    def known(self) -> Lookups:
        """The states of the lifecycle."""
        states = get_ledger().lifecycle.states
        return [(state.__name__, label(state, language())) for state in states]

    def fitting(self, value: str) -> Q:
        """The state's issues."""
        return Q(state=value)


class UnitFilter(admin.SimpleListFilter):
    """By unit, among those that have issues."""

    title = lazily(message("unit concerned"))
    parameter_name = "unit"

    def lookups(self, request: Any, model_admin: Any) -> Lookups:
        """The units that the user sees issues of."""
        rows = model_admin.get_queryset(request).order_by("unit")
        codes = rows.values_list("unit", flat=True).distinct()[:_UNITS_MAX]
        return [(code, dossier.unit_of(code, get_ledger())) for code in codes]

    def queryset(self, request: Any, queryset: Any) -> Any:
        """The unit's issues."""
        value = self.value()
        return queryset if value is None else queryset.filter(unit=value)


_UNITS_MAX: Final = 200


class AreaFilter(_Filter):
    """By area, with the items below it."""

    title = lazily(message("area"))
    parameter_name = "area"

    def lookups(self, request: Any, model_admin: Any) -> Lookups:
        """The areas, and those of their items that the user sees issues of."""
        rows = model_admin.get_queryset(request).order_by("area")
        seen = set(rows.values_list("area", flat=True).distinct())
        return [(area, name) for area, name in self.known() if "/" not in area or area in seen]

    def known(self) -> Lookups:
        """The areas of the campaign."""
        return areas(get_ledger().campaign)

    def fitting(self, value: str) -> Q:
        """The area's issues, and those of its items."""
        return Q(area=value) | Q(area__startswith=f"{value}/")


class DueFilter(_Filter):
    """By what is due."""

    title = lazily(message("due"))
    parameter_name = "due"

    def known(self) -> Lookups:
        """Overdue, due soon, later, nothing due."""
        return [
            ("overdue", said(message("overdue"))),
            ("soon", said(message("due soon"))),
            ("later", said(message("due later"))),
            ("none", said(message("nothing due"))),
        ]

    def fitting(self, value: str) -> Q:
        """Those that stand so at this moment."""
        present = now()
        soon = present + timedelta(days=SOON_DAYS)
        match value:
            case "overdue":
                return Q(due_at__lte=present)
            case "soon":
                return Q(due_at__gt=present, due_at__lte=soon)
            case "later":
                return Q(due_at__gt=soon)
            case _:
                return Q(due_at__isnull=True)
