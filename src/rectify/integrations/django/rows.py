"""A form field for several small objects, such as milestones or outcomes: a row for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from django import forms

from rectify.i18n import message
from rectify.integrations.django.words import said

ROWS_MAX: Final = 60
"""How many rows a form may send."""
_SHOWN: Final = 3
_SPARE: Final = 8

if TYPE_CHECKING:
    from collections.abc import Callable

    Row = Mapping[str, Any]


class RowsWidget(forms.Widget):
    """Rows of inputs; blank ones do not count. Those that are rarely needed are folded away."""

    template_name = "rectify/widgets/rows.html"
    use_fieldset = True

    def __init__(self, columns: Mapping[str, forms.Field]) -> None:
        super().__init__()
        self.columns = columns

    def value_from_datadict(self, data: Any, files: object, name: str) -> list[Row]:
        """The rows that are not blank, with their numbers."""
        rows: list[Row] = []
        for number in range(ROWS_MAX):
            keys = {column: f"{name}-{number}-{column}" for column in self.columns}
            row = {
                column: field.widget.value_from_datadict(data, {}, keys[column])
                for column, field in self.columns.items()
            }
            if any(value for key, value in row.items() if not self.columns[key].widget.is_hidden):
                rows.append({**row, "": number})
        return rows

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """For the template: each row's inputs, drawn."""
        context = super().get_context(name, value, attrs)
        filled: Sequence[Row] = value or ()
        count = min(ROWS_MAX, max(_SPARE, len(filled) + _SHOWN))
        shown = min(count, max(_SHOWN, len(filled) + 1))
        given: dict[str, str] = attrs or {}
        at = given.get("id", f"id_{name}")
        rows = [
            self._row(name, at, number, filled[number] if number < len(filled) else {})
            for number in range(count)
        ]
        context["widget"].update(first=rows[:shown], more=rows[shown:], more_said=said(_MORE))
        return context

    def _row(self, name: str, at: str, number: int, row: Any) -> dict[str, Any]:
        cells: list[dict[str, Any]] = []
        for column, field in self.columns.items():
            identity = f"{at}-{number}-{column}"
            drawn = field.widget.render(
                f"{name}-{number}-{column}",
                field.prepare_value(_value(row, column)),
                {"id": identity, **field.widget_attrs(field.widget)},
            )
            cells.append(
                {
                    "drawn": drawn,
                    "hidden": field.widget.is_hidden,
                    "id": identity,
                    "label": field.label,
                }
            )
        return {"number": number + 1, "cells": cells}


def _value(row: Any, column: str) -> Any:
    """Of a row that was sent, or of an object that is there."""
    if isinstance(row, dict):
        return row.get(column)  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    return getattr(row, column)


_MORE: Final = message("more rows")


class RowsField(forms.Field):
    """Reads rows; ``make`` makes an object of a row's cleaned values, or raises ValidationError.

    It is given the ids that the rows have, too.
    """

    widget: RowsWidget

    def __init__(
        self,
        columns: Mapping[str, forms.Field],
        make: Callable[[dict[str, Any], set[str]], Any],
        **options: Any,
    ) -> None:
        super().__init__(widget=RowsWidget(columns), **options)
        self._columns = columns
        self._make = make

    def clean(self, value: Sequence[Row]) -> tuple[Any, ...]:
        """The objects, or what is wrong with each row."""
        made: list[Any] = []
        wrong: list[str] = []
        taken = {str(row["id"]) for row in value if row.get("id")}
        for row in value:
            try:
                made.append(self._make(self._cleaned(row), taken))
            except forms.ValidationError as error:
                number = int(row[""]) + 1
                wrong.extend(
                    said(message("row {number}: {problem}", number=number, problem=problem))
                    for problem in error.messages
                )
        if wrong:
            raise forms.ValidationError(wrong)
        if self.required and not made:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return tuple(made)

    def _cleaned(self, row: Row) -> dict[str, Any]:
        cleaned: dict[str, Any] = {}
        problems: list[str] = []
        for column, field in self._columns.items():
            try:
                cleaned[column] = field.clean(row.get(column))
            except forms.ValidationError as error:
                problems.extend(
                    said(message("{field}: {problem}", field=field.label, problem=problem))
                    for problem in error.messages
                )
        if problems:
            raise forms.ValidationError(problems)
        return cleaned
