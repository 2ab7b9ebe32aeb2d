"""What every request to the record store passes: preflights, the alternate syntax, problems that meet no view."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from lrs_bridge.store import lrs_keys
from lrs_bridge.store.engine import Sessions
from tests.fakes.statements import DONE, statement, uuid
from tests.web.lrs import STATEMENTS, Client, Lrs

RESOURCES = ["statements", "activities/state", "activities/profile", "agents/profile", "agents", "activities", "about"]


@pytest.fixture
def lrs(sessions: Sessions, tmp_path: Path) -> Lrs:
    return Lrs(sessions, tmp_path)


@pytest.fixture
def client(lrs: Lrs) -> Client:
    return lrs.client(lrs_keys.ALL)


def as_form(client: Client, method: str, path: str = STATEMENTS, **fields: str) -> TestResponse:
    """The request as old browsers can send it: a POST without a header of ours."""
    assert client.credentials
    token = b64encode(":".join(client.credentials).encode()).decode()
    form = {"Authorization": f"Basic {token}", "X-Experience-API-Version": "1.0.3", **fields}
    return client.http.post(f"{path}?method={method}", data=form)


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_browser_may_ask_before_it_sends(lrs: Lrs, resource: str) -> None:
    """A preflight has no credentials; it is told the methods and the headers of xAPI."""
    asked = {"Origin": "https://content.example", "Access-Control-Request-Method": "PUT"}
    answer = lrs.http.options(f"/xapi/{resource}", headers=asked)
    assert (answer.status_code, answer.headers["X-Experience-API-Version"]) == (204, "2.0.0")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "PUT" in answer.headers["Access-Control-Allow-Methods"]
    allowed = answer.headers["Access-Control-Allow-Headers"].lower()
    for header in ("authorization", "content-type", "x-experience-api-version", "if-match", "if-none-match"):
        assert header in allowed


def test_a_browser_may_read_every_answer_and_never_sends_what_it_has_stored(lrs: Lrs, client: Client) -> None:
    """Refusals too; without leave for credentials, those typed into the browser stay there."""
    for answer in (client.get(), Client(lrs.http, None).get(), lrs.http.get("/xapi/nothing")):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "X-Experience-API-Consistent-Through" in answer.headers["Access-Control-Expose-Headers"]
        assert "Access-Control-Allow-Credentials" not in answer.headers


def test_what_meets_no_view_is_told_as_json_in_the_version_asked_for(client: Client) -> None:
    """There is no such resource, or not this method."""
    for method, path, status in (("GET", "/xapi/nothing", 404), ("DELETE", STATEMENTS, 405)):
        answer = client.send(method, path)
        assert (answer.status_code, answer.headers["X-Experience-API-Version"]) == (status, "1.0.3")
        assert answer.mimetype == "application/json"
        assert answer.get_json()["error"]
    assert set(answer.headers["Allow"].split(", ")) >= {"GET", "POST", "PUT"}


def test_a_form_does_what_the_request_it_stands_for_would_do(client: Client) -> None:
    """PUT, POST and GET, with credentials and version among its fields."""
    put = as_form(client, "PUT", statementId=uuid(1), content=json.dumps(statement(1)))
    assert (put.status_code, put.headers["X-Experience-API-Version"]) == (204, "1.0.3")
    assert as_form(client, "POST", content=json.dumps([statement(2)])).get_json() == [uuid(2)]
    found = as_form(client, "GET", verb=DONE, ascending="true").get_json()["statements"]
    assert [one["id"] for one in found] == [uuid(1), uuid(2)]


def test_the_form_of_a_document_names_its_content_type_and_its_conditions(client: Client) -> None:
    """They are headers of the request that it stands for."""
    fields = {"activityId": "https://example.org/a", "profileId": "p"}
    path = "/xapi/activities/profile"
    first = as_form(
        client, "PUT", path, **fields, content="hej", **{"Content-Type": "text/plain", "If-None-Match": "*"}
    )
    again = as_form(
        client, "PUT", path, **fields, content="nej", **{"Content-Type": "text/plain", "If-None-Match": "*"}
    )
    kept = as_form(client, "GET", path, **fields)
    assert (first.status_code, again.status_code) == (204, 412)
    assert (kept.mimetype, kept.text) == ("text/plain", "hej")


def test_links_to_the_next_page_of_a_form_are_for_plain_requests(client: Client) -> None:
    """They hold the filters as parameters."""
    client.post(*(statement(number) for number in range(1, 4)))
    more = as_form(client, "GET", limit="2", ascending="true").get_json()["more"]
    assert [one["id"] for one in client.send("GET", more).get_json()["statements"]] == [uuid(3)]


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("method=PUT&statementId=" + uuid(1), {"content": json.dumps(statement(1))}),
        ("method=PUT", {"statementId": uuid(1)}),
        ("method=PATCH", {"statementId": uuid(1), "content": "{}"}),
        ("method=PUT&method=GET", {"statementId": uuid(1), "content": "{}"}),
        ("method=GET", {"limit": "1", "unknown": "1"}),
        ("method=GET", {"X-Experience-API-Version": "0.8"}),
    ],
    ids=str,
)
def test_a_form_that_stands_for_nothing_is_refused(client: Client, query: str, fields: dict[str, str]) -> None:
    """400, and nothing is written."""
    answer = client.send("POST", f"{STATEMENTS}?{query}", data=fields)
    assert answer.status_code == 400
    assert client.ids() == []


@pytest.mark.parametrize("body", [b"\xff=1", b"limit=%ff", b"a&" * 200], ids=["bytes", "escaped", "many fields"])
def test_a_body_that_is_no_form_is_refused(client: Client, body: bytes) -> None:
    """Not UTF-8, or more fields than any request has."""
    assert client.send("POST", f"{STATEMENTS}?method=GET", data=body).status_code == 400


def test_version_2_has_no_alternate_syntax(client: Client) -> None:
    """Whether the header says so or a field."""
    fields: dict[str, Any] = {"statementId": uuid(1), "content": json.dumps(statement(1))}
    assert as_form(client, "PUT", **fields, **{"X-Experience-API-Version": "2.0.0"}).status_code == 400
    client.version = "2.0.0"
    assert client.send("POST", f"{STATEMENTS}?method=PUT", data=urlencode(fields)).status_code == 400
    assert client.ids() == []


def test_a_form_may_not_be_larger_than_any_other_request(sessions: Sessions, tmp_path: Path) -> None:
    """413."""
    client = Lrs(sessions, tmp_path, megabytes=1).client(lrs_keys.ALL)
    assert as_form(client, "POST", content="x" * 2**20).status_code == 413
