"""What LMSs do with tokens, columns and scores, in the words of each, and what becomes of a score there."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from lrs_bridge.store import people, runs
from lrs_bridge.store.scores import ScoreState
from tests.conformance.misbehaving.campus import COLUMNS, MINUTE, PEOPLE, Campus, row
from tests.fakes.endpoints import Reply, Trip
from tests.fakes.mischief import ENDED, LOST, PAGE
from tests.fakes.platform import rsa_key
from tests.flows.world import ISSUER, LINEITEMS

# Tokens and keys


def test_our_keys_are_fetched_during_the_first_token_request(campus: Campus) -> None:
    """As Moodle does it: nothing of ours is locked meanwhile, neither for reading nor for writing."""
    published: list[Any] = []

    def fetch() -> Any:
        with campus.world.sessions.write() as session:  # what another visitor does at this moment
            people.ensure_person(session, campus.world.tenant.id, ISSUER, "somebody", campus.world.clock())
        key = rsa_key("tool").as_dict(private=False)
        published.append(key)
        return {"keys": [key]}

    campus.lms.tool_keys = fetch
    campus.want(50.0)
    campus.days()
    assert published
    campus.check()


def test_a_token_that_ended_early_is_replaced_once(campus: Campus) -> None:
    """401 to the old one; the new one is good for all that follows."""
    campus.want(10.0)
    campus.days()
    before = campus.lms.tokens_given
    campus.lms.ended |= {f"token-{number}" for number in range(1, before + 1)}
    campus.want(50.0)
    campus.send(at_once=1)
    assert campus.lms.tokens_given == before + 1
    campus.check()


def test_a_gradebook_that_is_closed_to_us_parks_everything_with_the_reason(campus: Campus) -> None:
    """401 to new tokens too, as where the scope is missing; once it is opened, all of it goes."""
    campus.lms.trips["score"] = [ENDED] * 2 * len(PEOPLE) * len(COLUMNS)
    campus.want(50.0)
    campus.send()
    assert campus.score("petra").state == ScoreState.REFUSED
    assert "does not let this tool use its gradebook" in (campus.score("petra").reason or "")
    campus.world.clock.on(hours=25)
    campus.days()
    campus.check()


# Media types and addresses


@pytest.mark.parametrize("kind", ["find", "make", "score", "members", "groups"])
def test_every_request_has_the_one_media_type_of_its_service(kind: str, campus: Campus) -> None:
    """The LMS answers 400 to `application/json`, `*/*` and lists, so what arrived had the right one."""
    campus.lms.members = [row(user, group_enrollments=[{"group_id": "n"}]) for user in PEOPLE]
    campus.want(50.0)
    campus.days()
    campus.fetch_people()
    asked = campus.lms.asked_for(kind)
    sent = {str(one.headers["Accept" if one.method == "GET" else "Content-Type"]) for one in asked}
    assert len(sent) == 1
    assert sent.pop().startswith("application/vnd.ims.")


def test_queries_of_addresses_are_kept(campus: Campus) -> None:
    """`?type_id=1` of list and column, with `/scores` before it."""
    with campus.world.sessions.write() as session:
        course = runs.get_course(session, campus.world.tenant.id, campus.world.course.id)
        assert course is not None
        course.lineitems_url = f"{LINEITEMS}?type_id=1"
    campus.want(50.0)
    campus.days()
    campus.check()
    assert all("type_id=1" in str(asked.url) for asked in campus.lms.asked_for("find", "make", "score"))
    assert {str(asked.url).split("?")[0].rsplit("/", 1)[1] for asked in campus.lms.asked_for("score")} == {"scores"}


def test_a_column_is_never_changed_or_deleted(campus: Campus) -> None:
    """A PUT without resourceLinkId would unlink it; so there is none, and no DELETE."""
    campus.lms.trips["score"] = [Trip((404, {}, ""))]
    campus.want(50.0)
    campus.days()
    assert {str(asked.method) for asked in campus.lms.asked} == {"GET", "POST"}


# Line items


def test_of_columns_that_are_there_twice_one_is_used(campus: Campus) -> None:
    """Always the first, since the LMS does not say which is the right one; no third is made."""
    for _ in range(2):
        for tag in COLUMNS:
            number = len(campus.lms.line_items) + 1
            item = {"id": f"{ISSUER}/lineitems/{number}", "resourceId": campus.world.run.id, "tag": tag}
            campus.lms.line_items.append(item)
    for given in (10.0, 50.0):
        campus.want(given)
        campus.days()
    assert {item for item, _ in campus.lms.grades} == {f"{ISSUER}/lineitems/{number}" for number in (1, 2)}
    assert len(campus.lms.line_items) == 4


def test_a_column_that_a_teacher_deleted_is_made_again(campus: Campus) -> None:
    """With the next score; the other columns stay as they are."""
    campus.want(10.0)
    campus.days()
    gone = campus.lms.line_items.pop(0)
    campus.lms.grades = {cell: given for cell, given in campus.lms.grades.items() if cell[0] != gone["id"]}
    campus.lms.line_items.append({"id": f"{ISSUER}/lineitems/90", "tag": "", "resourceId": ""})
    campus.want(50.0)
    campus.days()
    campus.lms.line_items = [item for item in campus.lms.line_items if item["tag"]]
    campus.check()


def test_a_column_that_is_never_there_is_looked_for_once_and_its_scores_are_parked(campus: Campus) -> None:
    """404 to the column that the LMS has just named: no circle, and the reason says what happened."""
    campus.lms.answers |= {
        f"/lineitems/{number}/scores": (404, {}, {"status": 404, "reason": "Not Found"}) for number in range(1, 9)
    }
    campus.want(50.0, "petra", columns=COLUMNS[:1])
    campus.send(at_once=1)
    assert campus.score("petra").state == ScoreState.REFUSED
    assert "just named" in (campus.score("petra").reason or "")
    assert len(campus.lms.asked_for("score")) == 2


# Scores


def test_scores_within_one_second_are_each_later_than_the_last(campus: Campus) -> None:
    """The LMS compares whole seconds, and refuses none of them."""
    for given in (10.0, 20.0, 30.0, 50.0):
        campus.want(given)
        campus.send()
        campus.world.clock.on(milliseconds=1)
    campus.days()
    campus.check()
    assert len(campus.lms.asked_for("score")) == len(campus.lms.scores)
    for cell in campus.lms.grades:
        own = [sent for url, sent in campus.lms.scores if (url.replace("/scores", ""), sent["userId"]) == cell]
        stamps = [sent["timestamp"][:19] for sent in own]
        assert stamps == sorted(set(stamps))


def test_a_change_of_the_lmss_own_is_waited_for(campus: Campus) -> None:
    """An activity's column stores the LMS's clock, which may be ahead: 409 until we are later, and nothing is lost."""
    campus.want(10.0)
    campus.days()
    ahead = int((campus.world.clock() + MINUTE).timestamp())
    campus.lms.changed = dict.fromkeys(campus.lms.changed, ahead)
    campus.want(50.0)
    campus.send()
    assert {campus.score(user).state for user in PEOPLE} == {ScoreState.WAITING}
    campus.days()
    campus.check()


@pytest.mark.parametrize("status", [400, 403, 422])
def test_one_person_whom_the_lms_does_not_grade_is_parked_and_the_others_go_on(status: int, campus: Campus) -> None:
    """With its words; a day later it is asked again, and then it may know them."""

    def strict(asked: requests.PreparedRequest) -> Reply:
        said = campus.lms.serve(asked)
        return (status, {}, said[2]) if said[0] == 400 else said

    campus.lms.learners = frozenset(PEOPLE) - {"jonas"}
    campus.lms.answers |= {f"/lineitems/{number}/scores": strict for number in (1, 2)}
    campus.want(50.0)
    campus.days()
    assert {user: campus.score(user).state for user in PEOPLE} == {
        "petra": ScoreState.POSTED,
        "jonas": ScoreState.REFUSED,
        "nina": ScoreState.POSTED,
    }
    assert "cannot be graded" in (campus.score("jonas").reason or "")
    campus.lms.learners = None
    campus.world.clock.on(hours=25)
    campus.days()
    campus.check()


def test_a_grade_that_is_locked_holds_up_nobody(campus: Campus) -> None:
    """500 for one cell, again and again; unlocked, it takes the score."""
    locked = True

    def lock(asked: requests.PreparedRequest) -> Reply:
        return (500, {}, PAGE) if locked and b'"jonas"' in (asked.body or b"") else campus.lms.serve(asked)  # type: ignore[operator]

    campus.lms.answers["/lineitems/1/scores"] = lock
    campus.want(50.0)
    campus.days()
    assert (campus.score("jonas").state, campus.score("nina").state) == (ScoreState.WAITING, ScoreState.POSTED)
    locked = False
    campus.world.clock.on(hours=2)
    campus.days()
    campus.check()


def test_no_grade_is_erased_by_accident(campus: Campus) -> None:
    """Whatever comes in between, only a value that became none is taken back, and a zero is a grade."""
    campus.lms.trips["score"] = list(LOST.values())
    for given in (0.0, 50.0, 0.0):
        campus.want(given)
        campus.days()
        campus.world.clock.on(hours=3)
        campus.days()
    campus.check(0.0)
    campus.want(None, "petra")
    campus.days()
    withdrawn = [sent for _, sent in campus.lms.scores if "scoreGiven" not in sent]
    assert {(sent["userId"], sent["gradingProgress"]) for sent in withdrawn} == {("petra", "NotReady")}
    assert campus.shown["journey_completion", "nina"] == 0.0
