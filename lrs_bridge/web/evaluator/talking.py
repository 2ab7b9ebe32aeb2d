"""The list of interviews: who is drawn, how far it is with each, and who came in the place of whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint

from lrs_bridge.domain.casework.sampling import in_order
from lrs_bridge.domain.casework.sorting import Bucket
from lrs_bridge.flows.studying import Room
from lrs_bridge.web.evaluator.room import BUCKETS, Answer, enter, name_of, page
from lrs_bridge.web.evaluator.wording import state_of
from lrs_bridge.wiring import Bridge


@dataclass(frozen=True)
class Row:
    """One person to talk with. `place` in the order of the draw; `instead`: the code of who declined."""

    code: str
    name: str
    place: int
    instead: str | None
    chip: dict[str, str]


@dataclass(frozen=True)
class Group:
    title: str
    wanted: int
    rows: Sequence[Row]
    left: int


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the list to the blueprint of the visit."""

    @pages.get("/study/interviews")
    def study_interviews() -> Answer:
        visit, _, room = enter(bridge)
        groups = [_group(room, bucket) for bucket in BUCKETS]
        return page("interviews", visit, room, "study_interviews", groups=groups, out=_out(room), same=_same(room))


def _group(room: Room, bucket: Bucket) -> Group:
    study = room.study
    rows = [
        Row(
            study.codes[one.registration],
            name_of(room, one.registration) or "",
            one.place,
            study.codes.get(one.instead_of) if one.instead_of else None,
            state_of(study, one.registration),
        )
        for one in study.sample
        if one.bucket is bucket
    ]
    order = study.drawn.order.get(bucket, ()) if study.drawn else ()
    out = {one for one, word in study.consents.items() if not word.agreed}
    left = sum(one not in out for one in order) - len(rows)
    return Group(BUCKETS[bucket], study.sizes.of(bucket), rows, left)


def _out(room: Room) -> list[tuple[str, str]]:
    """Codes of those of the draw who would rather not talk, or withdrew."""
    study = room.study
    everybody = {one for order in study.drawn.order.values() for one in order} if study.drawn else set()
    return sorted(
        (study.codes[one], "Said so themselves" if word.own else "Told the evaluator")
        for one, word in study.consents.items()
        if not word.agreed and one in everybody
    )


def _same(room: Room) -> bool:
    """Whether the seed gives the very order that was kept, from the people who were in it."""
    made = room.study.drawn
    if made is None:
        return False
    return all(in_order(people, made.seed, bucket) == people for bucket, people in made.order.items())
