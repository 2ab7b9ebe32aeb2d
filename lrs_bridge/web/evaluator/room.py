"""What all pages of a study share: who may come in, the tabs, what was just saved with its undo, and keeping an act."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from lrs_bridge.domain.casework.sorting import Bucket
from lrs_bridge.domain.people import Role
from lrs_bridge.flows import studying
from lrs_bridge.flows.studying import CannotDo, Room
from lrs_bridge.store import people
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.studies import Doing
from lrs_bridge.web import doors
from lrs_bridge.web.forms import Form
from lrs_bridge.web.visits import Visit, current, needs
from lrs_bridge.wiring import Bridge

TABS = (
    ("study", "Where it stands"),
    ("study_model", "Impact model"),
    ("study_survey", "Survey"),
    ("study_board", "Sort and draw"),
    ("study_interviews", "Interviews"),
    ("study_factors", "Factors"),
    ("study_value", "Value"),
    ("study_stories", "Stories"),
    ("study_reports", "Reports"),
    ("study_log", "All that was done"),
)
BUCKETS = {Bucket.HIGH: "High", Bucket.MIDDLE: "Middle", Bucket.LOW: "Low"}
_SAVED = {
    "model": "The impact model of this study. The journey is as it was.",
    "rule": "The cards are sorted by this rule from now on.",
    "move": "The card is where you put it, with your reason.",
    "draw": "These people are drawn. Their names stand with their codes now.",
    "declined": "They would rather not talk. The next in the order takes their place, if there is one.",
    "agreed": "They agreed to talk.",
    "interview": "The interview, encrypted. Nobody but evaluators of this run can read it.",
    "quote": "The quote.",
    "verify": "What the second source said.",
    "withdrawn": "What was written is erased for good, and what was told of them is pulled.",
    "money": "The figures below follow.",
    "story": "The text. What was ticked before counts for the text that was read then.",
    "checked": "Your list.",
    "release": "The story may stand in reports now.",
    "report": "The report, as it stands. Hand it out when it is to be read.",
    "hand_out": "Those it is for find it on their pages from now on.",
    "undone": "It is as it was before.",
}
_FINAL = frozenset({"withdrawn", "report"})


def who() -> tuple[Visit, RunRow]:
    """The evaluator and the run. Raises Door for everybody else."""
    visit = current()
    needs(visit, Role.EVALUATOR)
    if visit.run_row is None:
        raise doors.door_for(404)
    return visit, visit.run_row


def enter(bridge: Bridge) -> tuple[Visit, RunRow, Room]:
    """The same with the study as it stands."""
    visit, run = who()
    with bridge.sessions.read() as session:
        seal = studying.seal_of(bridge.settings.secret_key)
        found = studying.open_room(session, seal, bridge.registry, run, visit.now)
    return visit, run, found


def page(template: str, visit: Visit, room: Room | None, here: str, **content: Any) -> str:
    """One page of the study, None where it shows nothing of that. `here` is the tab it belongs to."""
    saved = request.args.get("saved", "")
    return render_template(
        f"evaluator/{template}.html",
        visit=visit,
        room=room,
        study=room.study if room else None,
        tabs=[{"href": url_for(f"visit.{name}"), "text": text, "here": name == here} for name, text in TABS],
        saved=_SAVED.get(saved) if request.method == "GET" else None,
        undo=request.args.get("undo") if saved not in _FINAL else None,
        back=request.path,
        fresh=lambda: str(uuid4()),
        local=visit.run.local_day if visit.run else None,
        buckets=BUCKETS,
        who_link=None,
        **content,
    )


def keep(bridge: Bridge, visit: Visit, run: RunRow, *acts: Doing) -> None:
    """Keep acts of the evaluator, all or none. Raises Door where one does not fit any more."""
    try:
        with bridge.sessions.write() as session:
            by = people.get_person(session, visit.tenant_id, visit.person_id)
            assert by is not None, "a visit is somebody's"
            seal = studying.seal_of(bridge.settings.secret_key)
            for act in acts:
                studying.do(session, seal, run, by, act, visit.now)
    except CannotDo as problem:
        raise doors.Door(
            409,
            "This does not fit any more",
            str(problem),
            (("Go back", "to the study and load the page again."), doors.HELP_DESK),
            reason="an act does not fit the study",
        ) from None
    bridge.poke()


def back_to(endpoint: str, saved: str, act: str | None = None, **values: Any) -> Response:
    """On to a page with a line that says what was saved, and with `act` a way to undo it."""
    return redirect(url_for(f"visit.{endpoint}", **values, saved=saved, undo=act), 303)


def registration_of(room: Room, code: str) -> str:
    """Whose code it is. Raises Door for a code that nobody has."""
    found = room.registration_of(code)
    if found is None or found not in room.study.by_registration:
        raise doors.door_for(404)
    return found


def name_of(room: Room, registration: str) -> str | None:
    """A name opens with being drawn, or with an interview that was held; before that there is only the code."""
    drawn = {one.registration for one in room.study.sample}
    known = registration in drawn or registration in room.study.interviews or registration in room.study.consents
    return room.names.get(registration) if known else None


def form_of(start: Mapping[str, Any] | None = None) -> Form:
    return Form(start=dict(start or {}))


Answer = ResponseReturnValue
