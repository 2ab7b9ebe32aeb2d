"""The only place where parts meet: settings in, one frozen value with everything in place out."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from typing import Any

import requests
from sqlalchemy import Engine

from lrs_bridge import journeyfile
from lrs_bridge.config import Settings
from lrs_bridge.domain.alerting import Limits, Trouble
from lrs_bridge.domain.failing import Rule
from lrs_bridge.domain.mailing import Mailbox
from lrs_bridge.domain.position import Order
from lrs_bridge.domain.retention import Terms
from lrs_bridge.flows.alerting import Alerting
from lrs_bridge.flows.ingest import Source
from lrs_bridge.flows.letters import Desk
from lrs_bridge.flows.ports import AlertChannel, Gradebook, RecordStore, Roster
from lrs_bridge.flows.post import Postman
from lrs_bridge.flows.send import Sending
from lrs_bridge.flows.tell import SEAL, Telling
from lrs_bridge.hooks.registry import Registry, load
from lrs_bridge.lrs.apart import ContentAtHome
from lrs_bridge.lrs.embedded import EmbeddedRecordStore
from lrs_bridge.lrs.endpoint import CONNECT_SECONDS, READ_SECONDS, Endpoint
from lrs_bridge.lrs.probe import Probe
from lrs_bridge.lrs.remote import RemoteRecordStore
from lrs_bridge.lti import egress
from lrs_bridge.lti.gradebook import AgsGradebook
from lrs_bridge.lti.roster import NrpsRoster
from lrs_bridge.mail.alerts import AlertMail, Webhook
from lrs_bridge.mail.post import Post
from lrs_bridge.mail.smtp import MailServer
from lrs_bridge.store import journeys, migrate, platforms, record_probes, tenants
from lrs_bridge.store.engine import Sessions, connect
from lrs_bridge.store.sealed import Seal
from lrs_bridge.store.tallies import Tally

EMBEDDED_EVERY = timedelta(seconds=1)
REMOTE_EVERY = timedelta(seconds=15)
OVERLAP = {Order.STORED: timedelta(seconds=10), Order.TIMESTAMP: timedelta(minutes=10)}
"""How far back a remote store is read again each time; what arrives later than that is found by reading all again."""
AGAIN_BY_TIMESTAMP = timedelta(hours=6)
EMBEDDED = "embedded"
REMOTE_KEPT = timedelta(minutes=1)
"""How long we go by what a remote store said of itself before we ask again."""
TEST_SECONDS = 10.0
"""How long a test waits for one answer: somebody looks at a page meanwhile."""


def _now() -> datetime:
    return datetime.now(UTC)


def _nobody_listens() -> None:
    """Without a worker in this process nobody needs to be told to look."""


@dataclass
class Bell:
    """Rung when there is new work. The in-process worker, where there is one, hangs its own clapper in."""

    ring: Callable[[], None] = _nobody_listens


@dataclass(frozen=True)
class Bridge:
    """Everything that a page, a command or the worker needs, put together once.

    `http` goes to LMSs and record stores that were let in; `strangers` to whoever asks to be.
    """

    settings: Settings
    engine: Engine
    sessions: Sessions
    registry: Registry
    http: requests.Session
    gradebook: Gradebook
    clock: Callable[[], datetime] = _now
    chance: Callable[[], float] = random.random
    bell: Bell = field(default_factory=Bell)
    remotes: dict[tuple[str, str], tuple[datetime, RemoteRecordStore]] = field(default_factory=dict)
    strangers: requests.Session = field(default_factory=lambda: egress.session_within(egress.Fence()))

    def poke(self) -> None:
        """Say that there is something to do; it would be found without, a little later."""
        self.bell.ring()

    def record_store(self, tenant_id: str) -> RecordStore:
        """The tenant's record: the remote LRS of the settings (content apart, if so set), else the embedded one."""
        home = EmbeddedRecordStore(self.sessions, tenant_id, self.clock)
        endpoint = self.endpoint()
        if endpoint is None:
            return home
        key = (tenant_id, endpoint.name)
        known = self.remotes.get(key)
        if known is None or self.clock() - known[0] > REMOTE_KEPT:
            with self.sessions.read() as session:
                traits = record_probes.traits(session, tenant_id, endpoint.name)
            known = self.clock(), RemoteRecordStore(endpoint, traits.compress, traits.through is not False)
            self.remotes[key] = known
        return known[1] if self.settings.lrs_content else ContentAtHome(known[1], home)

    def endpoint(self, seconds: float = READ_SECONDS) -> Endpoint | None:
        """The remote LRS of the settings, which is given so many seconds for an answer; None for the embedded one."""
        s = self.settings
        if not (s.lrs_url and s.lrs_key and s.lrs_secret):
            return None
        return Endpoint(s.lrs_url, s.lrs_key, s.lrs_secret, self.http, (CONNECT_SECONDS, seconds), egress.TimeLimit)

    def endpoint_at(self, url: str, key: str, secret: str) -> Endpoint:
        """Another LRS, which an admin named; for a test."""
        http = egress.session_within(egress.Fence(named=lambda: egress.places_of([url])))
        return Endpoint(url, key, secret, http, (CONNECT_SECONDS, TEST_SECONDS), egress.TimeLimit)

    def probe(self, endpoint: Endpoint, tenant_id: str) -> Probe:
        """A test of a remote LRS, with ids of the tenant."""
        with self.sessions.read() as session:
            base = tenants.get_tenant(session, tenant_id).iri_base
        return Probe(endpoint, base, self.clock)

    @property
    def rule(self) -> Rule:
        """When a failing evaluator is switched off."""
        s = self.settings
        return Rule(s.evaluator_failures, s.evaluator_subjects, float(s.evaluator_seconds))

    @property
    def terms(self) -> Terms:
        """How long things are kept."""
        s = self.settings
        return Terms(s.keep_words, s.keep_process, s.keep_access, s.keep_waiting)

    @property
    def sending(self) -> Sending:
        """What sends scores."""
        at_once = self.settings.gradebook_at_once
        posted = partial(self.tally.count, "posted", "")
        return Sending(self.sessions, self.gradebook, self.clock, self.chance, at_once, posted)

    @cached_property
    def tally(self) -> Tally:
        """What this process counts of what it does."""
        return Tally(self.sessions)

    @cached_property
    def telling(self) -> Telling:
        """What calls listeners; made once, since it knows which calls have not come back."""
        seal = Seal(self.settings.secret_key, SEAL)
        return Telling(self.sessions, self.registry, seal, self.clock, self.chance, self._out, egress.TimeLimit)

    def _out(self, settings: Mapping[str, Any]) -> requests.Session:
        """What a listener goes out by: to the public Internet, and to where an admin pointed it with a setting."""
        named = egress.places_of([value for value in settings.values() if isinstance(value, str)])
        allowed = egress.Fence(private=self.settings.allow_private, named=lambda: named)
        return egress.session_within(allowed)

    @cached_property
    def desk(self) -> Desk:
        """What writes letters, whether or not there is a mail server to give them to."""
        s, smtp = self.settings, self.settings.smtp
        sender = Mailbox(smtp.sender[1], smtp.sender[0]) if smtp else None
        return Desk(Post(self._mail_server()), self.registry, s.base_url, s.secret_key, sender)

    def _mail_server(self) -> MailServer | None:
        smtp = self.settings.smtp
        return MailServer(smtp.host, smtp.port, smtp.security, smtp.user, smtp.password) if smtp else None

    @cached_property
    def postman(self) -> Postman | None:
        """What sends letters; None without a mail server."""
        smtp = self.settings.smtp
        return Postman(self.sessions, self.desk, smtp.per_minute, self.clock, self.chance) if smtp else None

    @cached_property
    def alerting(self) -> Alerting:
        """What tells whoever keeps this running that something does not arrive."""
        s = self.settings.alerts
        where = f"lrs-bridge admin link opens the page that says more, at {self.settings.base_url}."
        channels: dict[str, AlertChannel] = {}
        server, sender = self._mail_server(), self.desk.sender
        if s.mail and server and sender:
            channels["mail"] = AlertMail(server, sender, s.mail, where)
        if s.webhook:
            channels["webhook"] = Webhook(s.webhook, self._out({"url": s.webhook}), egress.TimeLimit, where)
        minute = timedelta(minutes=1)
        limits = Limits(s.statement_minutes * minute, s.score_minutes * minute, s.letter_minutes * minute, s.refused)
        broken = [
            Trouble(f"plugin-{one.name}"[:200], f"the plugin {one.name} did not load") for one in self.registry.failures
        ]
        return Alerting(self.sessions, channels, limits, self.clock, self.chance, broken)

    @cached_property
    def roster(self) -> Roster:
        """Who is in the courses of LMSs; made once, since it keeps its tokens."""
        return NrpsRoster(self.sessions, self.http, self.settings, self.clock)

    def sources(self, tenant_id: str) -> list[Source]:
        """Where statements come in: the record; where that is a remote LRS, also our own, that others may write to."""
        home = Source(EMBEDDED, EmbeddedRecordStore(self.sessions, tenant_id, self.clock), EMBEDDED_EVERY)
        endpoint = self.endpoint()
        if endpoint is None:
            return [home]
        hours = self.settings.lrs_again_hours
        order = self._order(tenant_id, endpoint.name)
        again = timedelta(hours=hours) if hours else AGAIN_BY_TIMESTAMP if order is Order.TIMESTAMP else None
        overlap = OVERLAP[order]
        return [Source(endpoint.name[:400], self.record_store(tenant_id), REMOTE_EVERY, overlap, order, again), home]

    def _order(self, tenant_id: str, url: str) -> Order:
        """What a remote store goes by: as set, else as its test found, else as the specification says."""
        if self.settings.lrs_order in [order.value for order in Order]:
            return Order(self.settings.lrs_order)
        with self.sessions.read() as session:
            traits = record_probes.traits(session, tenant_id, url)
        return Order.TIMESTAMP if traits.by_stored is False else Order.STORED


