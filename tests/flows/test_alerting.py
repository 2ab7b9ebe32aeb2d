"""Alerts: told once when something begins, once when it is over, and again and again only while nobody took it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner
from sqlalchemy import select, update

from lrs_bridge.cli import main
from lrs_bridge.config import ConfigError, from_environment
from lrs_bridge.domain.alerting import Limits, Notice, Trouble
from lrs_bridge.domain.delivery import Refused, Unavailable
from lrs_bridge.domain.mailing import Mailbox
from lrs_bridge.flows.administer import state_of
from lrs_bridge.flows.alerting import Alerting, alert_due
from lrs_bridge.lti.egress import TimeLimit
from lrs_bridge.mail.alerts import AlertMail, Webhook
from lrs_bridge.mail.smtp import MailServer
from lrs_bridge.store import alerts, outbox, rosters
from lrs_bridge.store.messages import MessageRow, MessageState, NewMessage, put
from lrs_bridge.store.outbox import OutboxState, OutboxStatement
from lrs_bridge.store.rosters import RosterSync, SyncState
from lrs_bridge.store.scores import ScoreState, want
from lrs_bridge.store.tenants import MAIN, tenant_named
from lrs_bridge.wiring import build, prepare
from lrs_bridge.worker.letters import LetterRound
from tests.fakes.mail_server import mail_server
from tests.flows.world import Clock, World

HOURS = Limits()
HOOK = "https://chat.example/hooks/secret"


@dataclass
class Ear:
    """A way that remembers what it was told, and fails as often as it is asked to."""

    told: list[Notice] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)

    def tell(self, notice: Notice) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.told.append(notice)

    @property
    def heard(self) -> list[tuple[str, bool]]:
        return [(notice.key, notice.over is not None) for notice in self.told]


class House:
    """A world with two ways to tell."""

    def __init__(self, world: World) -> None:
        self.world, self.mail, self.hook = world, Ear(), Ear()
        self.always: list[Trouble] = []

    def look(self, limits: Limits = HOURS) -> int:
        channels = {"mail": self.mail, "webhook": self.hook}
        return alert_due(
            Alerting(self.world.sessions, channels, limits, self.world.clock, lambda: 0.5, tuple(self.always))
        )

    def on(self) -> list[tuple[str, str]]:
        with self.world.sessions.read() as session:
            return [(row.key, row.channel) for row in alerts.all_on(session, self.world.tenant.id)]

    def set_outbox(self, **values: Any) -> None:
        with self.world.sessions.write() as session:
            session.execute(update(OutboxStatement).values(**values))


@pytest.fixture
def house(world: World) -> House:
    return House(world)


def test_it_is_told_when_it_begins_and_when_it_is_over_and_not_between(house: House):
    """By each way, however often somebody looks."""
    house.world.clock.on(minutes=59)
    with house.world.sessions.read() as session:
        first = session.scalars(select(OutboxStatement.created)).one()
    assert first <= house.world.clock()
    house.world.clock.now = first + timedelta(minutes=59)
    assert house.look() == 0
    house.world.clock.on(minutes=2)
    assert house.look() == 2
    for _ in range(3):
        house.world.clock.on(minutes=10)
        assert house.look() == 0
    house.set_outbox(state=OutboxState.DELIVERED)
    house.world.clock.on(minutes=1)
    assert house.look() == 2
    assert house.look() == 0
    assert house.mail.heard == house.hook.heard == [("statements-waiting", False), ("statements-waiting", True)]
    assert house.on() == []
    over = house.mail.told[1]
    assert over.over is not None
    assert over.since < over.over


def test_what_begins_anew_is_told_anew(house: House):
    house.set_outbox(state=OutboxState.DEAD)
    house.look()
    house.set_outbox(state=OutboxState.DELIVERED)
    house.world.clock.on(minutes=1)
    house.look()
    house.set_outbox(state=OutboxState.DEAD)
    house.world.clock.on(minutes=1)
    house.look()
    assert house.mail.heard == [(key, over) for key in ["statements-given-up"] for over in (False, True, False)]


def test_what_could_not_be_told_is_told_later_by_the_way_that_failed(house: House):
    """The other way is not told again."""
    house.set_outbox(state=OutboxState.DEAD)
    house.hook.failures = [Unavailable("down"), Refused("404")]
    assert house.look() == 1
    assert house.look() == 0
    house.world.clock.on(hours=1)
    assert house.look() == 0
    house.world.clock.on(hours=1)
    assert house.look() == 1
    assert house.mail.heard == house.hook.heard == [("statements-given-up", False)]


def test_of_what_nobody_heard_the_end_is_not_told(house: House):
    house.set_outbox(state=OutboxState.DEAD)
    house.mail.failures, house.hook.failures = [Unavailable("down")], [Unavailable("down")]
    house.look()
    house.set_outbox(state=OutboxState.DELIVERED)
    house.world.clock.on(hours=1)
    assert house.look() == 0
    assert house.on() == []


def test_an_end_that_comes_while_it_is_being_told_is_told_after_it(house: House):
    """Somebody else looked meanwhile."""
    house.set_outbox(state=OutboxState.DEAD)
    sessions, tenant_id = house.world.sessions, house.world.tenant.id

    def meanwhile(notice: Notice) -> None:
        with sessions.write() as session:
            alerts.note(session, tenant_id, [], ["mail", "webhook"], house.world.clock())
        house.mail.told.append(notice)

    house.hook = house.mail
    tell, house.mail.tell = house.mail.tell, meanwhile  # type: ignore[method-assign]
    house.look()
    house.mail.tell = tell  # type: ignore[method-assign]
    house.set_outbox(state=OutboxState.DELIVERED)
    house.world.clock.on(minutes=6)
    house.look()
    assert sorted(house.mail.heard) == sorted(2 * [("statements-given-up", False), ("statements-given-up", True)])


def test_a_way_that_is_no_longer_set_is_forgotten(house: House):
    house.set_outbox(state=OutboxState.DEAD)
    house.look()
    with house.world.sessions.write() as session:
        alerts.note(
            session, house.world.tenant.id, [Trouble("statements-given-up", "x")], ["mail"], house.world.clock()
        )
    assert house.on() == [("statements-given-up", "mail")]


def test_everything_that_does_not_arrive_has_a_name(house: House):
    """Statements, scores, letters, rosters, plugins; each is on the page, in the status and in the alert."""
    world = house.world
    house.set_outbox(state=OutboxState.DEAD)
    with world.sessions.write() as session:
        for indicator, state in (("one", ScoreState.WAITING), ("two", ScoreState.REFUSED)):
            values = (world.tenant.id, world.run.id, world.enrolment.id, indicator, "x", 1.0, 100.0, "InProgress")
            want(session, *values, now=world.clock()).state = state  # type: ignore[union-attr]
        rosters.ask_for(session, world.tenant.id, world.run.id, world.clock())
        session.execute(update(RosterSync).values(state=SyncState.FAILED, reason="The LMS answers 404."))
        for number, letter in enumerate((MessageState.WAITING, MessageState.UNSURE)):
            good = world.clock() + timedelta(days=9)
            new = NewMessage(world.petra.id, f"key {number}", "week", {}, world.clock(), good)
            put(session, world.tenant.id, new, world.clock())
            session.execute(
                update(MessageRow).where(MessageRow.key == f"key {number}").values(state=letter, attempts=3)
            )
    world.clock.on(hours=2)
    house.always = [Trouble("plugin-broken", "the plugin broken did not load")]
    house.look()
    assert {key for key, _ in house.mail.heard} == {
        "statements-given-up",
        "scores-waiting",
        "scores-refused",
        "messages-waiting",
        "messages-refused",
        "rosters-failing",
        "plugin-broken",
    }
    with world.sessions.read() as session:
        state = state_of(session, world.tenant.id, world.clock())
    assert ("messages waiting", "1, of them failed before 1") in state.lines()
    assert ("messages refused or in doubt", "1") in state.lines()
    assert "the people of courses could not be read (1): The LMS answers 404." in state.alarms()


def test_limits_are_settings(house: House):
    """Both of how long and of how many."""
    house.set_outbox(state=OutboxState.DEAD)
    assert house.look(Limits(refused=2)) == 0
    house.set_outbox(state=OutboxState.WAITING)
    house.world.clock.on(days=60)
    assert house.look(Limits(statements=timedelta(days=999))) == 0
    env = {"LRS_BRIDGE_SECRET_KEY": "x", "LRS_BRIDGE_ALERT_WEBHOOK": HOOK, "LRS_BRIDGE_ALERT_SCORE_MINUTES": "7"}
    found = from_environment(env | {"LRS_BRIDGE_ALERT_REFUSED": "3"}).alerts
    assert (found.statement_minutes, found.score_minutes, found.letter_minutes, found.refused) == (60, 7, 60, 3)
    assert "secret" not in repr(found)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"ALERT_MAIL": "ada@example.org"}, "needs a mail server"),
        ({"ALERT_MAIL": "Ada", "SMTP_HOST": "mail.example", "SMTP_FROM": "x@example.org"}, "addresses with commas"),
        ({"ALERT_WEBHOOK": "chat.example"}, "web address"),
        ({"ALERT_REFUSED": "0"}, "whole number"),
    ],
)
def test_settings_that_would_tell_nobody_are_refused(settings: dict[str, str], why: str):
    env = {"LRS_BRIDGE_SECRET_KEY": "x"} | {f"LRS_BRIDGE_{name}": value for name, value in settings.items()}
    with pytest.raises(ConfigError, match=why):
        from_environment(env)


def notice(world: World) -> Notice:
    return Notice("main", "scores-refused", "scores were refused (3) and wait for a person", world.clock())


def test_an_e_mail_arrives_at_each_address(world: World):
    """From the sender of the settings, without an unsubscribe link: the settings say who gets it."""
    with mail_server() as fake:
        server = MailServer("127.0.0.1", fake.port, "off")
        AlertMail(server, Mailbox("bridge@example.org"), ["ada@example.org", "it@example.org"], "More: x").tell(
            notice(world)
        )
    assert [str(message["To"]) for message in fake.taken] == ["ada@example.org", "it@example.org"]
    message = fake.taken[0]
    assert message["Subject"] == "Not everything arrives: scores refused (main)"
    assert message["List-Unsubscribe"] is None
    assert "Scores were refused (3)" in message.get_body(("plain",)).get_content()


@dataclass
class Site(requests.adapters.BaseAdapter):
    """What stands at the webhook's address."""

    status: int = 200
    asked: list[requests.PreparedRequest] = field(default_factory=list)

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        self.asked.append(request)
        response = requests.Response()
        response.status_code = self.status
        return response

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize(("status", "raised"), [(204, None), (500, Unavailable), (429, Unavailable), (404, Refused)])
def test_a_webhook_is_told_as_json(world: World, status: int, raised: type[Exception] | None):
    site, http = Site(status), requests.Session()
    http.mount("https://", site)
    hook = Webhook(HOOK, http, TimeLimit, "More: x")
    if raised:
        with pytest.raises(raised, match=str(status)) as told:
            hook.tell(notice(world))
        assert "secret" not in str(told.value)
    else:
        hook.tell(notice(world))
    (asked,) = site.asked
    said = requests.models.complexjson.loads(asked.body)
    assert said["text"].startswith("Not everything arrives: scores refused (main). Scores were refused (3)")
    assert (said["state"], said["key"], said["over"]) == ("began", "scores-refused", None)


