"""The command line: what it prints, how it ends, and that bad input is answered in words."""

from __future__ import annotations

import json
import os
import pty
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import attrs
import click
import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from rectify import Actor, Finding, Ledger, load_campaign
from rectify.cli import main
from rectify.cli.app import commands
from rectify.cli.campaign_printing import print_campaign
from rectify.cli.language import chosen, of_locale
from rectify.cli.terminal import Terminal
from rectify.cli.wrapping import side_by_side, wrapped
from rectify.i18n import Language
from rectify.lifecycle import STANDARD
from rectify.rules import RULES

ROOT = Path(__file__).parents[1]
PEM = Encoding.PEM
HAN = re.compile("[\u3400-\u9fff]")


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that asks for no language, width or colour."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG", "COLUMNS", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")


def rectify(*arguments: str | Path) -> Result:
    """Run a command in this process, as an installed one would run."""

    @click.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
    @click.argument("words", nargs=-1, type=click.UNPROCESSED)
    def entry(words: tuple[str, ...]) -> None:
        sys.exit(main(list(words)))

    return CliRunner().invoke(entry, ["--", *(str(each) for each in arguments)])


def process(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command in a process of its own, in a bare environment."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "rectify.cli", *arguments],
        env={**kept, "PYTHONPATH": str(ROOT / "src"), **environment},
        capture_output=True,
        check=False,
    )


@pytest.fixture(scope="module")
def small_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with one issue."""
    file = tmp_path_factory.mktemp("small") / "ledger.db"
    campaign = load_campaign("hubei-2018")
    with Ledger.open(f"sqlite:///{file}", campaign) as ledger:
        finding = Finding(
            title="项目台账不齐全",
            area="funds/records-incomplete",
            channel="self-inspection",
            unit="990121",
            found_at=datetime(2018, 3, 5, 4, 0, tzinfo=UTC),
        )
        ledger.register(finding, by=Actor(id="经办员", unit="990121"), issue_id="HB-1")
    return file


def every_command(
    group: click.Group | None = None, path: tuple[str, ...] = ()
) -> Iterator[tuple[str, ...]]:
    """The path of every command that does something."""
    for name, command in (group or commands("en")).commands.items():
        if isinstance(command, click.Group):
            yield from every_command(command, (*path, name))
        else:
            yield (*path, name)


EVERY = list(every_command())


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_each_command_is_in_the_docs(path: tuple[str, ...]) -> None:
    """docs/cli.md has a heading for every command."""
    headings = re.findall(r"^#+ `rectify (.+?)`", (ROOT / "docs/cli.md").read_text(), re.M)
    assert " ".join(path) in headings


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", [(), ("campaign",), *EVERY], ids=" ".join)
def test_help_is_in_one_language(path: tuple[str, ...], language: Language) -> None:
    """The Chinese help has no English word but names, the English help no Chinese one."""
    result = rectify("--lang", language, *path, "--help")
    assert 0 == result.exit_code
    if language == "en":
        assert [] == HAN.findall(result.stdout)
        return
    text = re.sub(r"--?[a-z]+|\[[^\]]*\||[a-z|-]+\]|\brectify[a-z -]*", "", result.stdout)
    names = "LEDGER|PATH|CAMPAIGN|DATE|FILE|DIR|SQLite|TOML|JSON|CSV|hubei-2018"
    names += "|demo|lifecycle|campaign|audit|show|check|due|sweep|diff|OLD|NEW|INSTANT"
    names += "|adopt|TABLE|CODE|ID"
    names += "|KEY|PEM|Ed25519|sha256|sm3|seal"
    names += "|hooks|list|retry|rename|ID|NAME|ready|leased|done|dead"
    names += "|MODULE|FUNCTION|migrate"
    assert [] == re.findall(r"[A-Za-z]{2,}", re.sub(names, "", text))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--lang", "zh", "campaign", "show"], "zh"),
        (["campaign", "--lang", "zh", "show"], "zh"),
        (["campaign", "show", "--lang=zh"], "zh"),
        (["campaign", "show", "--lang=zh", "--lang", "en"], "en"),
        (["campaign", "show", "--", "--lang", "zh"], "en"),
    ],
)
def test_lang_may_stand_anywhere(arguments: list[str], expected: str) -> None:
    """--lang is read wherever it stands before a double dash; the last one holds."""
    assert expected == chosen(arguments)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_TW"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "zh_CN:en"}, "zh"),
        ({"LANG": "C.UTF-8", "LANGUAGE": "zh_CN"}, "en"),
    ],
)
def test_the_locale_decides_where_lang_is_silent(
    environment: dict[str, str], expected: str
) -> None:
    """Chinese where the locale is Chinese, in the order that gettext asks."""
    assert expected == of_locale(environment)


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_an_unknown_option_is_misuse(path: tuple[str, ...]) -> None:
    """Exit 2, and the Chinese says so too."""
    result = rectify("--lang", "zh", *path, "--frob")
    assert (2, True) == (result.exit_code, "没有选项" in result.stderr)


def test_click_speaks_again_as_before() -> None:
    """The gettext domain and LANGUAGE are the process's own once a command is done."""
    import gettext

    before = gettext.textdomain()
    rectify("--lang", "zh", "--help")
    assert (before, "LANGUAGE" in os.environ) == (gettext.textdomain(), False)


