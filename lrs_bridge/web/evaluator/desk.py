"""The interview desk: consent, what was said, quotes, the second source, and a withdrawal that erases."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID, uuid5

import marshmallow as ma
from flask import Blueprint, redirect, url_for
from marshmallow import fields, validate

from lrs_bridge.domain.casework.acts import Action, Verdict
from lrs_bridge.domain.casework.factors import FACTORS
from lrs_bridge.flows.studying import Room
from lrs_bridge.store.studies import Doing
from lrs_bridge.web import doors
from lrs_bridge.web.evaluator.case import fields_of, show_case
from lrs_bridge.web.evaluator.fields import Figure, Share
from lrs_bridge.web.evaluator.room import Answer, back_to, enter, keep, name_of, page, registration_of
from lrs_bridge.web.evaluator.wording import QUOTING
from lrs_bridge.web.forms import Acting, WrongForm, one_of, read, text
from lrs_bridge.web.visits import Visit
from lrs_bridge.wiring import Bridge

_FIGURE = "Give a figure, for example 4000, or leave it empty."
_SHARE = "Give a share between 0 and 100 %."
_DAY = "Give the day of the talk."
_CODES = fields.String(validate=validate.OneOf(list(FACTORS)))


class _Word(Acting):
    word = one_of(["no", *QUOTING], "Choose what they said.")


class _Interview(Acting):
    day = fields.Date(required=True, error_messages=dict.fromkeys(("required", "null", "invalid"), _DAY))
    helped = fields.List(_CODES, load_default=list)
    hindered = fields.List(_CODES, load_default=list)
    claimed = text()
    evidence = text()
    second = text()
    value = Figure(_FIGURE)
    low = Figure(_FIGURE)
    high = Figure(_FIGURE)
    attribution = Share(_SHARE)
    confidence = Share(_SHARE)
    quoting = fields.String(load_default="", validate=validate.OneOf(["", *QUOTING]))

    @ma.validates_schema(skip_on_field_errors=True)
    def fits_together(self, data: dict[str, Any], **_: Any) -> None:
        if set(data["helped"]) & set(data["hindered"]):
            raise ma.ValidationError("One thing stands on both sides. Choose the one that weighs more.", "hindered")
        value, low, high = data["value"], data["low"], data["high"]
        if value is None and (low is not None or high is not None):
            raise ma.ValidationError("Give the value that lies between the two ends, too.", "value")
        if value is not None and not (value if low is None else low) <= value <= (value if high is None else high):
            raise ma.ValidationError("The value has to lie between the least and the most.", "value")


class _Verify(Acting):
    verdict = one_of([str(one) for one in Verdict], "Choose what the second source said.")
    source = text()
    note = text()

    @ma.validates_schema(skip_on_field_errors=True)
    def has_a_source(self, data: dict[str, Any], **_: Any) -> None:
        if data["verdict"] != Verdict.NO_SOURCE and not data["source"]:
            raise ma.ValidationError("Say who or what the second source is.", "source")


class _Quote(Acting):
    quote = text("Write what they said.")
    factor = fields.String(load_default="", validate=validate.OneOf(["", *FACTORS]))


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add what is done at the desk to the blueprint of the visit."""

    @pages.post("/study/cases/<code>/word")
    def keep_word(code: str) -> Answer:
        """What they said when they were asked for an interview."""
        visit, run, room = enter(bridge)
        subject = _drawn(room, code)
        try:
            data = read(_Word())
        except WrongForm as wrong:
            return show_case(visit, room, code, word=wrong.form), 422
        act = str(data["act"])
        if data["word"] == "no" and subject in room.study.interviews:
            return redirect(url_for("visit.ask_withdrawal", code=code), 303)  # what was written has to go, too
        if data["word"] == "no":
            keep(bridge, visit, run, Doing(act, Action.DECLINED, subject))
            return back_to("study_interviews", "declined", act)
        _not_against_their_word(room, subject)
        keep(bridge, visit, run, Doing(act, Action.CONSENT, subject, {"quoting": data["word"]}))
        return back_to("study_case", "agreed", act, code=code)

    @pages.post("/study/cases/<code>/interview")
    def keep_interview(code: str) -> Answer:
        visit, run, room = enter(bridge)
        subject = _drawn(room, code)
        try:
            data = _read_interview(room, subject, visit)
        except WrongForm as wrong:
            return show_case(visit, room, code, interview=wrong.form), 422
        acts = _consent(room, subject, data)
        keep(bridge, visit, run, *acts, _interview(subject, data))
        return back_to("study_case", "interview", str(data["act"]), code=code)

    @pages.post("/study/cases/<code>/quotes")
    def keep_quote(code: str) -> Answer:
        visit, run, room = enter(bridge)
        subject = _held(room, code)
        word = room.study.consents.get(subject)
        if word is None or word.quoting == "not":
            raise doors.not_yours("They do not want to be quoted.", "a quote without consent")
        try:
            data = read(_Quote())
        except WrongForm as wrong:
            return show_case(visit, room, code, quote=wrong.form), 422
        about = {"factor": data["factor"]} if data["factor"] else {}
        act = Doing(str(data["act"]), Action.QUOTE, subject, about, {"quote": data["quote"]})
        keep(bridge, visit, run, act)
        return back_to("study_case", "quote", act.id, code=code)

    @pages.post("/study/cases/<code>/verify")
    def verify_case(code: str) -> Answer:
        visit, run, room = enter(bridge)
        subject = _held(room, code)
        try:
            data = read(_Verify())
        except WrongForm as wrong:
            return show_case(visit, room, code, verify=wrong.form), 422
        texts = {"source": data["source"], "note": data["note"]}
        act = Doing(str(data["act"]), Action.VERIFY, subject, {"verdict": data["verdict"]}, texts)
        keep(bridge, visit, run, act)
        return back_to("study_case", "verify", act.id, code=code)

    @pages.get("/study/cases/<code>/withdraw")
    def ask_withdrawal(code: str) -> Answer:
        visit, _, room = enter(bridge)
        subject = _held(room, code)
        told = [story for story in room.study.stories if story.registration == subject]
        name = name_of(room, subject)
        return page("withdraw", visit, room, "study_interviews", code=code, name=name, stories=told)

    @pages.post("/study/cases/<code>/withdraw")
    def keep_withdrawal(code: str) -> Answer:
        visit, run, room = enter(bridge)
        subject = _held(room, code)
        data = read(Acting())
        keep(bridge, visit, run, Doing(str(data["act"]), Action.WITHDRAWN, subject))
        return back_to("study_interviews", "withdrawn")


