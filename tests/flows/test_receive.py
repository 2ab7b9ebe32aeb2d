"""What another system forwards: it completes steps, goes into the record, and can do nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from lrs_bridge.domain.events import Kind
from lrs_bridge.flows import receive as flow
from lrs_bridge.flows.deliver import deliver_due
from lrs_bridge.flows.receive import Received, receive
from lrs_bridge.lrs.embedded import EmbeddedRecordStore
from lrs_bridge.lrs.forwarding import why_refused
from lrs_bridge.store import ingest_keys
from lrs_bridge.store.arrivals import Arrived
from lrs_bridge.store.ingest_keys import IngestKey
from lrs_bridge.store.outbox import OutboxStatement
from tests.flows.elsewhere import look_for_it, ours, passed, void
from tests.flows.reading import Reading
from tests.flows.world import World


@dataclass
class Forwarder:
    """Another system, with a key."""

    world: World
    key: IngestKey

    def send(self, *statements: dict[str, Any]) -> Received:
        world = self.world
        return receive(world.sessions, world.tenant, self.key, statements, why_refused, world.clock())


def forwarder(world: World, name: str = "Content platform") -> Forwarder:
    with world.sessions.write() as session:
        return Forwarder(world, ingest_keys.add_key(session, world.tenant.id, name, "secret", world.clock())[0])


@pytest.fixture
def reading(world: World) -> Reading:
    look_for_it(world)
    return Reading(world)


@pytest.fixture
def platform(world: World, reading: Reading) -> Forwarder:
    return forwarder(world)


def on_its_way(world: World) -> dict[str, dict[str, Any]]:
    """What the outbox holds, but for what the world did itself."""
    with world.sessions.read() as session:
        rows = session.query(OutboxStatement)
        return {row.statement_id: row.body for row in rows if "authority" in (row.body or {})}


def test_it_completes_a_step_and_its_person_is_due(world: World, reading: Reading, platform: Forwarder):
    reading.nobody_is_due()
    assert platform.send(passed()).arrived == Arrived(taken=1)
    assert Kind.COMPLETED in reading.kinds
    assert set(reading.due) == {world.enrolment.id}


def test_what_counts_goes_into_the_record_in_the_name_of_the_key(world: World, platform: Forwarder):
    """Whatever the forwarder says of authority and storing is hearsay."""
    done = passed(stored="2026-03-25T10:00:05Z", authority={"mbox": "mailto:root@example.org"}, version="2.0.0")
    platform.send(done)
    body = on_its_way(world)[done["id"]]
    assert body["authority"]["account"] == {"homePage": world.tenant.iri_base, "name": platform.key.id}
    assert body["authority"]["name"] == "Content platform"
    assert body.keys() == {"id", "actor", "verb", "object", "timestamp", "authority"}


def test_the_record_takes_it_and_it_comes_back_as_known(world: World, reading: Reading, platform: Forwarder):
    done = passed()
    platform.send(done)
    record = EmbeddedRecordStore(world.sessions, world.tenant.id, world.clock)
    assert deliver_due(world.sessions, record, world.tenant.id, world.clock, lambda: 0.5).arrived == 2
    reading.change(store=record)
    assert reading.round() == Arrived(confirmed=2)
    assert reading.kinds.count(Kind.COMPLETED) == 1


def test_sending_again_changes_nothing(world: World, reading: Reading, platform: Forwarder):
    done = passed()
    platform.send(done)
    reading.nobody_is_due()
    again = platform.send(done, done)
    assert (again.arrived, again.known) == (Arrived(), 1)
    assert reading.due == {}
    assert len(on_its_way(world)) == 1


def test_what_no_journey_looks_for_goes_nowhere(world: World, platform: Forwarder):
    assert platform.send(passed(object={"id": "https://content.example/else"})).arrived == Arrived(skipped=1)
    assert on_its_way(world) == {}


@pytest.mark.parametrize("missing", ["timestamp", "stored"])
def test_a_statement_without_a_time_has_the_one_at_which_it_was_stored_or_came(
    world: World, reading: Reading, platform: Forwarder, missing: str
):
    done = passed(stored="2026-03-25T10:00:05Z")
    del done["timestamp"]
    done.pop(missing, None)
    platform.send(done)
    (fact,) = (fact for fact in reading.facts if fact.kind is Kind.COMPLETED)
    body = on_its_way(world)[done["id"]]
    assert body["timestamp"] in {"2026-03-25T10:00:05.000Z", "2026-03-26T09:00:00.000Z"}
    assert fact.at == reading.store.first if missing == "stored" else fact.at < reading.store.first


# What it may not do


@pytest.mark.parametrize("kind", [Kind.APPLIED, Kind.COMPLETED])
def test_it_cannot_speak_for_a_journey(world: World, reading: Reading, platform: Forwarder, kind: Kind):
    """Such a statement would count as if Petra had done it here."""
    forged = ours(world)
    sent = platform.send(forged)
    assert sent.arrived == Arrived(unreadable=1)
    assert sent.wrong[0][1].startswith("speaks for a journey here")
    assert list(reading.unreadable) == [forged["id"]]
    assert Kind.COMPLETED not in reading.kinds
    assert on_its_way(world) == {}


def test_it_cannot_speak_for_a_run_without_a_registration(world: World, platform: Forwarder):
    forged = ours(world)
    del forged["context"]["registration"]
    assert len(platform.send(forged).wrong) == 1


def test_our_own_statements_that_a_store_forwards_to_us_are_known(world: World, reading: Reading, platform: Forwarder):
    """As a forwarder does that hands on whatever a store gets."""
    event = world.act(Kind.COMPLETED, world.petra, step="S08")
    with world.sessions.read() as session:
        body = session.get_one(OutboxStatement, event.statement_id).body
    assert platform.send(body).known == 1


def test_it_voids_what_it_sent_itself(world: World, reading: Reading, platform: Forwarder):
    done = passed()
    platform.send(done)
    reading.nobody_is_due()
    taken_back = void(done["id"])
    assert platform.send(taken_back).arrived == Arrived(taken=1)
    assert Kind.COMPLETED not in reading.kinds
    assert set(reading.due) == {world.enrolment.id}
    assert set(on_its_way(world)) == {done["id"], taken_back["id"]}


@pytest.mark.parametrize("together", [True, False])
def test_its_void_may_come_first(world: World, reading: Reading, platform: Forwarder, together: bool):
    """Then it reaches the record with its target, and not without."""
    done = passed()
    taken_back = void(done["id"])
    if together:
        platform.send(taken_back, done)
    else:
        assert platform.send(taken_back).arrived == Arrived(skipped=1)
        assert on_its_way(world) == {}
        assert platform.send(done).arrived == Arrived(taken=2)
    assert Kind.COMPLETED not in reading.kinds
    assert set(on_its_way(world)) == {done["id"], taken_back["id"]}


def test_it_cannot_void_what_was_done_here(world: World, reading: Reading, platform: Forwarder):
    event = world.act(Kind.COMPLETED, world.petra, step="S08")
    sent = platform.send(void(event.statement_id))
    assert sent.wrong[0][1] == "voids a statement that this key has not sent"
    assert Kind.COMPLETED in reading.kinds


def test_it_cannot_void_what_another_forwarder_sent(world: World, reading: Reading, platform: Forwarder):
    done = passed()
    platform.send(done)
    assert len(forwarder(world, "Another").send(void(done["id"])).wrong) == 1
    assert Kind.COMPLETED in reading.kinds


def test_a_void_in_advance_does_not_touch_what_another_forwarder_sends(
    world: World, reading: Reading, platform: Forwarder
):
    done = passed()
    forwarder(world, "Another").send(void(done["id"]))
    platform.send(done)
    assert Kind.COMPLETED in reading.kinds
    assert set(on_its_way(world)) == {done["id"]}


def test_nor_what_comes_in_through_the_record(world: World, reading: Reading, platform: Forwarder):
    done = passed()
    platform.send(void(done["id"]))
    reading.come(done)
    assert Kind.COMPLETED in reading.kinds


def test_its_key_says_when_it_was_last_used(world: World, platform: Forwarder):
    platform.send()
    with world.sessions.read() as session:
        assert ingest_keys.get_key(session, world.tenant.id, platform.key.id).used == world.clock()


# What cannot be taken


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": ...}, "id: is missing"),
        ({"id": "7"}, "id: must be a UUID"),
        ({"verb": "passed"}, "verb"),
        ({"actor": {"mbox": "petra"}}, "actor.mbox"),
        ({"timestamp": "0001-01-01T00:00:00Z"}, "timestamp: "),
        ({"unheard_of": 1}, "statement"),
        ({"actor": {"account": {"homePage": "https://x", "name": "a" * 800}}}, "actor is longer than"),
    ],
)
def test_one_bad_statement_is_listed_and_the_others_are_taken(
    world: World, reading: Reading, platform: Forwarder, change: dict[str, Any], reason: str
):
    bad = {name: value for name, value in {**passed(), **change}.items() if value is not ...}
    sent = platform.send(passed(), bad, passed())
    assert sent.arrived == Arrived(taken=2, unreadable=1)
    assert [why.startswith(reason) for _, why in sent.wrong] == [True]
    assert len(reading.unreadable) == 1
    assert platform.send(bad).arrived == Arrived()


def test_attachments_whose_data_stays_behind_are_not_promised_to_the_record(platform: Forwarder):
    attachment = {
        "usageType": "https://example.org/usage",
        "display": {"en": "a film"},
        "contentType": "video/mp4",
        "length": 3,
        "sha2": "0" * 64,
    }
    assert len(platform.send(passed(attachments=[attachment])).wrong) == 1
    assert platform.send(passed(attachments=[{**attachment, "fileUrl": "https://x.example/a"}])).arrived.taken == 1


def test_what_fails_in_an_unforeseen_way_is_listed_alone(
    world: World, reading: Reading, platform: Forwarder, monkeypatch: pytest.MonkeyPatch
):
    bad, look = passed(), flow.look_around

    def fail(session: Any, tenant_id: str, new: Sequence[Any]) -> Any:
        if any(fact.id == bad["id"] for fact in new):
            raise ValueError("nobody thought of that")
        return look(session, tenant_id, new)

    monkeypatch.setattr(flow, "look_around", fail)
    assert platform.send(passed(), bad, passed()).arrived == Arrived(taken=2, unreadable=1)
    assert reading.unreadable == {bad["id"]: "could not be kept: ValueError"}


def test_strangers_and_registrations_of_nobody_are_told_apart(platform: Forwarder):
    """A stranger may come later; a registration of nobody belongs to another system."""
    assert platform.send(passed({"mbox": "mailto:x@example.org"})).arrived == Arrived(taken=1)
    assert platform.send(passed(context={"registration": str(uuid4())})).arrived == Arrived(skipped=1)