# lifecycle


@pytest.mark.parametrize("form", ["table", "mermaid", "dot", "json", "scxml", "xstate"])
def test_every_format_names_every_state(form: str) -> None:
    """Each drawing of the lifecycle has all its states."""
    result = rectify("lifecycle", "--format", form, "--lang", "en")
    names = {"table": "Scheduled", "mermaid": "Scheduled"}.get(form, "FixedOnTheSpot")
    assert (0, True) == (result.exit_code, names in result.stdout)


def test_lifecycle_as_json_parses() -> None:
    """--json gives the moves by name."""
    data = json.loads(rectify("lifecycle", "--json").stdout)
    assert [move.__name__ for move in STANDARD.moves] == [move["name"] for move in data["moves"]]


# campaign


def test_show_tells_what_is_owed_and_why() -> None:
    """The date that does not exist is explained, in the language asked for."""
    shown = rectify("campaign", "show", "--lang", "zh").stdout
    assert "“2018年9月31日”并不存在" in shown


@pytest.mark.parametrize("language", ["zh", "en"])
def test_show_has_every_part(language: str) -> None:
    """Phases, duties, areas with items, channels, and every rule."""
    campaign = load_campaign("hubei-2018")
    shown = rectify("campaign", "show", "--lang", language).stdout
    wanted = [
        *(phase.name for phase in campaign.phases),
        *(duty.name for duty in campaign.duties),
        *(area.id for area in campaign.areas),
        *(channel.id for channel in campaign.channels),
        *(rule.code for rule in RULES),
    ]
    assert [] == [part for part in wanted if part not in shown]


def test_show_as_json_parses() -> None:
    """--json gives every duty with the instant it ends."""
    data = json.loads(rectify("campaign", "show", "--json").stdout)
    ends = [duty["due"]["ends_at"] for duty in data["duties"]]
    assert "2018-04-10T00:00:00+08:00" in ends


def test_check_lists_every_error_with_its_place(tmp_path: Path) -> None:
    """A wrong file is refused, with each path and line; nothing else is said."""
    file = tmp_path / "wrong.toml"
    file.write_text('id = 3\nname = "x"\nfrob = 1\n', encoding="utf-8")
    result = rectify("campaign", "check", file, "--json")
    data = json.loads(result.stdout)
    assert 1 == result.exit_code
    assert {"id", "frob"} <= {error["path"] for error in data["errors"]}
    assert "line 3" in next(e["en"] for e in data["errors"] if e["path"] == "frob")


def test_check_warns_of_what_is_right_but_odd() -> None:
    """The reference campaign is valid, and its odd dates are named."""
    result = rectify("campaign", "check", "hubei-2018")
    assert (0, True) == (result.exit_code, "no-such-day" in result.stdout)


LEAST = """
id = "least"
name = "某县专项治理"
[document]
number = "示例〔2020〕1号"
title = "方案"
issuer = "领导小组"
issued = "2020年1月1日"
[scope]
clause = "一"
words = "全县"
[rule.same-person]
enabled = false
"""


def test_a_campaign_of_the_least_content_is_shown_and_checked(tmp_path: Path) -> None:
    """No heading without anything below it, a rule that is switched off, and no warnings."""
    file = tmp_path / "least.toml"
    file.write_text(LEAST, encoding="utf-8")
    shown = rectify("campaign", "show", file, "--lang", "en").stdout
    assert ("inspections" in shown, "scope (一): 全县" in shown) == (False, True)
    assert re.search(r"^same-person +│ switched off", shown, re.MULTILINE)
    checked = rectify("campaign", "check", file)
    assert (0, "某县专项治理 is a valid campaign; warnings: 0\n") == (
        checked.exit_code,
        checked.stdout,
    )


