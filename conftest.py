"""Every example in the README, the documents and the docstrings runs as a test.

In a document, each ```` ```python ```` block runs in order, in one namespace for the
document; where a block holds ``>>>``, what it prints is compared. Blocks of other languages
are left alone. Each docstring has a namespace of its own, with its module's names.
"""

from __future__ import annotations

from doctest import ELLIPSIS
from typing import Any

from sybil import Sybil
from sybil.document import PythonDocStringDocument
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser
from sybil.parsers.rest import DocTestParser


def name_the_module(namespace: dict[str, Any]) -> None:
    """Classes that an example defines say where they come from."""
    namespace["__name__"] = "example"


documents = Sybil(
    parsers=[PythonCodeBlockParser(doctest_optionflags=ELLIPSIS), SkipParser()],
    # The page on Django is a project: tests/test_django_docs.py runs it in a process of its own.
    excludes=["docs/django.md"],
    patterns=["README.md", "README.zh.md", "CONTRIBUTING.md", "docs/**/*.md", "docs/*.md"],
    setup=name_the_module,
)
docstrings = Sybil(
    parsers=[DocTestParser(optionflags=ELLIPSIS)],
    patterns=["src/**/*.py"],
    document_types={".py": PythonDocStringDocument},
)

pytest_collect_file = (documents + docstrings).pytest()
