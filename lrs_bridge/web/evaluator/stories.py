"""The story builder: written from a case, read for what tells who it was, and released when the list is done."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from marshmallow import fields, validate

from lrs_bridge.domain.casework.acts import Action
from lrs_bridge.domain.casework.stories import CHECKLIST, State, Story, mark_of, names_in, telling
from lrs_bridge.flows.studying import Room
from lrs_bridge.store.studies import Doing
from lrs_bridge.web import doors
from lrs_bridge.web.evaluator.fields import line
from lrs_bridge.web.evaluator.room import Answer, back_to, enter, keep, page, registration_of
from lrs_bridge.web.forms import Acting, Form, WrongForm, read, text
from lrs_bridge.web.step_forms import Option
from lrs_bridge.web.visits import Visit
from lrs_bridge.wiring import Bridge

STATES = {
    State.DRAFT: {"kind": "", "sign": "pencil", "text": "Being written"},
    State.CHECKED: {"kind": "act", "sign": "check", "text": "Read, not released"},
    State.RELEASED: {"kind": "done", "sign": "check", "text": "Released"},
    State.PULLED: {"kind": "stop", "sign": "x", "text": "May not be told"},
}


class _Story(Acting):
    title = line(120, "Give it a title that tells nothing of who it is.")
    text = text("Write what happened.")


class _Checked(Acting):
    items = fields.List(fields.String(validate=validate.OneOf(list(CHECKLIST))), load_default=list)
    mark = line(16)


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add list and builder to the blueprint of the visit."""

    @pages.get("/study/stories")
    def study_stories() -> Answer:
        visit, _, room = enter(bridge)
        return page("stories", visit, room, "study_stories", stories=room.study.stories, states=STATES)

    @pages.get("/study/stories/new")
    def new_story() -> Answer:
        visit, _, room = enter(bridge)
        code = request.args.get("case", "")
        _tellable(room, code)
        return page("story_new", visit, room, "study_stories", code=code, form=Form(), quotes=_quotes(room, code))

    @pages.post("/study/stories/of/<code>")
    def write_story(code: str) -> Answer:
        visit, run, room = enter(bridge)
        subject = _tellable(room, code)
        try:
            data = read(_Story())
        except WrongForm as wrong:
            return page(
                "story_new", visit, room, "study_stories", code=code, form=wrong.form, quotes=_quotes(room, code)
            ), 422
        act = Doing(str(data["act"]), Action.STORY, subject, {}, {"title": data["title"], "text": data["text"]})
        keep(bridge, visit, run, act)
        return back_to("study_story", "story", story=act.id)

    @pages.get("/study/stories/<story>")
    def study_story(story: str) -> Answer:
        visit, _, room = enter(bridge)
        return _page(visit, room, _one(room, story))

    @pages.post("/study/stories/<story>")
    def change_story(story: str) -> Answer:
        visit, run, room = enter(bridge)
        known = _open(room, story)
        try:
            data = read(_Story())
        except WrongForm as wrong:
            return _page(visit, room, known, wrong.form), 422
        texts = {"title": data["title"], "text": data["text"]}
        act = Doing(str(data["act"]), Action.STORY, known.registration, {"story": known.id}, texts)
        keep(bridge, visit, run, act)
        return back_to("study_story", "story", act.id, story=known.id)

    @pages.post("/study/stories/<story>/checked")
    def check_story(story: str) -> Answer:
        """What was ticked is for the text that was on the page, and counts for no other."""
        visit, run, room = enter(bridge)
        known = _open(room, story)
        data = read(_Checked())
        kept = {"story": known.id, "mark": data["mark"], "items": sorted(set(data["items"]))}
        act = Doing(str(data["act"]), Action.CHECKED, known.registration, kept)
        keep(bridge, visit, run, act)
        return back_to("study_story", "checked", act.id, story=known.id)

    @pages.post("/study/stories/<story>/release")
    def release_story(story: str) -> Answer:
        visit, run, room = enter(bridge)
        known = _open(room, story)
        data = read(Acting())
        found = _names(room, known)
        if known.missing or found:
            raise _not_yet(known, found)
        kept = {"story": known.id, "mark": mark_of(known.title, known.text or "")}
        act = Doing(str(data["act"]), Action.RELEASE, known.registration, kept)
        keep(bridge, visit, run, act)
        return back_to("study_story", "release", act.id, story=known.id)


def _tellable(room: Room, code: str) -> str:
    """Whose code it is, if a story may be told of them. Raises Door."""
    subject = registration_of(room, code)
    word = room.study.consents.get(subject)
    if subject not in room.study.interviews or word is None or not word.agreed or word.quoting == "not":
        raise doors.not_yours("A story needs an interview, and somebody who agreed to be quoted.", "no consent")
    return subject


def _one(room: Room, story: str) -> Story:
    found = next((one for one in room.study.stories if one.id == story), None)
    if found is None:
        raise doors.door_for(404)
    return found


def _open(room: Room, story: str) -> Story:
    """A story that may be told. Raises Door for one that was pulled."""
    found = _one(room, story)
    if found.state is State.PULLED:
        raise doors.not_yours(
            "They withdrew, or do not want to be quoted. It may not be told.", "a story that was pulled"
        )
    return found


def _names(room: Room, story: Story) -> list[str]:
    own = room.names.get(story.registration) if story.named else None
    return names_in(f"{story.title}\n{story.text or ''}", room.names.values(), own)


def _not_yet(story: Story, found: list[str]) -> doors.Door:
    if found:
        what = f"A name of somebody in the run stands in it: {', '.join(found)}. Take it out first."
    else:
        what = "The list is not done for the text as it stands. Tick what is true of it, and save the list first."
    return doors.Door(
        409,
        "This story cannot be released yet",
        what,
        (("Go back", "to the story."), doors.HELP_DESK),
        reason="a story is not ready",
    )


def _quotes(room: Room, code: str) -> list[str]:
    return [quote.text or "" for quote in room.study.quotes if room.study.codes[quote.registration] == code]


def _page(visit: Visit, room: Room, story: Story, form: Form | None = None) -> str:
    own = room.names.get(story.registration) if story.named else None
    areas = {area for area in room.sources.people.values() if area}
    whole = f"{story.title}\n{story.text or ''}"
    ticked: dict[str, Any] = {"items": list(story.checked)}
    return page(
        "story",
        visit,
        room,
        "study_stories",
        story=story,
        chip=STATES[story.state],
        form=form or Form(start={"title": story.title, "text": story.text or ""}),
        list_form=Form(start=ticked),
        options=[Option(key, what) for key, what in CHECKLIST.items()],
        mark=mark_of(story.title, story.text or ""),
        telling=telling(whole, room.names.values(), areas, own),
        names=_names(room, story),
        releasing=_releasing(room, story),
        quotes=_quotes(room, story.code),
    )


def _releasing(room: Room, story: Story) -> str | None:
    """The act that released it, to be undone."""
    released = [
        row.act.id
        for row in room.study.log
        if row.act.action is Action.RELEASE and row.act.data.get("story") == story.id and not row.undone
    ]
    return released[-1] if released and story.state is State.RELEASED else None
