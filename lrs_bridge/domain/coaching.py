"""Coaching and mentoring sessions as coach and coachee see them: what was held, what is open, who has had their say.

A session is what one coach said about one step on one day, with however many people (`docs/indicators.md`,
coaching_reach). Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from lrs_bridge.domain import completion
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.journey import Journey, Step, Window
from lrs_bridge.domain.people import Role, Run
from lrs_bridge.domain.record import Record
from lrs_bridge.domain.routing import decide
from lrs_bridge.domain.support import Standing

HELD = frozenset({Kind.COACHED, Kind.MENTORED})
THEMES = (
    "leader_need",
    "preparation_line_of_sight",
    "timing",
    "manager_support",
    "managers_manager",
    "incentives",
    "opportunity_to_use",
    "peer_norms",
    "tools_resources",
    "skill_not_learned",
    "personal",
    "other",
)
"""The closed list of factors that surveys and interviews use too, so that all of them can be laid side by side."""
THEMES_AT_MOST = 3
_WEEK = timedelta(days=7)


class Session(NamedTuple):
    """`facts`: one for each person who was there."""

    step: str
    day: date
    coach: str
    facts: tuple[Fact, ...]

    @property
    def registrations(self) -> tuple[str, ...]:
        return tuple(fact.registration or "" for fact in self.facts)

    @property
    def themes(self) -> tuple[str, ...]:
        named = {theme for fact in self.facts for theme in fact.data.get("themes", ())}
        return tuple(theme for theme in THEMES if theme in named)

    @property
    def goal_linked(self) -> bool:
        return any(fact.data.get("goal-linked") is True for fact in self.facts)


class OpenStep(NamedTuple):
    """A step of coaching on somebody's path that waits for sessions; `late`: its window is over."""

    step: Step
    window: Window
    held: int
    late: bool


@dataclass(frozen=True)
class Load:
    """`weeks`: (Monday, sessions held) of the last weeks, oldest first, this one last. `ahead`: sessions that are due
    by the end of the next two weeks and not held yet; a group counts once."""

    coachees: int
    weeks: Sequence[tuple[date, int]]
    ahead: int


def sessions(journey: Journey, run: Run, facts: Iterable[Fact]) -> list[Session]:
    """Sessions that were held, newest first. Those with one person are one each, of a group all of a day are one."""
    groups = {step.id for step in journey.of_type("coaching_group")}
    found: dict[tuple[str, date, str, str | None], list[Fact]] = {}
    for fact in facts:
        if fact.kind in HELD and fact.step:
            alone = None if fact.step in groups else fact.registration
            found.setdefault((fact.step, run.local_day(fact.at), fact.actor, alone), []).append(fact)
    made = [Session(step, day, actor, tuple(said)) for (step, day, actor, _), said in found.items()]
    return sorted(made, key=lambda one: (one.day, one.step), reverse=True)


def session_steps(journey: Journey, role: Role) -> tuple[Step, ...]:
    """Steps in which a coach, or a mentor, meets people."""
    types = ("mentor_session",) if role is Role.MENTOR else ("coaching_group", "coaching_2_1")
    return journey.of_type(*types)


def open_steps(journey: Journey, record: Record, steps: Iterable[Step]) -> list[OpenStep]:
    """Of these steps those that are open for a participant and not all held, what is due first at the head.

    An optional one is left once its window is over; nothing of a route that is not theirs, nor what was waived.
    """
    route = decide(journey, record)
    found = []
    for step in steps:
        window = record.windows[step.id]
        held = len(completion.completions_of(step, record))
        late = window.is_over(record.today)
        waits = held < step.expected and window.opens <= record.today and (step.required or not late)
        if waits and route.takes_in(step) and record.waiver(step) is None:
            found.append(OpenStep(step, window, held, late))
    return sorted(found, key=lambda one: (one.window.due, one.step.id))


def load(coachees: int, held: Sequence[Session], waiting: Iterable[OpenStep], today: date, weeks: int = 8) -> Load:
    """What a coach has on their hands, as of today."""
    monday = today - timedelta(days=today.weekday())
    starts = [monday - _WEEK * back for back in reversed(range(weeks))]
    counts = [(start, sum(start <= one.day < start + _WEEK for one in held)) for start in starts]
    soon = [one for one in waiting if one.window.due <= today + 2 * _WEEK]
    groups = {one.step.id: one.step.expected - one.held for one in soon if one.step.type == "coaching_group"}
    alone = sum(one.step.expected - one.held for one in soon if one.step.type != "coaching_group")
    return Load(coachees, counts, alone + sum(groups.values()))


class Claimed(NamedTuple):
    """A session that somebody says took place with this participant, and what they answered."""

    fact: Fact
    step: Step
    standing: Standing


def claimed(journey: Journey, record: Record) -> list[Claimed]:
    """Sessions with this participant in steps that ask for their word, oldest first."""
    found = []
    for step in journey.of_type(*sorted(completion.SESSION_TYPES)):
        if step.corroborated_by is not Role.PARTICIPANT:
            continue
        for fact in record.by_step.get(step.id, ()):
            if fact.kind in HELD and record.said_by_another(fact):
                found.append(Claimed(fact, step, _standing(fact, record)))
    return sorted(found, key=lambda one: (one.fact.at, one.fact.id))


def _standing(fact: Fact, record: Record) -> Standing:
    said = [word for word in record.about.get(fact.id, ()) if word.actor == record.person.account]
    said = [word for word in said if word.kind in (Kind.CONFIRMED, Kind.DISPUTED)]
    if not said:
        return Standing.CLAIMED
    return Standing.CONFIRMED if said[-1].kind is Kind.CONFIRMED else Standing.DISPUTED
