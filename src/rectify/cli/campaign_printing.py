"""A campaign on the terminal: phases, duties explained, vocabularies, rules."""

from __future__ import annotations

from typing import Final

from rectify.campaign import Campaign
from rectify.campaign.duties import AnyDuty, Duty
from rectify.campaign.inspections import Inspection
from rectify.cli.terminal import Terminal
from rectify.i18n import Message, message
from rectify.rules import RULES
from rectify.wording import day_in_words

_ID: Final = frozenset({0})


def print_campaign(terminal: Terminal, loaded: Campaign) -> None:
    """Print all that a campaign says, in the document's words and with its clauses."""
    document = loaded.document
    terminal.line(loaded.name, style="bold")
    terminal.line(f"{document.issuer}《{document.title}》（{document.number}）")
    if loaded.scope:
        said = message(
            "scope ({clause}): {words}", clause=loaded.scope.clause, words=loaded.scope.words
        )
        terminal.line(said)
    _print_phases(terminal, loaded)
    terminal.heading(message("duties"))
    for duty in loaded.all_duties:
        _print_duty(terminal, duty)
    if loaded.inspections:
        terminal.heading(message("inspections"))
    for inspection in loaded.inspections:
        _print_inspection(terminal, inspection)
    _print_areas(terminal, loaded)
    _print_channels(terminal, loaded)
    _print_rules(terminal, loaded)


def _print_phases(terminal: Terminal, loaded: Campaign) -> None:
    terminal.heading(message("phases"))
    heads = (message("phase"), message("opens"), message("closes"), message("clause"))
    rows = [
        (
            each.name,
            "–" if each.opens is None else day_in_words(each.opens),
            day_in_words(each.closes),
            each.clause,
        )
        for each in loaded.phases
    ]
    terminal.table(heads, rows, whole=_ID)


def _print_duty(terminal: Terminal, duty: AnyDuty) -> None:
    said = message(
        "{name} ({clause}), to {to}", name=duty.name, clause=duty.clause, to=duty.to or "–"
    )
    terminal.line(said, style="bold")
    told = duty.due.explain(terminal.language) if isinstance(duty, Duty) else f"“{duty.words}”"
    for line in told.splitlines():
        terminal.line(line.strip(), indent=2 + (len(line) - len(line.lstrip())))


def _print_inspection(terminal: Terminal, inspection: Inspection) -> None:
    said = message(
        "{name} ({clause}), by {by}",
        name=inspection.name,
        clause=inspection.clause,
        by=inspection.by,
    )
    terminal.line(said, style="bold")
    terminal.line(f"“{inspection.words}”", indent=2)
    for turn in inspection.turns():
        window = message(
            "turn {number}: {opens} to {closes}",
            number=turn.number,
            opens=day_in_words(turn.opens),
            closes=day_in_words(turn.closes),
        )
        terminal.line(window, indent=2)


def _print_areas(terminal: Terminal, loaded: Campaign) -> None:
    terminal.heading(message("areas"))
    heads = (message("area"), message("name"), message("clause"), message("words"))
    rows = [(each.id, each.name, each.clause, each.words) for each in loaded.areas]
    terminal.table(heads, rows, whole=_ID)


def _print_channels(terminal: Terminal, loaded: Campaign) -> None:
    terminal.heading(message("channels"))
    heads = (message("channel"), message("name"), message("clause"), message("words"))
    rows = [(each.id, each.name, each.clause, each.words) for each in loaded.channels]
    terminal.table(heads, rows, whole=_ID)


def _print_rules(terminal: Terminal, loaded: Campaign) -> None:
    terminal.heading(message("rules"))
    heads = (message("rule"), message("rests on"), message("words"))
    codes = dict.fromkeys(rule.code for rule in RULES)
    terminal.table(heads, [_rule_row(loaded, code) for code in codes], whole=_ID)


def _rule_row(loaded: Campaign, code: str) -> tuple[Message | str, ...]:
    setting = loaded.rules.get(code)
    if setting is not None and not setting.enabled:
        return code, message("switched off"), ""
    if setting is None or setting.clause is None:
        return code, message("assumption"), ""
    return code, setting.clause, setting.words or ""
