"""Whatever a campaign file holds, it loads or is refused with a message: never a traceback."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rectify.campaign import load_campaign
from rectify.errors import CampaignError

ROOT = Path(__file__).parents[1]
LINES = (ROOT / "examples/campaigns/land-use.toml").read_text("utf-8").splitlines()
VALUES = [
    *("1", "-1", "true", "1.5", "nan", "2018-01-01", '""', '"x"', "[]", "[1]", "{}", "{ a = 1 }"),
    *('"每月"', '"2018年13月"', '"每2个月"', '"一周内"', '"9999年底前"', '"次年"', '"2小时内"'),
    *('"village"', '["village"]', '"\\u0000"', '"2018年9月31日前"', "9" * 30),
]
KEYS = ["year", "yearly", "roll", "when", "until", "due", "every", "within", "after", "phase", "x"]
added = st.builds("{} = {}".format, st.sampled_from(KEYS), st.sampled_from(VALUES))
lines = st.integers(0, len(LINES) - 1)
edits = st.one_of(
    st.tuples(st.just("set"), lines, st.sampled_from(VALUES)),
    st.tuples(st.just("add"), lines, added),
    st.tuples(st.just("drop"), lines, st.just("")),
    st.tuples(st.just("twice"), lines, st.just("")),
)  # fmt: skip


def edited(changes: list[tuple[str, int, str]]) -> str:
    text = list(LINES)
    for kind, at, value in changes:
        key, equals, _ = text[at].partition(" = ")
        if kind == "set" and equals:
            text[at] = f"{key} = {value}"
        elif kind == "add":
            text[at] += f"\n{value}"
        elif kind == "drop":
            text[at] = ""
        elif kind == "twice":
            text[at] += f"\n{text[at]}"
    return "\n".join(text)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(changes=st.lists(edits, min_size=1, max_size=4))
def test_an_edited_file_loads_or_says_why_not(
    tmp_path: Path, changes: list[tuple[str, int, str]]
) -> None:
    file = tmp_path / "campaign.toml"
    file.write_text(edited(changes), "utf-8")
    refused: CampaignError | None = None
    try:
        load_campaign(file)
    except CampaignError as error:
        refused = error
    if refused is not None:
        assert refused.problems
        assert all(problem.zh and problem.en for _, problem in refused.problems)
