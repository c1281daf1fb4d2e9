"""Which language the command line speaks, click's own words included."""

from __future__ import annotations

import gettext
import locale
import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import Final

from rectify.i18n import Language

LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")
_LOCALE: Final = Path(__file__).parent.with_name("locale")
_DOMAIN: Final = "click"


def chosen(arguments: Sequence[str]) -> Language:
    """The language of ``--lang``, wherever it stands among the arguments; else the locale's."""
    asked, before = "", ""
    for word in takewhile(lambda word: word != "--", arguments):
        if before == "--lang":
            asked = word
        elif word.startswith("--lang="):
            asked = word.removeprefix("--lang=")
        before = word
    known: dict[str, Language] = {language: language for language in LANGUAGES}
    return known.get(asked) or of_locale(os.environ)


def of_locale(environment: Mapping[str, str]) -> Language:
    """Chinese where the locale is Chinese, as the environment or the system has it."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    name = next((environment[name] for name in names if environment.get(name)), None)
    if name is None:
        name = locale.getlocale()[0] or ""
    elif name.partition(".")[0] not in ("C", "POSIX"):
        # As in gettext, LANGUAGE has a say unless the locale is the plain C one.
        name = environment.get("LANGUAGE") or name
    return "zh" if name.lower().startswith(("zh", "chinese")) else "en"


@contextmanager
def spoken(language: Language) -> Generator[None]:
    """Have click speak a language for a while.

    It asks gettext for its words, in the domain and language that the process is set to.
    """
    domain, wanted = gettext.textdomain(), os.environ.get("LANGUAGE")
    gettext.bindtextdomain(_DOMAIN, str(_LOCALE))
    gettext.textdomain(_DOMAIN)
    os.environ["LANGUAGE"] = "zh_CN" if language == "zh" else "en"
    try:
        yield
    finally:
        gettext.textdomain(domain)
        if wanted is None:
            del os.environ["LANGUAGE"]
        else:
            os.environ["LANGUAGE"] = wanted