def test_a_campaign_may_leave_its_scope_to_another(capsys: pytest.CaptureFixture[str]) -> None:
    """Without words on its scope, none are shown."""
    print_campaign(Terminal("en"), attrs.evolve(load_campaign("hubei-2018"), scope=None))
    assert "scope (" not in capsys.readouterr().out


def test_a_wrong_file_is_told_in_a_table(tmp_path: Path) -> None:
    """Each problem stands beside its place, below how many there are."""
    file = tmp_path / "wrong.toml"
    file.write_text(f"frob = 1\n{LEAST}\n[colour]\n", encoding="utf-8")
    result = rectify("campaign", "check", file, "--lang", "en")
    head, _, table = result.stdout.partition("where ")
    assert (1, True) == (result.exit_code, "is not a campaign: 2 errors" in " ".join(head.split()))
    assert re.search(r"^colour +│ ", table, re.MULTILINE)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql+psycopg://u:secret@127.0.0.1:abc/x",
        "postgresql+psycopg://u:secret@[::1/x",
        "sqlite:///{file}?timeout=abc",
        "sqlite:///{file}?nosuch=1",
        "sqlite:///{file}?uri=perhaps",
    ],
)
def test_an_address_that_cannot_be_read_is_misuse(small_ledger: Path, address: str) -> None:
    """A port that is no number, or a setting that is none, is told in one line."""
    ran = rectify("audit", address.format(file=small_ledger))
    assert (2, "", 1) == (ran.exit_code, ran.stdout, len(ran.stderr.splitlines()))
    assert "secret" not in ran.stderr


@pytest.mark.parametrize("command", ["show", "check"])
def test_no_such_campaign_is_misuse(command: str) -> None:
    """An unknown name is answered with the known ones."""
    result = rectify("campaign", command, "hubei-2081")
    assert (2, True) == (result.exit_code, "hubei-2018" in result.stderr)


# audit


def test_an_intact_ledger(small_ledger: Path) -> None:
    """Exit 0, and the counts."""
    result = rectify("audit", small_ledger)
    assert (0, "intact; issues: 1, records: 1\n") == (result.exit_code, result.stdout)


def test_a_changed_ledger_is_not_intact(small_ledger: Path, tmp_path: Path) -> None:
    """Exit 1, and the issue and record that were changed."""
    changed = tmp_path / "changed.db"
    changed.write_bytes(small_ledger.read_bytes())
    with sqlite3.connect(changed) as database:
        database.execute("DROP TRIGGER rectify_record_no_update")
        database.execute("UPDATE rectify_record SET body = replace(body, '台账', '资料')")
    database.close()
    result = rectify("audit", changed, "--json")
    data = json.loads(result.stdout)
    assert 1 == result.exit_code
    assert (False, "HB-1", 1) == (
        data["intact"],
        data["problems"][0]["issue"],
        data["problems"][0]["version"],
    )

    told = rectify("audit", changed, "--lang", "en")
    first, *_ = told.stdout.splitlines()
    assert (1, "NOT intact; issues: 1, records: 1, problems: 1") == (told.exit_code, first)
    assert re.search(r"^HB-1 +│ 1 +│ its digest", told.stdout, re.MULTILINE)


@pytest.mark.parametrize("name", ["nothing.db", "no/such/folder.db"])
def test_audit_makes_no_file(name: str, tmp_path: Path) -> None:
    """A ledger that is not there is misuse, and is still not there."""
    result = rectify("audit", tmp_path / name)
    assert (2, []) == (result.exit_code, list(tmp_path.iterdir()))


@pytest.mark.parametrize(
    "content",
    [b"", b"hello\n", b"SQLite format 3\0", b"\xff" * 5000],
    ids=["empty", "text", "header", "noise"],
)
def test_what_is_no_ledger_is_said_so(content: bytes, tmp_path: Path) -> None:
    """Exit 1 and a line of text; the file stays as it was."""
    file = tmp_path / "ledger.db"
    file.write_bytes(content)
    result = rectify("audit", file)
    assert (1, "") == (result.exit_code, result.stdout)
    assert result.stderr.startswith("error: ")
    assert file.read_bytes() == content


