"""Campaign files that do not load: every problem, its path, its place, and no traceback."""

from __future__ import annotations

import os
import pickle
import re
from pathlib import Path

import pytest

from rectify.campaign import Campaign, load_campaign
from rectify.campaign.file import ancestors_max
from rectify.errors import CampaignError, InvalidValue, RectifyError, UnknownCampaign

HEAD = """
id = "test"
name = "试验"
"""
DOCUMENT = """
[document]
number = "示例〔2020〕1号"
title = "方案"
issuer = "领导小组"
issued = "2020年1月1日"
"""
SCOPE = """
[scope]
clause = "一"
words = "全市"
"""
BASE = HEAD + DOCUMENT + SCOPE
CITED = (
    'clause = "一"\n'
    'words = "2020年3月至5月,2020年6月底前,每月5日前,每季度末,5日内,10月底前,3月至4月"\n'
)
PHASE = '[[phase]]\nid = "a"\nname = "甲"\nwhen = "2020年3月至5月"\n' + CITED
DUTY = '[[duty]]\nid = "d"\nname = "丁"\nto = "领导小组"\n' + CITED
OWED = 'owed_by = ["county"]\n'


def load(folder: Path, text: str, name: str = "campaign.toml") -> Campaign:
    file = folder / name
    file.write_text(text, "utf-8")
    return load_campaign(file)


def problems(folder: Path, text: str) -> dict[str, str]:
    """What is wrong with a file: the English text, without its place, by the path."""
    with pytest.raises(CampaignError) as caught:
        load(folder, text)
    place = re.compile(r" \(line \d+, column \d+\)$")
    return {path: place.sub("", problem.en) for path, problem in caught.value.problems}


def test_a_file_of_the_least_content_loads(tmp_path: Path) -> None:
    campaign = load(tmp_path, BASE)
    assert (None, None, ()) == (campaign.opens, campaign.closes, campaign.phases)
    assert campaign.phase_on(campaign.document.issued_on) is None


TEN_ERRORS = """
id = "Test"
tolerance_seconds = "10"
colour = 1
zone = "Mars/Base"

[document]
number = "示例〔2020〕1号"
title = ""
issuer = "领导小组"
issued = "2020年2月30日"

[scope]
clause = "一"
words = "全市"

[[phase]]
id = "a"
name = "甲"
when = "某个时候"
clause = "一"
words = "某个时候"

[[duty]]
id = "d"
name = "丁"
owed_by = ["village"]
due = "2020年6月底前"
clause = "一"
words = "早日报送"

[rule.same-persons]
enabled = true
"""


def test_a_file_with_ten_errors_reports_all_ten_each_in_its_place(tmp_path: Path) -> None:
    with pytest.raises(CampaignError) as caught:
        load(tmp_path, TEN_ERRORS)
    places = [(path, problem.en.rpartition(" (")[2]) for path, problem in caught.value.problems]
    expected = [
        ("name", "line 1, column 1)"),
        ("id", "line 2, column 1)"),
        ("tolerance_seconds", "line 3, column 1)"),
        ("colour", "line 4, column 1)"),
        ("zone", "line 5, column 1)"),
        ("document.title", "line 9, column 1)"),
        ("document.issued", "line 11, column 1)"),
        ("phase[0].when", "line 20, column 1)"),
        ("duty[0].owed_by[0]", "line 27, column 1)"),
        ("duty[0].due", "line 28, column 1)"),
        ("rule.same-persons", "line 32, column 1)"),
    ]
    assert expected == places
    assert "problem(s)" in str(caught.value)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert str(caught.value) == str(copy)


