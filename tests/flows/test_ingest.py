"""From the record store into facts: each statement once, voids in any order, nothing stops the cursor."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from lrs_bridge.domain.delivery import Refused, Unavailable
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.position import Order
from lrs_bridge.flows import ingest as flow
from lrs_bridge.store import arrivals, cursors, journeys, unreadable
from lrs_bridge.store.arrivals import Arrived
from lrs_bridge.store.cursors import Lap
from lrs_bridge.store.facts import FactRow
from lrs_bridge.xapi import writing
from tests.flows.elsewhere import journey_text, look_for_it, ours, passed, void
from tests.flows.reading import Reading
from tests.flows.world import World


@pytest.fixture
def reading(world: World) -> Reading:
    return Reading(world)


# What becomes of statements


def test_a_statement_that_another_system_stored_becomes_a_fact_and_its_person_is_due(world: World, reading: Reading):
    reading.nobody_is_due()
    assert reading.come(ours(world)) == Arrived(taken=1)
    assert Kind.COMPLETED in reading.kinds
    assert reading.due == {world.enrolment.id: world.clock()}


def test_what_was_done_here_is_confirmed_and_not_taken_twice(world: World, reading: Reading):
    event = world.act(Kind.COMPLETED, world.petra, step="S08")
    reading.nobody_is_due()
    assert reading.come(writing.statement(event, world.tenant.iri_base)) == Arrived(confirmed=1)
    assert reading.kinds.count(Kind.COMPLETED) == 1
    assert reading.due == {}
    with world.sessions.read() as session:
        assert session.get_one(FactRow, (world.tenant.id, event.statement_id)).confirmed == world.clock()


def test_reading_again_takes_and_counts_nothing_twice(world: World, reading: Reading):
    reading.change(overlap=timedelta(minutes=1))
    reading.come(ours(world), ours(world, registration=str(uuid4())), {**ours(world), "timestamp": "x"})
    counted = reading.counted
    assert counted == Arrived(taken=1, skipped=1, unreadable=1)
    assert reading.round() == Arrived()
    assert reading.counted == counted


def test_statements_about_nobody_here_are_skipped_and_counted(world: World, reading: Reading):
    assert reading.come(ours(world, registration=str(uuid4())), passed()) == Arrived(skipped=2)


def test_of_what_is_skipped_verb_and_activity_are_remembered_and_no_name(world: World, reading: Reading):
    reading.come(passed(), passed({"mbox": "mailto:somebody@example.org"}))
    with world.sessions.read() as session:
        (row,) = arrivals.passed_over(session, world.tenant.id)
    assert (row.verb, row.activity, row.times) == (passed()["verb"]["id"], passed()["object"]["id"], 2)


def test_answers_without_a_registration_are_of_their_run(world: World, reading: Reading):
    """Anonymous surveys say no more, and the record has to give them back."""
    answer = ours(world, Kind.ANSWERED, step="S11", data={"answers": {"M1": 2}})
    del answer["context"]["registration"]
    answer["actor"]["account"]["name"] = str(uuid4())
    reading.nobody_is_due()
    assert reading.come(answer) == Arrived(taken=1)
    assert set(reading.due) == {world.run.id}


# Voids


def test_a_void_takes_the_fact_away_and_its_person_is_due(world: World, reading: Reading):
    done = ours(world)
    reading.come(done)
    reading.nobody_is_due()
    assert reading.come(void(done["id"])) == Arrived(taken=1)
    assert Kind.COMPLETED not in reading.kinds
    assert set(reading.due) == {world.enrolment.id}


@pytest.mark.parametrize("at_once", [True, False])
def test_a_void_that_comes_first_takes_the_fact_away_too(world: World, reading: Reading, at_once: bool):
    done = ours(world)
    reading.sent(void(done["id"]))
    if not at_once:
        reading.round()
    reading.come(done)
    assert Kind.COMPLETED not in reading.kinds


def test_a_void_of_a_void_does_nothing(world: World, reading: Reading):
    done = ours(world)
    taken_back = void(done["id"])
    reading.come(done, taken_back, void(taken_back["id"]))
    assert Kind.COMPLETED not in reading.kinds


def test_a_void_of_something_unknown_concerns_nobody(reading: Reading):
    reading.nobody_is_due()
    reading.come(void(str(uuid4())))
    assert reading.due == {}


# What cannot be read


def test_an_unreadable_statement_is_listed_and_stops_nothing(world: World, reading: Reading):
    bad = {**ours(world), "timestamp": "yesterday"}
    assert reading.come(bad, ours(world)) == Arrived(taken=1, unreadable=1)
    assert reading.unreadable == {bad["id"]: "timestamp: 'yesterday' is not a time"}


@pytest.mark.parametrize("rubbish", [None, [], "text", 7, {"id": "x" * 300}, {"stored": "later"}, {"id": 12}])
def test_whatever_stands_in_a_page_is_listed_once_and_stops_nothing(reading: Reading, world: World, rubbish: object):
    reading.store.put([rubbish])
    reading.sent(ours(world))
    assert reading.round() == Arrived(taken=1, unreadable=1)
    with world.sessions.write() as session:
        cursors.read_again(session, world.tenant.id, world.clock())
    assert reading.round().unreadable == 0
    assert len(reading.unreadable) == 1


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("context", "registration"), "r" * 65),
        (("actor", "account", "name"), "a\0b"),
        (("actor", "account", "name"), "a" * 701),
        (("id",), "i" * 37),
        (("object", "id"), "https://x/journeys/j/v/1/steps/" + "s" * 201),
    ],
)
def test_what_no_database_can_hold_is_listed_and_stops_nothing(world: World, reading: Reading, path, value):
    bad = ours(world)
    inner = bad
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    bad["context"]["extensions"] = {}
    assert reading.come(bad, ours(world)) == Arrived(taken=1, unreadable=1)


@pytest.mark.parametrize("odd", ["\ud800", float("inf"), float("nan"), 10**400])
def test_what_is_no_text_in_utf_8_and_no_number_is_listed_or_left_out(world: World, reading: Reading, odd: object):
    """A store may hand on what it should not have taken."""
    odd_one = ours(world)
    odd_one["object"]["id"] = f"{odd_one['object']['id']}{odd}" if isinstance(odd, str) else odd_one["object"]["id"]
    odd_one["result"]["extensions"] = {"https://w3id.org/xapi/learning-journey/extensions/difficulty": odd}
    arrived = reading.come(odd_one, ours(world))
    assert (arrived.taken, arrived.unreadable) == ((1, 1) if isinstance(odd, str) else (2, 0))
    with world.sessions.read() as session:
        assert len(unreadable.listed(session, world.tenant.id)) == arrived.unreadable


def test_a_statement_that_fails_in_an_unforeseen_way_is_listed_alone(world: World, reading: Reading, monkeypatch):
    """Every other one of its page is taken."""
    bad, take = ours(world), flow.take_page

    def fail(session, tenant, source, page, *more):
        if bad["id"] in page.facts:
            raise ValueError("nobody thought of that")
        return take(session, tenant, source, page, *more)

    monkeypatch.setattr(flow, "take_page", fail)
    assert reading.come(ours(world), bad, ours(world)) == Arrived(taken=2, unreadable=1)
    assert reading.unreadable == {bad["id"]: "could not be kept: ValueError"}
    assert reading.counted == Arrived(taken=2, unreadable=1)


# How far


def test_all_pages_are_read(world: World, reading: Reading):
    assert reading.come(*(ours(world, Kind.COMMENTED, step="S19") for _ in range(25))) == Arrived(taken=25)


def test_more_pages_than_one_round_reads_are_read_on_with_and_not_begun_again(world: World, reading: Reading):
    """Also where all of them have one `stored`, so that `since` alone would lead to the first page for ever."""
    reading.store.page_size, reading.store.at_once = 2, 1000
    reading.change(overlap=timedelta(seconds=10))
    reading.sent(*(ours(world, Kind.COMMENTED, step="S19") for _ in range(90)))
    assert [reading.round().taken for _ in range(4)] == [40, 40, 10, 0]
    assert [more for _, more in reading.store.reads[20:60:20]] == [" 40", " 80"]


def test_statements_that_share_a_stored_are_found_behind_the_cursor(world: World, reading: Reading):
    reading.change(overlap=timedelta(seconds=10))
    reading.store.at_once = 2
    reading.come(ours(world))
    assert reading.come(ours(world)) == Arrived(taken=1)
    assert reading.store.statements.keys() == {fact.id for fact in reading.facts if fact.kind is Kind.COMPLETED}


def test_the_cursor_stays_where_the_store_is_consistent(world: World, reading: Reading):
    reading.store.through = reading.store.first - timedelta(minutes=5)
    reading.come(ours(world))
    assert reading.cursor().place == reading.store.through


def test_a_store_that_has_forgotten_the_rest_of_a_page_is_asked_from_the_cursor(world: World, reading: Reading):
    reading.store.page_size = 2
    reading.sent(*(ours(world, Kind.COMMENTED, step="S19") for _ in range(50)))
    assert reading.round().taken == 40
    reading.store.troubles = [Refused("It answered 404 to reading statements.")]
    assert reading.round().taken == 0
    world.clock.on(minutes=1)
    assert reading.round().taken == 10
    assert reading.store.reads[-1][0] is not None


def test_a_page_that_leads_to_itself_is_the_last(world: World, reading: Reading, monkeypatch):
    read = reading.store.read
    page = read(None)
    monkeypatch.setattr(reading.store, "read", lambda since, more=None: type(page)(read(since).statements, "0", None))
    assert reading.come(ours(world)) == Arrived(taken=1)
    assert reading.cursor().more is None


def test_an_empty_page_that_promises_more_is_the_last(world: World, reading: Reading, monkeypatch):
    page = reading.store.read(None)
    monkeypatch.setattr(reading.store, "read", lambda since, more=None: type(page)([], "7", None))
    assert reading.round() == Arrived()
    assert reading.cursor().caught_up == world.clock()


def test_a_store_that_is_down_is_asked_again_later_with_the_reason_kept(world: World, reading: Reading):
    reading.store.troubles = [Unavailable("The record store does not answer.", retry_after=120)]
    assert reading.round() == Arrived()
    assert reading.cursor().reason == "The record store does not answer."
    assert reading.cursor().next_at >= world.clock() + timedelta(seconds=120)
    calls = reading.store.calls
    reading.round()
    assert reading.store.calls == calls
    world.clock.on(minutes=5)
    assert reading.come(ours(world)) == Arrived(taken=1)
    assert reading.cursor().reason is None


def test_another_store_is_read_from_its_beginning(world: World, reading: Reading):
    reading.come(ours(world))
    other = Reading(world)
    other.change(name="https://other.example/xapi/")
    assert other.come(ours(world)) == Arrived(taken=1)
    assert other.store.reads[0] == (None, None)


# Once more


def test_what_a_store_showed_late_is_found_when_everything_is_read_again(world: World, reading: Reading):
    """Its `since` goes by timestamp, so a statement that arrives late stands behind the cursor."""
    reading.store.order = "timestamp"
    reading.change(order=Order.TIMESTAMP, again=timedelta(hours=6), overlap=timedelta(minutes=10))
    reading.come(ours(world))
    late = {**ours(world), "timestamp": "2026-03-20T09:00:00Z"}
    assert reading.come(late) == Arrived()
    world.clock.on(hours=6)
    assert reading.round() == Arrived(taken=1)
    assert reading.cursor(Lap.AGAIN).next_at == world.clock() + timedelta(hours=6)


def test_everything_is_read_again_when_somebody_asks_and_only_then(world: World, reading: Reading):
    reading.come(ours(world))
    missed = ours(world)
    reading.store.statements = {missed["id"]: {**missed, "stored": "2026-03-01T09:00:00Z"}}
    world.clock.on(days=30)
    assert reading.round() == Arrived()
    with world.sessions.write() as session:
        assert cursors.read_again(session, world.tenant.id, world.clock()) == 1
    assert reading.round() == Arrived(taken=1)
    assert reading.cursor(Lap.AGAIN).next_at is None


def test_reading_everything_again_does_not_hold_up_what_is_new(world: World, reading: Reading):
    reading.store.page_size = 2
    reading.sent(*(ours(world, Kind.COMMENTED, step="S19") for _ in range(30)))
    reading.round()
    with world.sessions.write() as session:
        cursors.read_again(session, world.tenant.id, world.clock())
    assert reading.come(ours(world)) == Arrived(taken=1)
    assert reading.cursor(Lap.AGAIN).more == " 10"


def test_a_journey_that_looks_for_more_than_others_did_has_everything_read_again(world: World, reading: Reading):
    assert reading.come(passed()) == Arrived(skipped=1)
    look_for_it(world)
    assert reading.round() == Arrived(taken=1)
    assert reading.round() == Arrived()


def test_a_journey_that_looks_for_nothing_new_has_nothing_read_again(world: World, reading: Reading):
    look_for_it(world)
    reading.round()
    with world.sessions.write() as session:
        journeys.install(session, world.tenant.id, journey_text(3), "the same", world.clock())
    reading.round()
    asked = len(reading.store.reads)
    reading.round()
    assert len(reading.store.reads) == asked + 1


def test_two_workers_read_one_after_the_other(world: World, reading: Reading):
    """While one reads, the other leaves the store alone."""
    reading.sent(ours(world))
    read = reading.store.read
    seen = []

    def read_while_another_comes(since, more=None):
        reading.store.read = read
        seen.append(reading.round())
        return read(since, more)

    reading.store.read = read_while_another_comes
    assert reading.round() == Arrived(taken=1)
    assert seen == [Arrived()]


def test_a_lap_that_is_asked_for_while_one_is_under_way_begins_at_the_beginning(world: World, reading: Reading):
    """What was asked for may stand on a page that the old lap has passed."""
    reading.store.page_size = 2
    reading.sent(*(ours(world, Kind.COMMENTED, step="S19") for _ in range(30)))
    reading.round()

    def ask() -> None:
        with world.sessions.write() as session:
            cursors.read_again(session, world.tenant.id, world.clock())

    ask()
    reading.round()
    assert reading.cursor(Lap.AGAIN).more == " 10"
    read = reading.store.read

    def ask_meanwhile(since, more=None):
        page = read(since, more)
        if more == " 10":
            ask()
        return page

    reading.store.read = ask_meanwhile
    reading.round()
    assert reading.cursor(Lap.AGAIN).more is None
    assert reading.cursor(Lap.AGAIN).next_at <= world.clock()
    reading.store.read = read
    reading.round()
    assert reading.cursor(Lap.AGAIN).more == " 10"
