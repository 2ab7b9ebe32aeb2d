"""Letters on their way to a real mail server, which fails at every place where one can."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from lrs_bridge.domain.mailing import Letter, Mailbox
from lrs_bridge.flows.letters import Desk
from lrs_bridge.flows.post import LEASE, Postman, post_due
from lrs_bridge.mail.post import Post
from lrs_bridge.mail.smtp import MailServer
from lrs_bridge.store import message_wishes, messages, people
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.messages import MessageRow, MessageState, NewMessage
from lrs_bridge.store.people import PersonRow
from tests.fakes.mail_server import MailServerFake, mail_server
from tests.flows.world import ISSUER, World, build
from tests.plugins import installed

BASE = "https://bridge.example"


@pytest.fixture
def server() -> Iterator[MailServerFake]:
    with mail_server() as fake:
        yield fake


@pytest.fixture
def world(sessions: Sessions) -> World:
    """Petra's and Mark's LMS told their addresses; a letter for each waits."""
    world = build(sessions)
    with sessions.write() as session:
        for person in (world.petra, world.mark):
            session.get_one(PersonRow, person.id).email = f"{(person.name or '').split()[0].lower()}@example.org"
    waiting(world, world.petra)
    waiting(world, world.mark)
    return world


def waiting(world: World, person: PersonRow, key: str = "week", **more: object) -> None:
    part = {"run": world.run.id, "role": "participant", "more": 0, "opens": None, "people": None, "notice": False}
    item = {"about": "own", "enrolment": world.enrolment.id, "ref": "S13", "day": "2026-04-13"}
    content = {"parts": [{**part, "items": [{**item, "late": False, "named": False, "link": None}]}]}
    if person is world.mark:
        content["parts"][0]["role"] = "peer"
    now = world.clock()
    message = NewMessage(person.id, f"{key}:{person.id}", "week", content, now, now + timedelta(days=5))
    with world.sessions.write() as session:
        messages.put(session, world.tenant.id, replace(message, **more), now)


def postman(world: World, server: MailServerFake | None, per_minute: int = 60, **more: object) -> Postman:
    smtp = MailServer("127.0.0.1", server.port if server else 1, "off")
    desk = Desk(Post(smtp), installed(), BASE, "a secret", Mailbox("learning@example.org", "Learning"))
    return Postman(world.sessions, replace(desk, **more), per_minute, world.clock, lambda: 0.5)


def post(world: World, given: Postman) -> int:
    return post_due(given, world.tenant.id)


def states(world: World) -> dict[str, MessageRow]:
    with world.sessions.read() as session:
        rows = messages.latest(session, world.tenant.id)
    names = {world.petra.id: "petra", world.mark.id: "mark"}
    return {names.get(row.person_id, row.person_id): row for row in rows}


def test_letters_go_out_over_one_line_and_once(world: World, server: MailServerFake) -> None:
    """With text, HTML, and the headers by which a reader stops them; afterwards the row has no content left."""
    man = postman(world, server)
    assert post(world, man) == 2
    assert post(world, man) == 0
    assert server.connections == 1
    (to_petra,) = server.to("petra")
    assert to_petra["From"] == "Learning <learning@example.org>"
    assert to_petra["Subject"] == "One step this week"
    assert to_petra["Auto-Submitted"] == "auto-generated"
    assert to_petra["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert to_petra["List-Unsubscribe"].startswith(f"<{BASE}/mail/{world.petra.id}.")
    body = to_petra.get_body(("plain",))
    assert body is not None
    assert "Hello Petra," in body.get_content()
    assert to_petra.get_body(("html",)) is not None
    row = states(world)["petra"]
    assert (row.state, row.content, row.sent) == (MessageState.SENT, None, world.clock())


def test_a_refusal_for_good_is_shown_with_its_reason_and_holds_up_nobody(world: World, server: MailServerFake) -> None:
    server.at_rcpt["petra@example.org"] = "550 5.1.1 No such user here"
    man = postman(world, server)
    post(world, man)
    found = states(world)
    assert found["petra"].state == MessageState.REFUSED
    assert found["petra"].reason == "The mail server refused it: 550 5.1.1 No such user here"
    assert found["mark"].state == MessageState.SENT
    world.clock.on(days=1)
    assert post(world, man) == 0


def test_a_person_may_have_a_refused_letter_sent_again(world: World, server: MailServerFake) -> None:
    server.at_data["petra@example.org"] = "554 5.7.1 Not today"
    man = postman(world, server)
    post(world, man)
    server.at_data.clear()
    with world.sessions.write() as session:
        assert messages.again(session, world.tenant.id, states(world)["petra"].id, world.clock())
    post(world, man)
    assert len(server.to("petra")) == 1
    assert states(world)["petra"].state == MessageState.SENT


@pytest.mark.parametrize("where", ["at_rcpt", "at_data"])
def test_a_letter_for_later_waits_by_itself(world: World, server: MailServerFake, where: str) -> None:
    """Greylisting: 450 the first time; the wait grows, and the others go out."""
    getattr(server, where)["petra@example.org"] = "450 4.2.0 Greylisted, come back"
    man = postman(world, server)
    post(world, man)
    row = states(world)["petra"]
    assert (row.state, row.attempts) == (MessageState.WAITING, 1)
    assert row.reason == "The mail server asks to wait: 450 4.2.0 Greylisted, come back"
    assert timedelta(seconds=15) <= row.next_at - world.clock() <= timedelta(seconds=60)
    assert len(server.to("mark")) == 1
    assert post(world, man) == 0
    getattr(server, where).clear()
    world.clock.on(minutes=2)
    post(world, man)
    assert len(server.to("petra")) == 1


def test_a_server_that_is_away_makes_all_wait(world: World) -> None:
    man = postman(world, None)
    assert post(world, man) == 2
    for row in states(world).values():
        assert (row.state, row.attempts) == (MessageState.WAITING, 1)
        assert row.reason is not None
        assert row.reason.startswith("The mail server cannot be reached")
        assert row.next_at > world.clock()


def test_a_sender_that_is_not_taken_makes_all_wait_and_loses_none(world: World, server: MailServerFake) -> None:
    """It is our settings, not the letters."""
    server.sender_refused = "553 5.7.1 Sender address rejected"
    man = postman(world, server)
    post(world, man)
    assert {row.state for row in states(world).values()} == {MessageState.WAITING}
    server.sender_refused = None
    world.clock.on(minutes=5)
    post(world, man)
    assert len(server.taken) == 2


def test_a_line_that_breaks_before_the_letter_is_tried_again(world: World, server: MailServerFake) -> None:
    server.hang_up_before |= {"petra@example.org", "mark@example.org"}
    man = postman(world, server)
    post(world, man)
    assert server.taken == []
    assert {row.state for row in states(world).values()} == {MessageState.WAITING}
    for _ in range(3):
        world.clock.on(minutes=5)
        post(world, man)
    assert sorted(str(message["To"]) for message in server.taken) == ["mark@example.org", "petra@example.org"]


def test_a_line_that_breaks_before_the_answer_leaves_it_to_a_person(world: World, server: MailServerFake) -> None:
    """The server may have the letter (here it has): it is not sent again by itself, and the next one goes out later."""
    server.hang_up_after |= {"petra@example.org", "mark@example.org"}
    man = postman(world, server)
    for _ in range(4):
        post(world, man)
        world.clock.on(minutes=5)
    assert len(server.to("petra")) == 1
    assert len(server.to("mark")) == 1
    for row in states(world).values():
        assert row.state == MessageState.UNSURE
        assert row.reason is not None
        assert "did not answer" in row.reason
        assert row.content is not None


class Killed(BaseException):
    """The process ends here."""


class DyingPost(Post):
    """A mail room whose process ends at a chosen place in its first letter; `taken`: what the server has."""

    def __init__(self, where: str, taken: list[Letter]) -> None:
        super().__init__(None)
        object.__setattr__(self, "where", where)
        object.__setattr__(self, "taken", taken)

    @contextmanager
    def line(self) -> Iterator[DyingPost]:  # type: ignore[override]
        yield self

    def hand_over(self, letter: Letter, before: Callable[[], None]) -> None:
        where = self.where  # type: ignore[attr-defined]
        if where == "before":
            raise Killed
        before()
        if where == "without":
            raise Killed
        self.taken.append(letter)  # type: ignore[attr-defined]
        if where == "after":
            raise Killed


@pytest.mark.parametrize(("where", "again"), [("before", True), ("without", False), ("after", False)])
def test_after_a_kill_nothing_is_sent_twice(world: World, server: MailServerFake, where: str, again: bool) -> None:
    """Killed before the letter's last line: it goes out later. Killed afterwards: nobody knows, so a person decides."""
    taken: list[Letter] = []
    dying = postman(world, None, mailing=DyingPost(where, taken))
    with pytest.raises(Killed):
        post(world, dying)
    man = postman(world, server)
    assert post(world, man) == 0
    world.clock.on(seconds=LEASE.total_seconds() + 1)
    while post(world, man):
        pass
    received = [letter.to for letter in taken] + [str(message["To"]) for message in server.taken]
    assert len(received) == len(set(received))
    unsure = [row for row in states(world).values() if row.state == MessageState.UNSURE]
    assert len(unsure) == (0 if again else 1)
    assert len(server.taken) == (2 if again else 1)
    if unsure:
        assert unsure[0].reason == messages.STOPPED_IN_BETWEEN


