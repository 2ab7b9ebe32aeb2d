"""A small profile in order, to break in one place or to hold statements against."""

from __future__ import annotations

import copy
from typing import Any

BASE = "https://profiles.example/sport"
VERSION = f"{BASE}/v2"

PROFILE: dict[str, Any] = {
    "@context": "https://w3id.org/xapi/profiles/context",
    "id": BASE,
    "type": "Profile",
    "conformsTo": "https://w3id.org/xapi/profiles#1.0",
    "prefLabel": {"en": "Sport"},
    "definition": {"en": "Races."},
    "versions": [
        {"id": VERSION, "generatedAtTime": "2026-02-01T00:00:00Z", "wasRevisionOf": [f"{BASE}/v1"]},
        {"id": f"{BASE}/v1", "generatedAtTime": "2026-01-01T00:00:00+01:00"},
    ],
    "author": {"type": "Organization", "name": "A club"},
    "concepts": [
        {
            "id": f"{BASE}/verbs/{name}",
            "type": "Verb",
            "inScheme": VERSION,
            "prefLabel": {"en": name},
            "definition": {"en": f"Somebody {name}."},
        }
        for name in ("started", "passed", "finished", "confirmed")
    ]
    + [
        {
            "id": f"{BASE}/types/race",
            "type": "ActivityType",
            "inScheme": VERSION,
            "prefLabel": {"en": "race"},
            "definition": {"en": "A race."},
            "broadMatch": ["http://activitystrea.ms/schema/1.0/event"],
        },
        {
            "id": f"{BASE}/extensions/place",
            "type": "ResultExtension",
            "inScheme": VERSION,
            "prefLabel": {"en": "place"},
            "definition": {"en": "The rank."},
            "recommendedVerbs": [f"{BASE}/verbs/finished"],
            "inlineSchema": '{"type": "integer"}',
        },
        {
            "id": f"{BASE}/activities/marathon",
            "type": "Activity",
            "inScheme": VERSION,
            "activityDefinition": {
                "@context": "https://w3id.org/xapi/profiles/activity-context",
                "type": f"{BASE}/types/race",
                "name": {"en": "Marathon"},
            },
        },
    ],
    "templates": [
        {
            "id": f"{BASE}/templates/{name}",
            "type": "StatementTemplate",
            "inScheme": VERSION,
            "prefLabel": {"en": name},
            "definition": {"en": f"Somebody {name}."},
            "verb": f"{BASE}/verbs/{name}",
            "objectActivityType": f"{BASE}/types/race",
            "rules": [{"location": "$.timestamp", "presence": "included"}],
        }
        for name in ("started", "passed", "finished")
    ]
    + [
        {
            "id": f"{BASE}/templates/confirmed",
            "type": "StatementTemplate",
            "inScheme": VERSION,
            "prefLabel": {"en": "confirmed"},
            "definition": {"en": "A judge confirms the place."},
            "verb": f"{BASE}/verbs/confirmed",
            "objectStatementRefTemplate": [f"{BASE}/templates/finished"],
        }
    ],
    "patterns": [
        {
            "id": f"{BASE}/patterns/race",
            "type": "Pattern",
            "primary": True,
            "inScheme": VERSION,
            "prefLabel": {"en": "A race"},
            "definition": {"en": "From start to finish."},
            "sequence": [f"{BASE}/templates/started", f"{BASE}/patterns/course", f"{BASE}/patterns/end"],
        },
        {"id": f"{BASE}/patterns/course", "type": "Pattern", "zeroOrMore": f"{BASE}/templates/passed"},
        {
            "id": f"{BASE}/patterns/end",
            "type": "Pattern",
            "sequence": [f"{BASE}/templates/finished", f"{BASE}/templates/confirmed"],
        },
    ],
}
PROFILE["templates"][2]["rules"].append(
    {"location": f"$.result.extensions['{BASE}/extensions/place']", "presence": "included", "all": [1, 2, 3]}
)


def changed(path: str, value: Any, document: dict[str, Any] = PROFILE) -> dict[str, Any]:
    """The profile with another value at `templates.0.verb`, or without it for `...`. A list grows by `+`."""
    made = copy.deepcopy(document)
    *parents, last = path.split(".")
    inner: Any = made
    for key in parents:
        inner = inner[int(key)] if isinstance(inner, list) else inner[key]
    if last == "+":
        inner.append(value)
    elif value is ...:
        del inner[last]
    else:
        inner[int(last) if isinstance(inner, list) else last] = value
    return made


def statement(what: str, number: int = 0, **more: Any) -> dict[str, Any]:
    """A statement of the profile that keeps its rules: `what` is the verb, `number` tells id and second."""
    made = {
        "id": f"00000000-0000-4000-8000-{number:012}",
        "actor": {"account": {"homePage": "https://club.example", "name": "7"}},
        "verb": {"id": f"{BASE}/verbs/{what}"},
        "object": {"id": "https://club.example/races/1", "definition": {"type": f"{BASE}/types/race"}},
        "context": {
            "registration": "11111111-1111-4111-8111-111111111111",
            "contextActivities": {"category": [{"id": VERSION}]},
        },
        "timestamp": f"2026-03-01T10:{number // 60:02}:{number % 60:02}Z",
    }
    if what == "finished":
        made["result"] = {"extensions": {f"{BASE}/extensions/place": 1}}
    if what == "confirmed":
        made["object"] = {"objectType": "StatementRef", "id": f"00000000-0000-4000-8000-{number - 1:012}"}
    return {**made, **more}
