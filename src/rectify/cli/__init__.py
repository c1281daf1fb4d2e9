"""The command line: ``rectify``, with the extra ``cli``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rectify.cli.language import chosen
from rectify.i18n import message

_MISUSE, _INTERRUPTED = 2, 130
_EXTRA = ("click", "rich", "sqlalchemy")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and give its exit status: 0 done, 1 refused or not intact, 2 misuse."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        # Only here, so that a missing extra is said in a line.
        from rectify.cli.app import run

        return run(arguments)
    except KeyboardInterrupt:
        # Before click was there to say so.
        return _INTERRUPTED
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA:
            raise
        problem = message(
            "the command line needs {package}; install rectify[cli]", package=error.name
        )
        sys.stderr.write(problem.text(chosen(arguments)) + "\n")
        return _MISUSE
