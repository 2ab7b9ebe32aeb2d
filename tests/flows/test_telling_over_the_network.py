"""The whole way: an act, the background work, and a receiver on a real socket that is told of it."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from lrs_bridge.config import from_environment
from lrs_bridge.domain.events import Kind
from lrs_bridge.flows.deliver import deliver_due
from lrs_bridge.flows.evaluate import evaluate_due
from lrs_bridge.flows.tell import switch_on, tell_due
from lrs_bridge.store import listeners
from lrs_bridge.wiring import Bridge, build, prepare
from tests.flows import world as worlds

SECRET = "sixteen letters and more"


class Receiver(ThreadingHTTPServer):
    """Keeps each request's path, headers and body."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.told: list[tuple[str, Any, bytes]] = []

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{path}"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.told.append((self.path, self.headers, body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def bridge(tmp_path: Path) -> Bridge:
    """With private networks closed, as they are unless somebody opens them."""
    clock = worlds.Clock()
    bridge = build(from_environment({"LRS_BRIDGE_DATA_DIR": str(tmp_path)}), clock)
    prepare(bridge)
    return bridge


@pytest.fixture
def world(bridge: Bridge) -> worlds.World:
    world = worlds.build(bridge.sessions)
    world.clock = bridge.clock  # type: ignore[assignment]
    return world


def on(bridge: Bridge, world: worlds.World, listens: str, /, **settings: str) -> None:
    with bridge.sessions.write() as session:
        listener = bridge.registry.listeners[listens]
        switch_on(session, bridge.telling.seal, world.tenant.id, listener, settings, bridge.clock())


def work(bridge: Bridge, world: worlds.World) -> None:
    deliver_due(bridge.sessions, bridge.record_store(world.tenant.id), world.tenant.id, bridge.clock, lambda: 0.5)
    while evaluate_due(bridge.sessions, bridge.registry, bridge.clock()):
        pass
    tell_due(bridge.telling)


def test_an_act_reaches_the_webhook_signed_and_the_second_record_without_its_content(
    bridge: Bridge, world: worlds.World, receiver: Receiver
) -> None:
    """On this machine's own network, since an administrator named that address."""
    on(bridge, world, "webhook", url=receiver.url("/hook"), secret=SECRET)
    on(bridge, world, "second_record", url=receiver.url("/xapi"), key="k", secret="s")
    work(bridge, world)
    receiver.told.clear()
    world.act(Kind.COMPLETED, world.petra, step="S08")
    work(bridge, world)
    assert sorted(path for path, _, _ in receiver.told) == ["/hook", "/xapi/statements"]
    by_path = {path: (headers, body) for path, headers, body in receiver.told}
    headers, body = by_path["/hook"]
    signed = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-Lrs-Bridge-Signature"] == f"sha256={signed}"
    (change,) = json.loads(body)["changes"]
    assert (change["indicator"], change["account"]) == ("journey_completion", world.petra.account)
    headers, body = by_path["/xapi/statements"]
    (statement,) = json.loads(body)
    assert statement["verb"]["id"].endswith("/completed")
    assert headers["Authorization"].startswith("Basic ")
    assert b"Petra" not in b"".join(body for _, _, body in receiver.told)


def test_a_listener_does_not_get_into_a_private_network_by_another_name(
    bridge: Bridge, world: worlds.World, receiver: Receiver
) -> None:
    """What the settings do not name stays closed."""
    way = bridge.telling.http({"url": "https://flows.example.org/hook"})
    with pytest.raises(Exception, match="not on the public Internet"):
        way.request("POST", receiver.url("/hook"), data=b"x", timeout=2)
    assert receiver.told == []


def test_a_receiver_that_is_down_is_told_later(bridge: Bridge, world: worlds.World, receiver: Receiver) -> None:
    """And its reason stands there meanwhile."""
    port = receiver.server_address[1]
    receiver.server_close()
    on(bridge, world, "webhook", url=f"http://127.0.0.1:{port}/hook", secret=SECRET)
    work(bridge, world)
    with bridge.sessions.read() as session:
        row = listeners.find(session, world.tenant.id, "webhook")
        waiting = listeners.waiting(session, world.tenant.id)["webhook"].number
    assert row is not None
    assert "127.0.0.1 cannot be reached" in str(row.reason)
    assert waiting > 0