@pytest.mark.parametrize(
    ("text", "path", "problem"),
    [
        # Scope, parent, areas chosen locally.
        (HEAD + DOCUMENT, "scope", "the key is missing"),
        (
            HEAD + 'inherits = ["areas"]\n' + DOCUMENT + SCOPE,
            "inherits",
            "a campaign without a parent inherits nothing",
        ),
        (
            BASE + '[local_areas]\nat_least = 3\nat_most = 2\nclause = "一"\nwords = "自选"\n',
            "local_areas.at_least",
            "at least 3 is more than at most 2",
        ),
        # Ids.
        (BASE + PHASE + PHASE, "phase[1].id", "the id “a” is taken"),
        (
            BASE + f'[[event]]\nid = "found"\nname = "发现"\n{CITED}',
            "event[0].id",
            "the id “found” is taken",
        ),
        (
            BASE
            + f'[[area]]\nid = "a"\nname = "甲"\n{CITED}'
            + '[[area.item]]\nid = "i"\nname = "一"\nwords = "一"\n' * 2,
            "area[0].item[1].id",
            "the id “i” is taken",
        ),
        # Waves.
        (
            HEAD + "waves = [2020, 2020]\n" + DOCUMENT + SCOPE + DUTY + OWED
            + 'yearly = true\ndue = "10月底前"\n',
            "waves[1]",
            "the year 2020 is there twice",
        ),
        (HEAD + "waves = [2020]\n" + DOCUMENT + SCOPE, "waves", "nothing in the file is yearly"),
        (
            BASE + DUTY + OWED + 'yearly = true\ndue = "2020年6月底前"\n',
            "duty[0].yearly",
            "what comes every year needs the years, in “waves”",
        ),
        (
            HEAD + "waves = [2020]\n" + DOCUMENT + SCOPE
            + f'[[phase]]\nid = "a"\nname = "甲"\nyear = 2020\nyearly = true\n{CITED}'
            + 'when = "3月至4月"\n',
            "phase[0].year",
            "what comes every year has no year of its own",
        ),
        (
            HEAD + "waves = [2020]\n" + DOCUMENT + SCOPE + DUTY + OWED
            + 'yearly = true\nevery = "每月5日前"\n',
            "duty[0].yearly",
            "only a duty with a due date comes every year",
        ),
        (
            HEAD + "waves = [2020]\n" + DOCUMENT + SCOPE
            + f'[[phase]]\nid = "a"\nname = "甲"\nyearly = true\nwhen = "3月至4月"\n{CITED}'
            + DUTY + OWED + 'phase = "a"\ndue = "2020年6月底前"\n',
            "duty[0].phase",
            "the phase comes every year, and the duty does not",
        ),
        # Rules.
        (
            BASE + '[rule.area-unknown]\nclause = "一"\n',
            "rule.area-unknown",
            "a clause needs its words, and words their clause",
        ),
        (
            BASE + '[rule.area-unknown]\nenabled = false\nclause = "一"\nwords = "全市"\n',
            "rule.area-unknown.enabled",
            "the rule rests on clause 一 and can't be switched off",
        ),
        # Phases.
        (
            BASE + f'[[phase]]\nid = "a"\nname = "甲"\n{CITED}',
            "phase[0]",
            "exactly one of these is needed: when, until",
        ),
        (
            BASE + PHASE + '[[phase.level]]\nlevel = "city"\nuntil = "2020年6月底前"\n',
            "phase[0].when",
            "where levels differ, it is said for each level",
        ),
        (
            BASE + f'[[phase]]\nid = "a"\nname = "甲"\n{CITED}'
            + '[[phase.level]]\nlevel = "city"\nuntil = "2020年6月底前"\n' * 2,
            "phase[0].level[1].level",
            "the level “city” is there twice",
        ),
        # Phrases.
        (
            BASE + PHASE.replace("when", "until"),
            "phase[0].until",
            ("a due date, such as 2018年4月9日前, is expected;"
            " “2020年3月至5月” is a span of days, such as 2018年4月中旬至10月中旬"),
        ),
        (
            BASE + PHASE.replace("2020年3月至5月\"", "2020年3月至6月\""),
            "phase[0].when",
            "“2020年3月至6月” is not in the words quoted here",
        ),
        (
            BASE.replace("2020年1月1日", "2020年1月"),
            "document.issued",
            "one day is expected, such as 2017年12月25日",
        ),
        (
            BASE.replace("2020年1月1日", "2020年2月30日"),
            "document.issued",
            "there is no “2020年2月30日”",
        ),
        # Duties.
        (
            BASE + DUTY + OWED,
            "duty[0]",
            "exactly one of these is needed: due, every, within",
        ),
        (
            BASE + DUTY + 'due = "2020年6月底前"\n',
            "duty[0].owed_by",
            "the duty must be owed by somebody",
        ),
        (
            BASE + DUTY + 'owed_by = ["city", "village"]\ndue = "2020年6月底前"\n',
            "duty[0].owed_by[1]",
            ("no village may be made to report"
            " (五(七): 任何单位任何部门不得以任何理由要求村级填报扶贫数据)"),
        ),
        (
            BASE + DUTY + '[[duty.level]]\nlevel = "village"\ndue = "2020年6月底前"\n',
            "duty[0].level[0].level",
            ("no village may be made to report"
            " (五(七): 任何单位任何部门不得以任何理由要求村级填报扶贫数据)"),
        ),
        (
            BASE + DUTY + OWED + '[[duty.level]]\nlevel = "city"\ndue = "2020年6月底前"\n',
            "duty[0].owed_by",
            "where levels differ, it is said for each level",
        ),
        (
            BASE + DUTY
            + '[[duty.level]]\nlevel = "city"\ndue = "2020年6月底前"\n'
            + '[[duty.level]]\nlevel = "county"\nevery = "每月5日前"\n',
            "duty[0].level",
            "all levels of a duty need the same one of: due, every, within",
        ),
        (
            BASE + DUTY + OWED + 'within = "5日内"\n',
            "duty[0].after",
            "“within” needs the event it is “after”, and only it",
        ),
        (
            BASE + DUTY + OWED + 'within = "5日内"\nafter = "rain"\n',
            "duty[0].after",
            ("there is no “rain”, but: document-received, exposed, fixed, found, "
            "inspection-ended, registered, scheduled, transferred, verified"),
        ),
        (
            BASE + DUTY + OWED + 'phase = "b"\ndue = "2020年6月底前"\n',
            "duty[0].phase",
            "there is no “b”, but: –",
        ),
        (
            BASE + DUTY + OWED + 'during = "2020年3月至5月"\ndue = "2020年6月底前"\n',
            "duty[0].during",
            "only what recurs has a span to recur in",
        ),
        # Classes of issue.
        (
            BASE + f'[[issue_class]]\nid = "g"\nname = "一般"\nwithin = "5日内"\n{CITED}',
            "issue_class[0].after",
            "“within” needs the event it is “after”, and only it",
        ),
        (
            BASE + f'[[issue_class]]\nid = "g"\nname = "一般"\n{CITED}',
            "issue_class[0]",
            "exactly one of these is needed: within, due",
        ),
        # Quotas.
        (
            BASE + f'[[quota]]\nid = "q"\nname = "抽查"\nof = "village"\nby = ["city"]\n{CITED}',
            "quota[0]",
            "a quota needs “at_least” or “at_least_percent”",
        ),
        (
            BASE + f'[[quota]]\nid = "q"\nname = "抽查"\nof = "village"\nat_least = 1\n{CITED}',
            "quota[0].by",
            "somebody must do the checks",
        ),
        (
            BASE + f'[[quota]]\nid = "q"\nname = "抽查"\nof = "village"\nat_least = 1\n{CITED}'
            + 'by = ["village"]\n',
            "quota[0].by[0]",
            ("no village may be made to report"
            " (五(七): 任何单位任何部门不得以任何理由要求村级填报扶贫数据)"),
        ),
        (
            BASE + f'[[quota]]\nid = "q"\nname = "抽查"\nof = "village"\nat_least = 1\n{CITED}'
            + 'by = ["city"]\n[[quota.level]]\nlevel = "county"\nevery = "每季度末"\n',
            "quota[0].by",
            "where levels differ, it is said for each level",
        ),
        (
            BASE + f'[[quota]]\nid = "q"\nname = "抽查"\nof = "village"\nat_least = 1\n{CITED}'
            + 'by = ["city"]\n[[quota.stratum]]\nof = "poor"\n',
            "quota[0].stratum[0]",
            "a quota needs “at_least” or “at_least_percent”",
        ),
        (
            BASE + f'[[quota]]\nid = "q"\nname = "抽查"\nof = "village"\nat_least = 1\n{CITED}'
            + 'by = ["city"]\n[[quota.stratum]]\nof = "key"\nat_least_percent = 20\n',
            "quota[0].stratum",
            "which units are key is not said, in “key_units”",
        ),
        # Inspections.
        (
            BASE + f'[[inspection]]\nid = "i"\nname = "暗访"\nby = "专班"\n{CITED}'
            + '[[inspection.draw]]\nlevel = "county"\ncount = 3\nwords = "县"\n'
            + 'stratum = [{ of = "poor", count = 1 }]\n',
            "inspection[0].draw[0].stratum",
            "the strata hold 1, the draw 3",
        ),
        (
            BASE + f'[[inspection]]\nid = "i"\nname = "暗访"\nby = "专班"\n{CITED}'
            + '[[inspection.draw]]\nlevel = "county"\ncount = 3\nwords = "县"\n'
            + '[[inspection.draw]]\nlevel = "city"\ncount = 3\nwords = "市"\n',
            "inspection[0].draw[1].level",
            "what is drawn must be of a lower level than what it is drawn in",
        ),
        (
            BASE + '[carry_over]\nuntil = "每月5日前"\nclause = "一"\nwords = "每月5日前"\n',
            "carry_over.until",
            ("a due date, such as 2018年4月9日前, is expected;"
            " “每月5日前” is a cadence, such as 每2个月"),
        ),
        # What is not in the shape is refused by name.
        (
            BASE + '[weather]\nrain = true\n',
            "weather",
            "the library knows no key “weather” here; keys: ",
        ),
    ],
)  # fmt: skip
def test_a_problem_is_named(tmp_path: Path, text: str, path: str, problem: str) -> None:
    found = problems(tmp_path, text)
    assert [path] == list(found)
    assert found[path].startswith(problem)


