"""Speaking with a remote record store: what is delivered, what is refused, what is unknown and so tried again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from lrs_bridge.domain.delivery import Posted, Refused, Unavailable
from lrs_bridge.lrs.remote import RemoteRecordStore
from tests.fakes.lrs_server import ENDPOINT, Answer, FakeLrsServer
from tests.fakes.statements import agent, statement, uuid


@pytest.fixture
def server() -> FakeLrsServer:
    return FakeLrsServer()


@pytest.fixture
def store(server: FakeLrsServer) -> RemoteRecordStore:
    return server.store()


BATCH = [statement(number) for number in range(1, 9)]


def test_statements_arrive_in_one_request_as_they_are(server: FakeLrsServer, store: RemoteRecordStore) -> None:
    """With our ids and timestamps, in the version the store speaks, as the key we were given."""
    answers = store.write(BATCH)
    assert [(answer.statement_id, answer.reason) for answer in answers] == [(one["id"], None) for one in BATCH]
    assert list(server.statements.values()) == BATCH
    about, post = server.requests
    assert about.url == f"{ENDPOINT}/about"
    assert post.headers["X-Experience-API-Version"] == "1.0.3"
    assert post.headers["Authorization"].startswith("Basic ")


def test_a_statement_of_the_outbox_goes_out_to_the_letter(server: FakeLrsServer, store: RemoteRecordStore) -> None:
    """As its text is kept; whoever looks inside finds what it says."""
    text = '{"id": "ID",  "result": {"score": {"raw": 1.50}, "response": "\u00e9"}}'.replace("ID", uuid(1))
    posted = Posted(uuid(1), text)
    assert store.write([posted])[0].arrived
    assert server.requests[-1].body == b"[" + text.encode() + b"]"
    assert dict(posted) == json.loads(text)
    assert len(posted) == 2


def test_a_store_that_knows_2_0_is_spoken_to_in_2_0(server: FakeLrsServer, store: RemoteRecordStore) -> None:
    """/about decides, and is asked once."""
    server.versions = ["1.0.3", "2.0.0"]
    store.write(BATCH[:1])
    store.write(BATCH[1:2])
    assert [request.headers.get("X-Experience-API-Version") for request in server.requests] == [None, "2.0.0", "2.0.0"]


@pytest.mark.parametrize(
    "new",
    [
        {"context": {"contextGroups": []}},
        {"version": "2.0.0"},
        {"object": {"objectType": "SubStatement", "context": {"contextAgents": []}}},
    ],
    ids=str,
)
def test_nothing_that_only_2_0_knows_goes_to_a_1_0_store_wherever_it_stands(
    server: FakeLrsServer, store: RemoteRecordStore, new: dict[str, Any]
) -> None:
    """Inside the statement's own statement, too; a store that knows 2.0 gets it."""
    sent = statement(9, **new)
    answers = store.write([sent, Posted(uuid(9), json.dumps(sent))])
    assert all("speaks xAPI 1.0.3" in str(answer.reason) for answer in answers)
    assert server.posted() == []
    server.versions = ["2.0.0"]
    (answer,) = server.store().write([statement(9, **new)])
    assert answer.arrived


def test_what_only_2_0_knows_is_not_sent_to_a_1_0_store(server: FakeLrsServer, store: RemoteRecordStore) -> None:
    """It is given up with the reason; the others go."""
    new = statement(9, context={"contextAgents": [{"objectType": "contextAgent", "agent": agent("b")}]})
    first, second = store.write([new, BATCH[0]])
    assert "contextAgents" in str(first.reason)
    assert second.reason is None
    assert list(server.statements) == [BATCH[0]["id"]]


@pytest.mark.parametrize(
    "trouble",
    [
        requests.ConnectionError("refused"),
        requests.Timeout("slow"),
        requests.exceptions.ChunkedEncodingError("broken off"),
        Answer(502),
        Answer(503),
        Answer(429),
        Answer(401, {"error": "who are you"}),
        Answer(302, headers={"Location": "https://elsewhere.example.org/"}),
        Answer(403, {"error": "this key may not write"}),
        Answer(404, b"<html>no such place</html>"),
        Answer(200, b"<html>Please sign in</html>"),
    ],
    ids=repr,
)
def test_whatever_says_nothing_about_the_statements_keeps_them_waiting(
    server: FakeLrsServer, store: RemoteRecordStore, trouble: Answer | Exception
) -> None:
    """Nothing is given up for a broken connection, a busy store, a wrong key or a wrong address."""
    server.always = trouble
    with pytest.raises(Unavailable) as problem:
        store.write(BATCH)
    assert ENDPOINT in problem.value.reason
    assert "secret" not in problem.value.reason
    assert not problem.value.alone


