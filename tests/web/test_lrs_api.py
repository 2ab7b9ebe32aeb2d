"""The record store over HTTP: who may, which version, what is asked, what is refused, and the links between pages."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from lrs_bridge.store import lrs_keys
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.lrs_keys import revoke_key
from lrs_bridge.store.tenants import ensure_tenant
from tests.fakes.statements import DONE, HOME, agent, statement, uuid, voiding
from tests.web.lrs import STATEMENTS, Client, Lrs


@pytest.fixture
def lrs(sessions: Sessions, tmp_path: Path) -> Lrs:
    return Lrs(sessions, tmp_path)


@pytest.fixture
def client(lrs: Lrs) -> Client:
    return lrs.client(lrs_keys.ALL)


def test_about_asks_for_nothing_and_names_the_versions(lrs: Lrs) -> None:
    """The one resource without credentials and version (Communication 2.8)."""
    answer = Client(lrs.http, None, None).send("GET", "/xapi/about")
    assert answer.get_json()["version"] == ["1.0.3", "2.0.0"]


@pytest.mark.parametrize("credentials", [None, ("nobody", "x"), ("right", "wrong")])
def test_without_the_right_secret_there_is_401_and_how_to_ask(
    lrs: Lrs, client: Client, credentials: tuple[str, str] | None
) -> None:
    """And the body says so as JSON."""
    assert client.credentials
    if credentials and credentials[0] == "right":
        credentials = (client.credentials[0], "wrong")
    answer = Client(lrs.http, credentials).get()
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert answer.get_json()["error"]


def test_a_revoked_key_is_shut_out_at_once(lrs: Lrs, client: Client) -> None:
    """The next request gets 401."""
    assert client.credentials
    assert client.get().status_code == 200
    with lrs.sessions.write() as session:
        assert revoke_key(session, lrs.tenant, client.credentials[0], lrs.clock())
    assert client.get().status_code == 401


def test_what_a_key_may_do_is_its_scopes(lrs: Lrs) -> None:
    """Writing, reading, both, or reading what it wrote itself (Communication 4.2)."""
    writer, reader = lrs.client(lrs_keys.WRITE), lrs.client(lrs_keys.READ)
    narrow = lrs.client(lrs_keys.WRITE, lrs_keys.READ_MINE)
    assert writer.post(statement(1)).status_code == 200
    assert reader.post(statement(2)).status_code == 403
    assert writer.get().status_code == 403
    assert narrow.post(statement(3)).status_code == 200
    assert reader.ids() == [uuid(1), uuid(3)]
    assert narrow.ids() == [uuid(3)]
    assert narrow.get(statementId=uuid(1)).status_code == 404
    assert narrow.get(statementId=uuid(3)).status_code == 200


def test_a_key_belongs_to_a_tenant_and_sees_no_other(lrs: Lrs, client: Client) -> None:
    """Neither in lists nor by id."""
    with lrs.sessions.write() as session:
        other = ensure_tenant(session, "other", "https://other.example.org", lrs.clock()).id
    client.post(statement(1))
    stranger = lrs.client(lrs_keys.ALL, tenant=other)
    assert stranger.ids() == []
    assert stranger.get(statementId=uuid(1)).status_code == 404
    assert stranger.post(statement(1, "carol")).status_code == 200


def test_only_a_key_with_every_scope_may_name_another_authority(lrs: Lrs, client: Client) -> None:
    """The others vouch themselves for what they write (Data 2.4.9)."""
    lrs.client(lrs_keys.WRITE).post(statement(1, authority=agent("somebody")))
    client.post(statement(2, authority=agent("somebody")))
    first, second = (client.get(statementId=uuid(number)).get_json()["authority"] for number in (1, 2))
    assert (first == agent("somebody"), second == agent("somebody")) == (False, True)
    assert first["name"] == "a client"


@pytest.mark.parametrize(
    ("asked", "status", "answered"),
    [
        ("1.0.0", 200, "1.0.3"),
        ("1.0", 200, "1.0.3"),
        ("1.0.99", 200, "1.0.3"),
        ("2.0.0", 200, "2.0.0"),
        ("0.95", 400, "1.0.3"),
        ("1.1", 400, "1.0.3"),
        ("2.1.0", 400, "2.0.0"),
        (None, 400, "0.9"),
    ],
)
def test_the_version_is_asked_for_and_answered(client: Client, asked: str | None, status: int, answered: str) -> None:
    """Without one that is spoken here there is 400 (Communication 3.3)."""
    client.version = asked
    answer = client.get()
    assert (answer.status_code, answer.headers["X-Experience-API-Version"]) == (status, answered)


def test_post_answers_the_ids_in_order(client: Client) -> None:
    """Also those it made itself."""
    nameless = statement(2)
    del nameless["id"]
    answer = client.post(statement(1), nameless, statement(3))
    first, made, third = answer.get_json()
    assert (first, third) == (uuid(1), uuid(3))
    assert client.get(statementId=made).status_code == 200


def test_put_writes_one_statement_under_the_id_of_its_parameter(client: Client) -> None:
    """204; the body's own id has to be the same."""
    nameless = statement(1)
    del nameless["id"]
    place = f"{STATEMENTS}?statementId={uuid(1)}"
    assert client.send("PUT", place, json=nameless).status_code == 204
    assert client.send("PUT", place, json=statement(2)).status_code == 400
    assert client.send("PUT", STATEMENTS, json=nameless).status_code == 400
    assert client.ids() == [uuid(1)]


