"""manager_engagement: what the managers of one participant did, and what one manager did for all."""

from __future__ import annotations

from tests.conformance.oracle.completion import on_route, waived
from tests.conformance.oracle.world import World, day, managed_on, overlaps

ACTS = {"talked-with", "observed", "attended", "approved", "recognised", "completed", "verified"}
WEIGHTS = {"before": 35, "during": 20, "after": 45}


def manager_steps(world: World, person: dict) -> list[dict]:
    return [
        step
        for step in world.journey["steps"]
        if step["owner"] == "manager" and on_route(world, person, step) and not waived(world, person, step)
    ]


def _acts(world: World, person: dict, step: dict) -> list[dict]:
    return [
        event
        for event in world.about(person)
        if event["verb"] in ACTS
        and event["done"]
        and event["step"] == step["id"]
        and event["who"] in managed_on(person, world.local_day(event["at"]))
    ]


def _corroboration(world: World, person: dict, step: dict, act: dict) -> float:
    said = [
        event["verb"]
        for event in world.about(person)
        if event["who"] == person["account"]
        and event["verb"] in ("confirmed", "disputed")
        and event["refers_to"] == act["id"]
    ]
    if said and said[-1] == "disputed":
        return 0.0
    needs_none = step.get("corroborated_by") in (None, "system") or act["verb"] == "verified"
    return 1.0 if needs_none or said else world.setting("manager_engagement", "claimed", 0.7)


def entered_steps(world: World, person: dict) -> list[dict]:
    """Each entered step with its credit and the managers it belongs to."""
    found = []
    for step in manager_steps(world, person):
        expected = step.get("expected", 1)
        acts = _acts(world, person, step)
        last = world.last_day(step, person)
        closed = world.today > last
        if not (len(acts) >= expected or closed) or (not acts and not step.get("required", True)):
            continue
        belongs_to = [acts[0]["who"]] if acts else managed_on(person, last)
        if not belongs_to:
            continue
        late = world.setting("manager_engagement", "late", 0.5)
        timeliness = [1.0 if world.local_day(act["at"]) <= last else late for act in acts[:expected]]
        credits = [time * _corroboration(world, person, step, act) for time, act in zip(timeliness, acts, strict=False)]
        found.append({"step": step, "credit": sum(credits) / expected, "belongs_to": belongs_to})
    return found


def _score(world: World, entered: list[dict]) -> tuple[float | None, dict]:
    weights = world.setting("manager_engagement", "phase_weights", WEIGHTS)
    phases = {}
    for phase in ("before", "during", "after"):
        inside = [one for one in entered if one["step"]["phase"] == phase]
        total = sum(one["step"].get("weight", 1) for one in inside)
        if total:
            phases[phase] = sum(one["step"].get("weight", 1) * one["credit"] for one in inside) / total
    total = sum(weights[phase] for phase in phases)
    value = 100 * sum(weights[phase] * share for phase, share in phases.items()) / total if total else None
    return value, phases


def _reaches_a_window(world: World, person: dict, manager: str | None = None) -> bool:
    """Did anybody (or this manager) manage the person in the window of a step, of steps that weigh anything?"""
    steps = manager_steps(world, person)
    relations = [one for one in person.get("managers", []) if manager in (None, one["account"])]
    return any(step.get("weight", 1) for step in steps) and any(
        overlaps(relation, world.opens(step, person), world.last_day(step, person))
        for relation in relations
        for step in steps
    )


def support(world: World, person: dict) -> dict:
    if not _reaches_a_window(world, person):
        return {"value": None, "status": "not_applicable"}
    entered = entered_steps(world, person)
    value, phases = _score(world, entered)
    if value is None:
        return {"value": None, "status": "not_started"}
    return {
        "value": value,
        "status": "ok",
        "components": {"phases": phases, "steps": {one["step"]["id"]: one["credit"] for one in entered}},
    }


def managers_of(world: World) -> list[str]:
    """Whoever manages a participant in scope today, or managed one before."""
    return sorted({one["account"] for person in world.participants for one in _begun(world, person)})


def _begun(world: World, person: dict) -> list[dict]:
    return [one for one in person.get("managers", []) if one.get("from") is None or day(one["from"]) <= world.today]


def support_by(world: World, manager: str) -> dict:
    values = []
    for person in world.participants:
        own = [one for one in entered_steps(world, person) if manager in one["belongs_to"]]
        value, _ = _score(world, own)
        if value is not None and _reaches_a_window(world, person):
            values.append(value)
    if values:
        return {"value": sum(values) / len(values), "status": "ok", "n": len(values)}
    led = [person for person in world.participants if manager in [one["account"] for one in _begun(world, person)]]
    reached = any(_reaches_a_window(world, person, manager) for person in led)
    return {"value": None, "status": "not_started" if reached else "not_applicable"}