def test_an_answer_that_is_lost_is_no_loss(server: FakeLrsServer, store: RemoteRecordStore) -> None:
    """The batch arrived, the answer did not; the same ids again are success and change nothing."""

    def arrive_and_break(server: FakeLrsServer, request: requests.PreparedRequest) -> Answer:
        server._post(request)
        raise requests.ConnectionError("reset")

    server.troubles = [arrive_and_break]
    with pytest.raises(Unavailable):
        store.write(BATCH)
    assert all(answer.reason is None for answer in store.write(BATCH))
    assert list(server.statements.values()) == BATCH


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "120"}, 120.0),
        ({"Retry-After": "Tue, 01 Sep 2026 12:01:00 GMT", "Date": "Tue, 01 Sep 2026 12:00:00 GMT"}, 60.0),
        ({"Retry-After": "Tue, 01 Sep 2026 11:00:00 GMT", "Date": "Tue, 01 Sep 2026 12:00:00 GMT"}, 0.0),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_the_store_says_how_long_to_wait(
    server: FakeLrsServer, store: RemoteRecordStore, headers: dict[str, str], seconds: float | None
) -> None:
    """In seconds or as a date, which counts from the store's own clock."""
    server.troubles = [Answer(503, headers=headers)]
    with pytest.raises(Unavailable) as problem:
        store.write(BATCH)
    assert problem.value.retry_after == seconds


def test_compressed_bodies_are_what_they_were(server: FakeLrsServer) -> None:
    """For stores that are known to read gzip."""
    store = server.store(compress=True)
    store.write(BATCH)
    assert server.posted() == [len(BATCH)]
    assert list(server.statements.values()) == BATCH


def test_reading_asks_for_what_came_since_in_order_and_exact(server: FakeLrsServer, store: RemoteRecordStore) -> None:
    """And hands on how far the store is consistent."""
    through = {"X-Experience-API-Consistent-Through": "2026-09-01T10:00:00.5Z"}
    server.troubles = [Answer(body={"statements": BATCH, "more": ""}, headers=through)]
    page = store.read(datetime(2026, 9, 1, 10, tzinfo=UTC))
    asked = parse_qs(urlsplit(str(server.requests[-1].url)).query)
    assert asked == {"since": ["2026-09-01T10:00:00.000000Z"], "ascending": ["true"], "format": ["exact"]}
    assert (page.statements, page.more) == (BATCH, None)
    assert page.consistent_through == datetime(2026, 9, 1, 10, 0, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize("odd", ['"\\ud800"', "1e999", "NaN"])
def test_a_page_with_one_odd_statement_in_it_is_read(server: FakeLrsServer, store: RemoteRecordStore, odd: str) -> None:
    """JSON allows half a character, and numbers that no float holds."""
    server.troubles = [Answer(body=f'{{"statements": [{{"id": {odd}}}, {{"id": "x"}}], "more": ""}}'.encode())]
    assert [one["id"] for one in store.read(None).statements][1:] == ["x"]


@pytest.mark.parametrize(
    ("more", "url"),
    [
        ("/xapi/statements?more=1", f"{ENDPOINT}/statements?more=1"),
        ("/elsewhere/on/the/server?x", "https://lrs.example.org/elsewhere/on/the/server?x"),
        ("https://lrs.example.org/xapi/m/2", f"{ENDPOINT}/m/2"),
    ],
)
def test_more_is_followed_as_it_is_on_the_same_server(
    server: FakeLrsServer, store: RemoteRecordStore, more: str, url: str
) -> None:
    """It is opaque; an empty last page is an end like any other."""
    server.troubles = [Answer(body={"statements": [], "more": None})]
    page = store.read(None, more)
    assert server.requests[-1].url == url
    assert (page.statements, page.more) == ([], None)


@pytest.mark.parametrize(
    "more",
    [
        "https://evil.example.org/x",
        "//evil.example.org/x",
        "http://lrs.example.org/x",
        "https://lrs.example.org:8443/x",
    ],
)
def test_more_never_leads_our_key_to_another_server(server: FakeLrsServer, store: RemoteRecordStore, more: str) -> None:
    """Another host, port or scheme is refused before anything is sent."""
    with pytest.raises(Refused, match="another server"):
        store.read(None, more)
    assert server.requests == []


@pytest.mark.parametrize("body", [b"<html>", [], {"statements": None}])
def test_a_page_that_is_none_is_not_taken_for_an_empty_one(
    server: FakeLrsServer, store: RemoteRecordStore, body: object
) -> None:
    """A proxy's own page must not end the reading."""
    server.troubles = [Answer(body=body)]
    with pytest.raises(Unavailable):
        store.read(None)


def test_a_store_that_answers_a_page_for_one_statement_is_understood(
    server: FakeLrsServer, store: RemoteRecordStore
) -> None:
    """Ralph does: of one, and of none where it has no such statement. An empty page is no different statement."""
    server.troubles = [Answer(409), Answer(body={"statements": []}), Answer(body={"statements": BATCH[:1]})]
    assert all(answer.arrived for answer in store.write(BATCH[:1]))
