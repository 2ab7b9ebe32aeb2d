"""Statements of every shape and nearly statements, in batches, by POST and PUT, and questions of every kind."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from lrs_bridge.lrs.comparison import same_statement
from lrs_bridge.store import lrs_keys
from lrs_bridge.store.engine import Sessions
from tests.fakes import any_statement
from tests.fakes.statements import DONE, HOME
from tests.web.lrs import STATEMENTS, Client, Lrs

# One installation serves all examples of a test: what came before is part of what is tried.
many = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
TABLES = ("statement", "statement_term", "activity", "attachment_piece")


@pytest.fixture
def lrs(sessions: Sessions, tmp_path: Path) -> Lrs:
    return Lrs(sessions, tmp_path)


@pytest.fixture
def client(lrs: Lrs) -> Client:
    return lrs.client(lrs_keys.ALL)


def sizes(lrs: Lrs) -> tuple[int, ...]:
    """How much each table holds."""
    with lrs.sessions.read() as session:
        return tuple(session.scalar(text(f"SELECT count(*) FROM {table}")) for table in TABLES)


def kept(client: Client, id_: str) -> dict[str, Any]:
    """Whatever has become of it."""
    for name in ("statementId", "voidedStatementId"):
        answer = client.get(**{name: id_})
        if answer.status_code == 200:
            return dict(answer.get_json())
    raise AssertionError(f"{id_} is not there")


def as_kept(value: Any) -> Any:
    """Single context activities come back in arrays; all else as it went in."""
    if isinstance(value, list):
        return [as_kept(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept_as = {name: as_kept(item) for name, item in value.items()}
    found = kept_as.get("contextActivities")
    if isinstance(found, dict):
        kept_as["contextActivities"] = {name: one if isinstance(one, list) else [one] for name, one in found.items()}
    return kept_as


def without_times(one: dict[str, Any]) -> dict[str, Any]:
    """Timestamps may come back in another zone; that they name the same time is compared apart."""
    left = {name: value for name, value in one.items() if name != "timestamp"}
    if left["object"].get("objectType") == "SubStatement":
        left["object"] = without_times(left["object"])
    return left


@many
@given(st.data())
def test_every_valid_statement_comes_back_as_it_came(lrs: Lrs, client: Client, data: st.DataObject) -> None:
    """Exactly, but for what the store sets; or it conflicts with one that differs, and then nothing is written."""
    two = data.draw(st.booleans())
    client.version = "2.0.0" if two else "1.0.3"
    batch = data.draw(st.lists(any_statement.statements(two), min_size=1, max_size=3))
    before = sizes(lrs)
    answer = client.post(*batch)
    ids = [one.get("id") for one in batch if "id" in one]
    event(f"{answer.status_code}")
    if len(set(ids)) < len(ids):
        assert answer.status_code == 400
    elif answer.status_code == 409:
        assert any(
            not same_statement(kept(client, one["id"]), one) for one in batch if "id" in one and known(client, one)
        )
    else:
        assert answer.status_code == 200, answer.text
        for id_, one in zip(answer.get_json(), batch, strict=True):
            found = kept(client, id_)
            assert same_statement(found, one)
            if sizes(lrs)[0] - before[0] == len(batch):
                sent = {name: value for name, value in one.items() if name not in {"stored", "version"}}
                assert without_times({name: found[name] for name in sent}) == without_times(as_kept(sent))
    if answer.status_code != 200:
        assert sizes(lrs) == before


def known(client: Client, one: Mapping[str, Any]) -> bool:
    return any(client.get(**{name: one["id"]}).status_code == 200 for name in ("statementId", "voidedStatementId"))


@many
@given(st.data())
def test_nearly_statements_are_taken_or_refused_whole(lrs: Lrs, client: Client, data: st.DataObject) -> None:
    """Never a 5xx; what is refused has left nothing anywhere."""
    client.version = data.draw(st.sampled_from(["1.0.3", "2.0.0"]))
    batch = data.draw(st.lists(any_statement.statements(data.draw(st.booleans())), min_size=1, max_size=3))
    body = any_statement.bent(batch, data.draw)
    before = sizes(lrs)
    if isinstance(body, dict) and data.draw(st.booleans()):
        answer = client.send("PUT", f"{STATEMENTS}?statementId={data.draw(any_statement.uuids)}", json=body)
    else:
        answer = client.send("POST", json=body)
    event(f"{answer.status_code}")
    assert answer.status_code in {200, 204, 400, 409}, answer.text
    if answer.status_code >= 400:
        assert answer.get_json()["error"]
        assert sizes(lrs) == before


@many
@given(st.data())
def test_bytes_that_are_nearly_json_break_nothing(lrs: Lrs, client: Client, data: st.DataObject) -> None:
    """Cut, garbled, in other encodings, with numbers beyond all bounds, or nested without end."""
    body = bytearray(json.dumps(data.draw(any_statement.statements()), ensure_ascii=False).encode())
    for _ in range(data.draw(st.integers(0, 2))):
        place = data.draw(st.integers(0, len(body) - 1))
        strange = st.sampled_from([b"1e999", b"NaN", b"\xff", b"\\ud800", b"\\u0000", b"\0", b"[" * 2000, b"9" * 400])
        body[place : place + data.draw(st.integers(0, 3))] = data.draw(strange | st.binary(max_size=3))
    before = sizes(lrs)
    answer = client.send("POST", data=bytes(body), headers={"Content-Type": "application/json"})
    assert answer.status_code in {200, 400, 409}, answer.text
    if answer.status_code >= 400:
        assert sizes(lrs) == before


anything = st.text(max_size=12)
agents = st.builds(json.dumps, any_statement.actor) | anything
flags = st.sampled_from(["true", "false", "1", ""])
questions = st.fixed_dictionaries(
    {},
    optional={
        "agent": agents,
        "verb": st.sampled_from([DONE, *any_statement.IRIS]) | anything,
        "activity": any_statement.iri | anything,
        "registration": any_statement.uuids | anything,
        "related_activities": flags,
        "related_agents": flags,
        "since": st.sampled_from(any_statement.TIMES) | anything,
        "until": st.sampled_from(any_statement.TIMES) | anything,
        "limit": st.sampled_from(["0", "1", "500", "-1", "9" * 30]) | anything,
        "ascending": flags,
        "cursor": st.sampled_from(["0", "9" * 18, "9" * 30]) | anything,
        "format": st.sampled_from(["exact", "ids", "canonical"]) | anything,
        "attachments": flags,
        "statementId": any_statement.uuids | anything,
        "voidedStatementId": any_statement.uuids | anything,
    },
)


@many
@given(
    questions,
    st.sampled_from(["GET", "HEAD"]),
    st.text(st.characters(codec="latin-1", categories=["L", "P"]), max_size=10),
)
def test_no_question_breaks_the_store(client: Client, asked: dict[str, str], method: str, languages: str) -> None:
    """200, 400 or 404; and every answer names its version and how far the record is complete."""
    if client.ids() == []:
        client.post({"actor": {"mbox": "mailto:a@example.org"}, "verb": {"id": DONE}, "object": {"id": f"{HOME}/x/a"}})
    answer = client.send(method, query_string=asked, headers={"Accept-Language": languages})
    assert answer.status_code in {200, 400, 404}, answer.text
    assert answer.headers["X-Experience-API-Version"] == "1.0.3"
    assert answer.headers["X-Experience-API-Consistent-Through"]
