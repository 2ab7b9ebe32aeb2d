"""One thing first: which step comes next, and the hero that says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lrs_bridge.domain.completion import Progress, StepProgress, StepState
from lrs_bridge.domain.journey import Step
from lrs_bridge.web.deeds import Asks, Deed, offered
from lrs_bridge.web.menus import left_out
from lrs_bridge.web.paths import shown
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.words import day_words, first_name, long_day, number, sentence

Address = Callable[[str], str]  # from a step's id to its page


@dataclass(frozen=True)
class Link:
    href: str
    text: str


@dataclass(frozen=True)
class Next:
    """The hero: one thing first."""

    when: str
    heading: str
    text: str
    button: Link
    link: Link | None = None


def next_step(situation: Situation, progress: Progress) -> StepProgress | None:
    """The open step that is due first, of those that are offered here; required ones before optional ones.

    What was answered without a name, and what was not chosen from a menu, waits for nobody.
    """
    journey, today, others = situation.journey, progress.today, left_out(situation)
    todo = [
        row
        for row in shown(progress)
        if row.state(today) in (StepState.OPEN, StepState.OVERDUE)
        and offered(journey, row.step)
        and row.step.id not in situation.answered
        and row.step.id not in others
        and (row.step.required or row.state(today) is StepState.OPEN)
    ]
    return min(todo, key=lambda row: (not row.step.required, row.window.due), default=None)


def hero(situation: Situation, progress: Progress, row: StepProgress, page: Address, none_page: str) -> Next:
    deed = _deed(situation, row.step)
    moment = deed.asks is Asks.MOMENT
    return Next(
        when=_hero_when(situation, progress, row),
        heading=deed.call,
        text=_hero_text(situation, row),
        button=Link(page(row.step.id), deed.button if moment else deed.link),
        link=Link(none_page, "No chance these weeks") if moment else None,
    )


def _hero_when(situation: Situation, progress: Progress, row: StepProgress) -> str:
    if row.state(progress.today) is StepState.OVERDUE:
        return f"was due {day_words(row.window.due)}. {still_counts(situation)}"
    extra = ", about one minute to log" if row.step.type == "mtm_application" else ""
    return f"by {long_day(max(row.window.due, progress.today))}{extra}"


def _hero_text(situation: Situation, row: StepProgress) -> str:
    parts = [row.step.title.rstrip(".") + "."]
    if row.step.type == "mtm_application":
        count = len(situation.journey.moments)
        parts.append(f"Any of your {number(count)} moments counts." if count > 1 else "")
        if situation.manager:
            parts.append(f"{first_name(situation.called(situation.manager))} confirms it with one tap.")
    elif row.step.guide:
        parts.append(row.step.guide[0])
    return " ".join(part for part in parts if part)


def upcoming(progress: Progress) -> StepProgress | None:
    """The next step to open, for an empty hero."""
    later = [row for row in shown(progress) if row.state(progress.today) is StepState.UPCOMING]
    return min(later, key=lambda row: row.window.opens, default=None)


def _deed(situation: Situation, step: Step) -> Deed:
    deed = offered(situation.journey, step)
    if deed is None:
        raise ValueError(f"step {step.id} is not offered here")
    return deed


def still_counts(situation: Situation) -> str:
    return "It still counts in full." if situation.journey.late.policy == "full" else "It still counts in part."


def nothing_due(progress: Progress) -> str:
    """What comes next when nothing is open."""
    row = upcoming(progress)
    if row is None:
        return "You have walked the whole path."
    return f"Your next step opens on {day_words(row.window.opens)}: {sentence(row.step.title)}."
