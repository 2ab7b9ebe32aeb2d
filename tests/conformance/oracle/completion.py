"""journey_completion: what the participant's own required steps have come to."""

from __future__ import annotations

from tests.conformance.oracle.world import World, by_another, identifies

OWN = set("completed attended acknowledged planned practised applied answered rated reflected commented".split())
COACHING = {"coaching_group", "coaching_2_1", "mentor_session"}


def route_of(world: World, person: dict) -> str | None:
    """The person's route; None while undecided."""
    routed = [event["said"].get("route") for event in world.about(person) if event["verb"] == "routed"]
    route = routed[-1] if routed else _route_by_rules(world, person, world.journey.get("routes"))
    return None if route == "ask_coach" else route


def _route_by_rules(world: World, person: dict, routes: dict | None) -> str | None:
    if not routes:
        return None
    latest = {}
    for event in world.about(person):
        if event["verb"] == "assessed" and event["step"] == routes["from"]:
            latest[str(event["actor"])] = 100 * event["score"]["raw"] / event["score"]["max"]
    if not latest:
        return routes.get("missing")
    percent = sum(latest.values()) / len(latest)
    for rule in routes["rules"]:
        if ("at_least" in rule and percent >= rule["at_least"]) or ("below" in rule and percent < rule["below"]):
            return rule["route"]
    return None


def on_route(world: World, person: dict, step: dict) -> bool:
    return "route" not in step or step["route"] == route_of(world, person)


def waived(world: World, person: dict, step: dict) -> bool:
    """Somebody else took the step away: not the participant, and nobody whose own step it is."""
    owners = [one["account"] for one in person.get("managers", [])] if step["owner"] == "manager" else []
    return any(
        event["verb"] == "waived"
        and event["step"] == step["id"]
        and by_another(event, person)
        and event["who"] not in owners
        for event in world.about(person)
    )


def completions(world: World, person: dict, step: dict) -> list[dict]:
    found = [event for event in world.events if _completes(event, person, step)]
    if step["type"] not in COACHING:
        return found
    sessions: dict = {}
    for event in found:
        sessions.setdefault(world.local_day(event["at"]), event)
    return list(sessions.values())


def _completes(event: dict, person: dict, step: dict) -> bool:
    if not event["done"]:
        return False
    here = event["registration"] == person["registration"].lower()
    if here and event["step"] == step["id"]:
        by_self = event["who"] == person["account"]
        if by_self and event["verb"] in OWN and (event["verb"] != "rated" or event["said"].get("source") == "self"):
            return True
        if not by_self and event["verb"] in ("coached", "mentored") and step["type"] in COACHING:
            return True
    fits = step.get("matches")
    return bool(
        fits
        and (here or event["registration"] is None)
        and event["verb_iri"] == fits["verb"]
        and event["activity"] == fits["activity"]
        and (
            event["who"] == person["account"]
            or any(identifies(identity, event["actor"]) for identity in person.get("identities", []))
        )
    )


def _standing(world: World, person: dict, step: dict) -> dict:
    """Credit, timely share, and whether all is there, of one step."""
    expected = step.get("expected", 1)
    counted = completions(world, person, step)[:expected]
    late_by = [(world.local_day(event["at"]) - world.last_day(step, person)).days for event in counted]
    return {
        "step": step,
        "weight": step.get("weight", 1),
        "credit": sum(_credit(world, days) for days in late_by) / expected,
        "timely": sum(days <= 0 for days in late_by) / expected,
        "all": len(counted) == expected,
        "late": any(days > 0 for days in late_by),
        "due": world.today > world.last_day(step, person),
    }


def _credit(world: World, days_late: int) -> float:
    policy = world.journey.get("late") or {"policy": "full"}
    if days_late <= 0 or policy["policy"] == "full":
        return 1.0
    return max(policy["floor"], 1 - policy["rate"] * days_late)


def _after_choices(world: World, standings: list[dict]) -> list[dict]:
    dropped = set()
    for choice in world.journey.get("choices", []):
        offered = [one for step in choice["steps"] for one in standings if one["step"]["id"] == step]
        best = sorted(offered, key=lambda one: -one["credit"])
        dropped |= {one["step"]["id"] for one in best[choice["choose"] :]}
    return [one for one in standings if one["step"]["id"] not in dropped]


def completion(world: World, person: dict) -> dict:
    offered = [
        _standing(world, person, step)
        for step in world.journey["steps"]
        if step["owner"] == "participant"
        and step.get("required", True)
        and on_route(world, person, step)
        and not waived(world, person, step)
    ]
    counted = _after_choices(world, offered)
    if sum(one["weight"] for one in counted) == 0:
        return {"value": None, "status": "not_applicable"}
    if not any(world.has_opened(one["step"], person) for one in offered):
        return {"value": None, "status": "not_started"}
    return {
        "value": _percent(counted, "credit"),
        "status": "ok",
        "components": {
            "to_date": _percent([one for one in counted if one["due"]], "credit"),
            "on_time": _percent(counted, "timely"),
            "complete": all(one["all"] for one in counted),
            "late_steps": [one["step"]["id"] for one in counted if one["late"]],
            "route_pending": _branches(world, person) and route_of(world, person) is None,
        },
    }


def _branches(world: World, person: dict) -> bool:
    in_steps = any("route" in step for step in world.journey["steps"])
    return in_steps or "routes" in world.journey or any(event["verb"] == "routed" for event in world.about(person))


def _percent(standings: list[dict], key: str) -> float | None:
    total = sum(one["weight"] for one in standings)
    return 100 * sum(one["weight"] * one[key] for one in standings) / total if total else None
