"""A person's own data: to read, to take out as JSON, and to ask that it be erased."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.domain.people import Role
from lrs_bridge.flows import own_data, studying
from lrs_bridge.flows.evaluate import active_evaluators
from lrs_bridge.flows.own_data import Whose
from lrs_bridge.store import coaching_notes, erasure_requests, people, sponsor_words, tenants
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.sealed import Seal
from lrs_bridge.web import doors, step_fields, step_forms
from lrs_bridge.web.forms import Form
from lrs_bridge.web.visits import Visit, current, needs
from lrs_bridge.web.words import full_day
from lrs_bridge.wiring import Bridge
from lrs_bridge.xapi import names

_SEEN = ("own", "posted", "named")
_SAVED = {
    "asked": "An administrator sees your request. You can take it back until it is carried out.",
    "back": "Your request is taken back, and nothing is erased.",
}
_VERBS = {iri: str(kind).replace("-", " ") for kind, iri in names.VERBS.items()}
_UNSAID = frozenset({"ask", "ask_peer", "unnamed", "reply_to"})


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the page, the file and the request to the blueprint of the visit."""

    def gathered(session: Session) -> tuple[Visit, dict[str, Any]]:
        visit = current()
        needs(visit, *Role)
        person = people.get_person(session, visit.tenant_id, visit.person_id)
        if person is None:
            raise doors.door_for(404)
        tenant = tenants.get_tenant(session, visit.tenant_id)
        whose = Whose(tenant, person, remote=bridge.endpoint() is not None)

        def indicators(session: Session, run: RunRow) -> frozenset[str]:
            active = active_evaluators(session, bridge.registry, run)
            return frozenset(one.key for one in active if one.evaluator.audience.get(Role.PARTICIPANT) in _SEEN)

        data = own_data.gather(session, whose, indicators, visit.now)
        return visit, data | {"given": _given(session, bridge, visit)}

    @pages.get("/my-data")
    def my_data() -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            visit, data = gathered(session)
            asked = erasure_requests.open_of(session, visit.tenant_id, visit.person_id)
        return render_template(
            "my_data.html",
            visit=visit,
            form=Form(),
            person=data["person"],
            runs=[_shown(run) for run in data["runs"]],
            given=[(one["what"], full_day(one["at"].date()), one["text"]) for one in data["given"] if one["text"]],
            asked=full_day(asked.asked.date()) if asked else None,
            saved=_SAVED.get(request.args.get("saved", "")),
            who_link=None,
        )

    @pages.get("/my-data.json")
    def my_data_file() -> Response:
        with bridge.sessions.read() as session:
            visit, data = gathered(session)
        answer = make_response(orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS))
        answer.mimetype = "application/json"
        answer.headers["Content-Disposition"] = f'attachment; filename="my-data-{visit.today.isoformat()}.json"'
        return answer

    @pages.post("/my-data/erase")
    def ask_erasure() -> ResponseReturnValue:
        visit = current()
        needs(visit, *Role)
        with bridge.sessions.write() as session:
            erasure_requests.ask(session, visit.tenant_id, visit.person_id, visit.now)
        return redirect(url_for("visit.my_data", saved="asked"), 303)

    @pages.post("/my-data/keep")
    def take_erasure_back() -> ResponseReturnValue:
        visit = current()
        needs(visit, *Role)
        with bridge.sessions.write() as session:
            erasure_requests.take_back(session, visit.tenant_id, visit.person_id, visit.now)
        return redirect(url_for("visit.my_data", saved="back"), 303)


def _given(session: Session, bridge: Bridge, visit: Visit) -> list[dict[str, Any]]:
    """What the person wrote to somebody and not about a step: notes with a coach or coachee, words as a sponsor; and
    what was written down of what they said in an interview."""
    seal = Seal(bridge.settings.secret_key, coaching_notes.PURPOSE)
    notes = coaching_notes.written_by(session, seal, visit.tenant_id, visit.person_id)
    words = sponsor_words.given_by(session, visit.tenant_id, visit.person_id)
    found = [{"what": "coaching note", "at": note.created, "text": note.text} for note in notes]
    own = studying.seal_of(bridge.settings.secret_key)
    said = studying.said_in_interviews(session, own, visit.tenant_id, visit.person_id)
    found += [{"what": "said in an interview", "at": at, "text": text} for at, text in said]
    return found + [{"what": f"sponsor's {word.kind}", "at": word.created, "text": word.text} for word in words]


def _shown(run: dict[str, Any]) -> dict[str, Any]:
    """A run for the page, in words."""
    return {
        "title": run["run"]["title"],
        "enrolled": run["enrolled"],
        "statements": [_statement(one) for one in run["statements"]],
        "left_out": run["statements_of_others_left_out"],
        "written": [_written(one) for one in run["written"]],
        "more": _more(run),
        "results": [
            {"name": one["indicator"].replace("_", " "), "value": one["value"], "status": one["status"]}
            for one in run["results"]
        ],
        "anonymous": len(run["anonymous_surveys_answered"]),
    }


def _statement(statement: dict[str, Any]) -> dict[str, str]:
    """Of a statement, or of what was read of one where the record is elsewhere."""
    verb = statement.get("verb") or {}
    iri = verb.get("id", "") if isinstance(verb, dict) else str(verb)
    extensions = (statement.get("context") or {}).get("extensions") or {}
    step = next((str(value) for name, value in extensions.items() if name.endswith("/step")), statement.get("step"))
    when = str(statement.get("timestamp") or statement.get("at") or "")[:16].replace("T", " ")
    return {"when": when, "what": _VERBS.get(iri, "did something"), "step": step or ""}


def _written(note: dict[str, Any]) -> dict[str, Any]:
    texts = {name: text for name, text in note["texts"].items() if name not in _UNSAID}
    labels = step_forms.MAP_TEXTS
    said = [
        step_fields.Written(labels.get(name, "Words"), text) if name in labels else one
        for name, text in texts.items()
        for one in step_fields.shown({name: text})
    ]
    return {"day": note["written"][:10], "step": note["step"] or "", "texts": said}


def _more(run: dict[str, Any]) -> list[str]:
    found = [f"A moment of your own: {title}" for title in run["moments_of_your_own"]]
    found += [f"You answered: {text}" for text in run["replies"]]
    found += [f"About the pilot: {one['text']}" for one in run["remarks_on_the_pilot"]]
    found += [f"You asked: {one['text']}" for one in run["questions"]]
    found += [f"Interview: you said {'yes' if one['agreed'] else 'no'}" for one in run["interviews"]]
    return found
