"""The way in from a letter: a manager's link to one task, without an account.

Opening a link changes nothing, since mail scanners open links; the button on its page opens a visit that holds for the
one task (`visits`). A link works until it is fourteen days old, however often, and no longer than the relation or the
person's links do. One that is too old offers to have a new one sent to the same address, and never shows the address.
"""

from __future__ import annotations

import secrets

from flask import Blueprint, g, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lrs_bridge.flows.link_tasks import link_holds, send_again
from lrs_bridge.flows.nomination_letters import nomination_of
from lrs_bridge.store import message_links, people, runs, sessions
from lrs_bridge.store.logins import digest
from lrs_bridge.store.message_links import MessageLink
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import doors, marks, security
from lrs_bridge.web.flood import Flood
from lrs_bridge.web.nominated import Answered, answered
from lrs_bridge.wiring import Bridge


class _Used(Exception):
    """The link was for one answer, which was given."""

    def __init__(self, journey: str, answered: Answered) -> None:
        super().__init__(answered.title)
        self.journey, self.answered = journey, answered


def link_pages(bridge: Bridge) -> Blueprint:
    """`/m/<token>`: the page of a link, its button, and the button for a new one."""
    pages = Blueprint("link", __name__, url_prefix="/m")
    flood = Flood(bridge.settings.wrong_per_minute, "links of tasks")
    key = bridge.settings.secret_key

    @pages.before_request
    def alone() -> None:
        g.frame_ancestors = ()

    def found(session: Session, token: str) -> tuple[MessageLink, RunRow]:
        """The link and its run. Raises Door where the link is unknown, or closed for good."""
        link = message_links.find_link(session, token)
        if link is None:
            flood.count(request.remote_addr, bridge.clock())
            raise _nothing("the link of the letter is unknown")
        run = runs.get_run(session, link.tenant_id, link.run_id)
        person = people.get_person(session, link.tenant_id, link.person_id)
        now = bridge.clock()
        if run is None or run.closed is not None or person is None or link.revoked is not None:
            raise _nothing("the link of the letter is revoked, or its run over")
        g.name = person.shown_name
        nomination = nomination_of(session, run, link)
        if nomination is not None and (used := answered(nomination, run, person.id)):
            raise _Used(run.journey.title, used)
        if not link_holds(session, run, link, now):
            raise _nothing("what the link is for has ended")
        return link, run

    @pages.errorhandler(_Used)
    def over(used: _Used) -> ResponseReturnValue:
        return render_template("link_used.html", journey=used.journey, name=g.name, answered=used.answered)

    @pages.get("/<token>")
    def look(token: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            link, run = found(session, token)
        good = link.is_good(bridge.clock())
        page = render_template(
            "link.html",
            name=g.name,
            journey=run.journey.title,
            task=link.task,
            good=good,
            csrf=security.csrf_token(token, key),
            here=url_for("link.come_in" if good else "link.again", token=token),
        )
        answer = make_response(page)
        if good and not marks.marks_of(request.cookies):
            marks.leave(answer, secrets.token_urlsafe(24))
        return answer

    @pages.post("/<token>")
    def come_in(token: str) -> ResponseReturnValue:
        _sent_by_page(token)
        now = bridge.clock()
        known = marks.marks_of(request.cookies)
        with bridge.sessions.write() as session:
            link, run = found(session, token)
            if not link.is_good(now):
                return _led_to(url_for("link.look", token=token))
            link.opened = now
            visit = sessions.open_visit(
                session,
                link.tenant_id,
                link.person_id,
                run.course.platform_id,
                (),
                now,
                run_id=run.id,
                browser=digest(known[0]) if known else None,
                link_id=link.id,
            )
        return _led_to(url_for("visit.home", token=visit))

    @pages.post("/<token>/again")
    def again(token: str) -> ResponseReturnValue:
        _sent_by_page(token)
        with bridge.sessions.write() as session:
            link, run = found(session, token)
            send_again(session, key, run, link, bridge.clock())
        bridge.poke()
        return render_template("link_again.html", by_mail=bridge.postman is not None)

    def _sent_by_page(token: str) -> None:
        if not security.csrf_fits(request.form.get("csrf"), token, key):
            raise doors.reload_first()

    return pages


def _led_to(url: str) -> Response:
    return Response(status=303, headers={"Location": url, "Cache-Control": "no-store"})


def _nothing(reason: str) -> doors.Door:
    return doors.Door(
        403,
        "This link does not open anything any more",
        "It was taken back, the work it was for is over, or a part of it is missing. Nothing you saved is lost.",
        (
            ("Copy the whole link", "from your message, where it runs over more than one line."),
            ("Look for a newer message", "about the same thing."),
            doors.HELP_DESK,
        ),
        reason=reason,
    )
