"""The play on the terminal, as it goes on."""

from __future__ import annotations

from typing import Final

from rectify.campaign import Campaign, Phase
from rectify.cli.audit import print_audit
from rectify.cli.demo.figures import Stock
from rectify.cli.demo.play import Play
from rectify.cli.demo.sheets import (
    Sheet,
    areas_sheet,
    channels_sheet,
    duties_sheet,
    late_sheet,
    rules_sheet,
)
from rectify.cli.demo.stage import Scene
from rectify.cli.demo.wording import Say, deed, detail, line
from rectify.cli.terminal import Terminal
from rectify.i18n import message
from rectify.labels import label
from rectify.lifecycle import STANDARD
from rectify.wording import day_in_words

_WIDTHS: Final = (14, 12, 24)
_WIDE_ENOUGH: Final = 90


class Programme:
    """Prints each scene under the heading of its phase, and each stocktaking."""

    def __init__(self, terminal: Terminal, campaign: Campaign) -> None:
        self._terminal = terminal
        self._campaign = campaign
        self._say = Say(terminal.language)
        self._phase: Phase | None = None

    def open(self) -> None:
        """Print what is about to be played, and what the marks mean."""
        document = self._campaign.document
        self._terminal.line(self._campaign.name, style="bold")
        self._terminal.line(f"《{document.title}》（{document.number}）")
        self._terminal.line(
            message("A made-up example: every unit, person and issue in it is invented.")
        )
        self._terminal.line(message("✗ refused, with every reason; ⇢ what the platform then sends"))

    def show(self, part: Scene | Stock) -> None:
        """Print what just happened."""
        if isinstance(part, Stock):
            self._show_stock(part)
            return
        phase = self._campaign.phase_on(part.act.at)
        if phase is not None and phase != self._phase:
            self._phase = phase
            self._show_phase(phase)
        self._show_scene(part)

    def _show_phase(self, phase: Phase) -> None:
        opens = "–" if phase.opens is None else day_in_words(phase.opens)
        said = message(
            "{phase}: {opens} to {closes} ({clause})",
            phase=phase.name,
            opens=opens,
            closes=day_in_words(phase.closes),
            clause=phase.clause,
        )
        self._terminal.heading(said)

    def _show_scene(self, scene: Scene) -> None:
        act, language = scene.act, self._terminal.language
        what, style = deed(act, self._say), ""
        if scene.reasons or scene.illegal:
            what, style = f"✗ {what}", "red"
        elif scene.after is not None and type(scene.after) is not type(scene.before):
            entered = label(type(scene.after), language)
            what = what if entered == what else f"{what} → {entered}"
        said = message("{detail} ({by})", detail=detail(act), by=act.by.id)
        day = message("{day}", day=act.at.date()).text(language)
        if self._terminal.width < _WIDE_ENOUGH:
            self._terminal.line(f"{day} {act.issue_id} {what}", style=style)
            self._below(said.text(language), style)
        else:
            self._terminal.columns(_WIDTHS, (day, act.issue_id, what, said), style=style)
        if scene.illegal:
            self._below(scene.illegal.message.text(language), "red")
        for reason in scene.reasons:
            self._below(line(reason).text(language), "red")
        if scene.lead is not None:
            self._below(message("the lead is {id}", id=scene.lead.id).text(language), "cyan")
        for hook, sent in scene.sent:
            self._below(f"⇢ {hook}: {sent.text(language)}", "dim")

    def _below(self, said: str, style: str) -> None:
        wide = self._terminal.width >= _WIDE_ENOUGH
        self._terminal.line(said, style=style, indent=sum(_WIDTHS) + len(_WIDTHS) if wide else 4)

    def _show_stock(self, stock: Stock) -> None:
        terminal = self._terminal
        terminal.heading(message("stocktaking on {day}", day=day_in_words(stock.on)))
        states = "  ".join(
            f"{label(state, terminal.language)} {stock.states.get(state, 0)}"
            for state in STANDARD.states
        )
        terminal.line(states)
        self._show_sheet(duties_sheet(stock))
        terminal.line()
        if stock.late:
            terminal.line(message("overdue milestones"), style="bold")
            self._show_sheet(late_sheet(stock))
        else:
            terminal.line(message("no milestone is overdue"))
        terminal.line()

    def close(self, play: Play) -> None:
        """Print what it all came to."""
        terminal, say = self._terminal, self._say
        terminal.heading(message("issues by area and state"))
        self._show_sheet(areas_sheet(play.issues, self._campaign, say))
        terminal.heading(message("issues by channel and state"))
        self._show_sheet(channels_sheet(play.issues, self._campaign, say))
        terminal.heading(message("refusals by rule"))
        self._show_sheet(rules_sheet(play.scenes))
        terminal.heading(message("audit"))
        print_audit(terminal, play.audit)

    def _show_sheet(self, sheet: Sheet) -> None:
        self._terminal.table(sheet.heads, sheet.rows, sheet.numbers, sheet.whole)