def test_two_workers_send_each_letter_once(world: World, server: MailServerFake) -> None:
    """The second finds nothing to claim while the first has its lease."""
    with world.sessions.write() as session:
        assert len(messages.claim(session, world.tenant.id, world.clock(), 10, LEASE)) == 2
    assert post(world, postman(world, server)) == 0
    assert server.taken == []


def test_a_worker_whose_lease_runs_out_does_not_finish_the_letter(world: World, server: MailServerFake) -> None:
    """Too little is left of it to hear the answer, and another may have claimed it."""

    class Slow(Post):
        @contextmanager
        def line(self) -> Iterator[object]:  # type: ignore[override]
            with super().line() as line:
                world.clock.on(minutes=12)
                yield line

    smtp = MailServer("127.0.0.1", server.port, "off")
    post(world, postman(world, server, mailing=Slow(smtp)))
    assert server.taken == []
    world.clock.on(minutes=5)
    post(world, postman(world, server))
    assert len(server.taken) == 2


def test_no_more_than_so_many_a_minute(world: World, server: MailServerFake) -> None:
    man = postman(world, server, per_minute=1)
    assert post(world, man) == 1
    assert post(world, man) == 0
    world.clock.on(seconds=61)
    assert post(world, man) == 1


def test_a_letter_that_is_too_late_to_be_of_use_is_not_sent(world: World, server: MailServerFake) -> None:
    """A mail server that is set up in May sends no digests of March."""
    world.clock.on(days=6)
    assert post(world, postman(world, server)) == 0
    assert {row.state for row in states(world).values()} == {MessageState.STALE}
    assert {row.content for row in states(world).values()} == {None}


