"""mtm_application: how often what was learned was used in a real moment that matters."""

from __future__ import annotations

from datetime import timedelta

from tests.conformance.oracle.world import World, by_another, moment_of

FULL = {"manager", "coach", "mentor", "sponsor", "assessor"}
FACTORS = {"self": 0.6, "peer": 0.8, "verified": 1.0}
VALUE_WEIGHTS = {"F": 0.5, "C": 0.25, "S": 0.25}
INDEX_WEIGHTS = {"F": 0.4, "C": 0.2, "S": 0.2, "O": 0.2}


def _setting(world: World, name: str, default):
    return world.setting("mtm_application", name, default)


def _first_opening(world: World, person: dict):
    opening = [world.opens(step, person) for step in world.journey["steps"] if step["type"] == "mtm_application"]
    return min(opening, default=None)


def _catalogue_moment(world: World, event: dict) -> str | None:
    moment = moment_of(event)
    known = [one["id"] for one in world.journey.get("moments", [])]
    return moment[0] if moment and moment[1] and moment[0] in known else None


def _moment(world: World, event: dict) -> str | None:
    moment = moment_of(event)
    return moment[0] if moment and (not moment[1] or _catalogue_moment(world, event)) else None


def records(world: World, person: dict) -> list[dict]:
    """The applications of a person, each with its factor v (None: disputed) and outcome r."""
    known = {one["id"] for one in world.journey.get("behaviours", [])}
    opening = _first_opening(world, person)
    found, seen = [], set()
    for event in world.about(person):
        when, moment = world.local_day(event["at"]), _moment(world, event)
        if (
            event["verb"] == "applied"
            and event["who"] == person["account"]
            and moment is not None
            and known & set(event["said"].get("behaviours", []))
            and opening is not None
            and when >= opening
            and event["score"].get("raw") in (0, 1, 2, 3, 4)
            and (moment, when) not in seen
        ):
            seen.add((moment, when))
            found.append(
                {
                    "day": when,
                    "moment": _catalogue_moment(world, event),
                    "r": event["score"]["raw"],
                    "v": _factor(world, person, event),
                }
            )
    return found


def _factor(world: World, person: dict, record: dict) -> float | None:
    """The factor v; None while disputed."""
    factors = _setting(world, "factors", FACTORS)
    judged = [
        event
        for event in world.about(person)
        if by_another(event, person)
        and event["verb"] in ("verified", "disputed")
        and event["refers_to"] == record["id"]
    ]
    if judged and judged[-1]["verb"] == "disputed":
        return None
    v = factors["self"]
    for event in judged:
        if event["verb"] == "disputed":
            v = factors["self"]
        elif event["role"] in FULL:
            v = max(v, factors["verified"])
        elif event["role"] == "peer":
            v = max(v, factors["peer"])
    limit = timedelta(days=_setting(world, "backdate_days", 14))
    backdated = record["entered"] is not None and record["entered"] - record["at"] > limit
    return min(v, factors["self"]) if backdated else v


def _lost_opportunities(world: World, person: dict) -> int:
    found = set()
    for event in world.about(person):
        moment = _moment(world, event)
        if event["verb"] != "lacked-opportunity" or event["who"] != person["account"] or moment is None:
            continue
        said = [
            other["verb"]
            for other in world.about(person)
            if by_another(other, person)
            and other["verb"] in ("confirmed", "verified", "disputed")
            and other["refers_to"] == event["id"]
        ]
        if said and said[-1] != "disputed":
            found.add((moment, world.local_day(event["at"])))
    return len(found)


def application(world: World, person: dict) -> dict:
    opening = _first_opening(world, person)
    if opening is None:
        return {"value": None, "status": "not_applicable"}
    if world.today < opening:
        return {"value": None, "status": "not_started"}
    targets = world.journey["targets"]
    standing = [one for one in records(world, person) if one["v"] is not None]
    n_eff = sum(one["v"] for one in standing)
    expected = max(1, targets["applications"] - _lost_opportunities(world, person))
    moments = {one["moment"] for one in standing if one["moment"]}
    periods = {(one["day"] - world.day_zero).days // targets["period_days"] for one in standing}
    parts = {
        "F": min(1, n_eff / expected),
        "C": min(1, len(moments) / targets["moments"]),
        "S": min(1, len(periods) / targets["periods"]),
        "O": sum(one["v"] * one["r"] / 4 for one in standing) / n_eff if n_eff else None,
    }
    half_life = _setting(world, "half_life_days", 21)
    since = (world.today - max(one["day"] for one in standing)).days if standing else None
    index = 100 * _weighted(_setting(world, "index_weights", INDEX_WEIGHTS), parts) if n_eff else None
    recency = 0.5 ** (since / half_life) if since is not None else None
    return {
        "value": 100 * _weighted(_setting(world, "value_weights", VALUE_WEIGHTS), parts),
        "status": "ok",
        "components": {**parts, "N_eff": n_eff, "index": index, "recency": recency},
    }


def _weighted(weights: dict, parts: dict) -> float:
    return sum(weight * parts[name] for name, weight in weights.items())


def impact_rate(world: World, people: list[dict]) -> float:
    wanted = _setting(world, "impact_outcome", 3)
    full = _setting(world, "factors", FACTORS)["verified"]
    had = [any(one["v"] == full and one["r"] >= wanted for one in records(world, person)) for person in people]
    return sum(had) / len(people)
