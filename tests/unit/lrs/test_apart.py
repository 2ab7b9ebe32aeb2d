"""Content stays at home; the rest goes to the remote store; the caller sees one store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lrs_bridge.domain.delivery import Unavailable
from lrs_bridge.lrs.apart import ContentAtHome
from tests.fakes.record_store import FakeRecordStore

GOLDEN = sorted(Path(__file__).parents[2].joinpath("golden").glob("*.json"))
CONTENT = {"answered", "answered-anonymously", "assessed", "planned", "rated", "rated-by-a-peer"}
CONTENT |= {"routed", "routed-by-a-person"}


def _statements() -> dict[str, dict[str, Any]]:
    return {path.stem: json.loads(path.read_text())["statement"] for path in GOLDEN}


def test_answers_ratings_and_routes_stay_at_home_and_nothing_else_does():
    remote, home = FakeRecordStore(), FakeRecordStore()
    statements = _statements()
    ContentAtHome(remote, home).write(list(statements.values()))
    assert {name for name, one in statements.items() if one["id"] in home.statements} == CONTENT
    assert {name for name, one in statements.items() if one["id"] in remote.statements} == set(statements) - CONTENT


def test_every_statement_is_answered_for_in_order():
    statements = list(_statements().values())
    answers = ContentAtHome(FakeRecordStore(), FakeRecordStore()).write(statements)
    assert [answer.statement_id for answer in answers] == [one["id"] for one in statements]


def test_a_remote_store_that_is_down_is_asked_again_and_home_keeps_each_once():
    remote, home = FakeRecordStore(troubles=[Unavailable("It does not answer.")]), FakeRecordStore()
    store, statements = ContentAtHome(remote, home), list(_statements().values())
    with pytest.raises(Unavailable):
        store.write(statements)
    store.write(statements)
    assert len(remote.statements) + len(home.statements) == len(statements)
