"""coaching_reach: sessions that took place, of those expected at steps that have entered."""

from __future__ import annotations

from tests.conformance.oracle.completion import COACHING, completions, on_route, route_of, waived
from tests.conformance.oracle.world import World


def coaching(world: World, person: dict) -> dict:
    steps = [step for step in world.journey["steps"] if step["type"] in COACHING and not waived(world, person, step)]
    own = [step for step in steps if on_route(world, person, step)]
    undecided = route_of(world, person) is None
    if not own and not (undecided and steps):
        return {"value": None, "status": "not_applicable"}
    held = expected = 0
    for step in own:
        wanted = step.get("expected", 1)
        found = len(completions(world, person, step))
        closed = world.today > world.last_day(step, person)
        if found >= wanted or (closed and (step.get("required", True) or found)):
            held += min(found, wanted)
            expected += wanted
    if not expected:
        return {"value": None, "status": "not_started"}
    return {
        "value": 100 * held / expected,
        "status": "ok",
        "n": held,
        "components": {"held": held, "expected": expected},
    }
