"""The other side of what sponsors give: their people read messages, whoever designs the journey thanks for cases."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.domain.people import Role
from lrs_bridge.store import enrolments, people, relations, sponsor_words
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.sponsor_words import Gift
from lrs_bridge.web.forms import Acting, Form, WrongForm, read, text
from lrs_bridge.web.sponsor import talks
from lrs_bridge.web.visits import Visit, current, needs
from lrs_bridge.web.words import full_day
from lrs_bridge.wiring import Bridge

_READERS = (Role.DESIGNER, Role.FACILITATOR)


class _Thanks(Acting):
    thanks = text("Write a sentence: thank you, and what becomes of it.")


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the pages to the blueprint of the visit."""

    @pages.get("/from-sponsors")
    def sponsor_messages() -> ResponseReturnValue:
        visit = current()
        needs(visit, Role.PARTICIPANT, Role.MANAGER)
        run = _run(visit)
        with bridge.sessions.read() as session:
            words = sponsor_words.messages_of(session, visit.tenant_id, run.id, sponsors_of(session, run, visit))
            names = people.people_by_id(session, visit.tenant_id, {word.author_id for word in words})
            held = talks.with_me(session, run, visit)
        said = [
            (names[word.author_id].shown_name, full_day(run.run.local_day(word.created)), word.text, word.link)
            for word in words
        ]
        saved = "You can change it as long as the talk stands." if request.args.get("saved") else None
        return render_template("sponsor/messages.html", visit=visit, said=said, talks=held, saved=saved, who_link=None)

    @pages.get("/cases")
    def cases() -> ResponseReturnValue:
        return _page(bridge, None, Form())

    @pages.post("/cases/<word>/thanks")
    def thank_for_case(word: str) -> ResponseReturnValue:
        visit = current()
        needs(visit, *_READERS)
        run = _run(visit)
        try:
            data = read(_Thanks())
        except WrongForm as wrong:
            return _page(bridge, word, wrong.form), 422
        with bridge.sessions.write() as session:
            thanks = data["thanks"]
            if not sponsor_words.thank(session, visit.tenant_id, run.id, word, thanks, visit.person_id, visit.now):
                abort(404)
        return redirect(url_for("visit.cases", saved="thanks"), 303)


def sponsors_of(session: Session, run: RunRow, visit: Visit) -> set[str]:
    """Ids of the sponsors whose people the visitor is one of, today: those of their managers, or their own where they
    are a manager, and those of the whole run."""
    own = enrolments.relations_of(session, visit.tenant_id, run.id, [visit.person_id]).get(visit.person_id, [])
    managers = {row.other_id for row in own if row.kind == Role.MANAGER and row.span.holds_on(visit.today)}
    above = enrolments.relations_of(session, visit.tenant_id, run.id, managers | {visit.person_id})
    found = {
        row.other_id
        for rows in above.values()
        for row in rows
        if row.kind == Role.SPONSOR and row.span.holds_on(visit.today)
    }
    named = {row.other_id for row in relations.all_of(session, run) if row.kind == Role.SPONSOR}
    given = enrolments.given_roles(session, visit.tenant_id, run.id)
    return found | {row.person_id for row in given if row.role == Role.SPONSOR and row.person_id not in named}


def _run(visit: Visit) -> RunRow:
    if visit.run_row is None:
        abort(404)
    return visit.run_row


def _page(bridge: Bridge, at: str | None, form: Form) -> str:
    """`at`: the case at whose form something was wrong."""
    visit = current()
    needs(visit, *_READERS)
    run = _run(visit)
    with bridge.sessions.read() as session:
        words = sponsor_words.of_run(session, visit.tenant_id, run.id, Gift.CASE)
        names = people.people_by_id(session, visit.tenant_id, {word.author_id for word in words})
    rows = [
        (
            word.id,
            names[word.author_id].shown_name,
            full_day(run.run.local_day(word.created)),
            word.text,
            word.thanks,
            form if word.id == at else Form(start={"thanks": word.thanks or ""}),
        )
        for word in words
    ]
    return render_template(
        "sponsor/cases.html",
        visit=visit,
        rows=rows,
        saved="Whoever gave it reads it on their page." if request.args.get("saved") else None,
        who_link=None,
    )
