"""What results are made with: the journey, the run and its evaluators with their settings; and what of it changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lrs_bridge.domain import headway
from lrs_bridge.domain.evaluators import Active, Evaluator
from lrs_bridge.domain.fingerprint import canonical, digest, of_run
from lrs_bridge.domain.journey import Journey
from lrs_bridge.domain.people import Run

LONGEST = 300


def made_by(evaluator: Evaluator) -> str:
    """Version and distribution, as they stand with whatever an evaluator made."""
    return f"{evaluator.version} of {evaluator.distribution or 'unknown'}"[:LONGEST]


def made_with(journey: Journey, run: Run, active: Iterable[Active]) -> dict[str, Any]:
    """JSON-ready; the same as long as the same statements give the same results."""
    return {
        "journey": f"{journey.slug} version {journey.version}",
        "run": digest(f"{journey.digest}\n{of_run(run)}"),
        "evaluators": {one.key: [made_by(one.evaluator), digest(canonical(one.settings))] for one in active},
        "headway": headway.KEPT,
    }


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What is different, a sentence each; nothing where results need not be computed again."""
    found = []
    if before["journey"] != after["journey"]:
        found.append(f"The journey is now {after['journey']}, and was {before['journey']}.")
    elif before["run"] != after["run"]:
        found.append("The days of the run changed.")
    if keeps_less(before):
        found.append("More is kept of how far people have come.")
    old, new = before["evaluators"], after["evaluators"]
    found += [f"{key} is asked now." for key in sorted(new.keys() - old.keys())]
    found += [f"{key} is no longer asked." for key in sorted(old.keys() - new.keys())]
    for key in sorted(old.keys() & new.keys()):
        if old[key][0] != new[key][0]:
            found.append(f"{key} is now {new[key][0]}, and was {old[key][0]}.")
        elif old[key][1] != new[key][1]:
            found.append(f"The settings of {key} changed.")
    return found


def keeps_less(before: Mapping[str, Any]) -> bool:
    """Whether pages need something of each participant that was not kept then; nothing that was kept is wrong."""
    known: int = before.get("headway", 1)
    return known < headway.KEPT
