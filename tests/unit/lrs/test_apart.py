"""Content stays at home; the rest goes to the remote store; the caller sees one store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lrs_bridge.domain.delivery import Unavailable
from lrs_bridge.lrs.apart import ContentAtHome
from tests.fakes.record_store import FakeRecordStore

GOLDEN = sorted(Path(__file__).parents[2].joinpath("golden").glob("*.json"))
CONTENT = {"answered", "answered-anonymously", "assessed", "planned", "rated", "rated-by-a-peer"}
CONTENT |= {"routed", "routed-by-a-person"}
BOTH = {"voided"}


def _statements() -> dict[str, dict[str, Any]]:
    return {path.stem: json.loads(path.read_text())["statement"] for path in GOLDEN}


def test_answers_ratings_and_routes_stay_at_home_and_nothing_else_does():
    """A void goes to both: what it withdraws may be in either."""
    remote, home = FakeRecordStore(), FakeRecordStore()
    statements = _statements()
    ContentAtHome(remote, home).write(list(statements.values()))
    at_home = {name for name, one in statements.items() if one["id"] in home.statements}
    away = {name for name, one in statements.items() if one["id"] in remote.statements}
    assert (at_home, away) == (CONTENT | BOTH, set(statements) - CONTENT)


def test_every_statement_is_answered_for_in_order():
    statements = list(_statements().values())
    answers = ContentAtHome(FakeRecordStore(), FakeRecordStore()).write(statements)
    assert [answer.statement_id for answer in answers] == [one["id"] for one in statements]
    assert all(answer.arrived for answer in answers)


def test_a_remote_store_that_is_down_holds_up_nothing_that_stays_at_home():
    """What goes out is for later, and home keeps each once however often it is sent."""
    problem = Unavailable("It does not answer.")
    remote, home = FakeRecordStore(troubles=[problem]), FakeRecordStore()
    store, statements = ContentAtHome(remote, home), _statements()
    answers = dict(zip(statements, store.write(list(statements.values())), strict=True))
    assert {name for name, answer in answers.items() if answer.arrived} == CONTENT
    assert {answer.later for answer in answers.values()} == {None, problem}
    assert all(answer.arrived for answer in store.write(list(statements.values())))
    assert len(remote.statements) + len(home.statements) == len(statements) + len(BOTH)


def test_a_void_that_home_does_not_get_is_sent_again_to_both():
    """It has arrived when both have it."""
    home = FakeRecordStore(troubles=[Unavailable("The disk is full.")])
    store, void = ContentAtHome(FakeRecordStore(), home), _statements()["voided"]
    (first,) = store.write([void])
    (second,) = store.write([void])
    assert (first.arrived, second.arrived) == (False, True)
