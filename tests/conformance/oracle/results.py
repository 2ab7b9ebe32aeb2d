"""Every result the reference asks for, keyed by indicator and subject."""

from __future__ import annotations

from datetime import datetime

from tests.conformance.oracle import application, success, support
from tests.conformance.oracle.coaching import coaching
from tests.conformance.oracle.completion import COACHING, completion
from tests.conformance.oracle.world import World

PERSON = {
    "journey_completion": completion,
    "manager_engagement": support.support,
    "mtm_application": application.application,
    "success_case": success.success,
    "coaching_reach": coaching,
}
MEANT = {
    "journey_completion": lambda journey: any(
        step["owner"] == "participant" and step.get("required", True) and step.get("weight", 1)
        for step in journey["steps"]
    ),
    "manager_engagement": lambda journey: any(step["owner"] == "manager" for step in journey["steps"]),
    "mtm_application": lambda journey: any(step["type"] == "mtm_application" for step in journey["steps"]),
    "success_case": lambda journey: success.survey(journey) is not None,
    "coaching_reach": lambda journey: any(step["type"] in COACHING for step in journey["steps"]),
}


def results(journey: dict, people: dict, statements: list, as_of: datetime, settings: dict | None = None) -> dict:
    """{(indicator, subject): {value, status, and n, coverage, components where the reference fixes them}}.

    A subject is ("person", account), ("cohort", run) or ("cohort", run, area). People who manage and take part have
    one manager_engagement result in two readings, so such a subject is left to the hand-written cases.
    """
    world = World(journey, people, statements, as_of, settings or {})
    found: dict = {}
    for indicator in journey["evaluators"]:
        for person in world.participants:
            found[indicator, ("person", person["account"])] = PERSON[indicator](world, person)
        groups = {("cohort", world.run): world.participants}
        for area in sorted({one["area"] for one in world.participants if one.get("area")}):
            groups["cohort", world.run, area] = [one for one in world.participants if one.get("area") == area]
        for subject, members in groups.items():
            found[indicator, subject] = _cohort(world, indicator, members)
        if indicator == "manager_engagement":
            for manager in support.managers_of(world):
                found[indicator, ("person", manager)] = support.support_by(world, manager)
    return found


def _cohort(world: World, indicator: str, people: list[dict]) -> dict:
    journey = world.journey
    values = [PERSON[indicator](world, one)["value"] for one in people]
    known = [value for value in values if value is not None]
    found: dict = {
        "value": sum(known) / len(known) if known else None,
        "status": "ok" if known else "not_started" if MEANT[indicator](journey) else "not_applicable",
        "n": len(known),
        "coverage": len(known) / len(people) if people else None,
    }
    if known and indicator == "mtm_application":
        found["components"] = {"impact_rate": application.impact_rate(world, people)}
    if known and indicator == "success_case":
        found["components"] = success.cohort(world, people)
    return found
