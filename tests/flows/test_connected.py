"""A remote record store as the settings name it: what its test found is used, and nothing is asked twice in vain."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lrs_bridge.config import from_environment
from lrs_bridge.flows.probe import probe_record
from lrs_bridge.hooks.registry import Registry
from lrs_bridge.lrs.apart import ContentAtHome
from lrs_bridge.lrs.embedded import EmbeddedRecordStore
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.tenants import ensure_tenant
from lrs_bridge.wiring import Bridge
from tests.fakes.clock import FakeClock
from tests.fakes.gradebook import FakeGradebook
from tests.fakes.lrs_server import ENDPOINT
from tests.fakes.odd_lrs import OddLrs
from tests.fakes.statements import statement


@pytest.fixture
def lrs() -> OddLrs:
    return OddLrs()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def bridge(sessions: Sessions, lrs: OddLrs, clock: FakeClock, tmp_path: Path) -> Bridge:
    environment = {"DATA_DIR": str(tmp_path), "LRS_URL": ENDPOINT, "LRS_KEY": "key", "LRS_SECRET": "secret"}
    settings = from_environment({f"LRS_BRIDGE_{name}": value for name, value in environment.items()})
    return Bridge(settings, sessions.engine, sessions, Registry(), lrs.session(), FakeGradebook(), clock)


@pytest.fixture
def tenant(bridge: Bridge) -> str:
    with bridge.sessions.write() as session:
        return ensure_tenant(session, "main", "https://tool.example.org", bridge.clock()).id


def packed(lrs: OddLrs) -> list[bool]:
    """Whether each POST was compressed."""
    posts = [request for request in lrs.requests if request.method == "POST"]
    return ["Content-Encoding" in request.headers for request in posts]


def test_statements_are_packed_for_a_store_that_was_found_to_unpack_them(
    bridge: Bridge, tenant: str, lrs: OddLrs
) -> None:
    """Before its test they go as they are."""
    bridge.record_store(tenant).write([statement(1)])
    assert packed(lrs) == [False]
    endpoint = bridge.endpoint()
    assert endpoint is not None
    probe_record(bridge.sessions, bridge.probe(endpoint, tenant), tenant, write=True)
    bridge.clock.forward(minutes=2)  # type: ignore[attr-defined]
    lrs.requests.clear()
    (answer,) = bridge.record_store(tenant).write([statement(2)])
    assert answer.arrived
    assert packed(lrs) == [True]


def test_a_store_that_unpacks_no_more_is_sent_to_as_before(bridge: Bridge, tenant: str, lrs: OddLrs) -> None:
    """And no statement is taken for bad."""
    endpoint = bridge.endpoint()
    assert endpoint is not None
    probe_record(bridge.sessions, bridge.probe(endpoint, tenant), tenant, write=True)
    lrs.oddities = {"plain only"}
    lrs.requests.clear()
    assert all(answer.arrived for answer in bridge.record_store(tenant).write([statement(1), statement(2)]))
    bridge.record_store(tenant).write([statement(3)])
    assert packed(lrs) == [True, False, False]


def test_a_time_of_completeness_that_cannot_be_believed_is_not_used(bridge: Bridge, tenant: str, lrs: OddLrs) -> None:
    """Reading would never get past it."""
    lrs.oddities = {"through is 1970"}
    assert bridge.record_store(tenant).read(None).consistent_through is not None
    endpoint = bridge.endpoint()
    assert endpoint is not None
    probe_record(bridge.sessions, bridge.probe(endpoint, tenant), tenant, write=True)
    bridge.clock.forward(minutes=2)  # type: ignore[attr-defined]
    assert bridge.record_store(tenant).read(None).consistent_through is None


def test_versions_are_asked_for_once_in_a_while(bridge: Bridge, tenant: str, lrs: OddLrs) -> None:
    """Not with every batch; and again after a minute, since stores are updated."""

    def asked() -> int:
        return sum("/about" in str(request.url) for request in lrs.requests)

    for number in range(1, 4):
        bridge.record_store(tenant).write([statement(number)])
    assert asked() == 1
    bridge.clock.forward(minutes=2)  # type: ignore[attr-defined]
    bridge.record_store(tenant).write([statement(4)])
    assert asked() == 2


def test_content_stays_at_home_where_the_settings_say_so(bridge: Bridge, tenant: str) -> None:
    """And without an address everything does."""
    apart = replace(bridge, settings=replace(bridge.settings, lrs_content=False))
    assert isinstance(apart.record_store(tenant), ContentAtHome)
    alone = replace(bridge, settings=replace(bridge.settings, lrs_url=None))
    assert isinstance(alone.record_store(tenant), EmbeddedRecordStore)
    assert alone.endpoint() is None
