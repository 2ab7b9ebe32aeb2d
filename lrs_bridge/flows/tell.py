"""Listeners are called: after the commit of what they hear, apart from everything else, until they have taken it.

At least once: a stop between the call and the note of it calls again, with the same ids. What a listener does hurts
nobody else: it has a lane and a time of its own, what it raises is kept as its reason, and it is called again later,
the later the more often it failed. What it has not taken after `KEPT` is dropped and counted.
"""

from __future__ import annotations

import json
import logging
import queue
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

from sqlalchemy.orm import Session

from lrs_bridge.domain.delivery import Refused, Unavailable
from lrs_bridge.domain.listeners import NEWS, Call, Heard, Http, Listener
from lrs_bridge.domain.retry import next_attempt
from lrs_bridge.flows.lanes import Lanes, Turn
from lrs_bridge.hooks.registry import Registry
from lrs_bridge.hooks.settings import SettingsError, resolve_listener
from lrs_bridge.store import listeners, tenants
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.listeners import ListenerRow
from lrs_bridge.store.sealed import Seal, SealBrokenError

log = logging.getLogger("lrs_bridge.tell")

SEAL = "settings of listeners"
BATCH = 100
SECONDS = 10.0
"""How long one call may take."""
LEASE = timedelta(minutes=1)
KEPT = timedelta(days=7)
LANES = 8


@dataclass(frozen=True)
class _Turn:
    """One batch for one listener."""

    tenant: str
    home_page: str
    heard: Heard
    ids: tuple[int, ...]
    news: tuple[Any, ...]
    sealed: str


@dataclass(frozen=True)
class Ended:
    """How a call ended: `reason` None when it went well. `refused`: this news will never be taken."""

    seconds: float
    reason: str | None = None
    refused: bool = False
    retry_after: float | None = None


@dataclass(frozen=True)
class Telling:
    """What calling listeners takes. `http` makes what a listener with these settings may reach others by; `limit`
    bounds, in seconds, what a thread does over the network."""

    sessions: Sessions
    registry: Registry
    seal: Seal
    clock: Callable[[], datetime]
    chance: Callable[[], float]
    http: Callable[[Mapping[str, Any]], Http]
    limit: Callable[[float], AbstractContextManager[Any]]
    seconds: float = SECONDS
    _calls: dict[tuple[str, str], threading.Thread] = field(default_factory=dict)

    def due(self) -> list[str]:
        """A word for each listener that has something to hear."""
        with self.sessions.read() as session:
            return [f"{tenant_id} {key}" for tenant_id, key in listeners.due(session, self.clock())]

    def serve(self, word: str, turn: Turn) -> int:
        """Tell this listener batch after batch while it takes them; answers how much it took."""
        tenant_id, key = word.split()
        done = 0
        while not turn.over:
            took = self.tell(tenant_id, key)
            done += took
            if not took:
                break
        return done

    def tell(self, tenant_id: str, key: str) -> int:
        """Call one listener with what has waited longest, if it is time to; answers how much it took."""
        with self.sessions.write() as session:
            turn = self._turn(session, tenant_id, key)
        if turn is None:
            return 0
        ended = self._call(turn, tenant_id, key)
        with self.sessions.write() as session:
            return self._settle(session, turn, tenant_id, key, ended)

    def _turn(self, session: Session, tenant_id: str, key: str) -> _Turn | None:
        now = self.clock()
        row = listeners.take(session, tenant_id, key, now, now + LEASE)
        if row is None:
            return None
        found = listeners.first_news(session, tenant_id, key, max(1, BATCH >> row.failures))
        if not found:
            row.next_at = now
            return None
        tenant, heard = tenants.get_tenant(session, tenant_id), Heard(found[0].heard)
        news = tuple(NEWS[heard].of(one.body) for one in found)
        return _Turn(tenant.name, tenant.iri_base, heard, tuple(one.id for one in found), news, row.sealed)

    def _call(self, turn: _Turn, tenant_id: str, key: str) -> Ended:
        """Raises nothing that a listener does."""
        listener, running = self.registry.listeners.get(key), self._calls.get((tenant_id, key))
        if listener is None or turn.heard not in listener.functions:
            return Ended(0, "No installed plugin provides it. `lrs-bridge plugins list` says what is installed.")
        if running is not None and running.is_alive():
            return Ended(0, "An earlier call has not come back yet: the plugin hangs. Restart the tool.")
        try:
            settings = settings_of(listener, self.seal, turn.sealed)
        except (SettingsError, SealBrokenError) as problem:
            return Ended(0, f"Its settings cannot be used: {problem}")
        return self._in_time(listener, turn, tenant_id, settings)

    def _in_time(self, listener: Listener, turn: _Turn, tenant_id: str, settings: Mapping[str, Any]) -> Ended:
        """In a thread of its own: nothing else bounds what somebody's code does."""
        ends: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()

        def run() -> None:
            try:
                with self.limit(self.seconds):
                    call = Call(turn.tenant, turn.home_page, settings, self.http(settings))
                    listener.functions[turn.heard](turn.news, call)
                ends.put(None)
            except BaseException as problem:  # whatever a plugin does
                ends.put(problem)

        thread = threading.Thread(target=run, name=f"lrs-bridge-listener-{listener.key}", daemon=True)
        self._calls[tenant_id, listener.key] = thread
        began = perf_counter()
        thread.start()
        try:
            problem = ends.get(timeout=self.seconds + 1)
        except queue.Empty:
            return Ended(perf_counter() - began, f"It took more than {self.seconds:g} seconds.")
        return _ended(problem, perf_counter() - began)

    def _settle(self, session: Session, turn: _Turn, tenant_id: str, key: str, ended: Ended) -> int:
        now, row = self.clock(), listeners.find(session, tenant_id, key)
        if row is None:  # switched off meanwhile
            return 0
        if ended.reason is None:
            listeners.forget(session, turn.ids)
            row.failures = max(0, min(row.failures, BATCH.bit_length()) - 1)
            row.since, row.reason = None, None
            row.told_at, row.seconds, row.next_at = now, round(ended.seconds, 3), now
            return len(turn.ids)
        row.since, row.reason = row.since or now, ended.reason[:1000]
        if ended.refused and len(turn.ids) == 1:
            listeners.forget(session, turn.ids)
            row.dropped, row.next_at = row.dropped + 1, now
            log.error("listener %s of %s will not take %s: %s", key, turn.tenant, turn.news[0].id, ended.reason)
            return 1
        row.failures += 1
        # Refused together, it is looked for which of them is meant.
        row.next_at = now if ended.refused else next_attempt(now, row.failures, self.chance(), ended.retry_after)
        log.warning("listener %s of %s failed: %s; next at %s", key, turn.tenant, row.reason, row.next_at.isoformat())
        return 0