def test_the_same_statement_again_is_fine_and_another_is_a_conflict(client: Client) -> None:
    """409 leaves everything as it was, the rest of the batch included."""
    place = f"{STATEMENTS}?statementId={uuid(1)}"
    assert client.post(statement(1)).status_code == 200
    assert client.post(statement(1)).status_code == 200
    assert client.send("PUT", place, json=statement(1)).status_code == 204
    assert client.send("PUT", place, json=statement(1, "mallory")).status_code == 409
    assert client.post(statement(2), statement(1, "mallory")).status_code == 409
    assert client.ids() == [uuid(1)]


@pytest.mark.parametrize(
    "parameters",
    [
        {"unknown": "1"},
        {"StatementId": uuid(1)},
        {"statementId": "1"},
        {"statementId": uuid(1), "voidedStatementId": uuid(1)},
        {"statementId": uuid(1), "verb": DONE},
        {"agent": "alice"},
        {"agent": "{}"},
        {"verb": "completed"},
        {"activity": "step"},
        {"registration": "1"},
        {"related_agents": "yes"},
        {"since": "yesterday"},
        {"until": "2026-13-01"},
        {"limit": "-1"},
        {"limit": "ten"},
        {"format": "exactly"},
        {"ascending": "True"},
    ],
    ids=str,
)
def test_a_parameter_that_cannot_be_understood_is_refused(client: Client, parameters: dict[str, str]) -> None:
    """400, JSON that names the parameter, and the header that every answer of this resource has."""
    answer = client.get(**parameters)
    assert answer.status_code == 400
    assert next(iter(parameters)) in answer.get_json()["error"]
    assert datetime.fromisoformat(answer.headers["X-Experience-API-Consistent-Through"])


def test_bodies_that_are_not_statements_are_refused(client: Client) -> None:
    """Not JSON, not said to be JSON, or with attachments whose data is nowhere."""
    as_json = {"Content-Type": "application/json"}
    assert client.send("POST", data=b"{", headers=as_json).status_code == 400
    assert client.send("POST", data=b"[]", headers={"Content-Type": "text/plain"}).status_code == 400
    attachment = {
        "usageType": "https://example.org/use",
        "display": {"en": "a file"},
        "contentType": "text/plain",
        "length": 3,
        "sha2": "0" * 64,
    }
    assert client.post(statement(1, attachments=[attachment])).status_code == 400
    placed = {**attachment, "fileUrl": "https://example.org/file"}
    assert client.post(statement(1, attachments=[placed])).status_code == 200


def test_filters_reach_the_record(client: Client) -> None:
    """Each by its name in the specification; times with an unescaped plus too."""
    client.post(
        statement(1),
        statement(
            2, "bob", context={"registration": uuid(9), "contextActivities": {"grouping": {"id": f"{HOME}/run"}}}
        ),
    )
    assert client.ids(agent=json.dumps(agent("alice"))) == [uuid(1)]
    assert client.ids(registration=uuid(9)) == [uuid(2)]
    assert client.ids(verb=DONE, limit="1") == [uuid(1)]
    assert client.ids(activity=f"{HOME}/run") == []
    assert client.ids(activity=f"{HOME}/run", related_activities="true") == [uuid(2)]
    assert client.ids(since="2026-09-01T15:00:00+02:00") == []
    late = client.send("GET", f"{STATEMENTS}?until=2026-09-01T15:00:00+02:00")
    assert len(late.get_json()["statements"]) == 2


