"""``rectify adopt``: take an existing table, with its status column, over into a ledger."""

from __future__ import annotations

import csv
import io
from contextlib import suppress
from pathlib import Path
from typing import Any

import attrs
import click

from rectify.actor import Actor
from rectify.campaign import Campaign, load_campaign
from rectify.cli.options import campaign_option, command, json_option
from rectify.cli.terminal import Terminal, print_json
from rectify.i18n import Language, Message, message, translate
from rectify.issue import AnyIssue
from rectify.ledger import Ledger
from rectify.takeover import Row, TakenOver, Unexplained, take_over
from rectify.takeover_mapping import TableMapping
from rectify.unit import UnitTree

bytes_max = 512 * 1024 * 1024
"""A table larger than this is refused."""


def adopt_command(language: Language) -> click.Command:
    """The command, with its help in a language."""
    help_text = translate(
        "Take the rows of TABLE, a CSV file with a status column, over into LEDGER.", language
    )
    file = click.Path(exists=True, dir_okay=False, path_type=Path)

    @command("adopt", language, help_text)
    @click.argument("ledger")
    @click.argument("table", type=file)
    @click.option(
        "--mapping",
        type=file,
        required=True,
        metavar="TOML",
        help=translate("Which column says what, which status means which moves.", language),
    )
    @click.option(
        "--by", required=True, metavar="ID", help=translate("Who takes it over.", language)
    )
    @click.option(
        "--unit", required=True, metavar="CODE", help=translate("Of which unit.", language)
    )
    @click.option(
        "--units",
        metavar="CSV",
        help=translate("The table of the units, to check the scope.", language),
    )
    @click.option(
        "--dry-run",
        is_flag=True,
        help=translate("Only list what can be taken over and what can't; write nothing.", language),
    )
    @campaign_option(language)
    @json_option(language)
    def adopt(
        ledger: str,
        table: Path,
        mapping: Path,
        by: str,
        unit: str,
        units: str | None,
        dry_run: bool,
        campaign: str,
        as_json: bool,
    ) -> int:
        read = TableMapping.from_toml(mapping)
        rows, torn = _rows(table, language)
        tree = None if units is None else UnitTree.from_csv(units)
        actor = Actor(id=by, unit=unit)
        with _opened(ledger, load_campaign(campaign), tree, dry_run=dry_run) as kept:
            done = take_over(kept, rows, read, by=actor, dry_run=dry_run)
        done = attrs.evolve(done, unexplained=(*torn, *done.unexplained))
        if as_json:
            print_json(_as_data(done, dry_run=dry_run))
        else:
            _print(Terminal(language), done, dry_run=dry_run)
        return 1 if done.unexplained else 0

    return adopt


def _opened(
    given: str, campaign: Campaign, units: UnitTree | None, *, dry_run: bool
) -> Ledger[AnyIssue]:
    """The ledger, made where there is none; only tried, it may stay unmade."""
    address = given if "://" in given else Path(given)
    if dry_run and isinstance(address, Path) and not address.exists():
        return Ledger(campaign, units=units)
    return Ledger.open(address, campaign, create=not dry_run, units=units)


def _rows(table: Path, language: Language) -> tuple[list[Row], list[Unexplained]]:
    """The rows of a table, and those whose cells are not of the header's number."""
    reader = csv.DictReader(io.StringIO(_text(table, language), newline=""), strict=True)
    rows: list[Row] = []
    torn: list[Unexplained] = []
    try:
        for row in reader:
            # Cells too many stand under None, and cells too few are None.
            if None in row or None in row.values():
                problem = message(
                    "line {line}: the row has more or fewer cells than the header",
                    line=reader.line_num,
                )
                torn.append(Unexplained("–", "–", (problem,)))
            else:
                rows.append(row)
    except csv.Error as error:
        line = reader.reader.line_num
        problem = message("line {line}: this is not CSV: {reason}", line=line, reason=error)
        raise _wrong(table, problem, language) from None
    if not rows and not torn:
        raise _wrong(table, message("it has no rows below a header"), language)
    return rows, torn


def _text(table: Path, language: Language) -> str:
    if table.stat().st_size > bytes_max:
        problem = message("the file is larger than {bytes_max} bytes", bytes_max=bytes_max)
        raise _wrong(table, problem, language)
    data = table.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        with suppress(UnicodeDecodeError):
            return data.decode(encoding)
    raise _wrong(table, message("the text is neither UTF-8 nor GB18030"), language)


def _wrong(table: Path, problem: Message, language: Language) -> click.BadParameter:
    said = message("{file}: {problem}", file=str(table), problem=problem)
    return click.BadParameter(said.text(language), param_hint="'TABLE'")


def _as_data(done: TakenOver, *, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "taken": list(done.taken),
        "there": list(done.there),
        "unexplained": [
            {
                "row": one.row,
                "status": one.status,
                "problems": [{"zh": problem.zh, "en": problem.en} for problem in one.problems],
            }
            for one in done.unexplained
        ],
    }


def _print(terminal: Terminal, done: TakenOver, *, dry_run: bool) -> None:
    counts = {
        "taken": len(done.taken),
        "there": len(done.there),
        "left": len(done.unexplained),
    }
    said = (
        message(
            "tried, nothing written; can be taken over: {taken}, there already: {there},"
            " can't be explained: {left}",
            **counts,
        )
        if dry_run
        else message(
            "taken over: {taken}, there already: {there}, can't be explained: {left}", **counts
        )
    )
    terminal.line(said, style="bold red" if done.unexplained else "green")
    if done.unexplained:
        terminal.table(
            (message("row"), message("status"), message("problem")),
            [(one.row, one.status, _joined(one.problems)) for one in done.unexplained],
        )


def _joined(problems: tuple[Message, ...]) -> Message:
    values = {f"p{number}": problem for number, problem in enumerate(problems)}
    return Message("\n".join(f"{{{name}}}" for name in values), values)
