"""A roster is whole or it is nothing, whatever the LMS does with pages, links and groups."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import requests

from lrs_bridge.store import enrolments
from lrs_bridge.store.rosters import SyncState
from tests.conformance.misbehaving.campus import MEMBERS, ONE_DATABASE, PEOPLE, Campus, row
from tests.fakes.endpoints import Reply, Trip
from tests.fakes.mischief import ELSEWHERE, ENDED, NONSENSE, PASSING

EVERYWHERE: Mapping[str, Trip] = {**PASSING, **NONSENSE}


@pytest.fixture
def large(campus: Campus) -> Campus:
    """Three pages, since this LMS gives two people at once however many are asked for."""
    campus.lms.largest_page = 2
    campus.lms.members = [row(user) for user in ("petra", "omar", "jonas", "yara", "nina")]
    return campus


@ONE_DATABASE
@pytest.mark.parametrize("name", [*PASSING, *NONSENSE])
@pytest.mark.parametrize("page", [0, 2])
def test_a_roster_that_breaks_off_does_nothing_until_it_is_whole(page: int, name: str, large: Campus) -> None:
    """Nobody comes in and nobody has left; the next try has them all."""
    good = [Trip(large.lms.serve)] * page
    large.lms.trips["members"] = [*good, EVERYWHERE[name]]
    broken = large.fetch_people()
    assert (broken.state, large.inside) == (SyncState.WAITING, set(PEOPLE))
    assert broken.whole_at is None
    for _ in range(3):
        large.world.clock.on(minutes=20)
        large.fetch_people(ask=False)
    assert large.inside == {*PEOPLE, "omar", "yara"}
    assert large.strangers.asked == []


NEXT = {
    "another host": f'<{ELSEWHERE}/members>; rel="next"',
    "another port": '<https://lms.example:8443/members>; rel="next"',
    "without TLS": '<http://lms.example/members>; rel="next"',
    "the page itself": f'<{MEMBERS}?limit=200&groups=true>; rel="next"',
    "no address": '<https://[lms.example/members>; rel="next"',
}


@pytest.mark.parametrize("name", NEXT)
def test_a_next_page_that_leads_astray_is_for_a_person_to_see(name: str, large: Campus) -> None:
    """Elsewhere, in a circle, nowhere: the roster is not whole, and our token stays where it is."""

    def astray(asked: requests.PreparedRequest) -> Reply:
        status, headers, body = large.lms.serve(asked)
        return (status, {**headers, "Link": NEXT[name]}, body)

    large.lms.trips["members"] = [Trip(astray)]
    done = large.fetch_people()
    assert (done.state, large.inside) == (SyncState.FAILED, set(PEOPLE))
    assert done.reason
    assert large.strangers.asked == []


@pytest.mark.parametrize(
    "form",
    [
        '<{0}>; REL="Next"',
        '<https://lms.example/x>; rel="first", <{0}>; rel="next", <https://lms.example/z>; rel="last"',
        "<{0}>; rel=next; title=more",
        '<{0}>; rel="alternate next"',
    ],
)
def test_the_next_page_is_found_in_any_spelling(form: str, large: Campus) -> None:
    """Several relations in one header, in any casing."""

    def spelled(asked: requests.PreparedRequest) -> Reply:
        status, headers, body = large.lms.serve(asked)
        link = headers.get("Link", "<>").partition(">")[0][1:]
        return (status, {**headers, "Link": form.format(link)} if link else headers, body)

    large.lms.answers["/courses/1/members"] = spelled
    assert large.fetch_people().state == SyncState.DONE
    assert large.inside == {*PEOPLE, "omar", "yara"}


def test_a_next_link_that_drops_the_role_lets_in_nobody_who_only_teaches(large: Campus) -> None:
    """So we never ask by role, and look at everybody's roles ourselves: short ones, and those of people in two."""
    large.lms.members += [row("dario", "Instructor"), row("mia", "Mentor"), row("both", "Learner", "Instructor")]
    assert large.fetch_people().state == SyncState.DONE
    assert large.inside.isdisjoint({"dario", "mia", "both"})
    assert not [asked for asked in large.lms.asked if "role=" in str(asked.url) or "rlid=" in str(asked.url)]


def test_people_who_left_are_marked_and_come_back(large: Campus) -> None:
    """From a whole roster only; nothing of theirs is deleted."""
    large.fetch_people()
    everybody = large.lms.members
    large.lms.members = everybody[:-1]
    large.world.clock.on(days=1)
    large.fetch_people()
    assert "nina" not in large.inside
    with large.world.sessions.read() as session:
        left = enrolments.get_enrolment(session, large.world.tenant.id, large.enrolled["nina"])
    assert left is not None
    assert left.withdrawn is not None
    large.lms.members = everybody
    large.world.clock.on(days=1)
    large.fetch_people()
    assert "nina" in large.inside


@ONE_DATABASE
@pytest.mark.parametrize("name", [*PASSING, *NONSENSE, "401", "404"])
def test_groups_that_are_not_told_hold_up_nobody(name: str, campus: Campus) -> None:
    """People are in without them, and have their area with the next roster."""
    campus.lms.members = [row(user, group_enrollments=[{"group_id": "n"}]) for user in PEOPLE]
    campus.lms.groups = [{"id": "n", "name": "North"}]
    more = {"401": ENDED, "404": Trip((404, {}, ""))}
    campus.lms.trips["groups"] = [(EVERYWHERE | more)[name]] * 2
    assert campus.fetch_people().state == SyncState.DONE
    campus.lms.trips["groups"] = []
    campus.world.clock.on(days=1)
    campus.fetch_people()
    with campus.world.sessions.read() as session:
        found = enrolments.get_enrolment(session, campus.world.tenant.id, campus.enrolled["jonas"])
    assert found is not None
    assert found.area == "North"