def test_a_half_written_ledger_is_said_so(small_ledger: Path, tmp_path: Path) -> None:
    """A file that ends in the middle is not intact, without a traceback."""
    file = tmp_path / "ledger.db"
    file.write_bytes(small_ledger.read_bytes()[:-4096])
    result = rectify("audit", file)
    assert (1, False) == (result.exit_code, "Traceback" in result.output)


def test_another_campaigns_ledger_is_said_so(small_ledger: Path, tmp_path: Path) -> None:
    """A ledger is audited under its own campaign only."""
    text = (ROOT / "src/rectify/campaigns/hubei-2018.toml").read_text(encoding="utf-8")
    other = tmp_path / "other.toml"
    other.write_text(text.replace("tolerance_seconds = 300", "tolerance_seconds = 301"), "utf-8")
    result = rectify("audit", small_ledger, "--campaign", other)
    assert (1, True) == (result.exit_code, "hubei-2018" in result.stderr)


@pytest.mark.parametrize(
    "byte", [0x00, 0x41, 0x80, 0xFF], ids=["null", "letter", "continuation", "none"]
)
def test_any_changed_byte_is_answered_in_words(
    byte: int, small_ledger: Path, tmp_path: Path
) -> None:
    """Whatever is damaged, the audit ends with 0 or 1 and no traceback."""
    content = small_ledger.read_bytes()
    file = tmp_path / "ledger.db"
    for place in range(0, len(content), 1777):
        file.write_bytes(content[:place] + bytes([byte]) + content[place + 1 :])
        result = rectify("audit", file)
        assert (True, False) == (result.exit_code in (0, 1), "Traceback" in result.output)


# seal


