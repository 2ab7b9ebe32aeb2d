"""The survey: who was asked, who answered, by area with small ones hidden, and who is silent."""

from __future__ import annotations

from flask import Blueprint

from lrs_bridge.domain.publications import Rule
from lrs_bridge.flows.studying import Room
from lrs_bridge.web.evaluator.room import Answer, enter, page
from lrs_bridge.web.evaluator.wording import percent
from lrs_bridge.wiring import Bridge

_WHY = {
    Rule.FEW: "Fewer than five people, or fewer than five answers",
    Rule.COMPLEMENT: "Another area could be worked out by subtraction",
}


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the page to the blueprint of the visit."""

    @pages.get("/study/survey")
    def study_survey() -> Answer:
        visit, _, room = enter(bridge)
        return page("survey", visit, room, "study_survey", rows=_rows(room), silent=_silent(room), says=_says(room))


def _says(room: Room) -> str:
    response = room.study.response
    if not response.asked:
        return "Nobody takes part yet."
    share = f" ({percent(response.rate)})" if response.rate is not None and response.asked >= 10 else ""
    said = f"{response.answered} of {response.asked} answered{share}; {response.asked - response.answered} did not."
    if response.too_few:
        one = "One answered" if response.too_few == 1 else f"{response.too_few} answered"
        said += f" {one} too few questions to be sorted."
    return said


def _rows(room: Room) -> list[tuple[str, int | None, int | None, str | None]]:
    return [
        (area.name.title(), area.asked, area.answered, _WHY.get(area.why) if area.why else None)
        for area in room.study.response.areas
    ]


def _silent(room: Room) -> list[str]:
    """By name, so that they can be asked once more: that somebody answered is no secret where it is not anonymous."""
    return sorted(room.names.get(one, "") for one in room.study.response.silent)