def test_a_duty_for_one_level_is_no_problem_if_the_level_is_broken_elsewhere(
    tmp_path: Path,
) -> None:
    text = BASE + DUTY + '[[duty.level]]\nlevel = "moon"\ndue = "2020年6月底前"\n'
    expected = "“moon” is not one of: province, city, county, township, village, department"
    assert {"duty[0].level[0].level": expected} == problems(tmp_path, text)


def test_a_problem_is_reported_once_though_waves_repeat_it(tmp_path: Path) -> None:
    text = HEAD + "waves = [2020, 2021]\n" + DOCUMENT + SCOPE + DUTY + OWED
    found = problems(tmp_path, text + 'yearly = true\ndue = "每月5日前"\n')
    assert ["duty[0].due"] == list(found)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"id = ", "this is not TOML: Invalid value (at end of document)"),
        (b"id = 1\nid = 2\n", "this is not TOML: Cannot overwrite a value (at line 2, column 7)"),
        (b"a = " + b"[" * 100_000, "this is not TOML: too deep"),
        (b"a = " + b"9" * 10_000, "this is not TOML: "),
        ("甲 = 1\n乙".encode("gb18030"), "the text is not UTF-8, in line 1"),
        (b"# 1\n\xff", "the text is not UTF-8, in line 2"),
        (b".".join([b"a"] * 100_000) + b"=1", "the key in line 1 has too many parts"),
        (b'a=1\n' + b".".join([b'"a"'] * 99) + b"=1", "the key in line 2 has too many parts"),
        (b'a="' + b"." * 99 + b'" # ' + b"." * 99 + b"\nb", "this is not TOML: "),
        (b"\x00", "this is not TOML: "),
        (b"#" * (1024 * 1024 + 1), "the file is larger than 1048576 bytes"),
    ],
)  # fmt: skip
def test_what_is_no_toml_is_refused(tmp_path: Path, data: bytes, problem: str) -> None:
    file = tmp_path / "x.toml"
    file.write_bytes(data)
    with pytest.raises(CampaignError) as caught:
        load_campaign(str(file))
    [(path, found)] = caught.value.problems
    assert not path
    assert found.en.startswith(problem)


