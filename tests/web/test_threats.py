"""Threats of docs/threat-model.md that no other file tests."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from sqlalchemy import select

from lrs_bridge.store import admins, ingest_keys, lrs_keys
from lrs_bridge.store.engine import Sessions, connect
from lrs_bridge.store.tables import METADATA
from tests.databases import empty
from tests.flows.world import build
from tests.personas import SECRET, House, move_in

EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    path = Path(tmp_path_factory.mktemp("threats"), "test.db")
    empty(path)
    sessions = Sessions(connect(f"sqlite:///{path}"))
    yield move_in(build(sessions))
    sessions.engine.dispose()


def test_no_form_without_its_mark_is_read(house: House):
    """Every address under a visit that takes a form, of participants and administrators."""
    rooms = {"/s/": house.dario, "/admin/s/": house.ada().come_in()}
    asked = 0
    for rule in house.app.url_map.iter_rules():
        tab = next((tab for room, tab in rooms.items() if rule.rule.startswith(room)), None)
        if tab is None or "POST" not in rule.methods:
            continue
        path = re.sub(r"<any\([^<>]*\):\w+>", "step", rule.rule.partition("<token>/")[2])
        path = re.sub(r"<int:\w+>", "0", path)
        path = re.sub(r"<(?:path:)?\w+>", "x", path)
        for mark in ({}, {"csrf": "0" * 64}):
            answer = tab.send(path, **mark)
            assert (answer.status, "could not be sure that this came from you" in answer.text) == (403, True), rule
            asked += 1
    assert asked > 200


def test_what_somebody_writes_or_is_called_stays_text(house: House):
    """On the pages of those who read it: the tags come as text, with nothing that runs."""
    with house.bridge.sessions.write() as session:
        for name in ("ben", "petra"):
            session.merge(house.people[name]).name = f"{name} {EVIL}"
        house.world.course.title = EVIL
        session.merge(house.world.course)
    petra = house.launched(house.world.launch("petra"))
    moment = {"moment": "own", "when": "today", "outcome": "3", "own_title": EVIL, "words": EVIL}
    assert petra.fill("log", **moment, behaviours="B1", ask="yes").status == 303
    told = [petra.open(path) for path in ("journey", "log", "my-data", "statements")]
    told += [house.mark.open(path) for path in ("", "people")]
    told += [house.dario.open(path) for path in ("overview", "everybody", "leaders", "")]
    told += [house.ada().come_in().open(path) for path in ("", "runs", "messages", "statements")]
    pages = [page.html for page in told if page.status == 200]
    assert [page for page in pages if "<script>alert" in page or "<img src=x" in page] == []
    assert any("&lt;script&gt;alert(1)" in page for page in pages)


def test_a_packed_body_is_not_unpacked(house: House):
    """Neither by the record store nor by the door for forwarded statements: what is packed is refused unread."""
    tenant_id, now = house.world.tenant.id, house.bridge.clock()
    with house.bridge.sessions.write() as session:
        key, secret = lrs_keys.add_key(session, tenant_id, "a store", ["all"], SECRET, now)
        _, token = ingest_keys.add_key(session, tenant_id, "a system", SECRET, now)
    bomb = gzip.compress(orjson.dumps([{"x": " " * 100_000_000}]), 1)
    packed = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    client = house.client()
    headers = {**packed, "X-Experience-API-Version": "1.0.3"}
    store = client.post("/xapi/statements", data=bomb, headers=headers, auth=(key.key, secret))
    door = client.post("/ingest/statements", data=bomb, headers={**packed, "Authorization": f"Bearer {token}"})
    assert store.status_code in (400, 415)
    assert door.status_code == 415


def test_what_lies_in_the_database_opens_no_door(house: House):
    """Tokens, links and secrets that were handed out are nowhere in it."""
    tenant_id, now = house.world.tenant.id, house.bridge.clock()
    with house.bridge.sessions.write() as session:
        link = admins.make_link(session, tenant_id, now)
        key, secret = lrs_keys.add_key(session, tenant_id, "a store", ["all"], SECRET, now)
        _, token = ingest_keys.add_key(session, tenant_id, "a system", SECRET, now)
    handed_out = [link, secret, token, house.petra.token, house.ada().come_in().token, SECRET]
    with house.bridge.sessions.read() as session:
        kept = "\n".join(repr(tuple(row)) for table in METADATA.sorted_tables for row in session.execute(select(table)))
    assert key.key in kept
    assert [one for one in handed_out if one in kept] == []