@pytest.fixture
def key(tmp_path: Path) -> tuple[Path, Path]:
    """A private and a public key, in files."""
    made = Ed25519PrivateKey.generate()
    private, public = tmp_path / "seal.key", tmp_path / "seal.pub"
    private.write_bytes(made.private_bytes(PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(
        made.public_key().public_bytes(PEM, PublicFormat.SubjectPublicKeyInfo),
    )
    return private, public


@pytest.fixture
def sealed(small_ledger: Path, tmp_path: Path, key: tuple[Path, Path]) -> Path:
    """A signed checkpoint of the small ledger."""
    file = tmp_path / "sealed.jsonl"
    assert 0 == rectify("seal", small_ledger, "--out", file, "--key", key[0]).exit_code
    return file


def test_seal_writes_a_checkpoint_that_the_ledger_holds(
    small_ledger: Path, tmp_path: Path, sealed: Path, key: tuple[Path, Path]
) -> None:
    """Unsigned or signed; the audit says of which instant it is, and whose signature it bears."""
    file = tmp_path / "plain.jsonl"
    result = rectify("seal", small_ledger, "--out", file)
    assert (0, True) == (result.exit_code, "not signed" in result.stdout)
    assert result.stdout.startswith("sealed; issues: 1, records: 1\nroot: ")
    for checkpoint, options, said in (
        (file, (), "not signed"),
        (sealed, (), "its signature was not checked"),
        (sealed, ("--public-key", key[1]), "signed with key"),
        (sealed, ("--public-key", key[1], "--chain-only"), "signed with key"),
    ):
        result = rectify("audit", small_ledger, "--against", checkpoint, *options)
        assert (0, True) == (result.exit_code, said in result.stdout)
        assert result.stdout.startswith("intact; issues: 1, records: 1\ncheckpoint of 20")


def test_seal_and_audit_as_json(small_ledger: Path, tmp_path: Path, key: tuple[Path, Path]) -> None:
    """The root is the same in both; a fingerprint will do for the key; one continues another."""
    file, after = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    made = json.loads(
        rectify("seal", small_ledger, "--out", file, "--key", key[0], "--json").stdout
    )
    assert (1, 1, str(file)) == (made["issues"], made["records"], made["file"])
    against = ("--against", file, "--public-key", made["key"].upper(), "--json")
    audit = json.loads(rectify("audit", small_ledger, *against).stdout)
    assert (True, made["root"]) == (audit["intact"], audit["checkpoint"]["root"])
    assert made["key"] == audit["checkpoint"]["signed_by"]
    assert "checkpoint" not in json.loads(rectify("audit", small_ledger, "--json").stdout)
    continued = ("--after", file, "--public-key", key[1], "--out", after, "--json")
    second = json.loads(rectify("seal", small_ledger, *continued).stdout)
    assert (made["root"], None) == (second["root"], second["key"])


def test_what_was_removed_since_is_told(small_ledger: Path, sealed: Path, tmp_path: Path) -> None:
    """Exit 1 and the issue, in a ledger that else looks intact; nor is it sealed after that."""
    changed = tmp_path / "changed.db"
    changed.write_bytes(small_ledger.read_bytes())
    with sqlite3.connect(changed) as database:
        database.execute("DROP TRIGGER rectify_record_no_delete")
        database.execute("DELETE FROM rectify_record")
        database.execute("DELETE FROM rectify_issue")
    database.close()
    assert 0 == rectify("audit", changed).exit_code
    result = rectify("audit", changed, "--against", sealed)
    assert (1, True) == (result.exit_code, "HB-1" in result.stdout)
    out = tmp_path / "again.jsonl"
    result = rectify("seal", changed, "--out", out, "--after", sealed)
    assert (1, True, False) == (result.exit_code, "HB-1" in result.stderr, out.exists())


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("seal", "{ledger}"), 2, "--out"),
        (("seal", "{ledger}", "--out", "{sealed}"), 1, "not written over"),
        (("seal", "{ledger}", "--out", "{new}", "--key", "{none}"), 2, "does not exist"),
        (("seal", "{ledger}", "--out", "{new}", "--key", "{public}"), 2, "no private key"),
        (("seal", "{none}", "--out", "{new}"), 2, "no such file"),
        (("seal", "{ledger}", "--out", "{new}", "--after", "{ledger}"), 1, "line 1"),
        (("seal", "{ledger}", "--out", "{new}", "--algorithm", "md5"), 2, "sha256"),
        (("seal", "{ledger}", "--out", ""), 2, "--out"),
        (("seal", "{ledger}", "--out", "{new}", "--public-key", "{public}"), 2, "--after"),
        (
            ("seal", "{ledger}", "--out", "{new}", "--after", "{sealed}", "--algorithm", "sm3"),
            2,
            "of sha256",
        ),
        (("audit", "{ledger}", "--against", "{none}"), 2, "does not exist"),
        (("audit", "{ledger}", "--against", "{ledger}"), 1, "line 1"),
        (("audit", "{ledger}", "--public-key", "{public}"), 2, "--against"),
        (("audit", "{ledger}", "--against", "{sealed}", "--public-key", "{none}"), 2, "no file"),
        (("audit", "{ledger}", "--against", "{sealed}", "--public-key", "{ledger}"), 2, "PEM"),
        (("audit", "{ledger}", "--against", "{sealed}", "--public-key", "0" * 64), 1, "not with"),
    ],
)
def test_what_cannot_be_sealed_or_compared_is_said_so(
    arguments: tuple[str, ...],
    status: int,
    said: str,
    small_ledger: Path,
    sealed: Path,
    tmp_path: Path,
    key: tuple[Path, Path],
) -> None:
    """In a line, with nothing written."""
    names = {
        "{ledger}": small_ledger,
        "{sealed}": sealed,
        "{none}": tmp_path / "none",
        "{new}": tmp_path / "new.jsonl",
        "{public}": key[1],
    }
    result = rectify(*(names.get(each, each) for each in arguments))
    assert (status, True, "") == (result.exit_code, said in result.stderr, result.stdout)
    assert not (tmp_path / "new.jsonl").exists()


def test_the_checkpoint_of_another_campaign_is_said_so(
    small_ledger: Path, sealed: Path, tmp_path: Path
) -> None:
    """Exit 1, with both names."""
    other = tmp_path / "other.jsonl"
    lines = sealed.read_bytes().splitlines(keepends=True)
    other.write_bytes(lines[0].replace(b"hubei-2018", b"hubei-2081") + lines[2])
    result = rectify("audit", small_ledger, "--against", other)
    assert (1, True) == (result.exit_code, "hubei-2081, not of hubei-2018" in result.stderr)


# How it lives with its surroundings.


def test_without_click_in_a_process_of_its_own(tmp_path: Path) -> None:
    """`python -m rectify.cli` says what to install, in a line, and exits 2."""
    (tmp_path / "click.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'click'\", name='click')\n"
    )
    ran = subprocess.run(
        [sys.executable, "-m", "rectify.cli", "--lang", "zh", "demo"],
        env={"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT / 'src'}"},
        capture_output=True,
        check=False,
    )
    said = ran.stderr.decode()
    assert (2, True, 1) == (ran.returncode, "rectify[cli]" in said, said.count("\n"))


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"LANG": "C"}, "areas"),
        ({"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}, "areas"),
        ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, "areas"),
        ({"LANG": "zh_CN.UTF-8"}, "治理重点"),
    ],
)
def test_output_is_utf8_in_any_locale(environment: dict[str, str], expected: str) -> None:
    """Chinese comes out whatever the encoding of the locale."""
    ran = process("campaign", "show", **environment)
    assert (0, b"") == (ran.returncode, ran.stderr)
    assert expected in ran.stdout.decode()
    assert "工作方案" in ran.stdout.decode()


