"""Whom participants named: whoever looks after the run says whether it is so."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from lrs_bridge.flows import nominate
from lrs_bridge.flows.relating import CannotChange
from lrs_bridge.store import nominations
from lrs_bridge.web import doors
from lrs_bridge.web.people.desk import Desk
from lrs_bridge.wiring import Bridge


def add_pages(pages: Blueprint, bridge: Bridge, desk_of: Callable[..., Desk], prefix: str) -> None:
    """Add the two buttons of a nomination."""

    @pages.post(f"{prefix}/everybody/named/<nomination_id>")
    def decide_nomination(nomination_id: str, **place: str) -> ResponseReturnValue:
        desk = desk_of(**place)
        yes = request.form.get("word") == "yes"
        try:
            with bridge.sessions.write() as session:
                row = nominations.get(session, desk.tenant_id, desk.run.id, nomination_id)
                if row is None:
                    raise doors.door_for(404)
                hand = desk.hand(source=nominate.NOMINATION)
                if yes:
                    nominate.confirm(session, hand, row)
                else:
                    nominate.refuse(session, hand, row)
        except CannotChange as problem:
            raise doors.Door(
                409,
                "This cannot be done any more",
                str(problem),
                (("Go back", "to the people of the run and look at it again."),),
                reason="a nomination that cannot be decided",
            ) from problem
        bridge.poke()
        return redirect(desk.url("everybody", saved="confirmed" if yes else "refused"), 303)
