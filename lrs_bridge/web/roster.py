"""Fetching the people of the course: the button on the overview, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from lrs_bridge.domain.people import Role
from lrs_bridge.store import rosters
from lrs_bridge.store.rosters import RosterSync
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import doors
from lrs_bridge.web.visits import current, needs
from lrs_bridge.web.words import plural, sentence, when
from lrs_bridge.wiring import Bridge


@dataclass(frozen=True)
class Panel:
    """`says`: the last fetching in one line. `trouble`: why the latest came to nothing. `offered`: with a button."""

    says: str
    trouble: str | None = None
    offered: bool = True


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the button to the blueprint of the visit."""

    @pages.post("/overview/roster")
    def fetch_people() -> ResponseReturnValue:
        visit = current()
        needs(visit, Role.FACILITATOR)
        if visit.run_row is None:
            raise doors.door_for(404)
        with bridge.sessions.write() as session:
            rosters.ask_for(session, visit.tenant_id, visit.run_row.id, visit.now)
        bridge.poke()
        return redirect(url_for("visit.overview", saved="roster", _anchor="pp"), 303)


def panel(sync: RosterSync | None, run: RunRow) -> Panel:
    """What the overview says about the roster of this run's course."""
    zone = run.run.zone
    if run.course.memberships_url is None:
        what = "The LMS does not offer this course's list of people, so people come in by opening the journey."
        return Panel(what, offered=False)
    if sync is None:
        return Panel(
            "Until now people come in by opening the journey. Fetch the people of the course to have all learners in."
        )
    if sync.under_way:
        so_far = f" {sync.members} people on {plural(sync.pages, 'page')} so far." if sync.pages else ""
        what = f"The people of the course are being fetched.{so_far} Load the page again to see more."
        return Panel(what, offered=False)
    return Panel(_last(sync, zone), _trouble(sync, zone))


def _last(sync: RosterSync, zone: ZoneInfo) -> str:
    if sync.whole_at is None:
        return "The people of the course have not been fetched yet."
    changes = [f"{sync.joined} joined" if sync.joined else "", f"{sync.left_run} left" if sync.left_run else ""]
    came = sentence(", ".join(change for change in changes if change)) or "Nobody joined and nobody left"
    return f"Fetched {when(sync.whole_at, zone)}. {came}. It is done once a day."


def _trouble(sync: RosterSync, zone: ZoneInfo) -> str | None:
    if sync.reason is None:
        return None
    again = f" The next try is {when(sync.next_at, zone)}." if sync.next_at else ""
    return f"{sync.reason}{again}"
