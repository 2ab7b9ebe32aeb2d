"""How far a participant has come, in few words: what pages about a whole run need of each of its people.

It is found where somebody is evaluated, since all their facts are at hand there, and kept beside their results. A page
about five hundred people reads five hundred of these instead of everything that they ever did.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from lrs_bridge.domain import applications, completion, support
from lrs_bridge.domain.applications import Standing
from lrs_bridge.domain.evaluators import Evidence
from lrs_bridge.domain.insights import funnel
from lrs_bridge.domain.insights.funnel import Stage
from lrs_bridge.domain.journey import Journey

KEPT = 2
"""Raised with anything new that is kept here, so that it is found for everybody."""


class How(StrEnum):
    """How a step was done whose window is over."""

    IN_TIME = "in_time"
    LATE = "late"
    OPEN = "open"


class Over(NamedTuple):
    """A required step whose window is over. `due`: the last day to do it in time."""

    due: date
    how: How


@dataclass(frozen=True)
class Headway:
    """Steps by id: `own` those of the participant that count, `led` those of the manager on the participant's path.

    `applications` are those that stand, `confirmed` those of them that somebody else verified. `reached`: the stages of
    the results page; None: it was kept before there was any such thing.
    """

    own: Mapping[str, Over] = field(default_factory=dict)
    led: Mapping[str, Over] = field(default_factory=dict)
    has_manager: bool = False
    applications: int = 0
    confirmed: int = 0
    reached: frozenset[Stage] | None = None

    @property
    def overdue(self) -> int:
        return sum([over.how is How.OPEN for over in self.own.values()])

    def as_dict(self) -> dict[str, Any]:
        """As JSON: `from_dict` reads it."""
        return {
            "own": {step: [over.due.isoformat(), over.how] for step, over in self.own.items()},
            "led": {step: [over.due.isoformat(), over.how] for step, over in self.led.items()},
            "has_manager": self.has_manager,
            "applications": self.applications,
            "confirmed": self.confirmed,
            "reached": None if self.reached is None else sorted(self.reached),
        }

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Headway:
        """What `as_dict` made."""
        own, led = (
            {step: Over(date.fromisoformat(due), _HOW[how]) for step, (due, how) in kept[name].items()}
            for name in ("own", "led")
        )
        reached = kept.get("reached")
        stages = None if reached is None else frozenset(map(Stage, reached))
        return cls(own, led, kept["has_manager"], kept["applications"], kept["confirmed"], stages)


_HOW = {str(how): how for how in How}
_USUAL: Mapping[str, Any] = MappingProxyType({})


def of(journey: Journey, evidence: Evidence, as_of: datetime, settings: Mapping[str, Any] = _USUAL) -> Headway:
    """The headway of `evidence.person`. `settings`: those of mtm_application, which say whose word counts fully."""
    progress = completion.of(journey, evidence, as_of)
    seen = support.of(journey, evidence, as_of)
    applied = applications.of(journey, evidence, as_of).standing
    return Headway(
        own={
            row.step.id: Over(row.window.due, _how(row.done, row.late))
            for row in progress.counting
            if row.window.is_over(progress.today)
        },
        led={
            row.step.id: Over(row.window.due, _how(row.done, row.late))
            for row in (seen.steps if seen.managers else ())
            if row.step.required and row.window.is_over(seen.today)
        },
        has_manager=bool(seen.managers),
        applications=len(applied),
        confirmed=sum(one.standing is Standing.VERIFIED for one in applied),
        reached=funnel.reached(journey, evidence, settings, as_of),
    )


def _how(done: bool, late: bool) -> How:
    if not done:
        return How.OPEN
    return How.LATE if late else How.IN_TIME
