"""What the play came to, as a Markdown document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rectify.cli.audit import verdict
from rectify.cli.demo.play import Play
from rectify.cli.demo.sheets import (
    Sheet,
    areas_sheet,
    channels_sheet,
    duties_sheet,
    issues_sheet,
    late_sheet,
    refusals_sheet,
)
from rectify.cli.demo.wording import Say
from rectify.exchange.diagrams import mermaid
from rectify.i18n import Language, Message, message
from rectify.labels import label
from rectify.lifecycle import STANDARD
from rectify.wording import day_in_words


def markdown(play: Play, language: Language) -> str:
    """The summary in a language; the same play gives the same text."""
    say = Say(language)
    return "\n".join(_lines(play, say)) + "\n"


def _lines(play: Play, say: Say) -> Iterator[str]:
    document = play.campaign.document
    yield f"# {play.campaign.name}"
    yield ""
    yield f"{document.issuer}《{document.title}》（{document.number}）"
    yield ""
    yield say(message("A made-up example: every unit, person and issue in it is invented."))
    yield from _diagrams(play, say)
    yield from _section(
        message("Issues by area and state"), areas_sheet(play.issues, play.campaign, say), say
    )
    yield from _section(
        message("Issues by channel and state"), channels_sheet(play.issues, play.campaign, say), say
    )
    for stock in play.stocks:
        day = day_in_words(stock.on)
        yield from _section(message("Duties on {day}", day=day), duties_sheet(stock), say)
        yield from _section(message("Overdue milestones on {day}", day=day), late_sheet(stock), say)
    yield from _section(message("Refusals"), refusals_sheet(play.scenes, say), say)
    yield from _section(message("The ledger"), issues_sheet(play.issues, play.units, say), say)
    yield from _audit(play, say)


def _diagrams(play: Play, say: Say) -> Iterator[str]:
    counts = Counter(type(issue) for issue in play.issues)
    title = message("The lifecycle and where the issues stand")
    yield from ("", f"## {say(title)}", "")
    yield from ("```mermaid", mermaid(STANDARD, say.language).rstrip("\n"), "```", "")
    yield from ("```mermaid", "pie showData")
    yield from (
        f'    "{label(state, say.language)}" : {counts[state]}' for state in STANDARD.states
    )
    yield "```"


def _section(title: Message, sheet: Sheet, say: Say) -> Iterator[str]:
    yield from ("", f"## {say(title)}", "")
    if not sheet.rows:
        yield say(message("None."))
        return
    marks = ["---:" if at in sheet.numbers else "---" for at in range(len(sheet.heads))]
    for row in (sheet.heads, marks, *sheet.rows):
        yield "| " + " | ".join(say(cell).replace("|", "\\|") for cell in row) + " |"


def _audit(play: Play, say: Say) -> Iterator[str]:
    title = message("Audit")
    yield from ("", f"## {say(title)}", "")
    yield say(verdict(play.audit))
