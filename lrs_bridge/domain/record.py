"""One participant's record: their settled facts, looked through once for every evaluator and page that asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from lrs_bridge.domain.evaluators import Evidence
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.journey import Journey, Step, Window
from lrs_bridge.domain.people import Person, Role

# These say something about a step or a statement; none of them is the doing of a step, not even through `matches`.
NOTHING_DONE = frozenset(
    {Kind.WAIVED, Kind.ROUTED, Kind.VERIFIED, Kind.CONFIRMED, Kind.DISPUTED, Kind.LACKED_OPPORTUNITY}
)
_WAIVED, _APPLIED, _LACKED, _ROUTED = Kind.WAIVED, Kind.APPLIED, Kind.LACKED_OPPORTUNITY, Kind.ROUTED


@dataclass(frozen=True, slots=True)
class Record:
    """Facts of one enrolment in order, sorted into the places where they are asked for.

    `today`: the local day of `as_of`. `days`: local day by statement id. `by_step`: facts with this registration
    and a step, but for waivers, which stand in `waived`. `matched`: statements of other systems, by the
    participant's step they complete. `about`: facts that refer to a statement, by its id. `applied` and `lacked`
    are the participant's own.
    """

    person: Person
    today: date
    windows: Mapping[str, Window]
    days: Mapping[str, date]
    by_step: Mapping[str, Sequence[Fact]]
    matched: Mapping[str, Sequence[Fact]]
    about: Mapping[str, Sequence[Fact]]
    waived: Mapping[str, Sequence[Fact]]
    applied: Sequence[Fact]
    lacked: Sequence[Fact]
    routed: Fact | None

    def said_by_another(self, fact: Fact) -> bool:
        """By another person than the participant, whatever name a system knows the participant by."""
        return fact.actor != self.person.account and fact.actor not in self.person.identities

    def waiver(self, step: Step) -> Fact | None:
        """The first statement of somebody else that takes this step away; nobody waives what is theirs to do."""
        for fact in self.waived.get(step.id, ()):
            own = step.owner is Role.MANAGER and self._manages(fact.actor)
            if self.said_by_another(fact) and not own:
                return fact
        return None

    def _manages(self, account: str) -> bool:
        return any(relation.account == account for relation in self.person.managers)


def of(journey: Journey, evidence: Evidence, as_of: datetime) -> Record:
    """The record of `evidence.person`, kept in `evidence.cache` for whoever asks next."""
    key = ("record", as_of)
    if key not in evidence.cache:
        evidence.cache[key] = _read(journey, evidence, as_of)
    found: Record = evidence.cache[key]
    return found


def _read(journey: Journey, evidence: Evidence, as_of: datetime) -> Record:
    person, run = evidence.person, evidence.run
    if person is None:
        raise ValueError("a record is one participant's, and this evidence names no person")
    by_step: dict[str, list[Fact]] = {}
    about: dict[str, list[Fact]] = {}
    waived: dict[str, list[Fact]] = {}
    applied, lacked, routed = [], [], None
    for fact in evidence.facts:
        kind, step, target = fact.kind, fact.step, fact.target
        if target is not None:
            about.setdefault(target, []).append(fact)
        if fact.registration != person.registration:
            continue
        if step is not None:
            (waived if kind is _WAIVED else by_step).setdefault(step, []).append(fact)
        if kind is _APPLIED:
            if fact.actor == person.account:
                applied.append(fact)
        elif kind is _LACKED:
            if fact.actor == person.account:
                lacked.append(fact)
        elif kind is _ROUTED and isinstance(fact.data.get("route"), str):
            routed = fact
    zone = run.zone
    return Record(
        person=person,
        today=run.local_day(as_of),
        windows=journey.windows(person.starts(run), person.enrolled),
        days={fact.id: fact.at.astimezone(zone).date() for fact in evidence.facts},
        by_step=by_step,
        matched=_matched(journey, person, evidence.facts),
        about=about,
        waived=waived,
        applied=applied,
        lacked=lacked,
        routed=routed,
    )


def _matched(journey: Journey, person: Person, facts: Sequence[Fact]) -> Mapping[str, Sequence[Fact]]:
    steps = journey.matched_steps
    found: dict[str, list[Fact]] = {}
    if not steps:
        return found
    names = {person.account, *person.identities}
    for fact in facts:
        fits = fact.actor in names and fact.registration in (None, person.registration)
        if not fits or fact.kind in NOTHING_DONE or fact.completion is False or fact.activity is None:
            continue
        for step in steps.get((fact.verb, fact.activity), ()):
            found.setdefault(step, []).append(fact)
    return found
