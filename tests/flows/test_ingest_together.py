"""Several take statements in at once: two stores that hold the same, and a forwarder beside them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from lrs_bridge.domain.events import Kind
from lrs_bridge.flows.ingest import Source, ingest
from lrs_bridge.flows.receive import receive
from lrs_bridge.lrs.forwarding import why_refused
from lrs_bridge.store import ingest_keys
from lrs_bridge.store.arrivals import Arrived
from tests.fakes.record_store import FakeRecordStore
from tests.flows.elsewhere import look_for_it, passed, void
from tests.flows.reading import Reading
from tests.flows.world import World

TIMES = 12


@pytest.fixture
def reading(world: World) -> Reading:
    look_for_it(world)
    return Reading(world)


def at_once(*acts: Callable[[], object]) -> None:
    """All begin together; none may fail."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        start.wait()
        act()

    with ThreadPoolExecutor(len(acts)) as pool:
        for done in [pool.submit(run, act) for act in acts]:
            done.result()


def test_two_stores_with_the_same_statements_give_each_fact_once(world: World, reading: Reading):
    statements = [passed() for _ in range(60)]
    stores = [FakeRecordStore(), FakeRecordStore()]
    stores[0].write(statements)
    stores[1].write(list(reversed(statements)))
    sources = [Source(f"store {number}", store) for number, store in enumerate(stores)]
    at_once(*(lambda s=source: ingest(world.sessions, world.tenant, s, world.clock, 0.5) for source in sources))
    assert reading.kinds.count(Kind.COMPLETED) == 60
    assert reading.counted == Arrived(taken=60)
    assert reading.unreadable == {}


def test_a_void_never_misses_its_statement(world: World, reading: Reading):
    """However closely the two come together, from two sides."""
    for number in range(TIMES):
        done = passed()
        one, other = FakeRecordStore(), FakeRecordStore()
        one.write([done])
        other.write([void(done["id"])])
        sources = [Source(f"one {number}", one), Source(f"other {number}", other)]
        at_once(*(lambda s=source: ingest(world.sessions, world.tenant, s, world.clock, 0.5) for source in sources))
    assert Kind.COMPLETED not in reading.kinds


def test_a_forwarder_beside_the_store_that_it_forwards(world: World, reading: Reading):
    """What comes by both ways counts once, whichever is first."""
    with world.sessions.write() as session:
        key, _ = ingest_keys.add_key(session, world.tenant.id, "Content", "secret", world.clock())
    for number in range(TIMES):
        done = passed()
        store = FakeRecordStore()
        store.write([done])
        source = Source(f"store {number}", store)
        at_once(
            lambda source=source: ingest(world.sessions, world.tenant, source, world.clock, 0.5),
            lambda done=done: receive(world.sessions, world.tenant, key, [done], why_refused, world.clock()),
            lambda done=done: receive(world.sessions, world.tenant, key, [done], why_refused, world.clock()),
        )
    assert reading.kinds.count(Kind.COMPLETED) == TIMES
    assert reading.counted.taken == TIMES
