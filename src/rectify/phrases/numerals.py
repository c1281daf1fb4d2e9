"""Numbers in official wording: 15, 十五, 二〇一八."""

from __future__ import annotations

DIGITS = {
    **{char: value for value, char in enumerate("〇一二三四五六七八九")},
    "零": 0,
    "○": 0,
    "两": 2,
}
UNITS = {"十": 10, "百": 100, "千": 1000}
CHARACTERS = frozenset(DIGITS) | frozenset(UNITS)


class NotANumberError(ValueError):
    """Numeral characters that make no number."""


def read(text: str) -> int:
    """The number a run of Chinese numeral characters writes, below 10,000.

    Either place values (一百二十) or digits one by one (二〇一八). Raises `NotANumberError`
    for anything else, such as 十十 or 三五.
    """
    if not any(char in UNITS for char in text):
        if len(text) not in (1, 4):
            raise NotANumberError(text)
        return int("".join(str(DIGITS[char]) for char in text))
    total, digit, unit_before, zero = 0, None, 10_000, False
    for place, char in enumerate(text):
        if char in DIGITS:
            if digit is not None or (DIGITS[char] == 0 and (zero or not total)):
                raise NotANumberError(text)
            zero = DIGITS[char] == 0
            digit = None if zero else DIGITS[char]
        else:
            unit = UNITS[char]
            if text[place - 1 : place] == "两" and unit == 10:
                raise NotANumberError(text)
            if unit >= unit_before or (digit is None and unit != 10):
                raise NotANumberError(text)
            total += (1 if digit is None else digit) * unit
            digit, unit_before, zero = None, unit, False
    if zero:
        raise NotANumberError(text)
    return total + (digit or 0)
