"""A campaign as plain JSON values."""

from __future__ import annotations

from typing import Any

from rectify.campaign import Campaign, Phase
from rectify.campaign.duties import AnyDuty, Duty
from rectify.campaign.model import Area, Channel
from rectify.rules import RULES


def as_data(loaded: Campaign) -> dict[str, Any]:
    """What `rectify campaign show` prints, for programs; days in ISO form."""
    document = loaded.document
    return {
        "id": loaded.id,
        "name": loaded.name,
        "fingerprint": loaded.fingerprint,
        "zone": loaded.zone.key,
        "document": {
            "number": document.number,
            "title": document.title,
            "issuer": document.issuer,
            "issued_on": document.issued_on.isoformat(),
        },
        "phases": [_phase(each) for each in loaded.phases],
        "duties": [_duty(each) for each in loaded.all_duties],
        "areas": [_named(each) | {"parent": each.parent} for each in loaded.areas],
        "channels": [_named(each) for each in loaded.channels],
        "rules": [_rule(loaded, code) for code in dict.fromkeys(rule.code for rule in RULES)],
    }


def _named(part: Area | Channel | Phase | AnyDuty) -> dict[str, Any]:
    return {"id": part.id, "name": part.name, "clause": part.clause, "words": part.words}


def _phase(phase: Phase) -> dict[str, Any]:
    return {
        **_named(phase),
        "opens": phase.opens.isoformat() if phase.opens else None,
        "closes": phase.closes.isoformat(),
    }


def _duty(duty: AnyDuty) -> dict[str, Any]:
    due = duty.due.as_data() if isinstance(duty, Duty) else None
    return {**_named(duty), "owed_by": list(duty.owed_by), "to": duty.to, "due": due}


def _rule(loaded: Campaign, code: str) -> dict[str, Any]:
    setting = loaded.rules.get(code)
    return {
        "code": code,
        "enabled": setting is None or setting.enabled,
        "clause": setting.clause if setting else None,
        "words": setting.words if setting else None,
    }