def test_alerts_can_be_tried(tmp_path, monkeypatch: pytest.MonkeyPatch):
    """Each way says whether it worked; with none it says what to set."""
    monkeypatch.setenv("LRS_BRIDGE_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("LRS_BRIDGE_DATABASE_URL", raising=False)
    none = CliRunner().invoke(main, ["alerts", "test"])
    assert none.exit_code == 1
    assert "LRS_BRIDGE_ALERT_MAIL" in none.stderr
    with mail_server() as fake:
        for name, value in {"HOST": "127.0.0.1", "FROM": "b@example.org", "SECURITY": "off", "PORT": fake.port}.items():
            monkeypatch.setenv(f"LRS_BRIDGE_SMTP_{name}", str(value))
        monkeypatch.setenv("LRS_BRIDGE_ALERT_MAIL", "ada@example.org")
        done = CliRunner().invoke(main, ["alerts", "test"], catch_exceptions=False)
        assert done.stdout == "mail: told\n"
        assert fake.taken[0]["Subject"] == "Not everything arrives: test (main)"
        fake.at_rcpt["ada@example.org"] = "550 nobody of that name"
        failed = CliRunner().invoke(main, ["alerts", "test"], catch_exceptions=False)
        assert failed.exit_code == 1
        assert "550 nobody of that name" in failed.stdout


def test_the_worker_alerts_once_a_minute_at_most(tmp_path: Path):
    """With the mail server of the settings; what fails there keeps no letter back."""
    with mail_server() as fake:
        env = {"SMTP_HOST": "127.0.0.1", "SMTP_FROM": "b@example.org", "SMTP_SECURITY": "off"}
        env |= {"SMTP_PORT": str(fake.port), "ALERT_MAIL": "ada@example.org", "DATA_DIR": str(tmp_path)}
        clock = Clock()
        bridge = build(from_environment({f"LRS_BRIDGE_{name}": value for name, value in env.items()}), clock)
        prepare(bridge)
        with bridge.sessions.write() as session:
            tenant_id = tenant_named(session, MAIN).id
            outbox.put(session, tenant_id, {"id": "1"}, clock())
            outbox.bury(session, "1", "The store does not take it.")
        letters = LetterRound(bridge)
        letters.look()
        assert [str(message["Subject"]) for message in fake.taken] == [
            "Not everything arrives: statements given up (main)"
        ]
        with bridge.sessions.write() as session:
            outbox.replay(session, tenant_id, clock())
        clock.on(seconds=30)
        letters.look()
        assert len(fake.taken) == 1
        clock.on(seconds=31)
        letters.look()
        assert str(fake.taken[1]["Subject"]) == "Over: statements given up (main)"
        bridge.engine.dispose()