def _ended(problem: BaseException | None, seconds: float) -> Ended:
    if problem is None:
        return Ended(seconds)
    if isinstance(problem, Unavailable):
        return Ended(seconds, problem.reason, retry_after=problem.retry_after)
    if isinstance(problem, Refused):
        return Ended(seconds, problem.reason, refused=True)
    return Ended(seconds, f"{type(problem).__name__}: {problem}")


def tell_due(telling: Telling) -> int:
    """Tell every listener that has something to hear, one after the other; answers how much they took."""
    return sum(telling.serve(word, Turn(threading.Event(), lambda: False)) for word in telling.due())


def lanes(telling: Telling) -> Lanes:
    """The same side by side, a lane for each listener."""
    return Lanes("tell", LANES, telling.due, telling.serve)


def switch_on(
    session: Session, seal: Seal, tenant_id: str, listener: Listener, settings: Mapping[str, Any], now: datetime
) -> None:
    """Have this listener called from now on. Raises SettingsError."""
    resolve_listener(listener, settings)
    sealed = seal.close(json.dumps(dict(settings)).encode())
    listeners.put(session, tenant_id, listener.key, [str(one) for one in listener.hears], sealed, now)


def listeners_on(session: Session, registry: Registry, tenant_id: str) -> list[str]:
    """Titles of the listeners that are told about a tenant's people, in order of key."""
    keys = [row.key for row in listeners.switched_on(session, tenant_id)]
    return [registry.listeners[key].title if key in registry.listeners else key for key in keys]


def settings_of(listener: Listener, seal: Seal, sealed: str) -> dict[str, Any]:
    """Complete, as the plugin wants them today. Raises SettingsError, SealBrokenError."""
    return resolve_listener(listener, json.loads(seal.open(sealed)))


def look_after(session: Session, registry: Registry, now: datetime) -> None:
    """Drop what was not taken in time, and note what listeners of updated plugins hear now."""
    for (tenant_id, key), number in listeners.drop_old(session, now - KEPT).items():
        log.error("listener %s of tenant %s: %d news dropped, too old", key, tenant_id, number)
    for tenant in tenants.all_tenants(session):
        for row in listeners.switched_on(session, tenant.id):
            _hear(row, registry.listeners.get(row.key))


def _hear(row: ListenerRow, listener: Listener | None) -> None:
    if listener is not None and row.hears != sorted(listener.hears):
        row.hears = sorted(str(one) for one in listener.hears)
