"""Statements that another system forwards here, instead of to a record store that we read.

A forwarder's key lets it do one thing: complete steps through `matches`. What counts goes into the record as well, by
the outbox, since the record has to hold all that indicators are computed from; everything else is counted and dropped.
A forwarder cannot speak for a journey, and it can void only what it sent itself.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.flows.taking_in import Around, keep, look_around, put_aside, put_unreadable, read_page, sort_of
from lrs_bridge.store import arrivals, cursors, facts, forwarded, ingest_keys, outbox
from lrs_bridge.store.arrivals import Arrived
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.faults import is_about_content
from lrs_bridge.store.ingest_keys import IngestKey
from lrs_bridge.store.tenants import Tenant
from lrs_bridge.xapi.reading import read

log = logging.getLogger("lrs_bridge.ingest")

Check = Callable[[Any], str | None]
"""Why no record store would take this statement; None when one would."""

_NO_ID = "id: is missing; with one, a statement that comes twice counts once"
_OURS = "speaks for a journey here: such statements come in through the record store only"
_NOT_ITS_OWN = "voids a statement that this key has not sent"


@dataclass(frozen=True)
class Received:
    """`known` came before. `wrong` are listed: the statement as sent, and why."""

    arrived: Arrived = field(default_factory=Arrived)
    known: int = 0
    wrong: Sequence[tuple[Any, str]] = ()

    def __add__(self, other: Received) -> Received:
        return Received(self.arrived + other.arrived, self.known + other.known, [*self.wrong, *other.wrong])


def receive(
    sessions: Sessions, tenant: Tenant, key: IngestKey, statements: Sequence[Any], check: Check, now: datetime
) -> Received:
    """Take in what was forwarded, all in one transaction; the same again changes nothing.

    Whoever forwards repeats it until this has answered, so a stop at any line loses nothing.
    """
    try:
        with sessions.write() as session:
            own = session.merge(key, load=False)
            ingest_keys.touch(own, now)
            return take(session, tenant, own, statements, check, now)
    except Exception as problem:
        if not is_about_content(problem):
            raise
        log.error("ingest: what %s sent could not be kept whole (%s)", key.source, type(problem).__name__)
    done = Received()
    with sessions.write() as session:
        own = session.merge(key, load=False)
        for statement in statements:
            done += take_apart(session, tenant, own, statement, check, now)
    return done


def take_apart(
    session: Session, tenant: Tenant, key: IngestKey, statement: Any, check: Check, now: datetime
) -> Received:
    """One statement that may be what cannot be kept: then it is listed, and nothing else is harmed."""
    try:
        with session.begin_nested():
            return take(session, tenant, key, [statement], check, now)
    except Exception as problem:
        if not is_about_content(problem):
            raise
        listed = put_aside(session, tenant.id, key.source, statement, problem, now)
        return Received(listed, wrong=[(statement, "could not be kept")])


def take(
    session: Session, tenant: Tenant, key: IngestKey, statements: Sequence[Any], check: Check, now: datetime
) -> Received:
    """In the caller's transaction."""
    cursors.lock(session, tenant.id)
    good, wrong = [], []
    for statement in statements:
        reason = check(statement) or (None if statement.get("id") else _NO_ID)
        if reason is None:
            good.append(statement)
        else:
            wrong.append((statement, reason))
    page = read_page((_dated(statement, now) for statement in good), tenant.iri_base)
    delivery = _Delivery(session, tenant, key, now, {str(one["id"]).lower(): one for one in reversed(good)})
    delivery.take(page.facts)
    return delivery.close([*wrong, *page.wrong])


