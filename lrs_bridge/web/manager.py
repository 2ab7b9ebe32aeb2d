"""The manager's pages: what to do this week, their people, and a word on a moment."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lrs_bridge.domain.people import Role
from lrs_bridge.flows.links import Task, send_link
from lrs_bridge.store import replies
from lrs_bridge.store.message_links import TaskKind
from lrs_bridge.web import audiences, leading, notice, recognitions, situations, verify
from lrs_bridge.web.acts import keep
from lrs_bridge.web.assessing import beside
from lrs_bridge.web.forms import WrongForm, read
from lrs_bridge.web.leading import Pages
from lrs_bridge.web.mine import my_people, one_of_mine
from lrs_bridge.web.visits import Visit, current, needs
from lrs_bridge.web.words import day_words, long_day
from lrs_bridge.wiring import Bridge


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the manager's pages to the blueprint of the visit."""

    @pages.get("/people")
    def people() -> ResponseReturnValue:
        return show_people(bridge)

    @pages.get("/people/<enrolment>/moments/<statement>")
    def moment(enrolment: str, statement: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            situation = one_of_mine(session, enrolment)
            answered = replies.of_enrolments(session, current().tenant_id, [situation.enrolment.id])
        return verify.moment_page(current(), situation, verify.moment_of(situation, statement), answered)

    @pages.post("/people/<enrolment>/moments/<statement>")
    def answer_moment(enrolment: str, statement: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            situation = one_of_mine(session, enrolment)
        fact = verify.moment_of(situation, statement)
        try:
            data = read(verify.Word())
        except WrongForm:
            abort(400)
        visit = current()
        keep(bridge, visit, *verify.word_acts(visit, situation, fact, data))
        there = url_for("visit.moment", enrolment=enrolment, statement=statement, saved=data["word"])
        return redirect(there, 303)

    @pages.post("/people/<enrolment>/links/<any(moment, step):task>/<ref>")
    def ask_for_link(enrolment: str, task: str, ref: str) -> ResponseReturnValue:
        """From a look at one's people by link: a link of its own for one of the things there."""
        with bridge.sessions.read() as session:
            situation = one_of_mine(session, enrolment)
        visit = current()
        wanted = Task(visit.person_id, situation.enrolment.id, TaskKind(task), ref)
        with bridge.sessions.write() as session:
            if visit.run_row is not None:
                send_link(session, bridge.settings.secret_key, visit.run_row, wanted, visit.now)
        bridge.poke()
        return redirect(url_for("visit.people", saved="link"), 303)


def show_people(bridge: Bridge) -> str:
    """The manager's first page."""
    visit = current()
    needs(visit, Role.MANAGER)
    if visit.run_row is None:
        abort(404)
    with bridge.sessions.read() as session:
        mine = situations.of_some(session, visit.run_row, my_people(session, visit), visit.now)
        cards = [] if visit.link else beside.asked(session, visit.run_row, visit.person_id, visit.now)
        unread = notice.unread(session, visit)
        recognised = [] if visit.link else recognitions.of(session, visit.run_row, visit.person_id, visit.today)
    to = _by_link() if visit.link else _PAGES
    rows = leading.people(mine, visit.account, to)
    todos = leading.this_week(rows)
    return render_template(
        "people.html",
        visit=visit,
        eyebrow=_eyebrow(visit),
        unread=unread,
        title=leading.title(todos),
        lede=leading.lede(rows),
        todos=todos,
        rows=rows,
        cards=cards,
        recognised=recognised,
        saved="Your people see it on their pages." if request.args.get("saved") == "step" else None,
        sent=request.args.get("saved") == "link",
        who=audiences.of_manager(audiences.sponsors_of(mine, visit.account)),
        who_link="#who",
    )


_PAGES = Pages(
    moment=lambda enrolment, statement: url_for("visit.moment", enrolment=enrolment, statement=statement),
    step=lambda enrolment, step: url_for("visit.led_step", enrolment=enrolment, step_id=step),
    work=lambda enrolment: url_for("visit.shared_work", enrolment=enrolment),
)


def _by_link() -> Pages:
    """Who came to look by a link gets each thing by a link of its own: addresses that forms are sent to."""

    def to(task: TaskKind) -> Callable[[str, str], str]:
        return lambda enrolment, ref: url_for("visit.ask_for_link", enrolment=enrolment, task=str(task), ref=ref)

    return Pages(moment=to(TaskKind.MOMENT), step=to(TaskKind.STEP))


def _eyebrow(visit: Visit) -> str:
    """Friday 27 March, week 4 of 13"""
    run = visit.run_row
    if run is None:
        return long_day(visit.today)
    day, last = (visit.today - run.day_zero).days, run.journey.last_day
    if not 0 <= day <= last:
        return f"{long_day(visit.today)}, kick-off {day_words(run.day_zero)}"
    return f"{long_day(visit.today)}, week {day // 7 + 1} of {last // 7 + 1}"