def test_more_leads_through_all_pages_and_ends_empty(client: Client) -> None:
    """A relative link under /xapi that keeps every parameter; used as it is."""
    client.post(*(statement(number) for number in range(1, 8)))
    path, seen = f"{STATEMENTS}?verb={DONE}&limit=3&ascending=true&format=ids", []
    while path:
        page = client.send("GET", path).get_json()
        seen += [one["id"] for one in page["statements"]]
        assert all(one["verb"] == {"id": DONE} for one in page["statements"])
        path = page["more"]
        assert path == "" or path.startswith("/xapi/statements?")
    assert seen == [uuid(number) for number in range(1, 8)]


def test_a_voided_statement_is_found_only_by_asking_for_it_as_such(client: Client) -> None:
    """404 by its id, 200 by voidedStatementId, absent from lists."""
    client.post(statement(1), voiding(2, 1))
    assert client.get(statementId=uuid(1)).status_code == 404
    assert client.get(voidedStatementId=uuid(1)).get_json()["id"] == uuid(1)
    assert client.get(voidedStatementId=uuid(2)).status_code == 404
    assert client.ids() == [uuid(2)]


def test_one_statement_says_when_it_was_stored(client: Client) -> None:
    """Last-Modified is `stored` to the second."""
    client.post(statement(1))
    assert client.get(statementId=uuid(1)).headers["Last-Modified"] == "Tue, 01 Sep 2026 12:00:00 GMT"


def test_head_answers_like_get_without_a_body(client: Client) -> None:
    """The same status and headers (Communication 1.1)."""
    client.post(statement(1))
    got, headed = client.get(), client.send("HEAD")
    assert (headed.status_code, headed.headers["Content-Length"], headed.data) == (
        200,
        got.headers["Content-Length"],
        b"",
    )


def test_formats_show_less_or_one_language(client: Client) -> None:
    """`ids`: what identifies. `canonical`: texts in the language asked for. `exact`: as it came."""
    texts = {"de": "abgeschlossen", "en-US": "completed"}
    sent = statement(1, verb={"id": DONE, "display": texts})
    sent["actor"]["name"] = "Alice"
    client.post(sent)
    ids = client.get(statementId=uuid(1), format="ids").get_json()
    assert (ids["actor"], ids["verb"]) == (agent("alice"), {"id": DONE})
    for wanted, expected in [("de-AT,en;q=0.5", "de"), ("en", "en-US"), ("fr", "de")]:
        answer = client.send(
            "GET",
            query_string={"statementId": uuid(1), "format": "canonical"},
            headers={"Accept-Language": wanted},
        )
        assert answer.get_json()["verb"]["display"] == {expected: texts[expected]}
    exact = client.get(statementId=uuid(1)).get_json()
    assert {name: exact[name] for name in sent} == sent


def test_attachments_asked_for_come_as_parts_of_which_the_first_is_the_statements(client: Client) -> None:
    """There is no other part, since data of attachments is not kept yet."""
    client.post(statement(1))
    answer = client.get(attachments="true")
    assert answer.mimetype == "multipart/mixed"
    boundary = answer.mimetype_params["boundary"]
    parts = answer.text.split(f"--{boundary}")
    assert len(parts) == 3
    assert uuid(1) in parts[1]


@pytest.mark.parametrize(
    ("version", "sent", "kept"),
    [
        ("1.0.3", "2026-09-01T12:00:00.5+02:00", "2026-09-01T12:00:00.5+02:00"),
        ("2.0.0", "2026-09-01T12:00:00.5+02:00", "2026-09-01T10:00:00.500000Z"),
        ("2.0.0", "2026-09-01T10:00:00.123Z", "2026-09-01T10:00:00.123Z"),
    ],
)
def test_version_2_turns_timestamps_to_utc(client: Client, version: str, sent: str, kept: str) -> None:
    """Those of a SubStatement too; 1.0 leaves them as they came."""
    client.version = version
    nested = {"objectType": "SubStatement", **{name: value for name, value in statement(2).items() if name != "id"}}
    client.post(statement(1, timestamp=sent, object={**nested, "timestamp": sent}))
    found = client.get(statementId=uuid(1)).get_json()
    assert (found["timestamp"], found["object"]["timestamp"]) == (kept, kept)


def test_a_single_context_activity_comes_back_in_an_array(client: Client) -> None:
    """However it was sent (Data 2.4.6.2)."""
    client.post(statement(1, context={"contextActivities": {"parent": {"id": f"{HOME}/run"}}}))
    context = client.get(statementId=uuid(1)).get_json()["context"]
    assert context == {"contextActivities": {"parent": [{"id": f"{HOME}/run"}]}}
