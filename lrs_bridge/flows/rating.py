"""Rounds in which people rate a participant's capabilities: who is asked, their link, and what they say.

Managers rate under their own name, and may change it while the round is open. Peers and others rate under a fresh
random name each, dated to the day, once: nothing leads back to them, and so nothing can be changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID, uuid4, uuid5

from sqlalchemy.orm import Session

from lrs_bridge.domain import rating, reminders
from lrs_bridge.domain.events import Event, Kind, Score
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.journey import Capability, Journey, Step, Window
from lrs_bridge.domain.mailing import is_address
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.rating import Source, Told
from lrs_bridge.domain.reminders import LetterKind
from lrs_bridge.flows.messages import is_led
from lrs_bridge.flows.record import record
from lrs_bridge.store import enrolments, message_links, messages, people, raters, relations, tenants
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.store.facts import FactRow, facts_where
from lrs_bridge.store.message_links import MessageLink, TaskKind
from lrs_bridge.store.messages import NewMessage
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.raters import Rater, RaterState
from lrs_bridge.store.runs import RunRow

MOST_RATERS = 12
ROUND = "assessment_360"
RATING = "rating"


class CannotAsk(ValueError):
    """This person cannot be asked; the message says why. `field`: of the form."""

    def __init__(self, message: str, field: str = "email") -> None:
        super().__init__(message)
        self.field = field


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


# Asking


def ask(session: Session, secret_key: str, round_: Round, email: str, name: str, source: Source) -> Rater:
    """Ask somebody by e-mail, and have a link sent to them. Raises CannotAsk."""
    if not is_address(email):
        raise CannotAsk("Give one whole e-mail address, for example kim@example.org.")
    found = relations.people_by_email(session, round_.run.tenant_id, [email]).get(email.lower(), [])
    if len(found) > 1:
        raise CannotAsk("Several people are known by this e-mail. Ask your course teacher.")
    person = found[0] if found else people.add_person(session, round_.run.tenant_id, round_.now, name or None, email)
    return ask_person(session, secret_key, round_, person, source)


def ask_person(session: Session, secret_key: str, round_: Round, person: PersonRow, source: Source) -> Rater:
    """Ask somebody who is known. Raises CannotAsk."""
    run, enrolment = round_.run, round_.enrolment
    if person.id == enrolment.person_id:
        raise CannotAsk("That is you. Your own view is the form above.")
    if is_led(session, run, person.id, enrolment.id, round_.now):
        raise CannotAsk("That is your manager, who is asked anyway.")
    if len(round_.asked) >= MOST_RATERS:
        raise CannotAsk(f"More than {MOST_RATERS} people cannot be asked in one round.")
    row, new = raters.ask(session, run, enrolment.id, round_.step.id, person.id, source, run.run.local_day(round_.now))
    if new:
        send_link(session, secret_key, run, row, round_.now)
    return row


def take_back(row: Rater) -> None:
    """Ask somebody no more. An answer that came stays: nobody can tell which one it is."""
    row.state = RaterState.LEFT if row.state in (RaterState.ANSWERED, RaterState.LEFT) else RaterState.WITHDRAWN


def send_link(session: Session, secret_key: str, run: RunRow, row: Rater, now: datetime) -> bool:
    """Have a link to the form sent, once a day at most; False where that was done, or nothing is asked any more."""
    key = f"{RATING}:{row.id}:{run.run.local_day(now)}"
    if row.state != RaterState.ASKED:
        return False
    return _send(session, secret_key, run, row.person_id, row.enrolment_id, row.step, key, now)


def tell_managers(session: Session, secret_key: str, round_: Round) -> None:
    """Have a link sent to whoever manages the participant today, once a round: many have no other way in."""
    run, enrolment = round_.run, round_.enrolment
    today = run.run.local_day(round_.now)
    related = enrolments.relations_of(session, run.tenant_id, run.id, [enrolment.person_id])
    for one in related.get(enrolment.person_id, ()):
        if one.kind == Role.MANAGER and one.span.holds_on(today):
            key = f"{RATING}:{enrolment.id}:{round_.step.id[:36]}:{one.other_id}"
            _send(session, secret_key, run, one.other_id, enrolment.id, round_.step.id, key, round_.now)


def _send(
    session: Session,
    secret_key: str,
    run: RunRow,
    person_id: str,
    enrolment_id: str,
    step_id: str,
    key: str,
    now: datetime,
) -> bool:
    if messages.known_keys(session, run.tenant_id, [key]):
        return False
    link = message_links.make_link(
        session, secret_key, run.tenant_id, run.id, person_id, enrolment_id, TaskKind.RATING, step_id, now
    )
    item = {
        "about": RATING,
        "enrolment": enrolment_id,
        "ref": step_id,
        "day": run.journey.step_by_id[step_id].window(run.day_zero, None).due.isoformat(),
        "late": False,
        "named": True,
        "link": link,
    }
    part = {"run": run.id, "role": str(Role.PEER), "more": 0, "opens": None, "people": None, "items": [item]}
    zone = run.run.zone
    until = reminders.good_until(LetterKind.RATING, now, zone)
    message = NewMessage(person_id, key, LetterKind.RATING, {"parts": [part]}, reminders.awake(now, zone), until)
    return messages.put(session, run.tenant_id, message, now)


def send_again(session: Session, secret_key: str, run: RunRow, link: MessageLink, now: datetime) -> bool:
    """A fresh link in the place of one that is too old, once a day."""
    enrolment_id = link.enrolment_id or ""
    if not is_asked(session, run, link.person_id, enrolment_id, link.ref, now):
        return False
    key = f"{RATING}:{enrolment_id}:{link.person_id}:{run.run.local_day(now)}"
    return _send(session, secret_key, run, link.person_id, enrolment_id, link.ref, key, now)


def link_holds(session: Session, run: RunRow, link: MessageLink, now: datetime) -> bool:
    """Whether what a link is for is still asked of whose link it is: a manager's people, or a rater's view."""
    if link.task != TaskKind.RATING:
        return is_led(session, run, link.person_id, link.enrolment_id, now)
    return is_asked(session, run, link.person_id, link.enrolment_id or "", link.ref, now)


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


# Answering


@dataclass(frozen=True)
class Answer:
    """Levels by capability, 1 for the lowest; what somebody cannot say is left out. `act` is the form's id."""

    person_id: str
    account: str
    source: Source
    levels: Mapping[str, int]
    act: UUID


