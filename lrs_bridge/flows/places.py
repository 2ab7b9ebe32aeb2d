"""Who has a part in the open runs, as what, and what waits for them there: what the morning's letters are made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.orm import Session

from lrs_bridge.domain import accompanying, reminders, tidings
from lrs_bridge.domain.evaluators import Evidence
from lrs_bridge.domain.facts import Fact, settle
from lrs_bridge.domain.indicators import Subject
from lrs_bridge.domain.people import Cohort, Person, Relation, Role
from lrs_bridge.domain.reminders import Item
from lrs_bridge.domain.scope import share_out
from lrs_bridge.store import cohorts, enrolments, facts, notes, people, relations
from lrs_bridge.store.enrolments import RelationRow
from lrs_bridge.store.facts import FactRow, facts_where
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.runs import RunRow

_KEPT_TO_ONESELF = "no"
_ALONGSIDE = (Role.COACH, Role.MENTOR)


@dataclass
class Place:
    """What one run has for one person in one role."""

    run: RunRow
    role: Role
    since: date | None = None
    opens: date | None = None
    items: list[Item] = field(default_factory=list)
    news: list[Item] = field(default_factory=list)


@dataclass(frozen=True)
class Told:
    """A person with all their places, those of runs where it is day first."""

    person_id: str
    places: Sequence[Place]
    awake: bool


def everybody(session: Session, open_: Sequence[RunRow], now: datetime) -> list[Told]:
    """Who has a part in any of these runs, each person once."""
    places: dict[str, list[Place]] = defaultdict(list)
    for run in open_:
        for person_id, place in _places_of(session, run, now):
            places[person_id].append(place)

    def is_awake(place: Place) -> bool:
        return reminders.awake(now, place.run.run.zone) == now

    return [
        Told(person_id, sorted(found, key=lambda place: not is_awake(place)), any(map(is_awake, found)))
        for person_id, found in sorted(places.items())
    ]


def _places_of(session: Session, run: RunRow, now: datetime) -> list[tuple[str, Place]]:
    """Participants and whoever leads or accompanies them today; the number of queries does not grow with the run."""
    cohort = cohorts.cohort_of(session, run)
    today = run.run.local_day(now)
    members = cohort.in_scope(today)
    known = people.people_by_account(session, run.tenant_id, cohort.by_account)
    evidence = evidence_of(session, run, cohort, members, now)
    kept = kept_of(session, run, members)
    found: dict[tuple[str, Role], Place] = {}
    for person in members:
        own, registration = evidence[person.account], person.registration or ""
        place = _place(found, run, person.account, Role.PARTICIPANT, person.enrolled)
        place.items += reminders.own_items(run.journey, own, now, registration)
        place.news = tidings.items(run.journey, own, now, registration)
        place.opens = reminders.next_opening(run.journey, own, now)
        led = reminders.led_items(run.journey, own, now, registration, known[person.account].shown_name, kept)
        for account in person.managers_on(today):
            _place(found, run, account, Role.MANAGER, _since(person.managers, account)).items += led
    related = [row for row in relations.all_of(session, run) if row.span.holds_on(today)]
    accounts = {person.id: account for account, person in known.items()}
    _alongside(found, run, related, accounts, evidence, known, now)
    _sponsors(session, found, run, related, accounts, today)
    return [(known[account].id, place) for (account, _), place in found.items() if account in known]


def _place(found: dict[tuple[str, Role], Place], run: RunRow, account: str, role: Role, since: date | None) -> Place:
    """The place of an account in a role; whoever was there for one person first is not new for the next."""
    known = found.get((account, role))
    if known is None:
        known = found[account, role] = Place(run, role, since)
    elif since is None or (known.since is not None and since < known.since):
        known.since = since
    return known


def _alongside(
    found: dict[tuple[str, Role], Place],
    run: RunRow,
    related: Iterable[RelationRow],
    accounts: Mapping[str, str],
    evidence: Mapping[str, Evidence],
    known: Mapping[str, PersonRow],
    now: datetime,
) -> None:
    """Coaches and mentors with the sessions they are to hold."""
    for row in related:
        account, other = accounts.get(row.person_id, ""), accounts.get(row.other_id)
        if row.kind not in _ALONGSIDE or other is None or account not in evidence:
            continue
        role, own = Role(row.kind), evidence[account]
        place = _place(found, run, other, role, row.start)
        registration = own.person.registration if own.person else None
        place.items += accompanying.session_items(
            run.journey, own, now, registration or "", known[account].shown_name, role
        )


def _sponsors(
    session: Session,
    found: dict[tuple[str, Role], Place],
    run: RunRow,
    related: Sequence[RelationRow],
    accounts: Mapping[str, str],
    today: date,
) -> None:
    """Sponsors of managers who lead somebody today, and of the whole run, with their own steps."""
    managing = {account for account, role in found if role is Role.MANAGER}
    led: dict[str, set[str]] = defaultdict(set)
    for row in related:
        manager, sponsor = accounts.get(row.person_id), accounts.get(row.other_id)
        if row.kind == Role.SPONSOR and sponsor is not None and manager in managing:
            led[sponsor].add(manager)
            _place(found, run, sponsor, Role.SPONSOR, row.start)
    for given in enrolments.given_roles(session, run.tenant_id, run.id):
        sponsor = accounts.get(given.person_id)
        if given.role == Role.SPONSOR and sponsor and Relation("", given.start, given.end).holds_on(today):
            led[sponsor] = led[sponsor] or managing
            _place(found, run, sponsor, Role.SPONSOR, given.start)
    if not led:
        return
    acts: dict[str, list[Fact]] = defaultdict(list)
    steps = [step.id for step in run.journey.owned_by(Role.SPONSOR)]
    mine = FactRow.tenant_id == run.tenant_id, FactRow.run_id == run.id, FactRow.step.in_(steps)
    for fact in facts_where(session, *mine, FactRow.actor.in_(led)):
        acts[fact.actor].append(fact)
    for sponsor, managers in led.items():
        items = accompanying.sponsor_items(run.journey, run.run, today, acts[sponsor], managers)
        found[sponsor, Role.SPONSOR].items += items


def _since(relations: Sequence[Relation], account: str) -> date | None:
    starts = [relation.start for relation in relations if relation.account == account]
    return None if None in starts else min((start for start in starts if start), default=None)


def evidence_of(
    session: Session, run: RunRow, cohort: Cohort, members: Sequence[Person], now: datetime
) -> Mapping[str, Evidence]:
    identities = [key for person in members for key in (person.account, *person.identities)]
    registrations = [person.registration for person in members if person.registration]
    settled = settle(facts.facts_of_many(session, run.tenant_id, registrations, identities), now)
    shares = share_out(cohort, run.journey, settled)
    return {
        person.account: Evidence(run.run, cohort, Subject.person(person.account), person, shares[person.account])
        for person in members
    }


def kept_of(session: Session, run: RunRow, members: Sequence[Person]) -> frozenset[str]:
    """Moments that their authors keep to themselves."""
    registrations = [person.registration for person in members if person.registration]
    found = notes.notes_of_many(session, run.tenant_id, registrations)
    return frozenset(
        id_ for of_one in found.values() for id_, note in of_one.items() if note.texts.get("ask") == _KEPT_TO_ONESELF
    )
