"""``rectify campaign``: what a campaign says, and whether its file is one."""

from __future__ import annotations

from typing import Any, TypeAlias

import click

from rectify.campaign import Campaign, load_campaign
from rectify.campaign.model import CampaignWarning
from rectify.cli.campaign_data import as_data
from rectify.cli.campaign_diff import diff_command
from rectify.cli.campaign_printing import print_campaign
from rectify.cli.options import command, group, json_option
from rectify.cli.terminal import Terminal, print_json
from rectify.errors import CampaignError, UnknownCampaign
from rectify.i18n import Language, Message, message, translate
from rectify.lifecycle import STANDARD

_Problems: TypeAlias = tuple[tuple[str, Message], ...]


def campaign_group(language: Language) -> click.Group:
    """The group, with its help in a language."""
    help_text = translate("Campaigns as data: show, check, diff.", language)
    made = group("campaign", language, help_text)
    made.add_command(_show(language))
    made.add_command(_check(language))
    made.add_command(diff_command(language))
    return made


def _show(language: Language) -> click.Command:
    help_text = translate(
        "Show a campaign: phases, duties, areas, channels, rules; CAMPAIGN is a name or a file.",
        language,
    )

    @command("show", language, help_text)
    @click.argument("campaign", default="hubei-2018")
    @json_option(language)
    def show(campaign: str, as_json: bool) -> int:
        loaded = load_campaign(campaign)
        if as_json:
            print_json(as_data(loaded))
        else:
            print_campaign(Terminal(language), loaded)
        return 0

    return show


def _check(language: Language) -> click.Command:
    help_text = translate(
        "Check a campaign file: every error with its place, then what to beware of.", language
    )

    @command("check", language, help_text)
    @click.argument("path")
    @json_option(language)
    def check(path: str, as_json: bool) -> int:
        loaded, problems = _load(path)
        if as_json:
            print_json(_checked(loaded, problems))
        elif loaded is None:
            _print_problems(Terminal(language), path, problems)
        else:
            _print_warnings(Terminal(language), loaded)
        return 0 if loaded else 1

    return check


def _load(path: str) -> tuple[Campaign | None, _Problems]:
    try:
        return load_campaign(path), ()
    except UnknownCampaign:
        raise
    except CampaignError as error:
        return None, error.problems


def _warnings(loaded: Campaign) -> tuple[CampaignWarning, ...]:
    """The campaign's own, and the rules that only a platform's lifecycle has."""
    standard = {rule.code for rule in STANDARD.rules}
    said = message(
        "the standard lifecycle has no such rule: only a program whose lifecycle has it can open,"
        " sweep or audit a ledger of this campaign"
    )
    return loaded.warnings + tuple(
        CampaignWarning(code="platform-rule", path=f"rules.{code}", message=said)
        for code in sorted(set(loaded.rules) - standard)
    )


def _checked(loaded: Campaign | None, problems: _Problems) -> dict[str, Any]:
    warnings = _warnings(loaded) if loaded else ()
    return {
        "valid": loaded is not None,
        "errors": [
            {"path": path, "zh": problem.zh, "en": problem.en} for path, problem in problems
        ],
        "warnings": [
            {"code": each.code, "path": each.path, "zh": each.message.zh, "en": each.message.en}
            for each in warnings
        ],
    }


def _print_problems(terminal: Terminal, path: str, problems: _Problems) -> None:
    head = message("{path} is not a campaign: {count} errors", path=path, count=len(problems))
    terminal.line(head, style="bold red")
    terminal.table((message("where"), message("problem")), problems)


def _print_warnings(terminal: Terminal, loaded: Campaign) -> None:
    warnings = _warnings(loaded)
    head = message(
        "{name} is a valid campaign; warnings: {count}", name=loaded.name, count=len(warnings)
    )
    terminal.line(head, style="green")
    if warnings:
        terminal.table(
            (message("where"), message("beware"), message("what")),
            [(each.path, each.code, each.message) for each in warnings],
        )
