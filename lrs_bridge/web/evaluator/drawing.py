"""Drawing the interview sample: who it would be by this seed is shown in codes, and names open once it is kept."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, request
from marshmallow import Schema, ValidationError

from lrs_bridge.domain.casework.acts import Action
from lrs_bridge.domain.casework.sampling import Sizes, draw, sample
from lrs_bridge.flows.studying import Room
from lrs_bridge.store.studies import Doing
from lrs_bridge.web.evaluator.fields import whole
from lrs_bridge.web.evaluator.room import BUCKETS, Answer, back_to, enter, keep, page
from lrs_bridge.web.forms import Acting, Form, WrongForm, read
from lrs_bridge.wiring import Bridge

_SIZE = "Give a number of people between 0 and 100."


class _Numbers(Schema):
    seed = whole(0, 2**31 - 1, "The seed is a whole number, for example 1.", required=True)
    high = whole(0, 100, _SIZE, required=True)
    middle = whole(0, 100, _SIZE, required=True)
    low = whole(0, 100, _SIZE, required=True)


class _Draw(Acting, _Numbers):
    pass


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the draw to the blueprint of the visit."""

    @pages.get("/study/draw")
    def study_draw() -> Answer:
        """What this seed would draw; nothing is kept."""
        visit, _, room = enter(bridge)
        start: dict[str, Any] = {"seed": room.study.seed, **asdict(room.study.sizes)}
        given = {name: request.args.get(name, start[name]) for name in start}
        try:
            data = _Numbers().load(given)
        except ValidationError as wrong:
            errors = {name: texts[0] for name, texts in dict(wrong.messages_dict).items()}
            return _page(visit, room, Form(data=request.args, errors=errors), None), 422
        return _page(visit, room, Form(start=data), data)

    @pages.post("/study/draws")
    def keep_study_draw() -> Answer:
        visit, run, room = enter(bridge)
        try:
            data = read(_Draw())
        except WrongForm as wrong:
            return _page(visit, room, wrong.form, None), 422
        act = str(data["act"])
        sizes = Sizes(data["high"], data["middle"], data["low"])
        made = draw(room.study.board, data["seed"], sizes)
        order = {str(bucket): list(people) for bucket, people in made.order.items()}
        kept = {"seed": made.seed, "sizes": asdict(sizes), "order": order}
        keep(bridge, visit, run, Doing(act, Action.DRAW, data=kept))
        return back_to("study_interviews", "draw", act)


def _page(visit: Any, room: Room, form: Form, data: dict[str, Any] | None) -> str:
    found = []
    if data is not None:
        made = draw(room.study.board, data["seed"], Sizes(data["high"], data["middle"], data["low"]))
        out = {one for one, word in room.study.consents.items() if not word.agreed}
        chosen = sample(made, out)
        found = [
            (title, [room.study.codes[one.registration] for one in chosen if one.bucket is bucket])
            for bucket, title in BUCKETS.items()
        ]
    return page("draw", visit, room, "study_board", form=form, found=found)