def answer(session: Session, round_: Round, given: Answer) -> None:
    """Put a view on record; under one's own name the earlier one is voided."""
    run = round_.run
    named = given.source not in rating.UNNAMED
    actor = given.account if named else str(uuid4())
    midnight = datetime.combine(run.run.local_day(round_.now), time(0), run.run.zone)
    at = round_.now if named else midnight
    tenant = tenants.get_tenant(session, run.tenant_id)
    before = round_.own(given.account) if named else {}
    for capability in run.journey.capabilities:
        level = given.levels.get(capability.id)
        if level is None:
            continue
        event = _rated(round_, given, capability, level, actor, at)
        known = before.get(capability.id)
        if record(session, tenant, event, at) and known is not None and known.id != event.statement_id:
            record(session, tenant, _void(round_, given, known), round_.now)
    if not named:
        row = rater_of(session, run, given.person_id, round_.enrolment.id, round_.step.id)
        if row is not None:
            row.state = RaterState.ANSWERED


_ROLES = {
    Source.SELF: Role.PARTICIPANT,
    Source.MANAGER: Role.MANAGER,
    Source.PEER: Role.PEER,
    Source.REPORT: Role.PEER,
}


def _rated(round_: Round, given: Answer, capability: Capability, level: int, actor: str, at: datetime) -> Event:
    run = round_.run
    return Event(
        id=uuid5(given.act, capability.id),
        kind=Kind.RATED,
        at=at,
        actor=actor,
        role=_ROLES[given.source],
        run=run.id,
        journey=run.journey.slug,
        version=run.journey.version,
        registration=round_.enrolment.id,
        step=round_.step.id,
        step_type=round_.step.type,
        capability=capability.id,
        score=Score(level, 1, len(capability.levels)),
        data={"source": str(given.source)},
    )


def _void(round_: Round, given: Answer, fact: Fact) -> Event:
    run = round_.run
    return Event(
        id=uuid5(given.act, f"back/{fact.id}"),
        kind=Kind.VOIDED,
        at=round_.now,
        actor=given.account,
        role=_ROLES[given.source],
        run=run.id,
        journey=run.journey.slug,
        version=run.journey.version,
        registration=round_.enrolment.id,
        refers_to=fact.id,
    )


def decline(session: Session, round_: Round, person_id: str) -> None:
    """Somebody asked cannot say: they are not asked again in this round."""
    row = rater_of(session, round_.run, person_id, round_.enrolment.id, round_.step.id)
    if row is not None and row.state == RaterState.ASKED:
        row.state = RaterState.DECLINED


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