def _dated(statement: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
    """A statement without a time happened when its store got it, or now."""
    return statement if "timestamp" in statement else {**statement, "timestamp": statement.get("stored") or _text(now)}


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class _Delivery:
    """What one request brought, on its way into facts, outbox and counts. `sent`: the statements by id."""

    session: Session
    tenant: Tenant
    key: IngestKey
    now: datetime
    sent: Mapping[str, Mapping[str, Any]]
    kept: list[Fact] = field(default_factory=list)
    known: int = 0
    passed: list[Fact] = field(default_factory=list)
    wrong: list[tuple[Any, str]] = field(default_factory=list)

    def take(self, found: Mapping[str, Fact]) -> None:
        """Targets before the voids that may come with them."""
        before = set(facts.known(self.session, self.tenant.id, found))
        before |= forwarded.senders(self.session, self.tenant.id, found).keys()
        self.known = len(before)
        new = [fact for fact in found.values() if fact.id not in before]
        around = look_around(self.session, self.tenant.id, new)
        for fact in new:
            if fact.kind is not Kind.VOIDED:
                self._sort(fact, around)
        self._void([fact for fact in new if fact.kind is Kind.VOIDED], around)
        self._void_late()
        keep(self.session, self.tenant.id, around, self.kept, self.now)

    def _sort(self, fact: Fact, around: Around) -> None:
        if fact.registration in around.enrolments or (fact.registration is None and fact.run in around.runs):
            self._refuse(fact, _OURS)
        elif around.looks_for(fact):
            self._keep(fact, self.sent[fact.id])
        else:
            self.passed.append(fact)

    def _void(self, voids: Sequence[Fact], around: Around) -> None:
        """Own statements are voided; a void that comes first waits, and reaches the record only with its target."""
        senders = forwarded.senders(self.session, self.tenant.id, [fact.target for fact in voids if fact.target])
        for fact in voids:
            target = fact.target or ""
            if senders.get(target) == self.key.id:
                self._keep(fact, self.sent[fact.id])
            elif target in senders or target in around.targets:
                self._refuse(fact, _NOT_ITS_OWN)
            else:
                self._remember(fact, waiting=self.sent[fact.id])
                self.passed.append(fact)

    def _void_late(self) -> None:
        ids = [fact.id for fact in self.kept]
        for row in forwarded.waiting_voids(self.session, self.tenant.id, self.key.id, ids):
            body: Mapping[str, Any] = row.body or {}
            void = read(_dated(body, row.received), self.tenant.iri_base)
            self.kept.append(void)
            self._deliver(void, body)
            row.body = None

    def _keep(self, fact: Fact, statement: Mapping[str, Any]) -> None:
        self.kept.append(fact)
        self._remember(fact)
        self._deliver(fact, statement)

    def _remember(self, fact: Fact, waiting: Mapping[str, Any] | None = None) -> None:
        voids = fact.target if fact.kind is Kind.VOIDED else None
        forwarded.remember(self.session, self.tenant.id, self.key.id, fact.id, self.now, voids, waiting)

    def _deliver(self, fact: Fact, statement: Mapping[str, Any]) -> None:
        """Into the record, with the key as its authority: whatever the forwarder says of that is hearsay."""
        own = {name: value for name, value in statement.items() if name not in ("stored", "authority", "version")}
        account = {"homePage": self.tenant.iri_base, "name": self.key.id}
        authority = {"objectType": "Agent", "name": self.key.name, "account": account}
        body = {**own, "id": fact.id, "timestamp": statement.get("timestamp") or _text(fact.at), "authority": authority}
        outbox.put(self.session, self.tenant.id, body, self.now)

    def _refuse(self, fact: Fact, reason: str) -> None:
        self.wrong.append((self.sent[fact.id], reason))

    def close(self, wrong: Iterable[tuple[Any, str]]) -> Received:
        """List what is wrong, count everything."""
        self.wrong += wrong
        put = [put_unreadable(self.session, self.tenant.id, self.key.source, *one, self.now) for one in self.wrong]
        sorts = Counter(sort for fact in self.passed if (sort := sort_of(fact)) is not None)
        arrivals.pass_over(self.session, self.tenant.id, sorts, self.now)
        arrived = Arrived(taken=len(self.kept), skipped=len(self.passed), unreadable=sum(put))
        arrivals.add(self.session, self.tenant.id, self.key.source, arrived, self.now)
        return Received(arrived, self.known, tuple(self.wrong))
