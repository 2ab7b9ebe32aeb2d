"""The roster of a course into a run: learners come in, names are kept up to date, people who left are marked.

Nothing is done before all of the roster has been read: a part of it, taken for the whole, would mark people as gone.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy.orm import Session

from lrs_bridge.domain.delivery import Refused, Unavailable
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.retry import next_attempt
from lrs_bridge.domain.roster import Member, merged
from lrs_bridge.flows.enrol import NEVER_ENROLLED, enrol, withdraw, withdraw_idle_leader
from lrs_bridge.flows.lanes import Lanes, Turn
from lrs_bridge.flows.mentors import recognise
from lrs_bridge.flows.ports import Roster
from lrs_bridge.store import erased, people, platforms, relations, rosters, runs, scores
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.rosters import RosterSync, SyncState
from lrs_bridge.store.runs import RunRow

log = logging.getLogger("lrs_bridge.roster")

LEASE = timedelta(minutes=5)
EVERY = timedelta(days=1)
LANES = 4
AFTER_OUR_FAULT = timedelta(hours=1)
OUR_FAULT = "Something went wrong on our side; the log says what."
AT_ONCE = 25  # people in one transaction, so that nobody waits long for the database
_T = TypeVar("_T")
NO_ROSTER = "No launch has offered this course's list of people yet. Open the journey from the course once."
NO_LEARNER = "The list that the LMS gave has no learner in it, so nobody was marked as having left."


@dataclass(frozen=True)
class _Errand:
    """One sync, with all that it needs, so that no transaction is open while the LMS is asked."""

    row: RosterSync
    tenant_id: str
    run_id: str
    platform_id: str
    issuer: str
    memberships_url: str | None
    groups_url: str | None


class Stopped(Exception):
    """The process ends; the roster is due again for whoever comes next."""


def lanes(
    sessions: Sessions, roster: Roster, clock: Callable[[], datetime], chance: Callable[[], float], most: int = LANES
) -> Lanes:
    """Rosters beside the worker's rounds: fetching one takes as long as its LMS takes."""

    def due() -> Sequence[str]:
        with sessions.read() as session:
            return rosters.platforms_due(session, clock())

    def serve(platform_id: str, turn: Turn) -> int:
        done = 0
        while not turn.over and sync_due(sessions, roster, clock, chance, platform_id=platform_id, stop=turn.stop):
            done += 1
        return done

    return Lanes("roster", most, due, serve)


def sync_due(
    sessions: Sessions,
    roster: Roster,
    clock: Callable[[], datetime],
    chance: Callable[[], float],
    run_id: str | None = None,
    platform_id: str | None = None,
    stop: threading.Event | None = None,
) -> int:
    """Fetch the roster that has been due longest, or that of this run or platform if it is due; answers how many.

    A stop in between leaves it due again, at the latest when the lease is over; what was applied by then is the same
    twice.
    """
    with sessions.write() as session:
        row = rosters.claim(session, clock(), LEASE, run_id, platform_id)
        errand = _errand(session, row) if row is not None else None
    if errand is None:
        return 0
    try:
        members, groups = _fetch(sessions, roster, errand, clock, stop or threading.Event())
        _apply(sessions, errand, members, groups, clock)
    except Stopped:
        with sessions.write() as session:
            rosters.give_back(session, errand.row, clock())
    except Unavailable as problem:
        at = next_attempt(clock(), errand.row.attempts + 4, chance(), problem.retry_after)
        _put_off(sessions, errand, SyncState.WAITING, problem.reason, clock(), at)
    except Refused as problem:
        _put_off(sessions, errand, SyncState.FAILED, problem.reason, clock(), clock() + EVERY)
    except Exception:
        log.exception("roster of run %s", errand.run_id)
        _put_off(sessions, errand, SyncState.WAITING, OUR_FAULT, clock(), clock() + AFTER_OUR_FAULT)
    return 1


def _errand(session: Session, row: RosterSync) -> _Errand:
    run = session.get_one(RunRow, row.run_id)
    platform = session.get_one(platforms.Platform, run.course.platform_id)
    urls = run.course.memberships_url, run.course.groups_url
    return _Errand(row, run.tenant_id, run.id, platform.id, platform.issuer, *urls)


def _put_off(
    sessions: Sessions, errand: _Errand, state: SyncState, reason: str, now: datetime, next_at: datetime
) -> None:
    with sessions.write() as session:
        rosters.put_off(session, errand.row, state, reason, now, next_at)
    log.warning("roster of run %s: %s", errand.run_id, reason)


def _fetch(
    sessions: Sessions, roster: Roster, errand: _Errand, clock: Callable[[], datetime], stop: threading.Event
) -> tuple[dict[str, Member], Mapping[str, str]]:
    """All members by user id, and names of groups by id. Raises Unavailable, Refused, Stopped."""
    if errand.memberships_url is None:
        raise Refused(NO_ROSTER)
    found: list[Member] = []
    for page in roster.pages(errand.platform_id, errand.memberships_url, errand.groups_url is not None):
        found.extend(page)
        with sessions.write() as session:
            rosters.advance(session, errand.row, len(page), clock() + LEASE)
        if stop.is_set():
            raise Stopped
    return merged(found), _group_names(roster, errand, found)


