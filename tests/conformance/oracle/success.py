"""success_case: the survey that sorts, and what the best and the worst cases say together."""

from __future__ import annotations

from math import sqrt
from statistics import mean, median

from tests.conformance.oracle.world import World


def survey(journey: dict) -> tuple[list[str], list[str]] | None:
    """The step ids that ask, and the items asked."""
    for name, asked in journey.get("surveys", {}).items():
        steps = [step["id"] for step in journey["steps"] if step.get("survey") == name]
        if asked["kind"] == "success_case" and steps:
            items = asked.get("items") or journey.get("moments", [])
            return steps, [item["id"] for item in items]
    return None


def _latest_answer(world: World, person: dict) -> dict | None:
    steps, _ = survey(world.journey)
    own = [
        event
        for event in world.about(person)
        if event["verb"] == "answered"
        and event["who"] == person["account"]
        and event["step"] in steps
        and event["done"]
    ]
    return own[-1]["said"] if own else None


def success(world: World, person: dict) -> dict:
    if survey(world.journey) is None:
        return {"value": None, "status": "not_applicable"}
    said = _latest_answer(world, person)
    if said is None:
        return {"value": None, "status": "not_started"}
    _, items = survey(world.journey)
    points = [value for item, value in said.get("answers", {}).items() if item in items and value in (0, 1, 2, 3)]
    if not points or 3 * len(points) < 2 * len(items):
        return {"value": None, "status": "insufficient_data"}
    return {
        "value": 100 * sum(points) / (3 * len(points)),
        "status": "ok",
        "components": {"bucket": _bucket(world, points, items)},
    }


def _bucket(world: World, points: list[int], items: list[str]) -> str:
    needed = 1 if len(items) <= 3 else world.setting("success_case", "high_items", 2)
    if points.count(3) >= needed:
        return "high"
    return "low" if max(points) <= 1 else "middle"


def wilson(hits: int, n: int) -> tuple[float, float]:
    z, share = 1.959964, hits / n
    middle = share + z * z / (2 * n)
    spread = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return (middle - spread) / (1 + z * z / n), (middle + spread) / (1 + z * z / n)


def cohort(world: World, people: list[dict]) -> dict:
    """The components over the respondents whose person result is ok."""
    found = {one["account"]: success(world, one) for one in people}
    buckets = {account: one["components"]["bucket"] for account, one in found.items() if one["status"] == "ok"}
    counts = {name: list(buckets.values()).count(name) for name in ("high", "middle", "low")}
    n, enrolled = len(buckets), len(people)
    if n < 10:
        return {"counts": counts, "share_of_respondents": "absent", "wilson_high": "absent", "gap": "absent"}
    return {
        "counts": counts,
        "share_of_respondents": {name: count / n for name, count in counts.items()},
        "share_of_enrolled": {name: count / enrolled for name, count in counts.items()},
        "wilson_high": wilson(counts["high"], n),
        "response_rate": n / enrolled,
        "gap": _gaps(world, people, buckets),
        **_money(world, buckets, enrolled),
    }


def _gaps(world: World, people: list[dict], buckets: dict) -> dict:
    if not {"high", "low"} <= set(buckets.values()):
        return {}
    said = {
        one["account"]: _latest_answer(world, one).get("factors", {}) for one in people if one["account"] in buckets
    }
    factors = {factor for one in said.values() for factor in one}

    def share(bucket: str, factor: str) -> float:
        inside = [account for account in buckets if buckets[account] == bucket]
        return sum(said[account].get(factor) == "helped" for account in inside) / len(inside)

    return {factor: share("high", factor) - share("low", factor) for factor in factors}


def _money(world: World, buckets: dict, enrolled: int) -> dict:
    interviews = world.setting("success_case", "interviews", None) or []
    high = [one for one in interviews if buckets.get(one["account"]) == "high"]
    verified = [one for one in high if one["verified"]]
    adjusted = [
        one["value"] * one["attribution"] * one["confidence"] for one in verified if one.get("value") is not None
    ]
    if len(adjusted) < 3:
        return {}
    cases = list(buckets.values()).count("high") * len(verified) / len(high)
    cost = world.setting("success_case", "cost", None)
    target = world.setting("success_case", "target_share", None)
    figures = {"V": mean(adjusted) * cases, "V_median": median(adjusted) * cases, "p": cases / enrolled}
    if target is not None:
        figures["U"] = mean(adjusted) * max(0, target * enrolled - cases)
    if cost is not None:
        figures["ROI"] = (figures["V"] - cost) / cost
        if mean(adjusted):
            figures["break_even"] = cost / (mean(adjusted) * enrolled)
        figures["cost_of_non_use"] = cost * (1 - figures["p"])
        if target is not None:
            figures["ROI_at_target"] = (mean(adjusted) * target * enrolled - cost) / cost
    return figures
