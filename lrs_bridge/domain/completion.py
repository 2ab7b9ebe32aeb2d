"""A participant's own steps: what completed them, in time or late, and which of them count.

The rules are those of journey_completion in `docs/indicators.md`; pages show the same values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from lrs_bridge.domain import record as records
from lrs_bridge.domain.evaluators import Evidence
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.journey import Journey, Late, Step, Window
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.record import Record
from lrs_bridge.domain.routing import Route, decide

_DOING = frozenset(
    {
        Kind.COMPLETED,
        Kind.ATTENDED,
        Kind.ACKNOWLEDGED,
        Kind.PLANNED,
        Kind.PRACTISED,
        Kind.APPLIED,
        Kind.ANSWERED,
        Kind.RATED,
        Kind.REFLECTED,
        Kind.COMMENTED,
    }
)
SESSION_TYPES = frozenset({"coaching_group", "coaching_2_1", "mentor_session"})
_HOLDING = frozenset({Kind.COACHED, Kind.MENTORED})


class StepState(StrEnum):
    """How one of the participant's steps stands on a day."""

    WAIVED = "waived"
    OFF_ROUTE = "off_route"
    DONE = "done"
    DONE_LATE = "done_late"
    UPCOMING = "upcoming"
    OPEN = "open"
    OVERDUE = "overdue"


class Completion(NamedTuple):
    """One time that a step was done. Several people's statements of one session stand together in `facts`."""

    facts: tuple[Fact, ...]
    day: date
    days_late: int


class StepProgress(NamedTuple):
    """One step owned by the participant.

    `completions`: all of them in order. `credit`: 0-1, by the journey's late policy. `waiver`: who took the step
    away. `counts`: it is in R, the required steps of this person that make up the value.
    """

    step: Step
    window: Window
    completions: tuple[Completion, ...]
    credit: float
    waiver: Fact | None
    on_route: bool
    counts: bool

    @property
    def credited(self) -> tuple[Completion, ...]:
        """The first `expected` completions."""
        return self.completions[: self.step.expected]

    @property
    def done(self) -> bool:
        return len(self.completions) >= self.step.expected

    @property
    def late(self) -> bool:
        return any(completion.days_late for completion in self.credited)

    @property
    def share_on_time(self) -> float:
        """Fraction of the expected completions that came by the end of the window; early is on time."""
        return sum([not completion.days_late for completion in self.credited]) / self.step.expected

    def state(self, today: date) -> StepState:
        if self.waiver:
            return StepState.WAIVED
        if not self.on_route:
            return StepState.OFF_ROUTE
        if self.done:
            return StepState.DONE_LATE if self.late else StepState.DONE
        if self.window.is_over(today):
            return StepState.OVERDUE
        return StepState.OPEN if self.window.opens <= today else StepState.UPCOMING


@dataclass(frozen=True)
class Progress:
    """Every step the participant owns, in the journey's order. `begun`: the first step that may count has opened."""

    today: date
    route: Route
    steps: tuple[StepProgress, ...]
    begun: bool

    @cached_property
    def by_id(self) -> Mapping[str, StepProgress]:
        return {progress.step.id: progress for progress in self.steps}

    @cached_property
    def counting(self) -> tuple[StepProgress, ...]:
        """R: required, on the person's route, not waived, chosen."""
        return tuple(progress for progress in self.steps if progress.counts)


def of(journey: Journey, evidence: Evidence, as_of: datetime) -> Progress:
    """The participant's progress, kept in `evidence.cache` for whoever asks next."""
    key = ("progress", as_of)
    if key not in evidence.cache:
        evidence.cache[key] = _progress(journey, records.of(journey, evidence, as_of))
    found: Progress = evidence.cache[key]
    return found


def _progress(journey: Journey, record: Record) -> Progress:
    route = decide(journey, record)
    rows = [_row(step, record, route, journey.late) for step in journey.owned_by(Role.PARTICIPANT)]
    begun = any(row.counts and row.window.opens <= record.today for row in rows)
    left_out = _left_out(journey, rows)
    if left_out:
        rows = [row._replace(counts=False) if row.step.id in left_out else row for row in rows]
    return Progress(record.today, route, tuple(rows), begun)


def _row(step: Step, record: Record, route: Route, late: Late) -> StepProgress:
    completions = completions_of(step, record)
    waiver, on_route = record.waiver(step), route.takes_in(step)
    credits = [late.credit(done.days_late) for done in completions[: step.expected]] if completions else ()
    return StepProgress(
        step=step,
        window=record.windows[step.id],
        completions=completions,
        credit=sum(credits) / step.expected,
        waiver=waiver,
        on_route=on_route,
        counts=step.required and on_route and waiver is None,
    )


def _left_out(journey: Journey, rows: Iterable[StepProgress]) -> set[str]:
    """Steps of a menu beyond the `choose` best-credited; of equal credit the first in the menu's list counts."""
    if not journey.choices:
        return set()
    counting = {row.step.id: row.credit for row in rows if row.counts}
    left_out: set[str] = set()
    for choice in journey.choices:
        offered = [step for step in choice.steps if step in counting]
        best_first = sorted(offered, key=lambda step: -counting[step])
        left_out.update(best_first[choice.choose :])
    return left_out


def completions_of(step: Step, record: Record) -> tuple[Completion, ...]:
    """Every time the step was done for this participant, in order; a session held by a coach's step counts too."""
    facts: Sequence[Fact] = [fact for fact in record.by_step.get(step.id, ()) if _completes(fact, step, record)]
    matched = record.matched.get(step.id)
    if not facts and not matched:
        return ()
    if matched:
        once = {fact.id: fact for fact in (*facts, *matched)}
        facts = sorted(once.values(), key=lambda fact: (fact.at, fact.id))
    days, window = record.days, record.windows[step.id]
    if step.type in SESSION_TYPES:
        sessions: dict[date, list[Fact]] = {}
        for fact in facts:
            sessions.setdefault(days[fact.id], []).append(fact)
        return tuple([Completion(tuple(said), day, window.days_late(day)) for day, said in sessions.items()])
    return tuple([Completion((fact,), days[fact.id], window.days_late(days[fact.id])) for fact in facts])


def _completes(fact: Fact, step: Step, record: Record) -> bool:
    if fact.completion is False:
        return False
    if fact.kind in _HOLDING:
        return step.type in SESSION_TYPES and record.said_by_another(fact)
    if fact.kind not in _DOING or fact.actor != record.person.account:
        return False
    return fact.kind is not Kind.RATED or fact.data.get("source") == "self"
