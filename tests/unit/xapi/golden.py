"""The golden pairs: an event, the statement it becomes, and the fact that is read from it."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from lrs_bridge.domain.events import Event, Kind, Score
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.people import Role

BASE = "https://bridge.example/tenants/2f8b7a4d-6c1e-4d3f-9a5b-0c7d8e9f1a2b"
FOLDER = Path(__file__).parents[2] / "golden"
PAIRS = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}


def event_of(given: dict[str, Any]) -> Event:
    read: dict[str, Any] = {
        "id": UUID,
        "kind": Kind,
        "role": Role,
        "at": datetime.fromisoformat,
        "recorded": datetime.fromisoformat,
        "score": lambda score: Score(**score),
    }
    return Event(**{key: read.get(key, lambda value: value)(value) for key, value in given.items()})


def as_json(fact: Fact) -> dict[str, Any]:
    """A fact with times as text; what it does not say is left out."""
    plain: dict[str, Any] = {}
    for name, value in fact._asdict().items():
        if isinstance(value, datetime):
            value = value.isoformat(timespec="milliseconds")
        elif isinstance(value, Score):
            value = {"raw": value.raw, "min": value.min, "max": value.max}
        if value is not None and value is not False and value != {}:
            plain[name] = value
    if fact.completion is not None:
        plain["completion"] = fact.completion
    return plain
