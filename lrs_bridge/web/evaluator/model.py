"""The impact model: made from the journey's performance path, changed for the study alone."""

from __future__ import annotations

from typing import cast

from flask import Blueprint
from marshmallow import Schema

from lrs_bridge.domain.casework.acts import Action
from lrs_bridge.domain.casework.sources import MODEL
from lrs_bridge.store.studies import Doing
from lrs_bridge.web.evaluator.room import Answer, back_to, enter, form_of, keep, page
from lrs_bridge.web.forms import Acting, WrongForm, read, text
from lrs_bridge.wiring import Bridge


def _schema() -> Schema:
    return cast(type[Acting], Acting.from_dict({key: text() for key in MODEL}))()


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the page to the blueprint of the visit."""

    @pages.get("/study/model")
    def study_model() -> Answer:
        visit, _, room = enter(bridge)
        form = form_of({part.key: part.text for part in room.study.model})
        return page("model", visit, room, "study_model", form=form)

    @pages.post("/study/model")
    def keep_study_model() -> Answer:
        visit, run, room = enter(bridge)
        try:
            data = read(_schema())
        except WrongForm as wrong:
            return page("model", visit, room, "study_model", form=wrong.form), 422
        act = str(data.pop("act"))
        lines = {key: value.replace("\r\n", "\n") for key, value in data.items()}
        keep(bridge, visit, run, Doing(act, Action.MODEL, data=lines))
        return back_to("study_model", "model", act)
