"""What the commands have in common: how they are made, and their shared options."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from rectify.cli.language import LANGUAGES
from rectify.i18n import Language, translate

F = TypeVar("F", bound=Callable[..., Any])


def group(name: str, language: Language, help_text: str) -> click.Group:
    """A group of commands."""
    made = click.Group(
        name,
        help=help_text,
        options_metavar=translate("[OPTIONS]", language),
        subcommand_metavar=translate("COMMAND [ARGS]...", language),
        no_args_is_help=True,
    )
    return language_option(language)(made)


def command(
    name: str, language: Language, help_text: str
) -> Callable[[Callable[..., int]], click.Command]:
    """Make a command of a function that gives the exit status."""
    metavar = translate("[OPTIONS]", language)

    def make(function: Callable[..., int]) -> click.Command:
        made = click.command(name, help=help_text, options_metavar=metavar)(function)
        return language_option(language)(made)

    return make


def language_option(language: Language) -> Callable[[F], F]:
    """``--lang``: read before the arguments are parsed, so it may stand anywhere."""
    return click.option(
        "--lang",
        type=click.Choice(LANGUAGES),
        expose_value=False,
        help=translate("Language; by default that of the locale.", language),
    )


def campaign_option(language: Language) -> Callable[[F], F]:
    """``--campaign``: that of a ledger."""
    return click.option(
        "--campaign",
        default="hubei-2018",
        metavar="CAMPAIGN",
        show_default=True,
        help=translate("The campaign of the ledger: a name or a TOML file.", language),
    )


def json_option(language: Language) -> Callable[[F], F]:
    """``--json``."""
    return click.option(
        "--json", "as_json", is_flag=True, help=translate("Print JSON for programs.", language)
    )
