"""A made-up participant with a made-up manager in a journey, on a day of any week: for previews. Pure, and never kept.

As if everything that was due before that day had been done in time, or as if nothing had been done at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import NAMESPACE_URL, uuid5

from lrs_bridge.domain.events import Kind, Score
from lrs_bridge.domain.facts import Fact, settle
from lrs_bridge.domain.journey import Journey, Step
from lrs_bridge.domain.people import Cohort, Person, Relation, Role, Run
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.web.deeds import Asks, Deed, offered
from lrs_bridge.web.situations import Situation

PARTICIPANT, MANAGER = "Robin Vale", "Kim Berg"
_RUN, _REGISTRATION = (str(uuid5(NAMESPACE_URL, f"preview/{name}")) for name in ("run", "registration"))
_BEST = 3.0  # of 4, the outcome of a made-up application


@dataclass(frozen=True)
class Imagined:
    """`week` counts from that of the kick-off, which is 0; `diligent`: what was due before is done."""

    journey: Journey
    day_zero: date
    week: int
    diligent: bool = True
    route: str | None = None

    @property
    def today(self) -> date:
        return self.day_zero + timedelta(weeks=self.week)

    @property
    def now(self) -> datetime:
        return datetime.combine(self.today, time(12), UTC)

    def situation(self) -> Situation:
        """What pages are made from."""
        enrolled = self.day_zero - timedelta(days=365)
        manager = Relation(MANAGER, enrolled)
        person = Person(PARTICIPANT, Role.PARTICIPANT, _REGISTRATION, self.day_zero, managers=(manager,))
        run = Run(_RUN, self.journey.slug, self.journey.version, self.day_zero)
        cohort = Cohort(run, "https://preview.invalid", (person, Person(MANAGER, Role.MANAGER)))
        row = Enrolment(id=_REGISTRATION, tenant_id="", run_id=_RUN, person_id="", enrolled=self.day_zero)
        return Situation(
            run=run,
            journey=self.journey,
            cohort=cohort,
            person=person,
            enrolment=row,
            now=self.now,
            facts=tuple(settle(self._facts(), self.now)),
            notes={},
            own_moments={},
            names={PARTICIPANT: PARTICIPANT, MANAGER: MANAGER},
        )

    def _facts(self) -> Iterator[Fact]:
        if self.route:
            yield self._fact("route", Kind.ROUTED, "system", self.today - timedelta(days=1), data={"route": self.route})
        if not self.diligent:
            return
        applied: list[Fact] = []
        plan: Fact | None = None
        for step in self.journey.steps:
            window = step.window(self.day_zero, self.day_zero)
            deed = offered(self.journey, step)
            skipped = step.route is not None and step.route != self.route
            if window.due >= self.today or deed is None or skipped:
                continue
            if step.owner is Role.PARTICIPANT:
                own = list(self._done(step, deed, PARTICIPANT))
                yield from own
                applied += own if deed.asks is Asks.MOMENT else []
                plan = own[-1] if deed.asks is Asks.MAP else plan
            elif step.owner is Role.MANAGER:
                yield from self._led(step, deed, plan)
        for fact in sorted(applied, key=lambda one: one.at)[:-1]:  # the latest waits for the manager's word
            about = {"target": fact.id, "role": str(Role.MANAGER)}
            yield self._fact(f"{fact.id} verified", Kind.VERIFIED, MANAGER, fact.at.date(), **about)

    def _led(self, step: Step, deed: Deed, plan: Fact | None) -> Iterator[Fact]:
        for fact in self._done(step, deed, MANAGER, plan.id if plan and deed.kind is Kind.APPROVED else None):
            yield fact
            if step.corroborated_by is Role.PARTICIPANT:
                said = self._fact(f"{fact.id} confirmed", Kind.CONFIRMED, PARTICIPANT, fact.at.date(), target=fact.id)
                yield said

    def _done(self, step: Step, deed: Deed, actor: str, target: str | None = None) -> Iterator[Fact]:
        """As often as it is expected, spread over the days of the step."""
        window = step.window(self.day_zero, self.day_zero)
        moments = self.journey.moments
        for number in range(step.expected):
            day = window.opens + (window.due - window.opens) * (number + 1) // step.expected
            moment = moments[number % len(moments)].id if moments and deed.kind is Kind.APPLIED else None
            score = Score(_BEST, 0, 4) if moment else None
            told = {"behaviours": [one.id for one in self.journey.behaviours]} if moment else {}
            more = {"step": step.id, "moment": moment, "score": score, "target": target, "data": told}
            yield self._fact(f"{step.id} {number}", deed.kind, actor, day, **more)

    def _fact(self, name: str, kind: Kind, actor: str, day: date, **more: object) -> Fact:
        at = datetime.combine(day, time(9), UTC)
        id_ = str(uuid5(NAMESPACE_URL, f"preview/{name}"))
        return Fact(id_, kind, at, actor, str(kind), registration=_REGISTRATION, **more)  # type: ignore[arg-type]


def weeks(journey: Journey) -> range:
    """From the week in which the first step opens to that of the last day of any."""
    first = min((step.opens_day for step in journey.steps), default=0) // 7
    last = max((step.due_day for step in journey.steps), default=0) // 7
    return range(min(first, 0), max(last, 0) + 1)
