"""The JSON Schema of campaign files."""

from __future__ import annotations

import importlib
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from rectify.campaign.schema import schema_text

ROOT = Path(__file__).parents[1]
STORED = ROOT / "src/rectify/campaigns/campaign.schema.json"
FILES = sorted(
    (
        *(ROOT / "src/rectify/campaigns").glob("*.toml"),
        *(ROOT / "examples/campaigns").glob("*.toml"),
    )
)


def errors(data: object) -> list[str]:
    """What the schema finds, each as its path."""
    jsonschema: Any = importlib.import_module("jsonschema")
    validator = jsonschema.Draft7Validator(json.loads(STORED.read_text("utf-8")))
    return sorted("/".join(map(str, error.absolute_path)) for error in validator.iter_errors(data))


def test_the_stored_schema_is_current() -> None:
    assert schema_text() == STORED.read_text("utf-8"), f"write schema_text() to {STORED} anew"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_schema_accepts_every_file_there_is(file: Path) -> None:
    assert [] == errors(tomllib.loads(file.read_text("utf-8")))


def test_the_schema_refuses_what_the_library_refuses() -> None:
    data = tomllib.loads(FILES[0].read_text("utf-8"))
    data |= {"colour": 1, "id": "A b", "tolerance_seconds": "10"}
    data["rule"] = {"same-person": {"enabled": 1}, "A B": {}}
    assert ["", "id", "rule", "rule/same-person/enabled", "tolerance_seconds"] == errors(data)
