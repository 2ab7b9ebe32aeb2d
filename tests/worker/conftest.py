"""A bridge, and workers of every kind on it: the loop, and Celery on RabbitMQ and on Redis, where those answer."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import requests

from lrs_bridge.config import from_environment
from lrs_bridge.domain.delivery import Unavailable
from lrs_bridge.flows.ports import RecordStore
from lrs_bridge.wiring import Bridge
from lrs_bridge.worker.starting import worker_of
from tests.fakes.cut_line import CutLine
from tests.fakes.gradebook import FakeGradebook
from tests.flows.world import World, build
from tests.plugins import installed

BROKERS = {
    "rabbitmq": os.environ.get("LRS_BRIDGE_TEST_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672//"),
    "redis": os.environ.get("LRS_BRIDGE_TEST_REDIS_URL", "redis://127.0.0.1:6379/9"),
}
PATIENCE = 120.0
_PORTS = {"amqp": 5672, "redis": 6379}


@dataclass(frozen=True)
class Trial(Bridge):
    """A bridge whose record store can be put in the place of another."""

    stores: dict[str, RecordStore] = field(default_factory=dict)

    def record_store(self, tenant_id: str) -> RecordStore:
        return self.stores.get(tenant_id) or super().record_store(tenant_id)


class Down:
    """A record store that is down."""

    def write(self, statements: Any) -> Any:
        raise Unavailable("It is down.")

    def read(self, since: object, more: str | None = None) -> Any:
        raise Unavailable("It is down.")


@dataclass
class House:
    """A world, its bridge, and the line to its broker where it has one."""

    world: World
    bridge: Trial
    book: FakeGradebook
    line: CutLine | None

    @contextmanager
    def worker(self) -> Iterator[threading.Thread]:
        """A worker at work, in a thread of this process."""
        worker = worker_of(self.bridge)
        self.bridge.bell.ring = getattr(worker, "poke", self.bridge.bell.ring)
        thread = threading.Thread(target=worker.run, daemon=True)
        thread.start()
        try:
            yield thread
        finally:
            worker.ask_to_stop()
            thread.join(timeout=PATIENCE)
            assert not thread.is_alive(), "the worker did not end"

    def statements(self) -> list[str]:
        with self.world.sessions.read():
            return [one["id"] for one in self.bridge.record_store(self.world.tenant.id).read(None).statements]

    def until(self, what: Callable[[], object]) -> None:
        """Wait for it, while the world's clock goes on. Fails when patience is over."""
        end = time.monotonic() + PATIENCE
        pause = threading.Event()
        while not what():
            assert time.monotonic() < end, "it did not come about"
            self.world.clock.on(seconds=0.2)
            pause.wait(0.05)


def answers(url: str) -> bool:
    """Whether there is a broker."""
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or _PORTS[parts.scheme]), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.fixture
def world(sessions: Any) -> World:
    return build(sessions)


@pytest.fixture(params=["loop", *BROKERS])
def house(request: pytest.FixtureRequest, world: World, tmp_path: Path) -> Iterator[House]:
    settings = from_environment({"LRS_BRIDGE_DATA_DIR": str(tmp_path), "LRS_BRIDGE_SECRET_KEY": "of this test"})
    line, url = None, BROKERS.get(request.param)
    if url is not None:
        pytest.importorskip("celery")
        if not answers(url):
            pytest.skip(f"no {request.param} answers")
        parts = urlsplit(url)
        line = CutLine(parts.hostname or "", parts.port or _PORTS[parts.scheme])
        login = f"{parts.username}:{parts.password}@" if parts.username else ""
        through = parts._replace(netloc=f"{login}127.0.0.1:{line.port}").geturl()
        settings = replace(settings, broker_url=through, broker_queue=f"lrs_bridge_test_{uuid4().hex}")
    book = FakeGradebook()
    bridge = Trial(
        settings=settings,
        engine=world.sessions.engine,
        sessions=world.sessions,
        registry=installed(),
        http=requests.Session(),
        gradebook=book,
        clock=world.clock,
        chance=lambda: 0.5,
    )
    yield House(world, bridge, book, line)
    if url is not None:
        line.cut()
        _forget_queue(url, settings.broker_queue)


def _forget_queue(url: str, queue: str) -> None:
    from lrs_bridge.worker.celery_app import make_app

    with make_app(url, queue).connection_for_write() as connection, connection.channel() as channel:
        channel.queue_delete(queue)
        if url.startswith("amqp"):
            channel.exchange_delete(queue)
        else:
            connection.default_channel.client.delete(f"_kombu.binding.{queue}")
