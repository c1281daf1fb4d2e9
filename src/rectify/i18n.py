"""Messages in Chinese and English, through gettext.

A message is written once, in English, where it arises; the catalogue
``locale/zh_CN/LC_MESSAGES/rectify.po`` holds its Chinese. The library itself has
no current language: a :class:`Message` carries both, and whoever prints chooses.
"""

from __future__ import annotations

import gettext
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias, cast

import attrs

Language: TypeAlias = Literal["zh", "en"]

_LOCALE = Path(__file__).with_name("locale")


@cache
def _catalogue() -> gettext.NullTranslations:
    return gettext.translation("rectify", _LOCALE, languages=["zh_CN"])


def translate(template: str, language: Language) -> str:
    """The template in a language, its ``{placeholders}`` still in it."""
    return _catalogue().gettext(template) if language == "zh" else template


@attrs.frozen
class Message:
    """A sentence in both languages: an English template and the values it names.

    A value may itself be a `Message`; it is then rendered in the same language. A tuple is
    listed as the language lists; a date reads as 2018年5月3日 in Chinese, else in ISO form. The
    Chinese is the catalogue's, or ``chinese`` where that is given.
    """

    template: str
    values: Mapping[str, object] = attrs.field(factory=dict[str, object])
    chinese: str | None = None

    def text(self, language: Language) -> str:
        """The sentence in one language."""
        values = {name: _rendered(value, language) for name, value in self.values.items()}
        if language == "zh" and self.chinese is not None:
            return self.chinese.format_map(values)
        return translate(self.template, language).format_map(values)

    @property
    def zh(self) -> str:
        """The sentence in Chinese."""
        return self.text("zh")

    @property
    def en(self) -> str:
        """The sentence in English."""
        return self.text("en")

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"


def _rendered(value: object, language: Language) -> object:
    if isinstance(value, Message):
        return value.text(language)
    if isinstance(value, tuple):
        items = cast("tuple[object, ...]", value)
        comma = "、" if language == "zh" else ", "
        return comma.join(str(_rendered(item, language)) for item in items) or "–"
    if language == "zh" and isinstance(value, date) and not isinstance(value, datetime):
        return f"{value.year}年{value.month}月{value.day}日"
    if isinstance(value, timedelta):
        return _length(value, language)
    if isinstance(value, str) and not value.isprintable():
        return "".join(_printable(character) for character in value)
    return value


def _length(time: timedelta, language: Language) -> str:
    """Whole days as such; any other time in seconds."""
    count, rest = divmod(time, timedelta(days=1))
    if not rest:
        return f"{count}天" if language == "zh" else f"{count} days"
    return f"{time.total_seconds():g}{'秒' if language == 'zh' else ' seconds'}"


def _printable(character: str) -> str:
    # What a terminal or file can't take is shown by its code; spaces and line ends are kept.
    hidden = unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn"}
    return ascii(character)[1:-1] if hidden and character != "\n" else character


def message(template: str, /, **values: object) -> Message:
    """Write a message; the catalogue is extracted from the calls of this function."""
    return Message(template, values)


def bilingual(zh: str, en: str, /, **values: object) -> Message:
    """Write a message of a platform's own, whose Chinese is in no catalogue of ours.

    >>> bilingual("暂缓至{day}", "on hold until {day}", day="2018-09-01").zh
    '暂缓至2018-09-01'
    """
    return Message(en, values, zh)