def build(settings: Settings, clock: Callable[[], datetime] = _now, http: requests.Session | None = None) -> Bridge:
    """Put the parts together. The database is reached, not changed: `prepare` does that."""
    engine = connect(settings.database_url)
    sessions = Sessions(engine, key=settings.secret_key)
    fence = egress.Fence(loopback=egress.is_loopback(settings.base_url), private=settings.allow_private)
    strangers = http or egress.session_within(fence)
    http = http or egress.session_within(replace(fence, named=lambda: _named(settings, sessions)))
    return Bridge(
        settings=settings,
        engine=engine,
        sessions=sessions,
        registry=load(),
        http=http,
        gradebook=AgsGradebook(sessions, http, settings, clock),
        clock=clock,
        strangers=strangers,
    )


def _named(settings: Settings, sessions: Sessions) -> frozenset[egress.Place]:
    """Where an admin sends us by name, private network or not: LMSs registered by hand, and the record store."""
    with sessions.read() as session:
        return egress.places_of([settings.lrs_url, *platforms.named_by_admins(session)])


def prepare(bridge: Bridge) -> None:
    """Bring the database to the present: tables, the main tenant, and the journeys that ship with us."""
    migrate.upgrade(bridge.engine)
    with bridge.sessions.write() as session:
        tenant = tenants.ensure_tenant(session, tenants.MAIN, bridge.settings.base_url, bridge.clock())
        for slug in journeyfile.samples():
            journeys.install(session, tenant.id, journeyfile.sample_text(slug), slug, bridge.clock())
