"""Confidential values, kept where no repr, log, export or error reaches them."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from typing import Final

from rectify.fields import PROSE_CHARACTERS_MAX, text_problem
from rectify.i18n import Message, message

ESCAPED: Final = "surrogateescape"
"""How bytes that are no UTF-8 are read from a damaged store, and written back the same."""

REPORTER: Final = "reporter"
"""The name of the confidential field that says who reported."""
PERSONS: Final = "persons"
"""The name of the confidential fields that say who is involved; see `person_field`."""
PSEUDONYM_CHARACTERS_MAX: Final = 100

# What surrounds a name in a note of who reported.
_AROUND: Final = (
    "(?:姓名|名字|联系方式|联系电话|电话|手机号码|手机号|手机|邮箱|微信号|微信|住址|地址|身份证号|身份证"
    "|实名|举报人|反映人|投诉人|信访人|来访人|来电人|来信人|村民|群众|本人|我是|名叫|叫)"
)
_AFTER: Final = "(?:举报|反映|投诉|来电|来信|来访|口头|书面|同志|先生|女士|老师|等人|等|称|说)"
_TRIMMED: Final = re.compile(f"^{_AROUND}+|{_AFTER}+$")
_SURNAMES: Final = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章苏潘葛范彭郎鲁韦马苗"
    "方俞任袁柳鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元顾孟平黄穆萧尹姚邵汪祁毛狄米贝"
    "明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍"
    "虞万支柯管卢莫房裘缪干解应宗丁宣邓郁单杭洪包诸左石崔吉龚程邢裴陆荣翁荀甄家封储靳松井段富巫焦巴牧谷车侯"
    "宓全班仰仲宫宁仇栾甘厉祖武符刘景詹束龙叶幸司黎薄印宿白怀蒲从索咸籍赖卓蔺屠蒙池乔阴能苍双闻党翟谭贡姬申"
    "冉宰雍桑桂濮牛寿通边扈燕冀尚农温庄晏柴瞿阎充慕连茹习艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广"
    "东欧沃利越师巩聂晁勾敖融冷辛阚那简饶空曾毋沙养鞠须丰巢关查后荆红游竺权盖益桓付肖涂覃仝闫佟冼游乜"
)
_COMPOUND: Final = "欧阳|司马|上官|诸葛|夏侯|东方|皇甫|尉迟|公孙|慕容|令狐|长孙|宇文|司徒|司空|端木"
_NAME: Final = re.compile(
    f"(?:(?:{_COMPOUND})[\u4e00-\u9fff]{{1,2}}|[{_SURNAMES}][\u4e00-\u9fff]{{1,2}})"
)
# Two words and more in Latin letters, each with a capital.
_LATIN_NAME: Final = re.compile("[A-ZÀ-Þ][A-Za-zÀ-ÿ'’]*(?:[ .·-]+[A-ZÀ-Þ][A-Za-zÀ-ÿ'’]*)+")
_IDEOGRAPHS: Final = re.compile("[\u3400-\u9fff]+")
_JOINERS: Final = re.compile("[\\s\u200b-\u200d\u2060\ufeff\u00ad.·・\\-]+")
_PART: Final = re.compile(r"[\w@.+·・\-]+")
_DIGITS: Final = str.maketrans("〇零一二三四五六七八九幺", "001234567891")
_CONTACT_DIGITS_MIN: Final = 6


class Sealed:
    """A confidential text: present in memory, absent from everything printed.

    Before registration it holds the text; an issue read back from a ledger holds only
    the commitment, a salted SHA-256 that a record may show. ``str``, ``repr`` and
    ``format`` give ``<sealed>``.
    """

    __slots__ = ("_text", "commitment")

    def __init__(self, text: str | None = None, commitment: str | None = None) -> None:
        self._text = text
        self.commitment = commitment

    def open(self) -> str | None:
        """The text, if this copy still holds it. For the ledger, which records who asks."""
        return self._text

    def __repr__(self) -> str:
        return "<sealed>"

    def __format__(self, spec: str) -> str:
        return format("<sealed>", spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sealed):
            return NotImplemented
        return (self._text, self.commitment) == (other._text, other.commitment)

    def __hash__(self) -> int:
        return hash((self._text, self.commitment))


def sealed(value: object) -> Sealed | Message:
    """A text, sealed; or what is wrong with it, which never shows it.

    It raises nothing: a traceback that shows local variables would show the text.
    """
    value = Sealed(value) if isinstance(value, str) else value
    if not isinstance(value, Sealed):
        return message("expected a text")
    text = value.open()
    if text is not None and text_problem(text, PROSE_CHARACTERS_MAX, lines=True) is not None:
        return message("it is blank, too long or has characters that can't be written")
    return value


def person_field(pseudonym: str) -> str:
    """The name of the confidential field that holds the name of a person, by the pseudonym."""
    return f"{PERSONS}/{pseudonym}"


def new_salt() -> str:
    """32 random bytes, in hex."""
    return secrets.token_hex(32)


def commit(text: str, salt: str) -> str:
    """The salted SHA-256 that stands for a confidential text in a record, in hex."""
    return hashlib.sha256(bytes.fromhex(salt) + text.encode(errors=ESCAPED)).hexdigest()


def fits(text: Sealed | None, salt: Sealed, commitment: str | None) -> bool:
    """Whether a text and salt are those that a record committed to; raises nothing."""
    if text is None:
        return False
    try:
        return commit(text.open() or "", salt.open() or "") == commitment
    except ValueError:  # a salt that is no salt
        return False


def _folded(text: str) -> str:
    """A text for comparison: width, case, spaces and the script of its digits do not count."""
    joined = _JOINERS.sub("", unicodedata.normalize("NFKC", text))
    return joined.casefold().translate(_DIGITS)


def names_in(reporter: str) -> frozenset[str]:
    """The names and contacts within what was noted of a reporter, folded for comparison.

    Names are those of Chinese form, what has a middle dot, words with capitals in a row, and
    a note that is nothing but one word; contacts are numbers of six digits and more, and
    addresses with an @.
    """
    noted = unicodedata.normalize("NFKC", reporter)
    found: list[str] = re.findall(rf"[0-9]{{{_CONTACT_DIGITS_MIN},}}", _folded(noted))
    found += map(_folded, _LATIN_NAME.findall(noted))
    words = _PART.findall(noted)
    for word in words:
        name = _trimmed(word)
        if _NAME.fullmatch(name) or "·" in name or "@" in name or len(words) == 1:
            found.append(_folded(name))
    if words and all(len(word) == 1 for word in words if _IDEOGRAPHS.fullmatch(word)):
        found.append(_folded("".join(word for word in words if _IDEOGRAPHS.fullmatch(word))))
    return frozenset(name for name in found if len(name) >= 2)


def _trimmed(word: str) -> str:
    previous = ""
    while word != previous:
        previous, word = word, _TRIMMED.sub("", word)
    return word


def reveals(text: str, reporter: str) -> bool:
    """Whether a text that goes out holds the reporter's name or contact, however written.

    A number counts also where only its last seven digits or more stand in the text.
    """
    folded = _folded(text)
    numbers = re.findall(r"[0-9]{7,}", folded)
    return any(
        name in folded or (name.isdigit() and any(name.endswith(number) for number in numbers))
        for name in names_in(reporter)
    )
