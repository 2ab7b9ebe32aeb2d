"""How far people came: enrolled, prepared, trained, applied, confirmed, with a result. Process, but the last. Pure.

Each row counts everybody in the run of whom it is true: somebody may apply something without having prepared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from lrs_bridge.domain import applications, completion
from lrs_bridge.domain.evaluators import Evidence
from lrs_bridge.domain.insights.shares import Share, Why
from lrs_bridge.domain.journey import Journey, Phase
from lrs_bridge.domain.people import Role

_ASKING = frozenset({"survey", "mtm_application", "interview"})


class Stage(StrEnum):
    ENROLLED = "enrolled"
    PREPARED = "prepared"
    """Did every required step before day zero."""
    TRAINED = "trained"
    """Did every required step of the training itself, surveys aside."""
    APPLIED = "applied"
    """Logged at least one moment."""
    VERIFIED = "verified"
    """At least one is confirmed by somebody whose word counts fully."""
    RESULT = "result"
    """One of those had a clear result: the impact rate, which comes out as a publication."""


@dataclass(frozen=True)
class Row:
    """`people` None: not told, and `why`."""

    stage: Stage
    people: int | None
    why: Why | None = None
    band: str | None = None


def stages(journey: Journey) -> frozenset[Stage]:
    """Those that the journey has."""
    found = {Stage.ENROLLED}
    owned = [step for step in journey.steps if step.owner is Role.PARTICIPANT and step.required]
    if any(step.phase is Phase.BEFORE for step in owned):
        found.add(Stage.PREPARED)
    if any(step.phase is Phase.DURING and step.type not in _ASKING for step in owned):
        found.add(Stage.TRAINED)
    if journey.of_type(applications.STEP_TYPE):
        found |= {Stage.APPLIED, Stage.VERIFIED, Stage.RESULT}
    return frozenset(found)


def reached(journey: Journey, evidence: Evidence, settings: Mapping[str, Any], as_of: datetime) -> frozenset[Stage]:
    """How far one participant came, the result aside. `settings`: those of mtm_application."""
    rows = completion.of(journey, evidence, as_of).counting
    seen = applications.of(journey, evidence, as_of)
    factors = settings.get("factors", applications.FACTORS)
    back = int(settings.get("backdate_days", applications.BACKDATE_DAYS))
    true = {
        Stage.ENROLLED: True,
        Stage.PREPARED: all(row.done for row in rows if row.step.phase is Phase.BEFORE),
        Stage.TRAINED: all(row.done for row in rows if row.step.phase is Phase.DURING and row.step.type not in _ASKING),
        Stage.APPLIED: bool(seen.applications),
        Stage.VERIFIED: any(one.v(factors, back) >= factors["verified"] for one in seen.standing),
    }
    return frozenset(stage for stage, so in true.items() if so)


def funnel(journey: Journey, people: Sequence[frozenset[Stage]], result: Share | None, least: int) -> list[Row]:
    """The rows that the journey has, in order. Under `least` people only how many are enrolled is told; `result` None:
    the reader is not told of it."""
    rows = []
    has = stages(journey)
    for stage in Stage:
        if stage not in has or (stage is Stage.RESULT and result is None):
            continue
        if stage is not Stage.ENROLLED and len(people) < least:
            rows.append(Row(stage, None, Why.FEW))
        elif stage is Stage.RESULT and result is not None:
            rows.append(Row(stage, result.count, result.why, result.band))
        else:
            rows.append(Row(stage, sum(stage in one for one in people)))
    return rows
