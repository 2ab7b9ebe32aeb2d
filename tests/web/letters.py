"""Letters in page tests: addresses for the personas, a morning's round, and the way from a letter to its page."""

from __future__ import annotations

import re

from lrs_bridge.domain.mailing import Letter
from lrs_bridge.flows.letters import NoLetter, compose
from lrs_bridge.flows.messages import plan
from lrs_bridge.store import messages
from lrs_bridge.store.messages import MessageRow, MessageState
from lrs_bridge.store.people import PersonRow
from tests.personas import House, Page, Tab

MAIL = "example.org"


def with_addresses(house: House, *names: str) -> House:
    """People whose LMS told their e-mail."""
    with house.bridge.sessions.write() as session:
        for name in names or tuple(house.people):
            session.get_one(PersonRow, house.people[name].id).email = f"{name}@{MAIL}"
    return house


def morning(house: House) -> int:
    """What the worker does each morning."""
    return plan(house.bridge.sessions, house.bridge.settings.secret_key, house.world.tenant.id, house.bridge.clock())


def rows(house: House, who: str, kind: str = "week", state: str = MessageState.WAITING) -> list[MessageRow]:
    with house.bridge.sessions.read() as session:
        found = messages.latest(session, house.world.tenant.id)
    return [row for row in found if row.person_id == house.people[who].id and row.kind == kind and row.state == state]


def letter(house: House, who: str, kind: str = "week") -> Letter | None:
    """The letter that waits for somebody, in its words."""
    found = rows(house, who, kind)
    if not found:
        return None
    with house.bridge.sessions.read() as session:
        try:
            return compose(session, house.bridge.desk, found[0], house.bridge.clock())
        except NoLetter:
            return None


def links(text: str) -> list[str]:
    """Paths of the links to tasks in a letter, in order."""
    return re.findall(r"https://bridge\.example(/m/\S+)", text)


def stop_path(given: Letter) -> str:
    return given.stop_url.removeprefix("https://bridge.example")


class LinkTab(Tab):
    """Somebody with a link and nothing else."""

    def __init__(self, house: House, link: str) -> None:
        super().__init__(house.client(), "")
        self.link = link

    def path(self, path: str = "") -> str:
        return path if path.startswith("/") else f"/s/{self.token}/{path}"

    def look(self) -> Page:
        return self.open(self.link)

    def come_in(self) -> Page:
        """Press the button; answers the page of the task."""
        entered = self.send(self.link, **self.look().hidden(self.link))
        assert entered.status == 303, entered.text
        home = self.open(entered.answer.headers["Location"])
        self.token = entered.answer.headers["Location"].split("/")[2]
        return self.follow(home)
