"""The platform's hooks, for a command that must owe them something."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from rectify.i18n import Language, message
from rectify.ledger import Ledger


def adder_of_hooks(named: str, language: Language) -> Callable[[Ledger[Any]], object]:
    """The function that a text such as ``platform.hooks:add`` names, of the host's own code.

    It is looked for where Python looks and in the current directory, and called with the ledger.
    """
    module_name, _, function_name = named.partition(":")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        found: Any = getattr(import_module(module_name), function_name)
    except (ImportError, AttributeError, ValueError, TypeError):
        found = None
    if not callable(found):
        problem = message("“{given}” names no function, as in platform.hooks:add", given=named)
        raise click.BadParameter(problem.text(language), param_hint="'--hooks'")
    add: Callable[[Ledger[Any]], object] = found
    return add
