"""What made the difference: factors in High against Low, the widest gap first, from interviews and from the survey."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint

from lrs_bridge.domain.casework.factors import PERCENT_FROM, Ranking, Side, Source
from lrs_bridge.flows.studying import Room
from lrs_bridge.web.evaluator.room import Answer, enter, page
from lrs_bridge.web.words import plain
from lrs_bridge.wiring import Bridge

TITLES = {Source.INTERVIEWS: "Coded in interviews", Source.SURVEY: "Ticked in the survey"}


@dataclass(frozen=True)
class Row:
    title: str
    high: str
    high_hindered: int
    low: str
    low_hindered: int
    gap: str


@dataclass(frozen=True)
class Block:
    """One ranking: `says` of how many people, `told`: the one that reports tell."""

    id: str
    title: str
    says: str
    told: bool
    rows: list[Row]
    comparable: bool


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the page to the blueprint of the visit."""

    @pages.get("/study/factors")
    def study_factors() -> Answer:
        visit, _, room = enter(bridge)
        blocks = [_block(room, source) for source in (room.study.ranking.source, _other(room.study.ranking.source))]
        return page("factors", visit, room, "study_factors", blocks=blocks)


def _other(source: Source) -> Source:
    return Source.SURVEY if source is Source.INTERVIEWS else Source.INTERVIEWS


def _block(room: Room, source: Source) -> Block:
    found = room.study.rankings[source]
    says = f"{found.high} in High, {found.low} in Low."
    return Block(source, TITLES[source], says, found is room.study.ranking, rows_of(found), found.comparable)


def rows_of(found: Ranking) -> list[Row]:
    return [
        Row(
            gap.title,
            _said(gap.high),
            gap.high.hindered,
            _said(gap.low),
            gap.low.hindered,
            "–" if gap.gap is None else plain(gap.gap).replace("-", "−"),
        )
        for gap in found.gaps
    ]


def _said(side: Side) -> str:
    """5 of 6; a percentage beside it from ten people on."""
    said = f"{side.helped} of {side.of}"
    if side.of >= PERCENT_FROM and side.in_place is not None:
        said += f" ({plain(100 * side.in_place)} %)"
    return said