def test_nothing_goes_to_whoever_has_no_address_or_none_that_is_one(world: World, server: MailServerFake) -> None:
    with world.sessions.write() as session:
        session.get_one(PersonRow, world.petra.id).email = "petra@example.org\r\nBcc: all@example.org"
        session.get_one(PersonRow, world.mark.id).email = None
    post(world, postman(world, server))
    assert server.taken == []
    assert {row.state for row in states(world).values()} == {MessageState.DROPPED}


def test_whoever_stopped_meanwhile_gets_nothing(world: World, server: MailServerFake) -> None:
    with world.sessions.write() as session:
        stopped = message_wishes.Wishes(weekly=False)
        message_wishes.wish(session, world.tenant.id, world.petra.id, stopped, world.clock())
    post(world, postman(world, server))
    assert server.to("petra") == []
    assert states(world)["petra"].reason == "They have chosen not to get this."


def test_nobody_is_written_to_at_night_but_who_asked_for_a_link(world: World, server: MailServerFake) -> None:
    """What a mail server kept waiting until the evening goes out in the morning."""
    world.clock.on(hours=12)  # ten in the evening in Berlin
    with world.sessions.write() as session:
        session.get_one(MessageRow, states(world)["mark"].id).kind = "link"
    man = postman(world, server)
    post(world, man)
    assert [str(message["To"]) for message in server.taken] == ["mark@example.org"]
    row = states(world)["petra"]
    assert (row.state, row.attempts) == (MessageState.WAITING, 0)
    assert row.next_at.isoformat() == "2026-03-27T06:00:00+00:00"
    world.clock.on(hours=9)
    post(world, man)
    assert len(server.taken) == 2


def test_a_tenant_has_a_sender_of_its_own(world: World, server: MailServerFake) -> None:
    with world.sessions.write() as session:
        message_wishes.set_sender(session, world.tenant.id, Mailbox("akademie@example.com", "Akademie für Führung"))
    post(world, postman(world, server))
    assert str(server.taken[0]["From"]) == "Akademie für Führung <akademie@example.com>"


def test_neither_addresses_nor_words_of_the_server_are_in_the_log(
    world: World, server: MailServerFake, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "lrs_bridge")
    server.at_rcpt["petra@example.org"] = "550 petra@example.org is not here"
    server.hang_up_after.add("mark@example.org")
    post(world, postman(world, server))
    world.clock.on(hours=3)  # whichever went first, the other has gone by now
    post(world, postman(world, server))
    assert "example.org" not in caplog.text
    assert "refused" in caplog.text


def test_letters_are_in_the_language_of_their_reader(world: World, server: MailServerFake) -> None:
    """As the LMS said, or as chosen; English where there are no templates."""
    with world.sessions.write() as session:
        session.get_one(PersonRow, world.petra.id).locale = "de-AT"
        session.get_one(PersonRow, world.mark.id).locale = "fi"
        anna = people.ensure_person(session, world.tenant.id, ISSUER, "anna", world.clock(), email="anna@example.org")
        anna.locale = "en"
        chosen = message_wishes.Wishes()
        message_wishes.wish(session, world.tenant.id, anna.id, chosen, world.clock(), "de")
    waiting(world, anna)
    with world.sessions.write() as session:
        row = session.get_one(MessageRow, states(world)[anna.id].id)
        row.content = {"parts": [{**row.content["parts"][0], "role": "peer"}]}
    post(world, postman(world, server))
    subjects = {str(message["To"]).split("@")[0]: message["Subject"] for message in server.taken}
    assert subjects == {
        "petra": "Ein Schritt diese Woche",
        "mark": "One step this week",
        "anna": "Ein Schritt diese Woche",
    }