def _group_names(roster: Roster, errand: _Errand, found: Sequence[Member]) -> Mapping[str, str]:
    """Empty where the LMS has none, or does not tell them: people come in without an area, and have it another day."""
    if errand.groups_url is None or not any(member.groups for member in found):
        return {}
    try:
        return roster.groups(errand.platform_id, errand.groups_url)
    except (Unavailable, Refused) as problem:
        log.warning("groups of run %s: %s", errand.run_id, problem.reason)
        return {}


def _apply(
    sessions: Sessions,
    errand: _Errand,
    members: Mapping[str, Member],
    groups: Mapping[str, str],
    clock: Callable[[], datetime],
) -> None:
    """Bring the run up to the roster, some people at a time. Raises Refused for a roster that cannot be true."""
    joined = left = 0
    for batch in _in_turn(list(members.values())):
        with sessions.write() as session:
            joined += _let_in(session, errand, batch, groups, clock())
            rosters.keep(session, errand.row, clock() + LEASE)
    staying = {member.user_id for member in members.values() if member.learns}
    with sessions.read() as session:
        run = session.get_one(RunRow, errand.run_id)
        gone = [sub for sub, _ in relations.enrolled_users(session, run, errand.issuer) if sub not in staying]
    if gone and not staying:
        raise Refused(NO_LEARNER)
    for few in _in_turn(gone):
        with sessions.write() as session:
            left += _let_go(session, errand, few, clock())
            rosters.keep(session, errand.row, clock() + LEASE)
    with sessions.write() as session:
        left += _take_leaders_out(session, errand, clock())
        rosters.finish(session, errand.row, joined, left, clock(), clock() + EVERY)
    log.info("roster of run %s: %d people, %d joined, %d left", errand.run_id, len(members), joined, left)


def _in_turn(everybody: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for start in range(0, len(everybody), AT_ONCE):
        yield everybody[start : start + AT_ONCE]


def _let_in(
    session: Session, errand: _Errand, batch: Sequence[Member], groups: Mapping[str, str], now: datetime
) -> int:
    """Enrol the learners among these who are not in, and take over names; answers how many came in."""
    run = session.get_one(RunRow, errand.run_id)
    known = relations.people_by_sub(session, errand.tenant_id, errand.issuer, [one.user_id for one in batch])
    inside = relations.enrolments_by_sub(session, run, errand.issuer, known)
    leaders = relations.leader_ids(session, run, NEVER_ENROLLED) - relations.leader_ids(
        session, run, (Role.PARTICIPANT,)
    )
    joined, waking = 0, []
    for member in batch:
        person = known.get(member.user_id)
        if person is not None:
            _take_over(person, member)
        if not member.learns:
            continue
        if person is None and erased.is_erased(session, errand.tenant_id, errand.issuer, member.user_id):
            continue
        person = person or _new_person(session, errand, member, now)
        enrolment = inside.get(member.user_id)
        area = _area(member, groups)
        if enrolment is None or enrolment.withdrawn is not None:
            if person.id in leaders:
                continue
            enrolment, came = enrol(session, run, person, now, area)
            joined += came
        enrolment.area = enrolment.area or area
        waking.append(enrolment.id)
    scores.try_again_for(session, errand.tenant_id, waking, now)
    return joined


def _take_over(person: PersonRow, member: Member) -> None:
    person.name = member.name or person.name
    person.email = member.email or person.email


def _new_person(session: Session, errand: _Errand, member: Member, now: datetime) -> PersonRow:
    recognise(session, errand.tenant_id, errand.issuer, member.user_id, member.email)
    return people.ensure_person(
        session, errand.tenant_id, errand.issuer, member.user_id, now, name=member.name, email=member.email
    )


def _area(member: Member, groups: Mapping[str, str]) -> str | None:
    """The LMS's group of somebody who is in one; of people in several we cannot tell which is meant."""
    named = [groups[id_] for id_ in member.groups if id_ in groups]
    return named[0] if len(named) == 1 else None


def _let_go(session: Session, errand: _Errand, subs: Sequence[str], now: datetime) -> int:
    run = runs.get_run(session, errand.tenant_id, errand.run_id)
    if run is None:
        return 0
    gone = relations.enrolments_by_sub(session, run, errand.issuer, subs)
    return sum(withdraw(session, run, enrolment, now) for enrolment in gone.values())


def _take_leaders_out(session: Session, errand: _Errand, now: datetime) -> int:
    """Managers whom the LMS lists as learners, enrolled before anybody said what they are."""
    run = session.get_one(RunRow, errand.run_id)
    return sum(
        withdraw_idle_leader(session, run, person_id, now)
        for person_id in relations.leader_ids(session, run, NEVER_ENROLLED)
    )
