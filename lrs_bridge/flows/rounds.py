"""Rounds in which people rate a participant's capabilities: what was said so far, who is asked, and as what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from lrs_bridge.domain import rating
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.journey import Journey, Step, Window
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.rating import Source, Told
from lrs_bridge.flows.links import is_led
from lrs_bridge.store import enrolments, people, raters
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.store.facts import FactRow, facts_where
from lrs_bridge.store.raters import Rater, RaterState
from lrs_bridge.store.runs import RunRow

ROUND = "assessment_360"


def rounds_of(journey: Journey) -> tuple[Step, ...]:
    """The rounds of a journey: steps of a participant on capabilities that it names."""
    return tuple(step for step in journey.of_type(ROUND) if step.owner is Role.PARTICIPANT and journey.capabilities)


@dataclass(frozen=True)
class Round:
    """One round of one participant. `asked`: whose answer is waited for or came; `facts`: `rated` ones, in order."""

    run: RunRow
    enrolment: Enrolment
    step: Step
    asked: Sequence[Rater]
    facts: Sequence[Fact]
    now: datetime

    @property
    def told(self) -> Told:
        return rating.tell(self.facts, self.run.journey.capabilities)

    @property
    def is_open(self) -> bool:
        return self._window.opens <= self._today and not self.is_closed

    @property
    def is_closed(self) -> bool:
        return rating.is_closed(self._window.is_over(self._today), bool(self.asked), self.told)

    def own(self, account: str) -> dict[str, Fact]:
        """What somebody said under their own name, by capability."""
        return {fact.capability or "": fact for fact in self.facts if fact.actor == account}

    @property
    def _today(self) -> date:
        return self.run.run.local_day(self.now)

    @property
    def _window(self) -> Window:
        return self.step.window(self.enrolment.day_zero or self.run.day_zero, self.enrolment.enrolled)


def read_round(session: Session, run: RunRow, enrolment: Enrolment, step: Step, now: datetime) -> Round:
    return read_rounds(session, run, [(enrolment, step)], now)[0]


def read_rounds(session: Session, run: RunRow, wanted: Sequence[tuple[Enrolment, Step]], now: datetime) -> list[Round]:
    """Rounds in the order given; two queries, however many they are."""
    ids = {enrolment.id for enrolment, _ in wanted}
    facts = facts_where(
        session,
        FactRow.tenant_id == run.tenant_id,
        FactRow.registration.in_(ids),
        FactRow.step.in_({step.id for _, step in wanted}),
        FactRow.kind == str(Kind.RATED),
    )
    asked = raters.of_enrolments(session, run.tenant_id, ids)
    return [
        Round(
            run,
            enrolment,
            step,
            raters.some((row for row in asked if row.enrolment_id == enrolment.id), step.id),
            [fact for fact in facts if (fact.registration, fact.step) == (enrolment.id, step.id)],
            now,
        )
        for enrolment, step in wanted
    ]


def is_asked(session: Session, run: RunRow, person_id: str, enrolment_id: str, step_id: str, now: datetime) -> bool:
    """Whether somebody is asked for a view: by the participant, or as their manager."""
    if rater_of(session, run, person_id, enrolment_id, step_id) is not None:
        return True
    return bool(enrolment_id) and is_led(session, run, person_id, enrolment_id, now)


def rater_of(session: Session, run: RunRow, person_id: str, enrolment_id: str, step_id: str) -> Rater | None:
    """The request to somebody, unless it was taken back."""
    found = raters.of_enrolment(session, run.tenant_id, enrolment_id)
    return next((row for row in found if row.person_id == person_id and row.step == step_id and row.counts), None)


def source_of(session: Session, round_: Round, person_id: str) -> Source | None:
    """As what somebody may rate in this round today; None where they are not asked."""
    if rater_of(session, round_.run, person_id, round_.enrolment.id, round_.step.id) is not None:
        row = next(one for one in round_.asked if one.person_id == person_id)
        return Source(row.source)
    if is_led(session, round_.run, person_id, round_.enrolment.id, round_.now):
        return Source.MANAGER
    return None


def requests_to(session: Session, run: RunRow, person_id: str, now: datetime) -> list[Round]:
    """Open rounds in which somebody with an account here is asked, or whose manager they are, not answered yet."""
    steps = {step.id: step for step in rounds_of(run.journey)}
    if not steps:
        return []
    today = run.run.local_day(now)
    asked = [row for row in raters.of_person(session, run, person_id) if row.state == RaterState.ASKED]
    wanted = {(row.enrolment_id, row.step) for row in asked}
    led = set(enrolments.people_of(session, run.tenant_id, run.id, person_id, Role.MANAGER, today))
    of_led = enrolments.enrolments_of_people(session, run.tenant_id, led) if led else {}
    mine = [one for own in of_led.values() for one in own if one.run_id == run.id]
    wanted |= {(one.id, step) for one in mine for step in steps}
    known = enrolments.enrolments_by_id(session, run.tenant_id, [id_ for id_, _ in wanted])
    person = people.get_person(session, run.tenant_id, person_id)
    pairs = [(known[id_], steps[step]) for id_, step in sorted(wanted) if id_ in known and step in steps]
    if person is None or not pairs:
        return []
    found = read_rounds(session, run, pairs, now)
    return [one for one in found if one.is_open and _takes_part(one) and not one.own(person.account)]


def _takes_part(round_: Round) -> bool:
    withdrawn = round_.enrolment.withdrawn
    return withdrawn is None or withdrawn > round_.run.run.local_day(round_.now)
