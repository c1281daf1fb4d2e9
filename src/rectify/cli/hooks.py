"""``rectify hooks``: what after hooks are owed: what waits, what was given up, and a way back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any, Final, get_args

import click

from rectify.campaign import load_campaign
from rectify.cli.opening import opened
from rectify.cli.options import campaign_option, command, group, json_option
from rectify.cli.terminal import Terminal, print_json
from rectify.i18n import Language, Message, message, translate
from rectify.ledger import Ledger
from rectify.store import Backlog, Delivery, Status

_STATUSES: Final[tuple[Status, ...]] = get_args(Status)
_STATUS_WORDS: Final[dict[Status, Message]] = {
    "ready": message("waits"),
    "leased": message("being run"),
    "done": message("delivered"),
    "dead": message("given up"),
}
_SHOWN_UNLESS_ASKED: Final = 100
_ID_MAX: Final = 2**63 - 1
_WAITS = message(
    "they wait for the platform's next deliver(), or hand_over() where it has a dispatcher"
)


def hooks_group(language: Language) -> click.Group:
    """The group, with its help in a language."""
    help_text = translate("Look after what a platform's hooks are owed.", language)
    hooks = group("hooks", language, help_text)
    hooks.add_command(_list_command(language))
    hooks.add_command(_retry_command(language))
    hooks.add_command(_rename_command(language))
    return hooks


def _list_command(language: Language) -> click.Command:
    help_text = translate(
        "Show the deliveries of LEDGER that are open: by hook, then one by one.", language
    )

    @command("list", language, help_text)
    @click.argument("ledger")
    @click.option(
        "--status",
        type=click.Choice(_STATUSES),
        help=translate("Only deliveries of this status.", language),
    )
    @click.option("--hook", metavar="NAME", help=translate("Only those of this hook.", language))
    @click.option(
        "--limit",
        metavar="N",
        type=click.IntRange(min=0),
        default=_SHOWN_UNLESS_ASKED,
        show_default=True,
        help=translate("How many to show at most.", language),
    )
    @campaign_option(language)
    @json_option(language)
    def list_(
        ledger: str,
        status: Status | None,
        hook: str | None,
        limit: int,
        campaign: str,
        as_json: bool,
    ) -> int:
        loaded = load_campaign(campaign)
        with opened(ledger, loaded) as kept:
            backlog = [one for one in kept.backlog() if hook in (None, one.hook)]
            shown: list[Delivery] = []
            for each in ("dead", "leased", "ready") if status is None else (status,):
                left = limit - len(shown)
                shown += kept.deliveries(each, hook=hook, at_most=left) if left else ()
        if as_json:
            print_json({"hooks": _by_hook(backlog), "deliveries": [*map(_as_data, shown)]})
        else:
            _print(Terminal(language), backlog, shown, loaded.zone)
        return 0

    return list_


def _retry_command(language: Language) -> click.Command:
    help_text = translate(
        "Have given up deliveries of LEDGER tried anew: those with an ID, a hook's, or all.",
        language,
    )

    @command("retry", language, help_text)
    @click.argument("ledger")
    @click.argument("ids", metavar="[ID]...", type=click.IntRange(1, _ID_MAX), nargs=-1)
    @click.option("--hook", metavar="NAME", help=translate("All of this hook.", language))
    @click.option("--all", "every", is_flag=True, help=translate("All there are.", language))
    @campaign_option(language)
    @json_option(language)
    def retry(
        ledger: str,
        ids: tuple[int, ...],
        hook: str | None,
        every: bool,
        campaign: str,
        as_json: bool,
    ) -> int:
        if [bool(ids), hook is not None, every].count(True) != 1:
            problem = message("say which: their ids, --hook NAME, or --all")
            raise click.UsageError(problem.text(language))
        with opened(ledger, load_campaign(campaign)) as kept, kept.batch():
            if hook is not None:
                _check_kept(kept, hook, language, "'--hook'")
            count = sum(kept.retry(one) for one in ids) if ids else kept.retry(hook=hook)
        _print_count(
            language, as_json, "retried", message("tried anew: {count}", count=count), count
        )
        if count and not as_json:
            Terminal(language).line(_WAITS)
        return 0

    return retry


def _rename_command(language: Language) -> click.Command:
    help_text = translate("Give the deliveries of LEDGER kept under OLD to hook NEW.", language)

    @command("rename", language, help_text)
    @click.argument("ledger")
    @click.argument("old")
    @click.argument("new")
    @campaign_option(language)
    @json_option(language)
    def rename(ledger: str, old: str, new: str, campaign: str, as_json: bool) -> int:
        with opened(ledger, load_campaign(campaign)) as kept:
            _check_kept(kept, old, language, "'OLD'")
            count = kept.rename_hook(old, new)
        _print_count(
            language, as_json, "renamed", message("given over: {count}", count=count), count
        )
        return 0

    return rename


def _check_kept(kept: Ledger[Any], hook: str, language: Language, where: str) -> None:
    """Misuse unless something is kept under a hook's name: no slip shall look like success."""
    if not kept.deliveries(hook=hook, at_most=1):
        problem = message("no delivery is kept for a hook of the name “{hook}”", hook=hook)
        raise click.BadParameter(problem.text(language), param_hint=where)


