"""What of a study may leave the evaluator's pages, and what is held back, by which rule of small groups."""

from __future__ import annotations

from dataclasses import dataclass

from lrs_bridge.domain.casework.factors import Ranking, Source
from lrs_bridge.domain.casework.response import Group, Response
from lrs_bridge.domain.casework.sorting import Bucket
from lrs_bridge.domain.casework.stories import State, Story
from lrs_bridge.domain.casework.worth import Worth
from lrs_bridge.domain.publications import Rule
from lrs_bridge.domain.small_groups import OF_FREE_TEXT, K, band

NOT_TOLD = "not told"


@dataclass(frozen=True)
class Note:
    """One thing that is held back: what, by which rule, and why in a sentence for the reader of a report."""

    what: str
    rule: Rule
    why: str


@dataclass(frozen=True)
class Outside:
    """What reports for anybody but the evaluator are made of. None stands for what is held back, see `notes`.

    `bands`: by bucket, the word in the place of a number that would tell of each, or from which together with the
    total another could be worked out. `hold`: no report may be made now,
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
    bands = _bands(groups, n) if shown else {}
    notes += [_of_number(name, word) for name, word in bands.items()]
    compared, why = _compared(ranking, groups)
    if why is not None:
        notes.append(why)
    if worth is not None and (why := _why_no_worth(worth, bands)) is not None:
        worth = None
        notes.append(why)
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


def _bands(groups: tuple[Group, ...], n: int) -> dict[str, str]:
    """In the order of the groups. The total is told: as long as what is not could be found from it, the next smallest
    is not told either."""
    words = {group.bucket: word for group in groups if (word := band(group.count, n))}
    rest = sorted((group.count, group.bucket) for group in groups if group.bucket not in words)
    counts = {group.bucket: group.count for group in groups}
    while words and rest and (len(words) == 1 or sum(counts[bucket] for bucket in words) < K):
        words[rest.pop(0)[1]] = NOT_TOLD
    return {group.bucket.value: words[group.bucket] for group in groups if group.bucket in words}


def _of_number(name: str, word: str) -> Note:
    what = f"The number of {name.title()}"
    if word == NOT_TOLD:
        return Note(what, Rule.COMPLEMENT, "It is not told: with the total, another group could be worked out from it.")
    return Note(what, Rule.ALIKE, f"It is said as “{word}”: the number would tell of each.")


def _compared(ranking: Ranking, groups: tuple[Group, ...]) -> tuple[Ranking | None, Note | None]:
    """How often a factor was ticked in the whole survey is told elsewhere, so that a few in Middle could be found from
    High and Low."""
    if not ranking.outside:
        few = Note("Factors", Rule.FEW, f"There are fewer than {K} people in High or in Low to compare.")
        return None, few if ranking.gaps else None
    middle = next((group.count for group in groups if group.bucket is Bucket.MIDDLE), 0)
    if ranking.source is Source.SURVEY and 0 < middle < K:
        why = f"With the totals of the survey, what fewer than {K} people in Middle ticked could be worked out."
        return None, Note("Factors", Rule.COMPLEMENT, why)
    return ranking, None


def _why_no_worth(worth: Worth, bands: dict[str, str]) -> Note | None:
    if len(worth.valued) < K:
        why = f"Fewer than {K} verified cases have a value, so that a mean would tell too much of each."
        return Note("What it was worth", Rule.FEW, why)
    if Bucket.HIGH.value in bands:
        why = "The number of people in High is not told, and could be worked out from it."
        return Note("What it was worth", Rule.COMPLEMENT, why)
    return None


def _of_area(name: str, rule: Rule) -> Note:
    why = {
        Rule.FEW: f"{name.title()} has too few people or answers.",
        Rule.COMPLEMENT: f"{name.title()} is hidden with another, which could be worked out by subtraction.",
    }
    return Note(f"Answers of {name.title()}", rule, why.get(rule, "It is held back."))
