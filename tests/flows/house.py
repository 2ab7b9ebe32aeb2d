"""A world in which some listeners are switched on, and what it takes to call them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from marshmallow import Schema, fields

from lrs_bridge.flows.deliver import deliver
from lrs_bridge.flows.evaluate import evaluate_due
from lrs_bridge.flows.news import note_statements
from lrs_bridge.flows.tell import Telling, switch_on
from lrs_bridge.hooks import Call, Heard, Listener
from lrs_bridge.hooks.registry import Registry
from lrs_bridge.lrs.embedded import EmbeddedRecordStore
from lrs_bridge.store import listeners
from lrs_bridge.store.listeners import ListenerRow, Waiting
from lrs_bridge.store.sealed import Seal
from tests.fakes.statements import statement
from tests.flows.world import World
from tests.plugins import installed

SEAL = Seal("a secret key", "settings of listeners")


class Settings(Schema):
    """Where to."""

    url = fields.String(required=True)
    often = fields.Integer(load_default=3)


@dataclass
class Ear:
    """A listener's function that remembers what it heard, or does something else first."""

    heard: list[Any] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    first: Callable[[Sequence[Any]], object] = lambda news: None

    def __call__(self, news: Sequence[Any], call: Call) -> None:
        self.calls.append(call)
        self.first(news)
        self.heard += news


def raising(*problems: BaseException) -> Callable[[Sequence[Any]], object]:
    """Raises each once, then nothing."""
    left = list(problems)

    def first(news: Sequence[Any]) -> None:
        if left:
            raise left.pop(0)

    return first


class House:
    """A world in which some listeners are switched on."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.installed: dict[str, Listener] = {}

    def listener(self, key: str = "ear", ear: Ear | None = None, *hears: Heard, on: bool = True) -> Ear:
        ear = ear or Ear()
        listener = Listener(key, key, "1.0.0", dict.fromkeys(hears or tuple(Heard), ear), Settings)
        self.installed[key] = listener
        if on:
            with self.world.sessions.write() as session:
                switch_on(session, SEAL, self.world.tenant.id, listener, {"url": "https://x"}, self.world.clock())
        return ear

    @property
    def registry(self) -> Registry:
        return Registry(evaluators=installed().evaluators, listeners=MappingProxyType(self.installed))

    def telling(self, **more: Any) -> Telling:
        def http(settings: Mapping[str, Any]) -> Any:
            return f"a way to {settings['url']}"

        def limit(seconds: float) -> Any:
            return nullcontext()

        world = self.world
        return Telling(world.sessions, self.registry, SEAL, world.clock, lambda: 0.5, http, limit, **more)

    def deliver(self) -> None:
        store = EmbeddedRecordStore(self.world.sessions, self.world.tenant.id, self.world.clock)
        deliver(self.world.sessions, store, self.world.tenant.id, self.world.clock(), 0.5)

    def evaluate(self) -> None:
        while evaluate_due(self.world.sessions, self.registry, self.world.clock()):
            pass

    def row(self, key: str = "ear") -> ListenerRow:
        with self.world.sessions.read() as session:
            return session.get_one(ListenerRow, (self.world.tenant.id, key))

    def waiting(self, key: str = "ear") -> int:
        with self.world.sessions.read() as session:
            return listeners.waiting(session, self.world.tenant.id).get(key, Waiting()).number

    def note(self, *numbers: int) -> None:
        """Have statements of Petra's told."""
        world = self.world
        with world.sessions.write() as session:
            for number in numbers:
                one = {**statement(number), "context": {"registration": world.enrolment.id}}
                note_statements(session, world.tenant.id, [one], world.clock())
