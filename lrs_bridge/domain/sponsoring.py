"""A sponsor's own steps in a run: what was done, in time or late, and who vouches for it.

The rules are those of sponsor_engagement in `docs/indicators.md`; credits are those of the manager's steps (`support`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from lrs_bridge.domain.evaluators import Evidence
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.journey import Journey, Step, Window
from lrs_bridge.domain.people import Person, Role
from lrs_bridge.domain.shared import WORDS
from lrs_bridge.domain.support import EVENTS, Standing, SupportEvent

LATE, CLAIMED = 0.5, 0.7  # what manager_engagement gives by default
_DOING = EVENTS | {Kind.ACKNOWLEDGED}


@dataclass(frozen=True, slots=True)
class SponsorStep:
    """One step of a sponsor. `expected`: how many acts; of a step with managers one for each of theirs.
    `events`: those that count, in order; an act for many people is one. `entered`: it makes part of the value."""

    step: Step
    expected: int
    events: tuple[SupportEvent, ...]
    entered: bool

    @property
    def credit(self) -> float:
        return sum(event.credit(LATE, CLAIMED) for event in self.events[: self.expected]) / self.expected


def managers_of(evidence: Evidence, today: date) -> list[Person]:
    """The sponsor's managers, now or before, who lead somebody of the members."""
    account = evidence.subject.account or ""
    leading = {relation.account for member in evidence.members for relation in member.person.managers}
    begun = (
        manager
        for manager in evidence.cohort.sponsored_by(account)
        if any(r.account == account and (r.start is None or r.start <= today) for r in manager.sponsors)
    )
    return [manager for manager in begun if manager.account in leading]


def of(journey: Journey, evidence: Evidence, as_of: datetime) -> tuple[SponsorStep, ...]:
    """The steps of the sponsor whom `evidence` is about, in the journey's order."""
    windows = journey.windows(evidence.run.day_zero, None)
    words: dict[str, list[Fact]] = {}
    for fact in evidence.facts:
        if fact.kind in WORDS and fact.target:
            words.setdefault(fact.target, []).append(fact)
    today = evidence.run.local_day(as_of)
    return tuple(_step(step, windows[step.id], evidence, words, today) for step in journey.owned_by(Role.SPONSOR))


def _step(
    step: Step, window: Window, evidence: Evidence, words: Mapping[str, Sequence[Fact]], today: date
) -> SponsorStep:
    acts = [f for f in evidence.by_step.get(step.id, ()) if f.kind in _DOING and f.completion is not False]
    expected = step.expected
    if step.counterpart == Role.MANAGER:
        wanted = _sponsored_in(window, evidence)
        groups, expected = _one_for_each(wanted, acts, evidence), len(wanted)
    else:
        groups = _by_day(acts, evidence)
    events = sorted((_event(step, window, group, evidence, words) for group in groups), key=lambda e: e.fact.at)
    over = window.is_over(today)
    entered = expected > 0 and ((over or len(events) >= expected) if events else step.required and over)
    return SponsorStep(step, expected, tuple(events), entered)


def _sponsored_in(window: Window, evidence: Evidence) -> list[str]:
    """The sponsor's managers at some time in the window."""
    account = evidence.subject.account or ""
    return [
        manager.account
        for manager in evidence.cohort.sponsored_by(account)
        if any(r.account == account and r.overlaps(window.opens, window.last) for r in manager.sponsors)
    ]


def _by_day(acts: Iterable[Fact], evidence: Evidence) -> list[list[Fact]]:
    """A message to everybody is one statement per enrolment; those of a day are one act."""
    days: dict[date, list[Fact]] = {}
    for fact in acts:
        days.setdefault(evidence.run.local_day(fact.at), []).append(fact)
    return list(days.values())


def _one_for_each(wanted: Iterable[str], acts: Iterable[Fact], evidence: Evidence) -> list[list[Fact]]:
    """The acts of the first day with each of these managers; whom an act was with stands in it, or is whoever managed
    the participant it is about."""
    found: dict[str, list[Fact]] = {account: [] for account in wanted}
    for fact in acts:
        day = evidence.run.local_day(fact.at)
        about = evidence.cohort.by_registration.get(fact.registration or "")
        managers = (fact.counterpart,) if fact.counterpart else about.managers_on(day) if about else ()
        for account in managers:
            group = found.get(account or "")
            if group is not None and (not group or evidence.run.local_day(group[0].at) == day):
                group.append(fact)
    return [group for group in found.values() if group]


def _event(
    step: Step, window: Window, group: Sequence[Fact], evidence: Evidence, words: Mapping[str, Sequence[Fact]]
) -> SupportEvent:
    first = group[0]
    day = evidence.run.local_day(first.at)
    said = [word for fact in group for word in words.get(fact.id, ()) if _may_answer(step, word, evidence)]
    answer = max(said, key=lambda word: (word.at, word.id), default=None)
    return SupportEvent(first, day, window.is_over(day), _standing(step, first, answer), answer)


def _may_answer(step: Step, word: Fact, evidence: Evidence) -> bool:
    """Somebody else in the role that the step names; where a statement says no role, by what they are in the run."""
    sponsor = evidence.subject.account or ""
    role = word.role
    if role is None and word.actor in {manager.account for manager in evidence.cohort.sponsored_by(sponsor)}:
        role = Role.MANAGER
    elif role is None and word.actor in {member.person.account for member in evidence.members}:
        role = Role.PARTICIPANT
    return word.actor != sponsor and role is not None and role == step.corroborated_by


def _standing(step: Step, fact: Fact, answer: Fact | None) -> Standing:
    if answer is not None and answer.kind is Kind.DISPUTED:
        return Standing.DISPUTED
    if step.corroborated_by in (None, Role.SYSTEM) or fact.kind is Kind.VERIFIED:
        return Standing.UNQUESTIONED
    return Standing.CLAIMED if answer is None else Standing.CONFIRMED
