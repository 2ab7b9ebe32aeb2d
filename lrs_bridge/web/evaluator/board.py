"""The sorting board: High, Middle and Low by a rule that can be changed, with the effect shown before it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from flask import Blueprint, request
from marshmallow import ValidationError

from lrs_bridge.domain.casework.acts import Action
from lrs_bridge.domain.casework.sorting import Bucket, Case, Effect, Rule, effect, sort
from lrs_bridge.flows.studying import Room
from lrs_bridge.store.studies import Doing
from lrs_bridge.web.evaluator.fields import Share, whole
from lrs_bridge.web.evaluator.room import BUCKETS, Answer, back_to, enter, form_of, keep, page
from lrs_bridge.web.evaluator.wording import percent, state_of
from lrs_bridge.web.forms import Acting, Form, WrongForm, read
from lrs_bridge.web.words import plain
from lrs_bridge.wiring import Bridge

SHOWN = 12
"""Cards of a lane that are shown at once where nobody is drawn."""


class RuleForm(Acting):
    """`min_answered` is a percentage on the page."""

    high_items = whole(1, 50, "Say how many clear results it takes, at least one.", required=True)
    low_at_most = whole(0, 2, "Choose what Low may have answered at most.", required=True)
    min_answered = Share("Give a share between 0 and 100 %.")


@dataclass(frozen=True)
class Card:
    """One case. `pips`: answers by item, `–` where there is none. `chip`: how far it is, for those who are drawn."""

    code: str
    pips: Sequence[str]
    score: str
    chip: dict[str, str] | None
    moved: str | None
    drawn: bool


@dataclass(frozen=True)
class Lane:
    title: str
    count: int
    says: str
    drawn: str
    cards: Sequence[Card]
    rest: Sequence[Card]


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the board to the blueprint of the visit."""

    @pages.get("/study/board")
    def study_board() -> Answer:
        """`?high_items=` and the others of the rule: what another rule would do, and nothing is kept."""
        visit, _, room = enter(bridge)
        if not any(name in request.args for name in ("high_items", "low_at_most", "min_answered")):
            return _page(visit, room, _form(room.study.rule))
        try:
            data = RuleForm(exclude=("act",)).load(request.args, unknown="exclude")
        except ValidationError as wrong:
            form = Form(data=request.args, errors={name: texts[0] for name, texts in dict(wrong.messages_dict).items()})
            return _page(visit, room, form), 422
        return _page(visit, room, _form(_rule(data)), _rule(data))

    @pages.post("/study/rule")
    def keep_study_rule() -> Answer:
        visit, run, room = enter(bridge)
        try:
            data = read(RuleForm())
        except WrongForm as wrong:
            return _page(visit, room, wrong.form), 422
        keep(bridge, visit, run, Doing(str(data["act"]), Action.RULE, data=asdict(_rule(data))))
        return back_to("study_board", "rule", str(data["act"]))


def _rule(data: dict[str, Any]) -> Rule:
    share = data["min_answered"]
    return Rule(data["high_items"], data["low_at_most"], round(share, 4) if share is not None else 0.6667)


def _form(rule: Rule) -> Form:
    share = plain(100 * rule.min_answered)
    return form_of({"high_items": rule.high_items, "low_at_most": rule.low_at_most, "min_answered": share})


def _page(visit: Any, room: Room, form: Form, tried: Rule | None = None) -> str:
    study = room.study
    found = None
    if tried is not None and tried != study.rule:
        moves = {case.registration: case.moved for case in study.board.cases if case.moved}
        found = effect(study.board, sort(room.sources.answers, tried, study.codes, moves))
    return page(
        "board",
        visit,
        room,
        "study_board",
        form=form,
        lanes=[_lane(room, bucket) for bucket in (Bucket.HIGH, Bucket.MIDDLE, Bucket.LOW)],
        tried=tried,
        effect=_effect(found) if found else None,
        same=tried is not None and found is None,
        items=len(study.survey.items) if study.survey else 0,
        draw_form=form_of({"seed": study.seed, **asdict(study.sizes)}),
        newcomers=_newcomers(room),
        spread=_spread(tried or study.rule),
    )


def _spread(rule: Rule) -> str:
    return {0: "“not used”", 1: "“little” or “not used”", 2: "below “clear result”"}[rule.low_at_most]


def _effect(found: Effect) -> dict[str, Any]:
    rows = [(title, found.before.get(bucket, 0), found.after.get(bucket, 0)) for bucket, title in BUCKETS.items()]
    changed = [
        f"{code}: {BUCKETS[old] if old else 'not sorted'} to {BUCKETS[new] if new else 'not sorted'}"
        for code, old, new in found.changed
    ]
    return {"rows": rows, "changed": changed}


def _newcomers(room: Room) -> int:
    """People on the board who were not in their bucket when it was drawn."""
    drawn = room.study.drawn
    if drawn is None:
        return 0
    return sum(case.registration not in drawn.order.get(case.bucket, ()) for case in room.study.board.cases)


def _lane(room: Room, bucket: Bucket) -> Lane:
    study = room.study
    drawn = {one.registration for one in study.sample}
    cases = study.board.of(bucket)
    group = next(one for one in study.groups if one.bucket is bucket)
    cards = [card_of(room, case, case.registration in drawn) for case in cases]
    first = [card for card in cards if card.drawn or card.moved] if study.drawn else cards[:SHOWN]
    rest = [card for card in cards if card not in first]
    says = "No percentages under ten people."
    if group.of_respondents is not None and group.of_enrolled is not None and group.interval is not None:
        low, high = percent(group.interval.low), percent(group.interval.high)
        says = f"{percent(group.of_enrolled)} of enrolled. {percent(group.of_respondents)} of answers"
        says += f", with 95 % certainty between {low} and {high}."
    number = sum(card.drawn for card in cards)
    told = f"{number} of {len(cards)} drawn" if study.drawn else ""
    return Lane(BUCKETS[bucket], len(cases), says, told, first, rest)


def card_of(room: Room, case: Case, drawn: bool) -> Card:
    moved = f"Moved from {BUCKETS[case.by_rule]} by hand" if case.moved else None
    pips = ["–" if point is None else str(point) for point in case.answer.points]
    study = room.study
    chip = state_of(study, case.registration) if drawn or case.registration in study.consents else None
    return Card(case.code, pips, plain(case.answer.value, 0), chip, moved, drawn)
