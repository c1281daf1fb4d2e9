"""The platform's hooks, for a command that must owe them something."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from rectify.errors import RectifyError
from rectify.i18n import Language, message
from rectify.ledger import Ledger


def adder_of_hooks(named: str, language: Language) -> Callable[[Ledger[Any]], None]:
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
    except Exception as error:  # whatever the host's module raises
        raise _failed(named, error, language) from error
    if not callable(found):
        problem = message("“{given}” names no function, as in platform.hooks:add", given=named)
        raise click.BadParameter(problem.text(language), param_hint="'--hooks'")

    def add(ledger: Ledger[Any]) -> None:
        try:
            found(ledger)
        except RectifyError:
            raise
        except Exception as error:  # whatever the host's code raises
            raise _failed(named, error, language) from error

    return add


def _failed(named: str, error: Exception, language: Language) -> click.BadParameter:
    problem = message(
        "“{given}” raised {kind}: {said}", given=named, kind=type(error).__name__, said=error
    )
    return click.BadParameter(problem.text(language), param_hint="'--hooks'")
