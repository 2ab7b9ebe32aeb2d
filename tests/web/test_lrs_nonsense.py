"""Anything at all sent to documents, activities, agents and about: never a 5xx, and nothing half stored."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from lrs_bridge.store import lrs_keys
from lrs_bridge.store.engine import Sessions
from tests.fakes.statements import HOME, agent, uuid
from tests.web.documents import PATHS, SHELVES, STATE, etag, named
from tests.web.lrs import Client, Lrs

RIGHT = {
    **{path: named(path, "a") for path in PATHS},
    "/xapi/activities": {"activityId": f"{HOME}/a"},
    "/xapi/agents": {"agent": json.dumps(agent("alice"))},
}
NAMES = ["activityId", "agent", "registration", "stateId", "profileId", "since", "unknown"]

# One installation serves all examples of a test: what came before is part of what is tried.
many = settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
some = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])

anything = st.text(max_size=20)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | anything,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(anything, inner, max_size=3),
    max_leaves=8,
)
agents = st.sampled_from([agent("alice"), {"mbox": "mailto:a@example.org"}, {"openid": "https://example.org/a"}])
nearly_agents = st.builds(
    lambda base, extra: {**base, **extra},
    agents,
    st.dictionaries(
        st.sampled_from(["objectType", "name", "account", "mbox", "mbox_sha1sum", "member"]),
        json_values | st.sampled_from(["Agent", "Group", {"homePage": HOME, "name": "x\0"}]),
        max_size=2,
    ),
)
strange = st.fixed_dictionaries(
    {},
    optional={
        "activityId": st.sampled_from([f"{HOME}/a", f"{HOME}/b"]) | anything,
        "agent": st.builds(json.dumps, agents | nearly_agents | json_values) | anything,
        "registration": st.just(uuid(1)) | anything,
        "stateId": st.sampled_from("ab") | anything,
        "profileId": st.sampled_from("ab") | anything,
        "since": st.just("2026-09-01T12:00:00Z") | st.datetimes().map(str) | anything,
        "unknown": anything,
    },
)


def parameters(path: str) -> st.SearchStrategy[dict[str, str]]:
    """Most of them right, or nearly."""
    right = st.sampled_from([RIGHT.get(path, {}), {**SHELVES.get(path, {})}])
    nearly = st.builds(lambda base, name, text: {**base, name: text}, right, st.sampled_from(NAMES), anything)
    return right | right | right | nearly | strange


json_objects = st.dictionaries(
    anything, st.none() | st.booleans() | st.integers(-(2**53), 2**53) | anything, max_size=3
)
contents = st.binary(max_size=40) | st.builds(lambda value: json.dumps(value).encode(), json_values | json_objects)
header_texts = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=20)
etags = st.sampled_from(["*", "", etag(b"{}"), f"W/{etag(b'{}')}", '"', '","', ",,"]) | header_texts
headers = st.fixed_dictionaries(
    {},
    optional={
        "If-Match": etags,
        "If-None-Match": etags,
        "If-Modified-Since": header_texts,
        "Range": st.just("bytes=0-1") | header_texts,
        "Content-Type": st.sampled_from(["application/json", "text/plain"])
        | st.sampled_from(
            ["Application/JSON ; charset=UTF-8", "multipart/mixed; boundary=x", "application/x-www-form-urlencoded"]
        )
        | header_texts,
        "Accept": header_texts,
    },
)
form_headers = st.dictionaries(st.sampled_from(["Content-Type", "If-Match", "If-None-Match"]), anything | etags)
methods = st.sampled_from(["PUT", "POST", "GET", "DELETE"] * 3 + ["HEAD", "PATCH", "OPTIONS"])
paths = st.sampled_from(PATHS * 3 + ["/xapi/activities", "/xapi/agents", "/xapi/about"])
versions = st.sampled_from(["1.0.3", "2.0.0"]) | st.sampled_from(["1.0", "0.9", ""]) | header_texts


@pytest.fixture
def lrs(sessions: Sessions, tmp_path: Path) -> Lrs:
    return Lrs(sessions, tmp_path)


@pytest.fixture
def client(lrs: Lrs) -> Client:
    return lrs.client(lrs_keys.ALL)


def kept(lrs: Lrs) -> list[tuple[Any, ...]]:
    """All there is of documents and activities."""
    with lrs.sessions.read() as session:
        documents = session.execute(text("SELECT * FROM document ORDER BY shelf, place")).all()
        activities = session.execute(text("SELECT * FROM activity ORDER BY key")).all()
    return [tuple(row) for row in (*documents, *activities)]


@many
@given(methods, paths, st.data(), headers, contents, versions)
def test_no_request_breaks_the_store(
    lrs: Lrs,
    client: Client,
    method: str,
    path: str,
    data: st.DataObject,
    headers: dict[str, str],
    content: bytes,
    version: str,
) -> None:
    """Whatever is not answered with 204 has changed nothing, and says why in JSON."""
    before = kept(lrs)
    client.version = version
    answer = client.send(method, path, query_string=data.draw(parameters(path)), headers=headers, data=content)
    event(f"{method} {answer.status_code}")
    assert answer.status_code < 500, answer.text
    assert answer.headers["X-Experience-API-Version"] in {"0.9", "1.0.3", "2.0.0"}
    if answer.status_code != 204:
        assert kept(lrs) == before
    if answer.status_code >= 400 and method != "HEAD":
        assert answer.get_json()["error"]


@many
@given(methods, paths, st.data(), form_headers, contents)
def test_no_request_in_a_form_breaks_the_store(
    lrs: Lrs, client: Client, method: str, path: str, data: st.DataObject, headers: dict[str, str], content: bytes
) -> None:
    """The alternate syntax of 1.0 carries headers that no server has looked at, with line ends for one."""
    before = kept(lrs)
    fields = {**data.draw(parameters(path)), **headers, "content": content.decode(errors="replace")}
    answer = client.send("POST", path, query_string={"method": method}, data=fields)
    event(f"{answer.status_code}")
    assert answer.status_code < 500, answer.text
    if answer.status_code != 204:
        assert kept(lrs) == before
    client.send("GET", path, query_string=data.draw(parameters(path)))


steps = st.tuples(st.sampled_from(["PUT", "POST", "DELETE"]), st.sampled_from("ab"), st.booleans(), json_objects)
fresh = count()


def new_shelf(path: str) -> dict[str, str]:
    """Of an activity or agent that no example spoke of before."""
    number = str(next(fresh))
    new = {"activityId": f"{HOME}/{number}", "agent": json.dumps(agent(number))}
    return {name: new[name] for name in SHELVES[path]}


@some
@given(st.lists(steps, max_size=6), st.sampled_from(PATHS), st.sampled_from(["1.0.3", "2.0.0"]))
def test_documents_behave_like_a_dictionary(
    client: Client, acts: list[tuple[str, str, bool, dict[str, Any]]], path: str, version: str
) -> None:
    """Any requests to two documents of one shelf, beside a model of what they have to do."""
    client.version = version
    id_name, shelf = "stateId" if path == STATE else "profileId", new_shelf(path)
    model: dict[str, bytes] = {}
    for method, id_, conditional, value in acts:
        query, current, content = {**shelf, id_name: id_}, model.get(id_), json.dumps(value).encode()
        conditions = {"If-None-Match": "*"} if current is None else {"If-Match": etag(current)}
        given_headers = {"Content-Type": "application/json", **(conditions if conditional else {})}
        answer = client.send(method, path, query_string=query, headers=given_headers, data=content)
        assert answer.status_code == expected(method, path, version, conditional, current)
        if answer.status_code != 204:
            continue
        if method == "DELETE":
            model.pop(id_, None)
        elif method == "PUT" or current is None:
            model[id_] = content
        else:
            model[id_] = client.send("GET", path, query_string=query).data
            assert json.loads(model[id_]) == {**json.loads(current), **value}
    assert sorted(client.send("GET", path, query_string=shelf).get_json()) == sorted(model)
    for id_, content in model.items():
        answer = client.send("GET", path, query_string={**shelf, id_name: id_})
        assert (answer.data, answer.headers["ETag"]) == (content, etag(content))


def expected(method: str, path: str, version: str, conditional: bool, current: bytes | None) -> int:
    if method != "PUT" or conditional or (path == STATE and version == "1.0.3"):
        return 204
    if current is not None:
        return 409
    return 400 if version == "1.0.3" else 204


@some
@given(st.lists(json_values, max_size=3), st.binary(max_size=30))
def test_whatever_is_put_as_json_is_json_or_refused(lrs: Lrs, client: Client, values: list[Any], raw: bytes) -> None:
    """And what was taken comes back octet for octet."""
    for content in (*(json.dumps(value).encode() for value in values), raw):
        query = {**SHELVES[STATE], "stateId": "x"}
        answer = client.send(
            "PUT", STATE, query_string=query, data=content, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code in {204, 400}
        if answer.status_code == 204:
            assert client.send("GET", STATE, query_string=query).data == content