def test_a_reader_who_leaves_is_no_error() -> None:
    """A closed pipe ends the command quietly."""
    command = [sys.executable, "-m", "rectify.cli", "campaign", "show"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        said = running.stderr.read()
    assert b"" == said


def test_ctrl_c_ends_with_130() -> None:
    """An interrupted command says so and exits as shells expect."""
    with patch("rectify.cli.campaign.load_campaign", side_effect=KeyboardInterrupt):
        result = rectify("campaign", "show")
    assert (130, True) == (result.exit_code, "interrupted" in result.stderr)


def test_what_the_system_refuses_is_said(tmp_path: Path) -> None:
    """An OSError is text with the file's name."""
    refused = PermissionError(13, "Permission denied", "ledger.db")
    with patch("rectify.cli.opening.Ledger.open", side_effect=refused):
        result = rectify("audit", tmp_path / "ledger.db")
    assert (
        1,
        "error: ledger.db: the system says: permission denied\n",
    ) == (result.exit_code, result.stderr)


def on_terminal(*arguments: str, **environment: str) -> str:
    """What a command prints to a terminal."""
    master, slave = pty.openpty()
    kept = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), "TERM": "xterm-256color"}
    with subprocess.Popen(
        [sys.executable, "-m", "rectify.cli", *arguments],
        stdout=slave,
        stderr=slave,
        env={**kept, "COLUMNS": "100", **environment},
    ):
        os.close(slave)
        said = b""
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:  # Linux's way to say that the other end is closed.
                break
            if not part:
                break
            said += part
    os.close(master)
    return said.decode()


@pytest.mark.parametrize(
    ("environment", "expected"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_colour_only_for_terminals_that_want_it(
    environment: dict[str, str], expected: bool
) -> None:
    """Escape sequences go to a terminal, unless NO_COLOR or its kind says not."""
    assert expected == ("\x1b[" in on_terminal("campaign", "show", **environment))


def test_no_colour_in_a_pipe() -> None:
    """A pipe gets plain text."""
    assert b"\x1b" not in process("campaign", "show", TERM="xterm-256color").stdout


# Lines of wide characters.


@pytest.mark.parametrize("width", [10, 11, 24])
def test_no_line_is_wider_than_asked(width: int) -> None:
    """Wide characters count as two cells, and all the text is there."""
    from rich.cells import cell_len

    text = "时间表截止于2019-06-30,超出专项治理期限(2018-12-31);确需延续的,写明理由。"
    lines = list(wrapped(text, width))
    assert max(cell_len(line) for line in lines) <= width
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_a_line_does_not_begin_with_a_closing_mark() -> None:
    """Punctuation stays with what it closes, a date in one piece."""
    assert ["甲乙丙", "丁\uff0c戊己"] == list(wrapped("甲乙丙丁\uff0c戊己", 8))
    assert ["于2018-01-20", "完成"] == list(wrapped("于2018-01-20完成", 12))
    assert ["one", "two,", "three"] == list(wrapped("one two, three", 5))
    assert ["time-runs,", "lead-must,"] == list(wrapped("time-runs, lead-must, ", 10))


def test_columns_line_up() -> None:
    """Each column begins at the same cell on every line."""
    lines = list(side_by_side(["甲乙丙", "x", "丁"], (4, 2, 4)))
    assert ["甲乙 x  丁", "丙"] == lines


def test_without_anywhere_to_speak_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its output closed a command ends as misuse, without a traceback."""
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", None)
        assert 2 == main(["lifecycle"])


@pytest.mark.parametrize("arguments", [["audit", "\udcff.db"], ["demo", "--out", "\udcff"]])
def test_a_path_of_bytes_that_are_no_text_is_answered_in_words(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An argument that can't be written as text is misuse, and nothing is left behind."""
    monkeypatch.chdir(tmp_path)
    result = rectify("--lang", "en", *arguments)
    assert (2, True) == (result.exit_code, "can't be written" in result.stderr)
    assert [] == list(tmp_path.iterdir())
