"""What of a study may leave the evaluator's pages, and what is held back, by which rule of small groups."""

from __future__ import annotations

from dataclasses import dataclass

from lrs_bridge.domain.casework.factors import Ranking
from lrs_bridge.domain.casework.response import Group, Response
from lrs_bridge.domain.casework.stories import State, Story
from lrs_bridge.domain.casework.worth import Worth
from lrs_bridge.domain.publications import Rule
from lrs_bridge.domain.small_groups import OF_FREE_TEXT, K, band


@dataclass(frozen=True)
class Note:
    """One thing that is held back: what, by which rule, and why in a sentence for the reader of a report."""

    what: str
    rule: Rule
    why: str


@dataclass(frozen=True)
class Outside:
    """What reports for anybody but the evaluator are made of. None stands for what is held back, see `notes`.

    `bands`: by bucket, the word in the place of a share near nobody or everybody. `hold`: no report may be made now,
    because the next would tell what a few people answered.
    """

    groups: tuple[Group, ...] | None
    bands: dict[str, str]
    ranking: Ranking | None
    worth: Worth | None
    stories: tuple[Story, ...]
    notes: tuple[Note, ...]
    hold: str | None


def outside(
    over: bool,
    response: Response,
    groups: tuple[Group, ...],
    ranking: Ranking,
    worth: Worth | None,
    stories: tuple[Story, ...],
    new: int | None,
) -> Outside:
    """`new`: people who answered (anew) since the last report, None where there was none."""
    notes = [_of_area(area.name, area.why) for area in response.areas if area.why is not None]
    n = sum(group.count for group in groups)
    shown = groups if n >= K else None
    if shown is None:
        worth = None
        if n:
            notes.append(Note("Groups", Rule.FEW, f"Fewer than {K} people could be sorted."))
    bands = {group.bucket.value: word for group in groups if (word := band(group.count, n))} if shown else {}
    notes += [
        Note(f"The number of {name.title()}", Rule.ALIKE, f"It is said as “{word}”: the number would tell of each.")
        for name, word in bands.items()
    ]
    compared = ranking if ranking.outside else None
    if compared is None and ranking.gaps:
        notes.append(Note("Factors", Rule.FEW, f"There are fewer than {K} people in High or in Low to compare."))
    told = tuple(story for story in stories if story.state is State.RELEASED)
    if told and response.asked < OF_FREE_TEXT:
        notes.append(Note("Stories", Rule.FEW, f"Words are told where at least {OF_FREE_TEXT} people were asked."))
        told = ()
    hold = None
    if not over and new is not None and 0 < new < K:
        hold = (
            f"Fewer than {K} people have answered since the last report. A new one would tell what they said; it can "
            "be made when there are more, or when the run is over."
        )
        notes.append(Note("A new report", Rule.TIME, hold))
    return Outside(shown, bands, compared, worth, told, tuple(notes), hold)


def _of_area(name: str, rule: Rule) -> Note:
    why = {
        Rule.FEW: f"{name.title()} has too few people or answers.",
        Rule.COMPLEMENT: f"{name.title()} is hidden with another, which could be worked out by subtraction.",
    }
    return Note(f"Answers of {name.title()}", rule, why.get(rule, "It is held back."))
