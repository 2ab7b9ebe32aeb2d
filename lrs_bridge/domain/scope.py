"""Scope: whose facts are whose, who leads whom, and when a result can change by the calendar alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta

from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.journey import Journey
from lrs_bridge.domain.people import Cohort, Person, Role, Run

_ONE_DAY = timedelta(days=1)


def share_out(cohort: Cohort, journey: Journey, facts: Iterable[Fact]) -> dict[str, tuple[Fact, ...]]:
    """Each participant's facts by account, in the order given.

    A fact with a registration belongs to that enrolment, whoever acted. One without belongs to the participant
    who acted under any of their identities, if it fits some step's `matches`. All others belong to nobody.
    """
    shares: dict[str, list[Fact]] = {person.account: [] for person in cohort.participants}
    by_registration = {p.registration: shares[p.account] for p in cohort.participants if p.registration}
    by_name = {name: shares[p.account] for p in cohort.participants for name in (p.account, *p.identities)}
    wanted = wanted_from_elsewhere(journey)
    for fact in facts:
        if fact.registration is not None:
            share = by_registration.get(fact.registration)
        elif (fact.verb, fact.activity) in wanted:
            share = by_name.get(fact.actor)
        else:
            continue
        if share is not None:
            share.append(fact)
    return {account: tuple(share) for account, share in shares.items()}


def facts_of(person: Person, journey: Journey, facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """One participant's facts among `facts`, by the rule of `share_out`."""
    wanted = wanted_from_elsewhere(journey)
    names = {person.account, *person.identities}
    return tuple(
        fact
        for fact in facts
        if (
            fact.registration == person.registration
            if fact.registration is not None
            else (fact.verb, fact.activity) in wanted and fact.actor in names
        )
    )


def wanted_from_elsewhere(journey: Journey) -> frozenset[tuple[str, str]]:
    """(verb, activity) of the statements of other systems that complete a step."""
    return frozenset((step.matches.verb, step.matches.activity) for step in journey.steps if step.matches)


def led_by_managers(cohort: Cohort, people: Iterable[Person], day: date) -> dict[str, tuple[Person, ...]]:
    """Managers by account, each with those of `people` they manage on this day or managed before it."""
    led: dict[str, dict[str, Person]] = {}
    for person in people:
        for relation in person.managers:
            if relation.start is None or relation.start <= day:
                led.setdefault(relation.account, {})[person.account] = person
    return {account: tuple(group.values()) for account, group in sorted(led.items())}


def led_by_sponsors(cohort: Cohort, people: Iterable[Person], day: date) -> dict[str, tuple[Person, ...]]:
    """Sponsors by account, each with the participants under the managers they sponsor (perhaps none)."""
    led: dict[str, dict[str, Person]] = {p.account: {} for p in cohort.people if p.acts_as(Role.SPONSOR)}
    for account, group in led_by_managers(cohort, people, day).items():
        manager = cohort.by_account.get(account)
        for relation in manager.sponsors if manager else ():
            if relation.start is None or relation.start <= day:
                led.setdefault(relation.account, {}).update({person.account: person for person in group})
    return {account: tuple(group.values()) for account, group in sorted(led.items())}


def next_change(journey: Journey, run: Run, person: Person, as_of: datetime) -> datetime | None:
    """The next local midnight, in UTC, at which this participant's results can change with no new statement.

    Steps open, windows close, periods and relations begin and end, people enrol and withdraw, and the run ends.
    None when all of that is past.
    """
    today = run.local_day(as_of)
    later = [day for day in _turning_days(journey, run, person) if day > today]
    if not later:
        return None
    return datetime.combine(min(later), time.min, tzinfo=run.zone).astimezone(UTC)


def _turning_days(journey: Journey, run: Run, person: Person) -> Iterator[date]:
    day_zero = person.starts(run)
    for step in journey.steps:
        window = step.window(day_zero, person.enrolled)
        yield window.opens
        yield window.last + _ONE_DAY
    end = day_zero + timedelta(days=journey.last_day + 1)
    yield end
    if journey.targets.period_days:
        period = timedelta(days=journey.targets.period_days)
        start = day_zero
        while start <= end:
            yield start
            start += period
    for relation in (*person.managers, *person.coaches):
        if relation.start:
            yield relation.start
        if relation.end:
            yield relation.end + _ONE_DAY
    for day in (person.enrolled, person.withdrawn):
        if day:
            yield day
