"""Official wording of time, read by a grammar: nothing is guessed.

>>> from rectify.phrases import parse_due
>>> parse_due("2018年4月9日前").effective
datetime.date(2018, 4, 9)
"""

from rectify.deadline import Due, Span
from rectify.derivation import Note, Step
from rectify.errors import PhraseError
from rectify.period import Period
from rectify.phrases.reading import Phrase, parse, parse_due, parse_span
from rectify.phrases.recurrence import Place, Recurrence, Window
from rectify.phrases.within import Within

__all__ = [
    "Due",
    "Note",
    "Period",
    "Phrase",
    "PhraseError",
    "Place",
    "Recurrence",
    "Span",
    "Step",
    "Window",
    "Within",
    "parse",
    "parse_due",
    "parse_span",
]