def test_a_byte_order_mark_and_windows_line_ends_are_no_matter(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_bytes(b"\xef\xbb\xbf" + BASE.replace("\n", "\r\n").encode())
    assert load(tmp_path, BASE) == load_campaign(file)


def test_a_directory_or_device_is_no_file(tmp_path: Path) -> None:
    for path in (tmp_path, Path("/dev/zero")):
        with pytest.raises(CampaignError, match="this is not a file"):
            load_campaign(path)


def test_a_file_that_can_not_be_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    file = tmp_path / "x.toml"
    file.write_text(BASE, "utf-8")
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(CampaignError, match="the file can't be read: Permission denied"):
        load_campaign(file)


@pytest.mark.parametrize(
    "name", ["hubei-2019", "", "a\0b", "x" * 5000, "none/none.toml", "hubei-2018.toml"]
)
def test_an_unknown_name_is_answered_with_what_there_is(name: str) -> None:
    with pytest.raises(UnknownCampaign, match="hubei-2018") as caught:
        load_campaign(name)
    assert name == caught.value.name


def test_a_name_must_be_text() -> None:
    for name in (b"hubei-2018", 5, None):
        with pytest.raises(InvalidValue, match="a name or path is text"):
            load_campaign(name)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_the_fingerprint_tells_content_not_layout(tmp_path: Path) -> None:
    plain = load(tmp_path, BASE + PHASE)
    lines = BASE.replace('id = "test"\nname = "试验"', 'name = "试验" # x\nid = "test"')
    assert plain.fingerprint == load(tmp_path, lines + "yearly = false" * 0 + PHASE).fingerprint
    explicit = BASE.replace("[document]", "tolerance_seconds = 300\n[document]")
    assert plain.fingerprint == load(tmp_path, explicit + PHASE + "yearly = false\n").fingerprint
    other = load(tmp_path, BASE.replace("试验", "实验") + PHASE)
    assert plain.fingerprint != other.fingerprint
    assert plain != other
    assert re.fullmatch(r"[0-9a-f]{64}", plain.fingerprint)


PARENT = BASE.replace('"test"', '"parent"') + (
    PHASE
    + DUTY + OWED + 'due = "2020年6月底前"\n'
    + f'[[area]]\nid = "a"\nname = "甲"\n{CITED}'
    + f'[[channel]]\nid = "c"\nname = "丙"\n{CITED}'
    + '[rule.area-unknown]\nclause = "一"\nwords = "全市"\n'
    + '[local_areas]\nat_most = 1\nclause = "一"\nwords = "自选"\n'
)  # fmt: skip
CHILD = HEAD + 'parent = "parent.toml"\n'
ALL = 'inherits = ["areas", "channels", "rules", "phases", "duties"]\n'
OWN_AREA = f'[[area]]\nid = "b"\nname = "乙"\n{CITED}'


def test_a_child_inherits_what_it_says_and_adds_its_own(tmp_path: Path) -> None:
    parent = load(tmp_path, PARENT, "parent.toml")
    child = load(tmp_path, CHILD + ALL + DOCUMENT + OWN_AREA + "[rule.area-unknown]\n")
    assert parent == child.parent
    assert {"a", "b"} == child.area_ids
    assert {"c"} == child.channel_ids
    assert (parent.phases, parent.duties) == (child.phases, child.duties)
    assert parent.rules == child.rules
    assert parent.scope == child.scope
    assert () == child.warnings
    bare = load(tmp_path, CHILD + DOCUMENT)
    assert (frozenset(), (), {}) == (bare.area_ids, bare.phases, dict(bare.rules))
    changed = PARENT.replace("领导小组", "工作专班")
    load(tmp_path, changed, "parent.toml")
    assert bare.fingerprint != load(tmp_path, CHILD + DOCUMENT).fingerprint


def test_the_events_of_the_parent_come_with_its_duties(tmp_path: Path) -> None:
    event = f'[[event]]\nid = "rain"\nname = "暴雨"\n{CITED}'
    (tmp_path / "parent.toml").write_text(PARENT + event, "utf-8")
    own = (
        (DUTY + OWED).replace('"d"', '"own"') + 'within = "5日内"\nafter = "rain"\n'
    )  # fmt: skip
    child = load(tmp_path, CHILD + 'inherits = ["duties"]\n' + DOCUMENT + own)
    assert ["rain"] == [each.id for each in child.events]
    assert ["own"] == [each.id for each in child.event_duties]
    found = problems(tmp_path, CHILD + 'inherits = ["duties"]\n' + DOCUMENT + event)
    assert {"event[0].id": "the id “rain” is taken"} == found


@pytest.mark.parametrize(
    ("parent", "child", "path", "problem"),
    [
        (PARENT, ALL + DOCUMENT + OWN_AREA + OWN_AREA.replace('"b"', '"c"'), "area",
         "campaign parent has 0 to 1 areas chosen locally, not 2"),
        (PARENT.partition("[local_areas]")[0], ALL + DOCUMENT + OWN_AREA, "area",
         "campaign parent leaves no area to be chosen locally"),
        (PARENT, ALL + DOCUMENT + OWN_AREA.replace('"b"', '"a"'), "area[0].id",
         "the id “a” is taken"),
        (PARENT, ALL + DOCUMENT + PHASE, "phase[0].id", "the id “a” is taken"),
        (PARENT, ALL + DOCUMENT + DUTY + OWED + 'due = "2020年6月底前"\n', "duty[0].id",
         "the id “d” is taken"),
        (PARENT, ALL + DOCUMENT + f'[[channel]]\nid = "c"\nname = "丙"\n{CITED}', "channel[0].id",
         "the id “c” is taken"),
        (PARENT, ALL + DOCUMENT + "[rule.area-unknown]\nenabled = false\n",
         "rule.area-unknown.enabled", "the rule rests on clause 一 and can't be switched off"),
        ("id = 1", DOCUMENT, "parent", "the campaign above does not load: campaign "),
        (CHILD.replace("parent.toml", "campaign.toml") + DOCUMENT, DOCUMENT, "parent",
         "the campaign above does not load: campaign "),
    ],
)  # fmt: skip
def test_what_a_child_may_not_do_is_named(
    tmp_path: Path, parent: str, child: str, path: str, problem: str
) -> None:
    (tmp_path / "parent.toml").write_text(parent, "utf-8")
    found = problems(tmp_path, CHILD + child)
    assert [path] == list(found)
    assert found[path].startswith(problem)


@pytest.mark.parametrize("parent", ["nobody.toml", "hubei-2019", "a\\u0000b"])
def test_a_parent_that_is_not_there_is_named(tmp_path: Path, parent: str) -> None:
    found = problems(tmp_path, HEAD + f'parent = "{parent}"\n' + DOCUMENT)
    assert "parent" in found


def test_a_campaign_may_hang_below_a_shipped_one(tmp_path: Path) -> None:
    child = load(tmp_path, HEAD + 'parent = "hubei-2018"\ninherits = ["channels"]\n' + DOCUMENT)
    assert load_campaign("hubei-2018").channel_ids == child.channel_ids


def test_campaigns_above_one_another_have_a_bound(tmp_path: Path) -> None:
    for number in range(ancestors_max + 2):
        text = HEAD + f'parent = "{number + 1}.toml"\n' + DOCUMENT
        (tmp_path / f"{number}.toml").write_text(text, "utf-8")
    with pytest.raises(CampaignError, match="go in a circle or too deep"):
        load_campaign(tmp_path / "0.toml")


def test_a_path_may_be_of_any_kind(tmp_path: Path) -> None:
    load(tmp_path, BASE)
    file = tmp_path / "campaign.toml"
    assert load_campaign(os.fspath(file)) == load_campaign(file)
    assert isinstance(UnknownCampaign("x", ()), RectifyError)


def test_a_cadence_that_never_comes_round_is_warned_of(tmp_path: Path) -> None:
    """每年12月20日前 in two months of spring is owed by nobody, and does not load in silence."""
    cited = 'clause = "一"\nwords = "2020年3月至5月,每年12月20日前,每月5日前"\n'
    duty = f'[[duty]]\nid = "{{}}"\nname = "丁"\n{cited}during = "2020年3月至5月"\nevery = "{{}}"\n'
    text = (
        BASE + duty.format("never", "每年12月20日前") + OWED + duty.format("monthly", "每月5日前")
    )
    campaign = load(tmp_path, text + OWED)
    assert [("never-due", "duty[0]")] == [(each.code, each.path) for each in campaign.warnings]
    assert campaign.warnings[0].message.zh == (
        "“丁”无从到期：县级的“每年12月20日前”在2020年3月1日至2020年5月31日期间一期也没有"
    )


@pytest.mark.parametrize("year", ['"2021"', "1066"])
def test_a_year_that_is_none_is_one_problem_at_its_own_place(tmp_path: Path, year: str) -> None:
    text = BASE + DUTY + OWED + f'due = "10月底前"\nyear = {year}\n'
    assert ["duty[0].year"] == list(problems(tmp_path, text))


def test_a_year_that_the_words_contradict_is_warned_of(tmp_path: Path) -> None:
    text = BASE + DUTY + OWED + 'due = "2020年6月底前"\nyear = 2021\n'
    assert "other-year" in [each.code for each in load(tmp_path, text).warnings]


def test_a_day_of_the_document_that_does_not_exist_is_not_said_to_be_moved(tmp_path: Path) -> None:
    text = BASE.replace("2020年1月1日", "2020年2月30日")
    assert "there is no “2020年2月30日”" in problems(tmp_path, text)["document.issued"]
    assert "taken" not in problems(tmp_path, text)["document.issued"]
