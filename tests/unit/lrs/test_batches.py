"""A batch that the store does not simply take: each statement gets its own answer, and nothing is given up wrongly."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from lrs_bridge.domain.delivery import Delivered, Unavailable
from lrs_bridge.lrs import batches
from lrs_bridge.lrs.remote import RemoteRecordStore
from tests.fakes.lrs_server import Answer, FakeLrsServer
from tests.fakes.statements import agent, statement, uuid

BATCH = [statement(number) for number in range(1, 9)]
IDS = [one["id"] for one in BATCH]


@pytest.fixture
def server() -> FakeLrsServer:
    return FakeLrsServer()


@pytest.fixture
def store(server: FakeLrsServer) -> RemoteRecordStore:
    return server.store()


def arrived(answers: Sequence[Delivered]) -> set[str]:
    return {answer.statement_id for answer in answers if answer.arrived}


def refused(answers: Sequence[Delivered]) -> dict[str, str]:
    return {answer.statement_id: answer.reason for answer in answers if answer.reason}


def later(answers: Sequence[Delivered]) -> dict[str, Unavailable]:
    return {answer.statement_id: answer.later for answer in answers if answer.later}


# Refused


def test_a_bad_statement_is_found_by_halving_and_holds_up_no_other(
    server: FakeLrsServer, store: RemoteRecordStore
) -> None:
    """The store refuses a batch as a whole; alone, the bad one shows itself with the store's own words."""
    server.bad = {uuid(3), uuid(8)}
    answers = store.write(BATCH)
    assert [answer.statement_id for answer in answers] == IDS
    assert set(refused(answers)) == server.bad
    assert all("the verb is wrong" in reason for reason in refused(answers).values())
    assert set(server.statements) == arrived(answers) == set(IDS) - server.bad


@given(st.sets(st.sampled_from(IDS)), st.sets(st.sampled_from(IDS)), st.integers(1, 8))
def test_whatever_is_bad_and_whatever_is_there_the_others_arrive(bad: set[str], there: set[str], largest: int) -> None:
    """For any bad ones, any that arrived before, and any largest batch."""
    server = FakeLrsServer()
    server.bad, server.largest = bad, largest
    server.statements = {one["id"]: one for one in BATCH if one["id"] in there}
    answers = server.store().write(BATCH)
    assert set(refused(answers)) == bad
    assert arrived(answers) == set(IDS) - bad
    assert set(server.statements) == there | (set(IDS) - bad)


def test_a_batch_that_is_too_large_is_halved_until_it_fits(server: FakeLrsServer, store: RemoteRecordStore) -> None:
    """413 says the same as 400: less at a time."""
    server.largest = 3
    assert arrived(store.write(BATCH)) == set(IDS)
    assert server.posted() == [8, 4, 2, 2, 4, 2, 2]


def test_a_statement_that_is_too_large_alone_is_given_up(server: FakeLrsServer, store: RemoteRecordStore) -> None:
    """Sending it again would not make it smaller."""
    server.always = Answer(413, b"<html><head><title>413 Request Entity Too Large</title></head></html>")
    (answer,) = store.write(BATCH[:1])
    assert "Request Entity Too Large" in str(answer.reason)


# Conflicts


def test_a_conflict_with_the_same_statement_is_success_and_with_another_is_not(
    server: FakeLrsServer, store: RemoteRecordStore
) -> None:
    """The store is asked what it has; only what differs is given up."""
    server.statements = {
        uuid(1): {**BATCH[0], "stored": "2026-09-01T10:00:01Z", "authority": agent("lrs")},
        uuid(2): statement(2, "mallory"),
    }
    answers = store.write(BATCH)
    assert set(refused(answers)) == {uuid(2)}
    assert "different statement" in refused(answers)[uuid(2)]
    assert set(server.statements) == set(IDS)


def test_a_conflict_with_a_voided_statement_is_found_where_voided_ones_are_shown(
    server: FakeLrsServer, store: RemoteRecordStore
) -> None:
    """Withdrawn in the meantime, it has arrived all the same."""
    server.statements, server.voided = {uuid(1): BATCH[0]}, {uuid(1)}
    server.troubles = [Answer(409, {"error": "conflict"})]
    assert arrived(store.write(BATCH)) == set(IDS)


