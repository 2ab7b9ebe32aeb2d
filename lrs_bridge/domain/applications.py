"""Applications on the job: which `applied` facts are applications, and how far others stand behind them.

The rules are those of mtm_application in `docs/indicators.md`; pages show the same values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from lrs_bridge.domain import record as records
from lrs_bridge.domain.evaluators import Evidence
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.journey import Journey
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.record import Record

STEP_TYPE = "mtm_application"
FACTORS: Mapping[str, float] = MappingProxyType({"self": 0.6, "peer": 0.8, "verified": 1.0})
BACKDATE_DAYS = 14
OUTCOMES = frozenset(range(5))  # 0 made it worse ... 4 clear on the agreed goal, with evidence

_GRADES: Mapping[str | None, str] = {
    Role.PEER: "peer",
    Role.MANAGER: "verified",
    Role.COACH: "verified",
    Role.MENTOR: "verified",
    Role.SPONSOR: "verified",
    Role.ASSESSOR: "verified",
}
_JUDGING = frozenset({Kind.VERIFIED, Kind.DISPUTED})
_ANSWERING = frozenset({Kind.CONFIRMED, Kind.VERIFIED, Kind.DISPUTED})
_LISTS = (list, tuple)
_RANK = {"self": 0, "peer": 1, "verified": 2}


class Standing(StrEnum):
    """What others say of an application: nobody yet, the latest word is a verification, or it is a dispute."""

    SELF = "self"
    VERIFIED = "verified"
    DISPUTED = "disputed"


class Application(NamedTuple):
    """One application: the first valid record of a moment on a local day.

    `outcome`: r, 0-4. `grade`: key of the factor, by the highest role that verified since the last dispute;
    `verified_by`: that role. `late_by`: time between the act and its entry, None where the record does not say.
    `words`: the verifications and disputes by others, in order.
    """

    fact: Fact
    day: date
    moment: str
    personal: bool
    outcome: int
    standing: Standing
    grade: str
    verified_by: str | None
    late_by: timedelta | None
    words: tuple[Fact, ...]

    @property
    def stands(self) -> bool:
        return self.standing is not Standing.DISPUTED

    def v(self, factors: Mapping[str, float] = FACTORS, backdate_days: int = BACKDATE_DAYS) -> float:
        """How far it counts: 0 while disputed; entered too long after the act, never more than one's own word."""
        if not self.stands:
            return 0.0
        if self.late_by is not None and self.late_by > timedelta(days=backdate_days):
            return min(factors[self.grade], factors["self"])
        return factors[self.grade]


class NoOpportunity(NamedTuple):
    """A moment that did not come up, and the latest word of somebody else where that confirms it."""

    fact: Fact
    day: date
    moment: str
    confirmed_by: Fact | None


@dataclass(frozen=True, slots=True)
class Applications:
    """All a participant's applications in order. `opens`: first day of the first application step, None where the
    journey has none; `open`: that day has come."""

    today: date
    opens: date | None
    applications: tuple[Application, ...]
    no_opportunities: tuple[NoOpportunity, ...]

    @property
    def open(self) -> bool:
        return self.opens is not None and self.opens <= self.today

    @property
    def standing(self) -> tuple[Application, ...]:
        return tuple(application for application in self.applications if application.stands)

    @property
    def confirmed_no_opportunities(self) -> tuple[NoOpportunity, ...]:
        """One per moment and local day, the first."""
        first: dict[tuple[str, date], NoOpportunity] = {}
        for none in self.no_opportunities:
            if none.confirmed_by is not None:
                first.setdefault((none.moment, none.day), none)
        return tuple(first.values())


def of(journey: Journey, evidence: Evidence, as_of: datetime) -> Applications:
    """The participant's applications, kept in `evidence.cache` for whoever asks next."""
    key = ("applications", as_of)
    if key not in evidence.cache:
        evidence.cache[key] = _applications(journey, records.of(journey, evidence, as_of))
    found: Applications = evidence.cache[key]
    return found


def _applications(journey: Journey, record: Record) -> Applications:
    opens = min((record.windows[step.id].opens for step in journey.of_type(STEP_TYPE)), default=None)
    first: dict[tuple[str, date], Application] = {}
    for fact in record.applied:
        application = _application(fact, journey, record)
        if application is not None and opens is not None and application.day >= opens:
            first.setdefault((application.moment, application.day), application)
    return Applications(
        today=record.today,
        opens=opens,
        applications=tuple(first.values()),
        no_opportunities=tuple(_no_opportunities(journey, record)),
    )


def _application(fact: Fact, journey: Journey, record: Record) -> Application | None:
    """A record of a known moment, a behaviour of the catalogue and an outcome; else it is none."""
    moment = _moment(fact, journey)
    outcome = fact.score.raw if fact.score else None
    if moment is None or outcome not in OUTCOMES or not _behaviours(fact, journey):
        return None
    words = _words(fact, record, _JUDGING)
    standing, grade, role = _weigh(words)
    entered = fact.recorded or fact.stored
    return Application(
        fact=fact,
        day=record.days[fact.id],
        moment=moment,
        personal=fact.personal_moment,
        outcome=int(outcome),
        standing=standing,
        grade=grade,
        verified_by=role,
        late_by=entered - fact.at if entered else None,
        words=words,
    )


def _moment(fact: Fact, journey: Journey) -> str | None:
    known = fact.personal_moment or fact.moment in journey.moment_by_id
    return fact.moment if known else None


def _behaviours(fact: Fact, journey: Journey) -> frozenset[str]:
    """Those of the catalogue; anything else in the list does not count."""
    named = fact.data.get("behaviours")
    if not isinstance(named, _LISTS):
        return frozenset()
    return journey.behaviour_ids.intersection([name for name in named if isinstance(name, str)])


def _words(fact: Fact, record: Record, kinds: frozenset[Kind]) -> tuple[Fact, ...]:
    about: Sequence[Fact] = record.about.get(fact.id, ())
    return tuple([said for said in about if said.kind in kinds and record.said_by_another(said)])


def _weigh(words: Iterable[Fact]) -> tuple[Standing, str, str | None]:
    """The latest word decides; if it verifies, the highest role since the last dispute gives the grade."""
    standing, grade, role = Standing.SELF, "self", None
    for said in words:
        if said.kind is Kind.DISPUTED:
            standing, grade, role = Standing.DISPUTED, "self", None
            continue
        standing = Standing.VERIFIED
        theirs = _GRADES.get(said.role, "self")
        if role is None or _RANK[theirs] > _RANK[grade]:
            grade, role = theirs, said.role
    return standing, grade, role


def _no_opportunities(journey: Journey, record: Record) -> Iterator[NoOpportunity]:
    for fact in record.lacked:
        moment = _moment(fact, journey)
        if moment is not None:
            words = _words(fact, record, _ANSWERING)
            confirms = bool(words) and words[-1].kind is not Kind.DISPUTED
            yield NoOpportunity(fact, record.days[fact.id], moment, words[-1] if confirms else None)
