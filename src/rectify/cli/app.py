"""The tree of commands, and what becomes of an error on the way."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

import click

from rectify.cli.adopt import adopt_command
from rectify.cli.audit import audit_command
from rectify.cli.campaign import campaign_group
from rectify.cli.demo import demo_command
from rectify.cli.due import due_command
from rectify.cli.hooks import hooks_group
from rectify.cli.language import chosen, spoken
from rectify.cli.lifecycle import lifecycle_command
from rectify.cli.migrate import migrate_command
from rectify.cli.options import group
from rectify.cli.seal import seal_command
from rectify.cli.sweep import sweep_command
from rectify.errors import (
    CampaignMismatch,
    MappingError,
    MissingExtra,
    RectifyError,
    SigningKeyError,
    StoreError,
    StoreUnreadable,
    UnknownCampaign,
)
from rectify.i18n import Language, Message, message, translate

DONE, REFUSED, MISUSE, INTERRUPTED = 0, 1, 2, 130


def commands(language: Language) -> click.Group:
    """Every command, with its help in a language."""
    help_text = translate(
        "The lifecycle of the issues of a rectification campaign, from the command line.", language
    )
    rectify = group("rectify", language, help_text)
    rectify.add_command(demo_command(language))
    rectify.add_command(due_command(language))
    rectify.add_command(lifecycle_command(language))
    rectify.add_command(campaign_group(language))
    rectify.add_command(adopt_command(language))
    rectify.add_command(audit_command(language))
    rectify.add_command(seal_command(language))
    rectify.add_command(sweep_command(language))
    rectify.add_command(hooks_group(language))
    rectify.add_command(migrate_command(language))
    return rectify


def run(arguments: Sequence[str]) -> int:
    """Run a command; errors become text, never a traceback."""
    if sys.stdout is None or sys.stderr is None:
        return MISUSE  # there is nowhere to say anything
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Chinese comes out whatever the locale; what no encoding has is escaped.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    language = chosen(arguments)
    with spoken(language):
        status = _run(arguments, language)
        return _flushed(status)


def _run(arguments: Sequence[str], language: Language) -> int:
    try:
        status = commands(language).main(
            args=list(arguments), prog_name="rectify", standalone_mode=False
        )
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        _complain(message("interrupted"), language)
        return INTERRUPTED
    except RectifyError as error:
        _complain(error.message, language)
        return _status(error)
    except UnicodeError:
        _complain(message("an argument or path has characters that can't be written"), language)
        return MISUSE
    except SystemExit:
        # So click and rich leave where whoever reads has gone.
        return _hung_up()
    except OSError as error:
        _complain(_os_problem(error), language)
        return REFUSED
    return status if isinstance(status, int) else DONE


def _status(error: RectifyError) -> int:
    if isinstance(error, UnknownCampaign | MappingError | MissingExtra | SigningKeyError):
        return MISUSE
    if isinstance(error, StoreError) and not isinstance(error, StoreUnreadable | CampaignMismatch):
        return MISUSE
    return REFUSED


_REASONS: dict[int, Message | str] = {
    errno.ENOENT: message("there is no such file or directory"),
    errno.EACCES: message("permission denied"),
    errno.EISDIR: message("it is a directory"),
    errno.ENOTDIR: message("a part of its path is no directory"),
    errno.ENOSPC: message("there is no space left"),
}
"""What the system says most often, in both languages."""


def _os_problem(error: OSError) -> Message:
    reason = _REASONS.get(error.errno or 0, error.strerror or type(error).__name__)
    if error.filename is None:
        return message("the system says: {reason}", reason=reason)
    return message("{file}: the system says: {reason}", file=error.filename, reason=reason)


def _complain(problem: Message, language: Language) -> None:
    said = message("error: {problem}", problem=problem)
    click.echo(said.text(language), err=True)


def _flushed(status: int) -> int:
    """Whoever reads may have gone before the last lines; that is no reason for a traceback."""
    try:
        sys.stdout.flush()
    except OSError:
        return _hung_up()
    return status


def _hung_up() -> int:
    # Python flushes once more as it ends; let that go nowhere.
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return REFUSED
