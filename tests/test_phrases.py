"""Official wording is read as the conventions say, or refused with a position."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TypeVar, cast
from zoneinfo import ZoneInfo

import pytest

from rectify.errors import InvalidValue, PhraseError
from rectify.phrases import Due, Phrase, Span, parse, parse_due, parse_span
from rectify.rolling import Roll

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
    ("2018年5月初", 0, "2018-05-01", "2018-05-01", "ambiguous"),
    ("2018年底", 0, "2018-12-31", "2018-12-31", "ambiguous"),
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
    ("2018年4月9日截止", 0, "2018-04-09", "2018-04-10T00:00", ""),
    ("2018年4月9日17时截止", 0, "2018-04-09", "2018-04-09T17:00", ""),
    ("2018年4月底截止", 0, "2018-04-30", "2018-05-01T00:00", "holiday"),
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
    ("2018年4月9日17时", 0, "2018-04-09", "2018-04-09T17:00", "ambiguous"),
    ("2018年12月14日24时", 0, "2018-12-14", "2018-12-15T00:00", "ambiguous"),
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
    ("2018年年", 5, "“年” is not expected"),
    ("2018年至末", 6, "no month is written for “末”"),
    ("4月至底", 3, "no month is written for “底”"),
    ("于于2018年4月9日前", 1, "“于” is not expected"),
    ("自2018年4月", 0, "a beginning but no end"),
    ("自2018年4月9日左右", 0, "a beginning but no end"),
    ("自24时", 1, "“24” is not expected"),
    ("截至10个工作日", 2, "“10” is not expected"),
    ("起10个工作日内", 0, "breaks off"),
    ("次起10个工作日内", 0, "“次” is not expected"),
    ("两旬3年内", 2, "“3” is not expected"),
    ("两十天内", 0, "is not one number"),
    ("2018年两季度底前", 5, "“两” is not expected"),
    ("一个个月内", 2, "“个月” is not expected"),
    ("每个个月", 2, "“个月” is not expected"),
    ("按个季度", 1, "“个” is not expected"),
    ("按个月", 1, "“个月” is not expected"),
    ("4月至2018年", 0, "no year"),
    ("截至2018年4月至10月", 9, "“至” is not expected"),
    ("截至2018年4月9日截止", 11, "“截止” is not expected"),
    ("2018年4月9日截至", 9, "“截至” is not expected"),
    ("每9号", 2, "“号” is not expected"),
    ("每个天", 2, "“天” is not expected"),
    ("按2个月", 1, "“2” is not expected"),
    ("按季度至少", 5, "breaks off"),
    ("每月首月", 2, "“首月” is not expected"),
    ("2018年4月9日25时前", 9, "0 to 24"),
    ("2018年4月9日24时30分前", 9, "24:00 ends the day"),
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
    ("3至5个工作日内", 0, "two lengths, 3 and 5"),
    ("3至5日内", 0, "two lengths, 3 and 5"),
    ("3至4前", 0, "not expected"),
    ("2018年4月起3个月内", 0, "one day to count from"),
    ("2018年2月30日起3日内", 0, "there is no “2018年2月30日”"),
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
    ("每周7", 2, "a weekday is 一 to 六 or 日, not “7”"),
    ("每周0前", 2, "a weekday is 一 to 六 or 日, not “0”"),
    ("2周五17时前", 2, "not expected"),
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
    ("每2个月1次检查1次", 6, "not expected"),
    ("2018年4月9日起1个月内3日", 14, "not expected"),
    ("2018年6月最后一天", 7, "“最后” is not expected"),
    ("2018年6月最后一周", 7, "“最后” is not expected"),
    ("当月最后一周", 0, "“当” is not expected"),
    ("最后十个工作日内", 0, "“最后” is not expected"),
    ("先后3日内", 0, "“先后” is not expected"),
    ("个当日（十最后一周", 0, "not expected"),
    ("1次年止（5点一起一周", 0, "not expected"),
    ("2018年6月1日印发后3日内", 5, "“6月” before “后” is a time of its own"),
    ("2018-06-01印发后3日内", 0, "“2018-06-01” before “后” is a time of its own"),
    ("6月1日后3日内收到后5日内", 0, "a time of its own"),
    ("自2018年6月1日起收到后3日内", 6, "“6月” before “后” is a time of its own"),
    ("下旬检查后3日内", 0, "“下旬” before “后” is a time of its own"),
    ("17:00收到后3日内", 0, "“17:00” before “后” is a time of its own"),
    ("3号开会后5日内", 0, "“3号” before “后” is a time of its own"),
    ("第一季度结束后10日内", 1, "“一季度” before “后” is a time of its own"),
    ("公示7日后5日内", 2, "“7日” before “后” is a time of its own"),
    ("成立1年后3个月内", 2, "“1年” before “后” is a time of its own"),
    ("成立半年后3个月内", 2, "“半年” before “后” is a time of its own"),
    ("印发于2018年后3日内", 3, "“2018年” before “后” is a time of its own"),
    ("验收于上半年后3日内", 3, "“上半年” before “后” is a time of its own"),
    ("到期前收到后3日内", 2, "“前” before “后” is a time of its own"),
    ("会前收到后3日内", 1, "“前” before “后” is a time of its own"),
    ("不得早于收到后3日内", 0, "“不得” before a period is not understood"),
    ("收到反馈不早于审计后3日内", 4, "“不早于” before a period is not understood"),
    ("最后一次检查后3日内", 0, "“最后” before a period is not understood"),
    ("收到周五后3日内", 3, "“五” is not expected"),
    ("次日后3日内", 0, "“次日” is not expected"),
    ("2018年6月30日（星期八）前", 10, "not expected"),
    ("2018年6月30日（星期六前", 10, "not expected"),
    ("2018年6月30日（含当年）前", 10, "not expected"),
    ("2018年6月30日（含）", 10, "goes with one day and 前"),
    ("2018年6月30日（含）17时前", 10, "goes with one day and 前"),
    ("2018年6月前（不含）", 7, "goes with one day and 前"),
    ("2018年6月底前（不含）", 8, "goes with one day and 前"),
    ("每年6月30日（星期六）前", 2, "a weekday does not go"),
]


@pytest.mark.parametrize(("words", "position", "problem"), UNREADABLE)
def test_what_cant_be_read_is_refused_with_its_position(
    words: str, position: int, problem: str
) -> None:
    with pytest.raises(PhraseError, match=problem) as caught:
        parse(words)
    assert (position, words) == (caught.value.position, caught.value.words)


def test_a_word_may_leave_out_the_day_it_follows_where_that_is_how_it_is_read() -> None:
    due = the(Due, parse("2018年4月9日前", include_named_day=False))
    assert date(2018, 4, 9) == due.nominal
    assert date(2018, 4, 8) == due.effective
    assert not due.inclusive
    month = the(Due, parse("2018年9月31日前", include_named_day=False))
    assert date(2018, 9, 30) == month.effective
    end = the(Due, parse("2018年9月底前", include_named_day=False))
    assert date(2018, 9, 30) == end.effective


def test_a_due_date_rolls_only_where_it_is_told_to() -> None:
    assert date(2018, 12, 15) == parse_due("2018年12月15日前").effective
    assert date(2018, 12, 17) == parse_due("2018年12月15日前", roll="forward").effective
    assert date(2018, 12, 14) == parse_due("2018年12月15日前", roll="backward").effective
    assert date(2018, 12, 15) == parse_due("2018年12月15日前", roll="forward").nominal


def test_an_unknown_zone_or_roll_is_refused() -> None:
    with pytest.raises(InvalidValue, match="no time zone “Asia/Wuhan”"):
        parse("2018年4月9日前", zone="Asia/Wuhan")
    with pytest.raises(InvalidValue, match="no way to roll “up”; known: none, forward, backward"):
        parse("2018年4月9日前", roll=cast("Roll", "up"))


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


def test_what_must_be_a_span_or_a_due_date_is_nothing_else() -> None:
    with pytest.raises(PhraseError, match="a span of days is meant"):
        parse_span("2018年4月9日前")
    with pytest.raises(PhraseError, match="a due date is meant"):
        parse_due("2018年4月")
    with pytest.raises(PhraseError, match="give the day of the event"):
        parse_due("一周内")


def test_what_is_no_text_no_year_or_no_date_is_refused_as_such() -> None:
    for nothing in (None, 123):
        with pytest.raises(InvalidValue, match="words: text is meant here"):
            parse(nothing)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    for none in ("2019", True):
        with pytest.raises(InvalidValue, match="year: a year is meant here"):
            parse("6月1日前", year=none)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    for words in ("15日内", "当日17时前", "2018年4月9日后5日内"):
        with pytest.raises(InvalidValue, match="event: a date is meant here, not str"):
            parse(words, event="2018-01-31")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_a_year_that_the_words_contradict_is_noted() -> None:
    due = the(Due, parse("2018年6月1日前", year=2019))
    assert (date(2018, 6, 1), "other-year") == (due.effective, codes(due))
    assert due.notes[0].message.zh == "所给年份2019未予采用：文字所写为2018年"
    assert codes(parse("2018-03-01前", year=2019)) == "other-year"
    assert codes(parse("2017年12月初至2018年4月上旬", year=2016)) == "other-year"
    for words in ("6月3日前", "2019年6月3日前", "2018年12月至2019年1月", "今年12月至2020年1月"):
        assert codes(parse(words, year=2019)) == ""
    assert codes(parse("12月至2020年1月", year=2019)) == ""


def test_an_event_that_the_words_contradict_is_refused() -> None:
    words = "2018年4月9日后5个工作日内"
    with pytest.raises(PhraseError, match="counts from 9 April 2018, not from 31 January 2018"):
        parse(words, event=date(2018, 1, 31))
    noon = datetime(2018, 4, 9, 4, tzinfo=UTC)
    assert parse(words) == parse(words, event=date(2018, 4, 9)) == parse(words, event=noon)
    later = parse("2018年4月9日后24小时内", event=noon)
    assert the(Due, later).ends_at == datetime(2018, 4, 10, 4, tzinfo=UTC)


def test_the_days_a_loose_span_stands_for_are_told() -> None:
    span = parse("2018年6月中下旬")
    assert span.notes[0].message.zh == (
        "“2018年6月中下旬”含义不确定，本库约定为2018年6月11日至2018年6月30日"
    )


def test_a_span_does_not_repeat_the_days_that_its_words_name() -> None:
    steps = parse("2018年4月上旬至2018年9月30日").steps
    assert [step.message.zh for step in steps] == [
        "“2018年4月上旬”即2018年4月1日至2018年4月10日（上旬指1日至10日）"
    ]


def test_a_day_may_have_its_weekday_in_brackets() -> None:
    """The day holds; a weekday that is another's is noted."""
    for words in ("2018年6月30日（星期六）前", "2018年6月30日(周六)前"):
        due = the(Due, parse(words))
        assert (date(2018, 6, 30), "weekend") == (due.effective, codes(due))
    assert codes(parse("2018年7月1日（星期日）前")) == codes(parse("2018年7月1日（周天）前"))
    wrong = the(Due, parse("2018年6月29日（星期六）17时前"))
    assert (date(2018, 6, 29), "other-weekday") == (wrong.effective, codes(wrong))
    assert "“2018年6月29日” is Friday 29 June 2018" in wrong.notes[0].message.en
    span = the(Span, parse("2018年6月30日（星期六）至7月2日（星期一）"))
    assert (date(2018, 6, 30), date(2018, 7, 2), "") == (span.opens, span.closes, codes(span))


# Words that say whether their day counts, and the last day in time.
COUNTED = [
    ("2018年6月29日前（含当日）", 29),
    ("2018年6月29日前（含当天）", 29),
    ("2018年6月29日（含）前", 29),
    ("2018年6月29日（星期五）前（含当日）", 29),
    ("2018年6月底前（含当日）", 30),
    ("2018年6月29日前（不含当日）", 28),
    ("2018年6月29日（不含）前", 28),
]


@pytest.mark.parametrize(("words", "last"), COUNTED)
def test_words_may_say_whether_their_day_counts(words: str, last: int) -> None:
    for otherwise in (True, False):
        due = the(Due, parse(words, include_named_day=otherwise))
        assert date(2018, 6, last) == due.effective


def test_january_may_be_called_the_first_month() -> None:
    assert date(2018, 1, 10) == the(Due, parse("2018年元月10日前")).effective
    assert date(2018, 1, 31) == the(Due, parse("元月底前", year=2018)).effective
    assert date(2018, 1, 1) == the(Span, parse("2018年元月至三月")).opens