def _print_count(language: Language, as_json: bool, key: str, said: Message, count: int) -> None:
    if as_json:
        print_json({key: count})
    else:
        Terminal(language).line(said, style="bold")


def _by_hook(backlog: Sequence[Backlog]) -> list[dict[str, Any]]:
    """What is open, a row for each hook: how many of each status, and since when they are due."""
    rows: dict[str, dict[str, Any]] = {}
    for one in backlog:
        empty = {"hook": one.hook, "ready": 0, "leased": 0, "dead": 0, "due_since": None}
        row = rows.setdefault(one.hook, empty)
        row[one.status] = one.count
        if one.status == "ready":
            row["due_since"] = one.since.isoformat()
    return list(rows.values())


def _as_data(one: Delivery) -> dict[str, Any]:
    return {
        "id": one.id,
        "hook": one.hook,
        "issue": one.issue_id,
        "record": one.seq,
        "key": one.key,
        "status": one.status,
        "attempts": one.attempts,
        "available_at": one.available_at.isoformat(),
        "lease_until": None if one.lease_until is None else one.lease_until.isoformat(),
        "last_error": one.last_error,
    }


def _print(
    terminal: Terminal, backlog: Sequence[Backlog], shown: Sequence[Delivery], zone: tzinfo
) -> None:
    count = sum(one.count for one in backlog)
    terminal.line(message("open: {count}", count=count), style="bold")
    if backlog:
        terminal.table(
            (
                message("hook"),
                _STATUS_WORDS["ready"],
                _STATUS_WORDS["leased"],
                _STATUS_WORDS["dead"],
                message("due since"),
            ),
            [
                (
                    row["hook"],
                    *(str(row[status]) for status in ("ready", "leased", "dead")),
                    _local(row["due_since"], zone),
                )
                for row in _by_hook(backlog)
            ],
            numbers=frozenset({1, 2, 3}),
            whole=frozenset({4}),
        )
    if not shown:
        return
    terminal.line()
    terminal.table(
        (
            message("id"),
            message("hook"),
            message("of what"),
            message("record"),
            message("status"),
            message("attempts"),
            message("next"),
            message("last error"),
        ),
        [
            (
                str(one.id),
                one.hook,
                one.issue_id,
                str(one.seq),
                _STATUS_WORDS[one.status],
                str(one.attempts),
                _next(one, zone),
                one.last_error or "–",
            )
            for one in shown
        ],
        numbers=frozenset({0, 3, 5}),
        whole=frozenset({6}),
    )


def _next(one: Delivery, zone: tzinfo) -> str:
    """When it is tried next, at the earliest."""
    if one.status in ("done", "dead"):
        return "–"
    return _local((one.lease_until or one.available_at).isoformat(), zone)


def _local(instant: str | None, zone: tzinfo) -> str:
    if instant is None:
        return "–"
    return datetime.fromisoformat(instant).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