def test_a_store_that_calls_every_repetition_a_conflict_is_read_once_each(
    server: FakeLrsServer, store: RemoteRecordStore
) -> None:
    """As after an answer that was lost."""
    server.statements = {one["id"]: one for one in BATCH}
    server.troubles = [Answer(409)]
    assert arrived(store.write(BATCH)) == set(IDS)
    assert [request.method for request in server.requests].count("GET") == 1 + len(BATCH)  # and /about


def test_a_conflict_that_nothing_explains_keeps_one_waiting_and_the_others_go(
    server: FakeLrsServer, store: RemoteRecordStore
) -> None:
    """The store may be behind with showing what it has, or not let us read it."""
    server.statements, server.hidden = {uuid(5): statement(5, "mallory")}, {uuid(5)}
    answers = store.write(BATCH)
    assert arrived(answers) == set(IDS) - {uuid(5)}
    assert later(answers)[uuid(5)].alone


# Stumbling


@pytest.mark.parametrize("status", [500, 403])
def test_a_statement_that_the_store_stumbles_over_waits_alone(
    server: FakeLrsServer, store: RemoteRecordStore, status: int
) -> None:
    """A bug of the store, or a right that the key lacks (as for voiding), is found by halving. It may be mended."""
    server.poison = {uuid(3): status}
    answers = store.write(BATCH)
    assert arrived(answers) == set(IDS) - {uuid(3)}
    assert later(answers)[uuid(3)].alone
    assert "Oops" in later(answers)[uuid(3)].reason


def test_a_store_that_stumbles_over_everything_is_left_alone_soon(
    server: FakeLrsServer, store: RemoteRecordStore
) -> None:
    """Two single statements in a row tell it from a statement's own trouble."""
    server.always = Answer(500)
    with pytest.raises(Unavailable) as problem:
        store.write(BATCH)
    assert not problem.value.alone
    assert server.posted() == [8, 4, 2, 1, 1]


def test_what_arrived_before_the_store_went_down_has_arrived(server: FakeLrsServer, store: RemoteRecordStore) -> None:
    """The rest waits for the store, with the time that it named."""
    server.troubles = [Answer(413), None, Answer(429, headers={"Retry-After": "90"})]
    answers = store.write(BATCH)
    assert arrived(answers) == set(IDS[:4])
    assert set(later(answers)) == set(IDS[4:])
    assert {(one.alone, one.retry_after) for one in later(answers).values()} == {(False, 90.0)}


def test_a_delivery_ends_before_its_lease_does(
    server: FakeLrsServer, store: RemoteRecordStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow store with many bad statements gets the rest another time."""
    seconds = iter(range(0, 1000, 25))
    monkeypatch.setattr(batches, "monotonic", lambda: next(seconds))
    server.largest = 1
    with pytest.raises(Unavailable, match="takes too long"):
        store.write(BATCH)
    assert server.posted() == [8, 4]


# Answers that confirm nothing


def test_an_empty_204_is_success(server: FakeLrsServer, store: RemoteRecordStore) -> None:
    """Some stores answer so when they have it all already."""
    server.troubles = [Answer(204, b"")]
    assert arrived(store.write(BATCH)) == set(IDS)


@pytest.mark.parametrize("answer", [Answer(200, b"<html>OK</html>"), Answer(200, []), Answer(202), Answer(200, "ok")])
def test_a_success_without_our_ids_is_looked_into(
    server: FakeLrsServer, store: RemoteRecordStore, answer: Answer
) -> None:
    """A page of a proxy is no receipt: what the store does not show is sent again."""

    def keep_two(server: FakeLrsServer, _request: requests.PreparedRequest) -> Answer:
        server.statements |= {one["id"]: one for one in BATCH[:2]}
        return answer

    server.troubles = [keep_two]
    assert arrived(store.write(BATCH)) == set(IDS)
    assert set(server.statements) == set(IDS)
    assert server.posted() == [8, 6]


def test_ids_that_come_back_in_capitals_are_ours(server: FakeLrsServer, store: RemoteRecordStore) -> None:
    """UUIDs have no case."""
    server.troubles = [Answer(200, [one["id"].upper() for one in BATCH])]
    assert arrived(store.write(BATCH)) == set(IDS)
    assert server.posted() == [8]