def _drawn(room: Room, code: str) -> str:
    """Whose code it is, if they are drawn or were interviewed. Raises Door."""
    subject = registration_of(room, code)
    known = subject in room.study.interviews or subject in room.study.consents
    if not known and all(one.registration != subject for one in room.study.sample):
        raise doors.not_yours("Only people who were drawn are interviewed. Draw first.", "not in the sample")
    return subject


def _held(room: Room, code: str) -> str:
    subject = registration_of(room, code)
    if subject not in room.study.interviews:
        raise doors.not_yours("There is no interview with them, or they withdrew.", "no interview that counts")
    return subject


def _not_against_their_word(room: Room, subject: str) -> None:
    """What somebody said on their own page is changed by them, and not by an evaluator."""
    word = room.study.consents.get(subject)
    if word is not None and word.own:
        raise doors.not_yours("They said so on their own page, and change it there.", "against their own word")


def _read_interview(room: Room, subject: str, visit: Visit) -> dict[str, Any]:
    """The form of an interview. Raises WrongForm, and Door where they do not talk."""
    word = room.study.consents.get(subject)
    if word is not None and not word.agreed:
        raise doors.not_yours("They would rather not talk, or withdrew.", "an interview without consent")
    bucket = room.study.by_registration[subject].bucket
    made = {name: text() for name in fields_of(bucket)}
    data = read(cast(type[_Interview], _Interview.from_dict(dict(made)))())
    if data["day"] > visit.today:
        raise WrongForm({"day": "That day is still to come. Give the day of the talk."})
    if word is None and not data["quoting"]:
        raise WrongForm({"quoting": "Ask them how they may be quoted, and say what they chose."})
    return data


def _consent(room: Room, subject: str, data: dict[str, Any]) -> list[Doing]:
    """Their word on quoting, where it is new. What they said on their own page stands."""
    word = room.study.consents.get(subject)
    given = data["quoting"]
    if not given or (word is not None and (word.own or word.quoting == given)):
        return []
    return [Doing(str(uuid5(UUID(str(data["act"])), "consent")), Action.CONSENT, subject, {"quoting": given})]


def _interview(subject: str, data: dict[str, Any]) -> Doing:
    kept: dict[str, Any] = {
        "day": data["day"].isoformat(),
        "factors": dict.fromkeys(data["helped"], "helped") | dict.fromkeys(data["hindered"], "hindered"),
        "attribution": 1.0 if data["attribution"] is None else data["attribution"],
        "confidence": 1.0 if data["confidence"] is None else data["confidence"],
    }
    if data["value"] is not None:
        kept["value"] = data["value"]
        kept["low"] = data["value"] if data["low"] is None else data["low"]
        kept["high"] = data["value"] if data["high"] is None else data["high"]
    texts = {name: data[name] for name in ("claimed", "evidence", "second")}
    texts |= {name: said for name, said in data.items() if name.startswith("q_")}
    return Doing(str(data["act"]), Action.INTERVIEW, subject, kept, texts)
