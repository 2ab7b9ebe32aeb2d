"""What the record store knows of activities and agents, and what it says about itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lrs_bridge.lrs.embedded import EmbeddedRecordStore
from lrs_bridge.store import lrs_keys
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.tenants import ensure_tenant
from tests.fakes.statements import HOME, agent, statement, voiding
from tests.web.lrs import Client, Lrs

ACTIVITIES, AGENTS, ABOUT = "/xapi/activities", "/xapi/agents", "/xapi/about"
MEETING = f"{HOME}/steps/meeting"


@pytest.fixture
def lrs(sessions: Sessions, tmp_path: Path) -> Lrs:
    return Lrs(sessions, tmp_path)


@pytest.fixture
def client(lrs: Lrs) -> Client:
    return lrs.client(lrs_keys.ALL)


def defined(number: int, **definition: Any) -> dict[str, Any]:
    return statement(number, object={"id": MEETING, "definition": definition})


def definition_of(client: Client, id_: str = MEETING) -> dict[str, Any] | None:
    answer = client.send("GET", ACTIVITIES, query_string={"activityId": id_})
    assert answer.status_code == 200
    found = answer.get_json()
    assert {name: found[name] for name in ("objectType", "id")} == {"objectType": "Activity", "id": id_}
    assert found.keys() <= {"objectType", "id", "definition"}
    return found.get("definition")


def person(client: Client, name: str) -> dict[str, Any]:
    answer = client.send("GET", AGENTS, query_string={"agent": json.dumps(agent(name))})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


# Activities


def test_an_activity_is_what_all_statements_say_of_it(client: Client) -> None:
    """In one batch and in several, as object and in context; an unknown one is an activity too."""
    assert definition_of(client) is None
    client.post(defined(1, name={"en": "meeting"}), defined(2, name={"fr": "réunion"}))
    context = {"contextActivities": {"parent": {"id": MEETING, "definition": {"type": "https://example.org/type"}}}}
    client.post(statement(3, context=context))
    assert definition_of(client) == {
        "name": {"en": "meeting", "fr": "réunion"},
        "type": "https://example.org/type",
    }


def test_statements_are_not_touched_by_what_others_say(client: Client) -> None:
    """`exact` is what came; and voiding takes back a statement, not a definition (Data 2.3.2)."""
    client.post(defined(1, name={"en": "one"}), defined(2, name={"en": "two"}))
    assert client.get(statementId=statement(1)["id"]).get_json()["object"]["definition"] == {"name": {"en": "one"}}
    client.post(voiding(3, 2))
    assert definition_of(client) == {"name": {"en": "two"}}


def test_canonical_statements_tell_the_one_definition(client: Client) -> None:
    """In the language asked for, whichever statement had it; `exact` and `ids` stay what they are."""
    client.post(defined(1, name={"en": "meeting"}), defined(2, name={"fr": "réunion"}), statement(3))
    query = {"format": "canonical", "ascending": "true"}
    page = client.send("GET", query_string=query, headers={"Accept-Language": "fr"}).get_json()["statements"]
    assert [one["object"].get("definition") for one in page] == [{"name": {"fr": "réunion"}}] * 2 + [None]
    one = client.get(statementId=statement(1)["id"], format="canonical").get_json()
    assert one["object"]["definition"] == {"name": {"en": "meeting"}}
    assert client.get(statementId=statement(2)["id"]).get_json()["object"]["definition"] == {"name": {"fr": "réunion"}}
    assert client.get(statementId=statement(2)["id"], format="ids").get_json()["object"] == {"id": MEETING}


def test_only_who_may_define_defines(lrs: Lrs, client: Client) -> None:
    """`statements/write` alone saves the id and the statement (Communication 4.2)."""
    lrs.client(lrs_keys.WRITE).post(defined(1, name={"en": "one"}))
    assert definition_of(client) is None
    lrs.client(lrs_keys.WRITE, lrs_keys.DEFINE).post(defined(2, name={"en": "two"}))
    assert definition_of(client) == {"name": {"en": "two"}}


def test_a_refused_batch_defines_nothing(client: Client) -> None:
    """Definitions are written with their statements or not at all."""
    client.post(statement(1))
    assert client.post(defined(2, name={"en": "two"}), statement(1, "bob")).status_code == 409
    assert definition_of(client) is None


def test_what_the_tool_itself_writes_defines(lrs: Lrs, client: Client) -> None:
    """The store behind the flows keeps the same record."""
    EmbeddedRecordStore(lrs.sessions, lrs.tenant, lrs.clock).write([defined(1, name={"en": "one"})])
    assert definition_of(client) == {"name": {"en": "one"}}


def test_a_batch_may_define_more_activities_than_a_query_has_variables(client: Client) -> None:
    """SQLite takes 32,766 in one statement; of 40,000 activities all are known afterwards."""
    many = [{"id": f"{HOME}/{n}", "definition": {"name": {"en": str(n)}}} for n in range(40_000)]
    assert client.post(statement(1, context={"contextActivities": {"other": many}})).status_code == 200
    assert definition_of(client, many[-1]["id"]) == {"name": {"en": "39999"}}


def test_definitions_are_those_of_a_tenant(lrs: Lrs, client: Client) -> None:
    """Two tenants may speak of one activity and never hear of each other."""
    with lrs.sessions.write() as session:
        tenant = ensure_tenant(session, "another", "https://other.example.org", lrs.clock()).id
    client.post(defined(1, name={"en": "one"}))
    assert definition_of(lrs.client(lrs_keys.ALL, tenant=tenant)) is None


# Agents


def test_a_person_has_the_names_of_its_agent(client: Client) -> None:
    """From statements that stand; an agent nobody heard of is a person all the same."""
    for number, name in ((1, "Alice"), (2, "Alice B."), (3, "A slip")):
        client.post(statement(number, actor={**agent("alice"), "name": name}))
    client.post(voiding(4, 3))
    assert person(client, "alice") == {
        "objectType": "Person",
        "name": ["Alice B.", "Alice"],
        "account": [agent("alice")["account"]],
    }
    assert person(client, "bob") == {"objectType": "Person", "account": [agent("bob")["account"]]}


def test_names_come_only_from_statements_the_key_may_read(lrs: Lrs) -> None:
    """All, its own, or none."""
    named = {**agent("alice"), "name": "Alice"}
    writer = lrs.client(lrs_keys.WRITE, lrs_keys.READ_MINE)
    writer.post(statement(1, actor=named))
    assert person(writer, "alice")["name"] == ["Alice"]
    assert person(lrs.client(lrs_keys.READ), "alice")["name"] == ["Alice"]
    for scope in (lrs_keys.READ_MINE, lrs_keys.PROFILE, lrs_keys.STATE):
        assert "name" not in person(lrs.client(scope), "alice")


# Both


@pytest.mark.parametrize(
    ("path", "good", "bad"),
    [
        (ACTIVITIES, {"activityId": MEETING}, {"activityId": "no iri"}),
        (AGENTS, {"agent": json.dumps(agent("alice"))}, {"agent": '{"objectType": "Group", "member": []}'}),
    ],
)
def test_the_one_parameter_has_to_be_there_and_right(
    client: Client, path: str, good: dict[str, str], bad: dict[str, str]
) -> None:
    """400 without it, with another, or with a wrong value; HEAD answers like GET."""
    for parameters in ({}, bad, {**good, "unknown": "x"}):
        assert client.send("GET", path, query_string=parameters).status_code == 400
    got, headed = (client.send(method, path, query_string=good) for method in ("GET", "HEAD"))
    assert (got.status_code, headed.status_code, headed.data) == (200, 200, b"")
    assert headed.headers["ETag"] == got.headers["ETag"]
    unchanged = client.send("GET", path, query_string=good, headers={"If-None-Match": got.headers["ETag"]})
    assert unchanged.status_code == 304


def test_a_key_that_only_writes_reads_neither(lrs: Lrs) -> None:
    """403; `define` may see definitions, since it makes them."""
    activity, alice = {"activityId": MEETING}, {"agent": json.dumps(agent("alice"))}
    for scope in lrs_keys.SCOPES:
        client = lrs.client(scope)
        expected = 403 if scope == lrs_keys.WRITE else 200
        assert client.send("GET", ACTIVITIES, query_string=activity).status_code == expected, scope
        expected = 403 if scope in {lrs_keys.WRITE, lrs_keys.DEFINE} else 200
        assert client.send("GET", AGENTS, query_string=alice).status_code == expected, scope


# About


def test_about_names_the_limits(sessions: Sessions, tmp_path: Path) -> None:
    """Outside extensions nothing may be added to it (Communication 2.8)."""
    answer = Client(Lrs(sessions, tmp_path, megabytes=7).http, None, None).send("GET", ABOUT)
    assert answer.get_json() == {
        "version": ["1.0.3", "2.0.0"],
        "extensions": {
            "https://w3id.org/xapi/learning-journey/extensions/limits": {"request-megabytes": 7, "page-statements": 500}
        },
    }


def test_about_refuses_no_version_and_any_parameter(lrs: Lrs) -> None:
    """A client asks here which version to speak."""
    for version in ("0.9", "3.1", "nonsense"):
        assert Client(lrs.http, None, version).send("GET", ABOUT).status_code == 200
    assert Client(lrs.http, None, None).send("GET", ABOUT, query_string={"x": "y"}).status_code == 400
