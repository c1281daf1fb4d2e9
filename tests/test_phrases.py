"""Official wording is read as the conventions say, or refused with a position."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest

from rectify.errors import HorizonError, InvalidValue, NaiveInstant, PhraseError
from rectify.phrases import Due, Phrase, Recurrence, Span, Within, parse, parse_due, parse_span

SHANGHAI = ZoneInfo("Asia/Shanghai")
T = TypeVar("T")


def the(kind: type[T], phrase: Phrase) -> T:
    assert isinstance(phrase, kind)
    return phrase


def codes(phrase: Phrase) -> str:
    return " ".join(note.code for note in phrase.notes)


# Words, the year given (0 for none), first and last day, note codes.
SPANS = [
    ("2017年12月初至2018年4月上旬", 0, "2017-12-01", "2018-04-10", ""),
    ("2018年4月中旬至10月中旬", 0, "2018-04-11", "2018-10-20", ""),
    ("2018年10月下旬至12月下旬", 0, "2018-10-21", "2018-12-31", ""),
    ("2018年4月11日至10月20日", 0, "2018-04-11", "2018-10-20", ""),
    ("2018年4月11日—2018年10月20日", 0, "2018-04-11", "2018-10-20", ""),
    ("2018年4月11日-10月20日", 0, "2018-04-11", "2018-10-20", ""),
    ("2018年4月11日~20日", 0, "2018-04-11", "2018-04-20", ""),
    ("2018年4月11日～20日", 0, "2018-04-11", "2018-04-20", ""),
    ("2018年4月11日到5月1日", 0, "2018-04-11", "2018-05-01", ""),
    ("2018年4月11日——5月1日", 0, "2018-04-11", "2018-05-01", ""),
    ("4月11日至5月1日", 2018, "2018-04-11", "2018-05-01", ""),
    ("4月11日至2018年5月1日", 0, "2018-04-11", "2018-05-01", ""),
    ("4月11日至2018年5月1日", 2017, "2017-04-11", "2018-05-01", ""),
    ("11日至2018年4月20日", 0, "2018-04-11", "2018-04-20", ""),
    ("上旬至4月20日", 2018, "2018-04-01", "2018-04-20", ""),
    ("4月上旬至中旬", 2018, "2018-04-01", "2018-04-20", ""),
    ("4月中旬至25日", 2018, "2018-04-11", "2018-04-25", ""),
    ("4月9-20日", 2018, "2018-04-09", "2018-04-20", ""),
    ("2018年4月9至20日", 0, "2018-04-09", "2018-04-20", ""),
    ("1—3月", 2018, "2018-01-01", "2018-03-31", ""),
    ("2018年1至3月", 0, "2018-01-01", "2018-03-31", ""),
    ("2018年1月至3月", 0, "2018-01-01", "2018-03-31", ""),
    ("2017-2018年", 0, "2017-01-01", "2018-12-31", ""),
    ("2017年至2018年", 0, "2017-01-01", "2018-12-31", ""),
    ("2018年一至三季度", 0, "2018-01-01", "2018-09-30", ""),
    ("2018年第一至第三季度", 0, "2018-01-01", "2018-09-30", ""),
    ("第二季度至第四季度", 2018, "2018-04-01", "2018-12-31", ""),
    ("自2018年4月1日起至10月20日止", 0, "2018-04-01", "2018-10-20", ""),
    ("从2018年4月至10月", 0, "2018-04-01", "2018-10-31", ""),
    ("2018年4月至10月期间", 0, "2018-04-01", "2018-10-31", ""),
    ("2018年11月至次年2月", 0, "2018-11-01", "2019-02-28", ""),
    ("11月至次年2月", 2019, "2019-11-01", "2020-02-29", ""),
    ("2018年4月至年底", 0, "2018-04-01", "2018-12-31", ""),
    ("2018年初至2018年底", 0, "2018-01-01", "2018-12-31", ""),
    ("2018年4月至10月底前", 0, "2018-04-01", "2018-10-31", "ambiguous"),
    ("2018年4月底至6月初", 0, "2018-04-30", "2018-06-01", "ambiguous ambiguous"),
    ("2018年4月1日至6月31日", 0, "2018-04-01", "2018-06-30", "no-such-day"),
    ("2018年5月中下旬", 0, "2018-05-11", "2018-05-31", "ambiguous"),
    ("2018年5月上中旬", 0, "2018-05-01", "2018-05-20", "ambiguous"),
    ("2018年5月上半月", 0, "2018-05-01", "2018-05-15", ""),
    ("2018年2月下半月", 0, "2018-02-16", "2018-02-28", ""),
    ("2018年5月中", 0, "2018-05-15", "2018-05-15", "ambiguous"),
    ("2018年", 0, "2018-01-01", "2018-12-31", ""),
    ("2018年度", 0, "2018-01-01", "2018-12-31", ""),
    ("2018年上半年", 0, "2018-01-01", "2018-06-30", ""),
    ("下半年", 2018, "2018-07-01", "2018-12-31", ""),
    ("2018年第三季度", 0, "2018-07-01", "2018-09-30", ""),
    ("2018年4月", 0, "2018-04-01", "2018-04-30", ""),
    ("2018年4月份", 0, "2018-04-01", "2018-04-30", ""),
    ("2020年2月", 0, "2020-02-01", "2020-02-29", ""),
    ("2018年2月下旬", 0, "2018-02-21", "2018-02-28", ""),
    ("2018年4月9日", 0, "2018-04-09", "2018-04-09", ""),
    ("2018年4月期间", 0, "2018-04-01", "2018-04-30", ""),
    ("二〇一八年四月上旬", 0, "2018-04-01", "2018-04-10", ""),
    ("二○一八年十一月", 0, "2018-11-01", "2018-11-30", ""),
    ("2018-04-01至2018-10-20", 0, "2018-04-01", "2018-10-20", ""),
    ("2018.4.1-2018.10.20", 0, "2018-04-01", "2018-10-20", ""),
    ("2018/4/1—2018/10/20", 0, "2018-04-01", "2018-10-20", ""),
    ("今年4月至6月", 2018, "2018-04-01", "2018-06-30", ""),
    ("2018年 4月 1日 至 10月 20日", 0, "2018-04-01", "2018-10-20", ""),
    ("２０１８年４月１日至１０月２０日", 0, "2018-04-01", "2018-10-20", ""),
]


@pytest.mark.parametrize(("words", "year", "opens", "closes", "notes"), SPANS)
def test_a_span_is_read(words: str, year: int, opens: str, closes: str, notes: str) -> None:
    span = the(Span, parse(words, year=year or None))
    assert (opens, closes) == (str(span.opens), str(span.closes))
    assert notes == codes(span)
    assert words == span.words


# Words, the year given, nominal day, the instant it ends, note codes.
DUES = [
    ("2018年4月9日前", 0, "2018-04-09", "2018-04-10T00:00", ""),
    ("2018年4月9日之前", 0, "2018-04-09", "2018-04-10T00:00", ""),
    ("2018年4月9日以前", 0, "2018-04-09", "2018-04-10T00:00", ""),
    ("于2018年4月9日前", 0, "2018-04-09", "2018-04-10T00:00", ""),
    ("请于2018年4月9日前", 0, "2018-04-09", "2018-04-10T00:00", ""),
    ("在2019年底之前", 0, "2019-12-31", "2020-01-01T00:00", ""),
    ("2019年底之前", 0, "2019-12-31", "2020-01-01T00:00", ""),
    ("2019年年底前", 0, "2019-12-31", "2020-01-01T00:00", ""),
    ("2019年末前", 0, "2019-12-31", "2020-01-01T00:00", ""),
    ("年底前", 2019, "2019-12-31", "2020-01-01T00:00", ""),
    ("今年年底前", 2019, "2019-12-31", "2020-01-01T00:00", ""),
    ("明年6月底前", 2018, "2019-06-30", "2019-07-01T00:00", "weekend"),
    ("去年12月底前", 2020, "2019-12-31", "2020-01-01T00:00", ""),
    ("2018年9月31日前", 0, "None", "2018-10-01T00:00", "no-such-day make-up-day"),
    ("2019年2月29日前", 0, "None", "2019-03-01T00:00", "no-such-day"),
    ("2020年2月29日前", 0, "2020-02-29", "2020-03-01T00:00", "weekend"),
    ("2018年12月15日前", 0, "2018-12-15", "2018-12-16T00:00", "weekend"),
    ("2017年12月31日前", 0, "2017-12-31", "2018-01-01T00:00", "weekend"),
    ("2018年10月1日前", 0, "2018-10-01", "2018-10-02T00:00", "holiday"),
    ("6月25日前", 2009, "2009-06-25", "2009-06-26T00:00", ""),
    ("６月２５日前", 2009, "2009-06-25", "2009-06-26T00:00", ""),
    (" 6 月 25 日 前 ", 2009, "2009-06-25", "2009-06-26T00:00", ""),
    ("六月二十五日前", 2009, "2009-06-25", "2009-06-26T00:00", ""),
    ("二〇〇九年六月二十五日前", 0, "2009-06-25", "2009-06-26T00:00", ""),
    ("4月9号前", 2018, "2018-04-09", "2018-04-10T00:00", ""),
    ("04月09日前", 2018, "2018-04-09", "2018-04-10T00:00", ""),
    ("2018.4.9前", 0, "2018-04-09", "2018-04-10T00:00", ""),
    ("2018-04-09前", 0, "2018-04-09", "2018-04-10T00:00", ""),
    ("2018/4/9前", 0, "2018-04-09", "2018-04-10T00:00", ""),
    ("12月底前", 2018, "2018-12-31", "2019-01-01T00:00", "holiday"),
    ("4月月底前", 2019, "2019-04-30", "2019-05-01T00:00", ""),
    ("4月末前", 2019, "2019-04-30", "2019-05-01T00:00", ""),
    ("2018年4月上旬前", 0, "2018-04-10", "2018-04-11T00:00", "ambiguous"),
    ("2018年5月前", 0, "2018-05-31", "2018-06-01T00:00", "ambiguous"),
    ("2019年前", 0, "2019-12-31", "2020-01-01T00:00", "ambiguous"),
    ("2018年第二季度前", 0, "2018-06-30", "2018-07-01T00:00", "ambiguous weekend"),
    ("2018年第二季度末前", 0, "2018-06-30", "2018-07-01T00:00", "weekend"),
    ("2018年二季度季末前", 0, "2018-06-30", "2018-07-01T00:00", "weekend"),
    ("2018年上半年底前", 0, "2018-06-30", "2018-07-01T00:00", "weekend"),
    ("2018年5月初前", 0, "2018-05-01", "2018-05-02T00:00", "ambiguous holiday"),
    ("2018年6月中前", 0, "2018-06-15", "2018-06-16T00:00", "ambiguous"),
    ("2018年年中前", 0, "2018-06-30", "2018-07-01T00:00", "ambiguous weekend"),
    ("截至2018年4月9日", 0, "2018-04-09", "2018-04-10T00:00", ""),
    ("截止到2018年4月9日", 0, "2018-04-09", "2018-04-10T00:00", ""),
    ("截至2018年3月", 0, "2018-03-31", "2018-04-01T00:00", "weekend"),
    ("2018年4月9日止", 0, "2018-04-09", "2018-04-10T00:00", ""),
    ("2018年4月9日为止", 0, "2018-04-09", "2018-04-10T00:00", ""),
    ("2018年5月内", 0, "2018-05-31", "2018-06-01T00:00", ""),
    ("5月内", 2018, "2018-05-31", "2018-06-01T00:00", "ambiguous"),
    ("2019年内", 0, "2019-12-31", "2020-01-01T00:00", ""),
    ("2018年一季度内", 0, "2018-03-31", "2018-04-01T00:00", "weekend"),
    ("最迟2018年4月9日前", 0, "2018-04-09", "2018-04-10T00:00", ""),
    ("2018年4月10日左右", 0, "2018-04-10", "2018-04-11T00:00", "advisory"),
    ("2018年4月10日前后", 0, "2018-04-10", "2018-04-11T00:00", "advisory"),
    ("原则上于2018年4月10日前", 0, "2018-04-10", "2018-04-11T00:00", "advisory"),
    ("2018年4月9日17时前", 0, "2018-04-09", "2018-04-09T17:00", ""),
    ("4月9日17:30前", 2018, "2018-04-09", "2018-04-09T17:30", ""),
    ("4月9日17：30前", 2018, "2018-04-09", "2018-04-09T17:30", ""),
    ("4月9日17时30分前", 2018, "2018-04-09", "2018-04-09T17:30", ""),
    ("4月9日下午5点前", 2018, "2018-04-09", "2018-04-09T17:00", ""),
    ("4月9日下午5点半前", 2018, "2018-04-09", "2018-04-09T17:30", ""),
    ("4月9日下午17时整前", 2018, "2018-04-09", "2018-04-09T17:00", ""),
    ("4月9日上午9时前", 2018, "2018-04-09", "2018-04-09T09:00", ""),
    ("4月9日中午12点前", 2018, "2018-04-09", "2018-04-09T12:00", ""),
    ("4月9日中午1点前", 2018, "2018-04-09", "2018-04-09T13:00", ""),
    ("4月9日晚上8点前", 2018, "2018-04-09", "2018-04-09T20:00", ""),
    ("4月9日晚12点前", 2018, "2018-04-09", "2018-04-10T00:00", ""),
    ("4月9日凌晨2点前", 2018, "2018-04-09", "2018-04-09T02:00", ""),
    ("4月9日5点前", 2018, "2018-04-09", "2018-04-09T05:00", "ambiguous"),
    ("4月9日24时前", 2018, "2018-04-09", "2018-04-10T00:00", ""),
    ("4月10日0时前", 2018, "2018-04-10", "2018-04-10T00:00", ""),
    ("截至4月9日17时", 2018, "2018-04-09", "2018-04-09T17:00", ""),
    ("4月底17时前", 2019, "2019-04-30", "2019-04-30T17:00", ""),
    ("自2018年4月9日起10日内", 0, "2018-04-19", "2018-04-20T00:00", ""),
    ("2018年4月9日后5个工作日内", 0, "2018-04-16", "2018-04-17T00:00", ""),
    ("4月9日之日起一个月内", 2018, "2018-05-09", "2018-05-10T00:00", ""),
    ("2027年3月1日前", 0, "2027-03-01", "2027-03-02T00:00", "beyond-calendar"),
    ("2026年12月30日前", 0, "2026-12-30", "2026-12-31T00:00", "provisional"),
    ("1949年10月1日前", 0, "1949-10-01", "1949-10-02T00:00", "beyond-calendar"),
    ("2199年12月31日前", 0, "2199-12-31", "2200-01-01T00:00", "beyond-calendar"),
]


@pytest.mark.parametrize(("words", "year", "nominal", "ends", "notes"), DUES)
def test_a_due_date_is_read(words: str, year: int, nominal: str, ends: str, notes: str) -> None:
    due = the(Due, parse(words, year=year or None))
    assert (nominal, ends) == (str(due.nominal), due.ends_at.isoformat()[:16])
    assert due.ends_at.tzinfo == SHANGHAI
    assert notes == codes(due)
    assert words == due.words


# Words, the event, the last day in time.
RELATIVE = [
    ("30个工作日内", "2018-09-10", "2018-10-26"),
    ("十五个工作日内", "2018-09-10", "2018-09-30"),
    ("5个工作日以内", "2018-09-28", "2018-10-10"),
    ("1个工作日内", "2018-09-28", "2018-09-29"),
    ("3工作日内", "2018-04-09", "2018-04-12"),
    ("一周内", "2018-06-08", "2018-06-15"),
    ("1周之内", "2018-06-08", "2018-06-15"),
    ("两周内", "2018-06-08", "2018-06-22"),
    ("1个星期内", "2018-06-08", "2018-06-15"),
    ("两个星期左右", "2018-06-08", "2018-06-22"),
    ("15日内", "2018-06-08", "2018-06-23"),
    ("十五日内", "2018-06-08", "2018-06-23"),
    ("15天内", "2018-06-08", "2018-06-23"),
    ("10个自然日内", "2018-06-08", "2018-06-18"),
    ("三十天", "2018-06-08", "2018-07-08"),
    ("一百二十天内", "2018-01-01", "2018-05-01"),
    ("1个月内", "2018-01-31", "2018-02-28"),
    ("一个月内", "2018-02-28", "2018-03-28"),
    ("两个月内", "2018-12-31", "2019-02-28"),
    ("两月内", "2018-06-08", "2018-08-08"),
    ("半年内", "2018-08-31", "2019-02-28"),
    ("半个月内", "2018-06-08", "2018-06-23"),
    ("一个半月内", "2018-06-08", "2018-07-23"),
    ("一年内", "2020-02-29", "2021-02-28"),
    ("1年半内", "2018-06-08", "2019-12-08"),
    ("1年6个月内", "2018-06-08", "2019-12-08"),
    ("十年内", "2018-06-08", "2028-06-08"),
    ("一个季度内", "2018-06-08", "2018-09-08"),
    ("两季度内", "2018-06-08", "2018-12-08"),
    ("3旬内", "2018-06-08", "2018-07-08"),
    ("约1个月", "2018-06-08", "2018-07-08"),
    ("时间为1个星期左右", "2018-06-08", "2018-06-15"),
    ("自收到通知之日起30个工作日内", "2018-09-10", "2018-10-26"),
    ("每次明查暗访后一周内", "2018-06-08", "2018-06-15"),
    ("收到鄂扶组发〔2017〕33号后10日内", "2018-06-08", "2018-06-18"),
    ("2次检查后3日内", "2018-06-08", "2018-06-11"),
    ("收到反馈后原则上10日内", "2018-06-08", "2018-06-18"),
    ("当日", "2018-06-08", "2018-06-08"),
    ("当天内", "2018-06-08", "2018-06-08"),
    ("次日前", "2018-06-08", "2018-06-09"),
]


@pytest.mark.parametrize(("words", "event", "last"), RELATIVE)
def test_a_period_runs_from_the_day_after_its_event(words: str, event: str, last: str) -> None:
    within = the(Within, parse(words))
    due = within.after(date.fromisoformat(event))
    assert (last, words) == (str(due.effective), due.words)
    assert due == parse(words, event=date.fromisoformat(event))


# Words, a noon in Shanghai as the event, the instant it ends.
TIMED = [
    ("24小时内", "2018-06-09T12:00"),
    ("48个小时内", "2018-06-10T12:00"),
    ("12小时内", "2018-06-09T00:00"),
    ("17时前", "2018-06-08T17:00"),
    ("下午5点前", "2018-06-08T17:00"),
    ("5点钟前", "2018-06-08T05:00"),
    ("24时前", "2018-06-09T00:00"),
    ("当日17时前", "2018-06-08T17:00"),
    ("次日12时前", "2018-06-09T12:00"),
    ("3日内", "2018-06-12T00:00"),
]


@pytest.mark.parametrize(("words", "ends"), TIMED)
def test_an_hour_or_hours_run_from_the_instant_of_the_event(words: str, ends: str) -> None:
    noon = datetime(2018, 6, 8, 4, tzinfo=UTC)
    assert ends == the(Due, parse(words, event=noon)).ends_at.isoformat()[:16]


HALF_MONTHS = (
    "04-15* 04-30 05-15 05-31 06-15 06-30 07-15 07-31 08-15 08-31 09-15 09-30 10-15 10-20*"
)
THIRDS = (
    "04-20 04-30 05-10 05-20 05-31 06-10 06-20 06-30 07-10 07-20 07-31 08-10 08-20 08-31"
    " 09-10 09-20 09-30 10-10 10-20"
)
EACH_DAY = " ".join(f"04-{day}" for day in range(11, 27))

# Words, over 2018-04-11 to 2018-10-20: due days, stubs marked with an asterisk.
RECURRING = [
    ("每2个月", "06-10 08-10 10-10 10-20*"),
    ("每两个月", "06-10 08-10 10-10 10-20*"),
    ("每2个月开展1次明察暗访", "06-10 08-10 10-10 10-20*"),
    ("每2个月1次", "06-10 08-10 10-10 10-20*"),
    ("每3个月至少1次", "07-10 10-10 10-20*"),
    ("每月", "04-30* 05-31 06-30 07-31 08-31 09-30 10-20*"),
    ("每个月", "04-30* 05-31 06-30 07-31 08-31 09-30 10-20*"),
    ("按月", "04-30* 05-31 06-30 07-31 08-31 09-30 10-20*"),
    ("每季度", "06-30* 09-30 10-20*"),
    ("每半年", "06-30* 10-20*"),
    ("每年", "10-20*"),
    ("每月5日前", "05-05 06-05 07-05 08-05 09-05 10-05*"),
    ("每月31日前", "04-30* 05-31 06-30 07-31 08-31 09-30"),
    ("每月底前", "04-30* 05-31 06-30 07-31 08-31 09-30"),
    ("每月月底前", "04-30* 05-31 06-30 07-31 08-31 09-30"),
    ("每月上旬", "05-10 06-10 07-10 08-10 09-10 10-10*"),
    ("每月初", "05-01 06-01 07-01 08-01 09-01 10-01*"),
    ("每季度末", "06-30* 09-30"),
    ("每季度末前", "06-30* 09-30"),
    ("每季度初", "07-01 10-01*"),
    ("每季度末月25日前", "06-25* 09-25"),
    ("每季度最后一个月25日前", "06-25* 09-25"),
    ("每季度首月10日前", "07-10 10-10*"),
    ("每季度第2个月底前", "05-31* 08-31"),
    ("每季度次月10日前", "07-10* 10-10"),
    ("每季度结束后10日内", "07-10* 10-10"),
    ("每季度后10日内", "07-10* 10-10"),
    ("每月终了后5个工作日内", "05-08* 06-07 07-06 08-07 09-07 10-12"),
    ("每半年底前", "06-30*"),
    ("每年6月底前", "06-30*"),
    ("每年6月25日前", "06-25*"),
    ("每年第二季度", "06-30*"),
    ("每年上半年", "06-30*"),
    ("每年年中", "06-30*"),
    ("每年6月前", "06-30*"),
    ("每年12月底前", ""),
    ("每年底前", ""),
    ("每年第9个月", "09-30*"),
    ("每半月", HALF_MONTHS),
    ("每半个月", HALF_MONTHS),
    ("每旬", THIRDS),
    ("每60天", "06-09 08-08 10-07 10-20*"),
    ("每10周", "06-19 08-28 10-20*"),
    ("每2年", "10-20*"),
]


@pytest.mark.parametrize(("words", "expected"), RECURRING)
def test_a_recurrence_expands_over_a_span(words: str, expected: str) -> None:
    windows = the(Recurrence, parse(words)).windows(parse_span("2018年4月11日至10月20日"))
    found = [f"{each.due.falls_on:%m-%d}{'*' * each.stub}" for each in windows]
    assert expected.split() == found
    assert list(range(1, len(windows) + 1)) == [each.number for each in windows]


WEEKS = [
    ("每周", "04-15* 04-22 04-26*"),
    ("每周五前", "04-13* 04-20"),
    ("每星期五", "04-13* 04-20"),
    ("每周日前", "04-15* 04-22"),
    ("每星期天", "04-15* 04-22"),
    ("每日17时前", EACH_DAY),
]


@pytest.mark.parametrize(("words", "expected"), WEEKS)
def test_weeks_begin_on_monday(words: str, expected: str) -> None:
    windows = the(Recurrence, parse(words)).windows(parse_span("2018年4月11日至26日"))
    assert expected.split() == [f"{each.due.falls_on:%m-%d}{'*' * each.stub}" for each in windows]


# Words, the position counted from 0, a piece of the English problem.
UNREADABLE = [
    ("", 0, "breaks off"),
    ("   ", 3, "breaks off"),
    ("前", 0, "not expected"),
    ("尽快", 0, "not expected"),
    ("2018年4月9日前报送", 10, "“报送” is not expected"),
    ("6月25日前", 0, "no year"),
    ("年底前", 0, "no year"),
    ("今年底前", 0, "the year that “今年” means"),
    ("25日前", 0, "no month"),
    ("上旬前", 0, "no month"),
    ("2018年上旬前", 5, "“上旬” needs a month"),
    ("2018年第二季度中前", 9, "“中” needs a month"),
    ("月底前", 0, "say which “月”"),
    ("季末前", 0, "say which “季”"),
    ("18年4月9日前", 0, "four digits"),
    ("98年底前", 0, "four digits"),
    ("18年内", 0, "four digits"),
    ("17-18年", 0, "four digits"),
    ("1948年4月前", 0, "1949 to 2199"),
    ("2200年4月前", 0, "1949 to 2199"),
    ("2200-01-01前", 0, "1949 to 2199"),
    ("2018-13-01前", 0, "1 to 12"),
    ("2018-12-32前", 0, "1 to 31"),
    ("2018年0月", 5, "1 to 12"),
    ("2018年13月", 5, "1 to 12"),
    ("2018年4月0日前", 7, "1 to 31"),
    ("2018年4月32日前", 7, "1 to 31"),
    ("2018年第五季度", 6, "1 to 4"),
    ("2018年第二月", 5, "“第” is not expected"),
    ("2018年10月至4月", 9, "ends before it begins"),
    ("2018年4月20日至9日", 11, "ends before it begins"),
    ("2018年4月至5日", 8, "no month"),
    ("2018年4月1日起", 9, "no end"),
    ("2018年4月至", 8, "breaks off"),
    ("2018年4月至今", 8, "not expected"),
    ("2018年4月9日内", 9, "does not go with a single day"),
    ("2018年4月17时前", 7, "an hour needs a day"),
    ("2018年4月9日17时", 12, "an hour needs 前"),
    ("2018年4月9日25时前", 9, "0 to 24"),
    ("2018年4月9日24时30分前", 9, "0 to 0"),
    ("2018年4月9日17:75前", 9, "0 to 59"),
    ("2018年4月9日上午13时前", 9, "there is no 13 o’clock 上午"),
    ("2018年4月9日下午前", 11, "not expected"),
    ("2018年4月9日下班前", 9, "not expected"),
    ("0个工作日内", 0, "longer than nothing"),
    ("零日内", 0, "longer than nothing"),
    ("-3日内", 0, "not expected"),
    ("30个工作日前", 6, "before something"),
    ("三天前", 2, "before something"),
    ("2十天内", 1, "side by side"),
    ("十2天内", 1, "side by side"),
    ("2 0天内", 0, "a space within"),
    ("三五天内", 0, "“三五” is not one number"),
    ("十十天内", 0, "“十十” is not one number"),
    ("一百零零五天内", 0, "is not one number"),
    ("百天内", 0, "is not one number"),
    ("二十零天内", 0, "is not one number"),
    ("十百天内", 0, "is not one number"),
    ("1234567日内", 0, "number this long"),
    ("999999天内", 0, "period this long"),
    ("3个日内", 2, "not expected"),
    ("3个内", 2, "not expected"),
    ("半天内", 1, "not expected"),
    ("一个半星期内", 3, "half a 星期"),
    ("3至5个工作日内", 0, "not expected"),
    ("2018年4月起3个月内", 0, "one day to count from"),
    ("2018年2月30日起3日内", 0, "one day to count from"),
    ("2018年4月9日前起3日内", 9, "not expected"),
    ("收到之日起3次内", 5, "not expected"),
    ("每", 1, "breaks off"),
    ("每0个月", 1, "1 to 1200"),
    ("每个工作日", 2, "not expected"),
    ("每半天", 2, "not expected"),
    ("每2旬", 2, "only every single 旬"),
    ("每2个月5日前", 4, "several of a kind"),
    ("每月2次", 2, "only once"),
    ("每月17时前", 2, "an hour needs a day"),
    ("每周6月", 3, "not expected"),
    ("每周内1", 3, "not expected"),
    ("每周月", 2, "not expected"),
    ("每日5日", 2, "not expected"),
    ("每年2018年4月", 2, "a year does not go"),
    ("每年5日前", 2, "no month"),
    ("每月结束前", 4, "not expected"),
    ("每月结束后尽快", 5, "not expected"),
    ("每月结束后24小时内", 5, "hours run from an instant"),
    ("每季度第4个月", 4, "1 to 3"),
    ("每季度第个月", 3, "not expected"),
    ("每季度第月个月", 4, "not expected"),
    ("每季度5日前", 3, "not expected"),
    ("每月第二季度", 2, "not expected"),
    ("每月至少一回", 4, "not expected"),
]


@pytest.mark.parametrize(("words", "position", "problem"), UNREADABLE)
def test_what_cant_be_read_is_refused_with_its_position(
    words: str, position: int, problem: str
) -> None:
    with pytest.raises(PhraseError, match=problem) as caught:
        parse(words)
    assert (position, words) == (caught.value.position, caught.value.words)


def test_the_table_holds_enough_phrases() -> None:
    tables = (SPANS, DUES, RELATIVE, TIMED, RECURRING, WEEKS, UNREADABLE)
    assert sum(map(len, tables)) >= 150


def test_a_word_may_leave_out_the_day_it_follows_where_that_is_how_it_is_read() -> None:
    due = the(Due, parse("2018年4月9日前", include_named_day=False))
    assert date(2018, 4, 9) == due.nominal
    assert date(2018, 4, 8) == due.effective
    assert not due.inclusive
    month = the(Due, parse("2018年9月31日前", include_named_day=False))
    assert date(2018, 9, 30) == month.effective
    end = the(Due, parse("2018年9月底前", include_named_day=False))
    assert date(2018, 9, 30) == end.effective


def test_a_recurring_word_may_leave_out_its_day_too() -> None:
    monthly = the(Recurrence, parse("每月5日前", include_named_day=False))
    first = monthly.windows(parse_span("2018年5月"))[0]
    assert date(2018, 5, 4) == first.due.effective
    assert date(2018, 5, 5) == first.due.nominal
    timed = the(Recurrence, parse("每月5日17时前", include_named_day=False))
    assert date(2018, 5, 5) == timed.windows(parse_span("2018年5月"))[0].due.effective
    weekly = the(Recurrence, parse("每周五前", include_named_day=False))
    assert date(2018, 5, 3) == weekly.windows(parse_span("2018年5月"))[0].due.effective
    ends = the(Recurrence, parse("每月底前", include_named_day=False))
    assert date(2018, 5, 31) == ends.windows(parse_span("2018年5月"))[0].due.effective


def test_a_due_date_rolls_only_where_it_is_told_to() -> None:
    assert date(2018, 12, 15) == parse_due("2018年12月15日前").effective
    assert date(2018, 12, 17) == parse_due("2018年12月15日前", roll="forward").effective
    assert date(2018, 12, 14) == parse_due("2018年12月15日前", roll="backward").effective
    assert date(2018, 12, 15) == parse_due("2018年12月15日前", roll="forward").nominal


def test_an_unknown_zone_or_roll_is_refused() -> None:
    with pytest.raises(InvalidValue, match="no time zone “Asia/Wuhan”"):
        parse("2018年4月9日前", zone="Asia/Wuhan")
    with pytest.raises(InvalidValue, match="no way to roll “up”; known: none、forward、backward"):
        parse("2018年4月9日前", roll="up")  # type: ignore[arg-type]


def test_another_zone_moves_the_instant_not_the_day() -> None:
    due = the(Due, parse("2018年4月9日前", zone="Asia/Urumqi"))
    assert datetime(2018, 4, 9, 18, tzinfo=UTC) == due.ends_at


def test_the_year_given_must_be_a_year_of_the_republic_to_come() -> None:
    with pytest.raises(PhraseError, match="a year is 1949 to 2199, not 18"):
        parse("4月9日前", year=18)


def test_ten_thousand_characters_are_refused_at_once() -> None:
    with pytest.raises(PhraseError, match="longer than 200 characters") as caught:
        parse("每" * 10_000)
    assert caught.value.position == 200


def test_an_event_needs_a_zone_and_hours_need_an_instant() -> None:
    within = the(Within, parse("24小时内"))
    with pytest.raises(NaiveInstant):
        within.after(datetime(2018, 6, 8, 12))  # noqa: DTZ001
    with pytest.raises(InvalidValue, match="give its time too"):
        within.after(date(2018, 6, 8))


def test_working_days_past_the_horizon_are_not_guessed() -> None:
    with pytest.raises(HorizonError):
        parse("30个工作日内", event=date(2026, 12, 20))


def test_the_same_phrase_reads_otherwise_with_another_anchor() -> None:
    span = parse_span("2018年4月11日至10月20日")
    anchored = the(Recurrence, parse("每2个月", anchor=date(2018, 3, 1)))
    expected = ["04-30*", "06-30", "08-31", "10-20*"]
    found = [f"{each.closes:%m-%d}{'*' * each.stub}" for each in anchored.windows(span)]
    assert expected == found
    later = the(Recurrence, parse("每2个月")).windows(span, anchor=date(2018, 6, 1))
    assert ["05-31*", "07-31", "09-30", "10-20*"] == [
        f"{each.closes:%m-%d}{'*' * each.stub}" for each in later
    ]


def test_a_day_before_an_anchored_turn_begins_falls_in_its_next_month_or_year() -> None:
    monthly = the(Recurrence, parse("每月5日前", anchor=date(2018, 4, 15)))
    assert [date(2018, 5, 5)] == [
        each.due.effective for each in monthly.windows(parse_span("2018年4月15日至5月14日"))
    ]
    yearly = the(Recurrence, parse("每年3月底前", anchor=date(2018, 5, 1)))
    assert [date(2019, 3, 31)] == [
        each.due.effective for each in yearly.windows(parse_span("2018年5月1日至2019年4月30日"))
    ]


def test_a_turn_that_starts_on_the_31st_does_not_drift() -> None:
    monthly = the(Recurrence, parse("每1个月", anchor=date(2018, 1, 31)))
    windows = monthly.windows(parse_span("2018年1月31日至5月30日"))
    assert ["2018-01-31", "2018-02-28", "2018-03-31", "2018-04-30"] == [
        str(each.opens) for each in windows
    ]


def test_parts_of_a_month_take_no_anchor() -> None:
    with pytest.raises(InvalidValue, match="the calendar’s own"):
        the(Recurrence, parse("每旬", anchor=date(2018, 1, 5))).windows(parse_span("2018年"))


def test_too_many_turns_are_refused() -> None:
    with pytest.raises(InvalidValue, match="more than 20000 turns"):
        the(Recurrence, parse("每日")).windows(parse_span("1949年至2018年"))


def test_approximate_recurrences_are_noted() -> None:
    assert codes(parse("每2个月左右")) == "advisory"
    assert codes(parse("每年年中")) == "ambiguous"
    assert codes(parse("每年6月前")) == "ambiguous"
    assert codes(parse("每日5点前")) == "ambiguous"


def test_what_must_be_a_span_or_a_due_date_is_nothing_else() -> None:
    with pytest.raises(PhraseError, match="a span of days is meant"):
        parse_span("2018年4月9日前")
    with pytest.raises(PhraseError, match="a due date is meant"):
        parse_due("2018年4月")
    with pytest.raises(PhraseError, match="give the day of the event"):
        parse_due("一周内")


def test_an_event_in_the_words_is_kept_with_them() -> None:
    within = the(Within, parse("自收到通知之日起30个工作日内"))
    assert within.event_words == "自收到通知之日起"


def test_a_period_explains_itself_before_its_event_is_known() -> None:
    within = the(Within, parse("每次明查暗访后一周内"))
    assert within.explain("zh").splitlines() == [
        "“每次明查暗访后一周内”:自事项发生次日起计7日。",
        "  1.“一周”即7日。",
    ]
    assert (
        the(Within, parse("当日17时前")).explain("en") == "“当日17时前”: on the day of the event."
    )


def test_a_period_is_told_in_its_own_units() -> None:
    told = {
        "1个月内": "1个月", "1日内": "1日", "1个工作日内": "1个工作日", "1小时内": "1小时",
        "2小时内": "2小时", "一个半月内": "1个月又15日", "2个月内": "2个月",
    }  # fmt: skip
    for words, length in told.items():
        period = the(Within, parse(words)).period
        assert period is not None
        assert length == period.text.zh


def test_phrases_give_plain_data() -> None:
    within = the(Within, parse("当日17时前")).as_data()
    assert within["clock"] == "17:00"
    assert within["period"] is None
    month = the(Within, parse("1个月内")).as_data()
    assert month["period"] == {"months": 1, "days": 0, "working_days": 0, "hours": 0}
    every = the(Recurrence, parse("每2个月", anchor=date(2018, 4, 11))).as_data()
    assert (every["cycle"], every["count"], every["anchor"]) == ("month", 2, "2018-04-11")


def test_recurrences_explain_themselves() -> None:
    every = the(Recurrence, parse("每季度"))
    assert every.explain("zh").splitlines()[0] == "“每季度”:每季度一期。"
    assert (
        the(Recurrence, parse("每2个月")).explain("zh").splitlines()[0] == "“每2个月”:每2个月一期。"
    )
