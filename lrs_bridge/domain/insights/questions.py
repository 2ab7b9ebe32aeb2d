"""Questions to decide about, from the figures that a reader sees and from nothing else. Pure.

A figure proposes no decision: it asks who does something about it. What is hidden asks nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lrs_bridge.domain.chain import ChainStep
from lrs_bridge.domain.insights import shares
from lrs_bridge.domain.insights.figures import Figures, RunLine
from lrs_bridge.domain.insights.funnel import Stage
from lrs_bridge.domain.insights.matrix import HELPED, HINDERED, Group
from lrs_bridge.domain.insights.pair import Mean
from lrs_bridge.domain.journey import Phase

MOST = 5
_HALF = 0.5
_FAR = 10.0
"""Points of the impact rate by which a run has to lie under the one before, for a question."""
_GOOD, _POOR = 4.0, 3.0
"""On the scale from 1 to 5."""


@dataclass(frozen=True)
class Question:
    """`about`: what the figures say; `ask`: what has to be decided. `factor`: the code that both speak of as
    {factor}."""

    about: str
    ask: str
    factor: str | None = None


def questions(figures: Figures) -> list[Question]:
    """At most five, the chain first: what others have to do for it comes before what participants did."""
    found = [question for rule in _RULES for question in rule(figures)]
    return found[:MOST]


def _talks_before(figures: Figures) -> Iterator[Question]:
    talks = [link for link in figures.chain if link.step.phase is Phase.BEFORE and link.step.type == "conversation"]
    held, of = sum(link.took_place for link in talks), sum(link.of for link in talks)
    if of and held / of < _HALF:
        yield Question(
            f"Fewer than half of the talks of managers before day zero took place: {held} of {of}.",
            "Who asks the managers, and by when?",
        )


def _weak_link(figures: Figures) -> Iterator[Question]:
    links = [link for link in figures.chain if not _is_talk_before(link) and link.took_place / link.of < _HALF]
    if links:
        worst = min(links, key=lambda link: link.took_place / link.of)
        yield Question(
            f"“{worst.step.title}” took place {worst.took_place} of {worst.of} times.",
            "What stands in the managers’ way, and who clears it?",
        )


def _is_talk_before(link: ChainStep) -> bool:
    return link.step.phase is Phase.BEFORE and link.step.type == "conversation"


def _rate(figures: Figures) -> Iterator[Question]:
    rate = figures.impact.rate if figures.impact else None
    if rate is None:
        return
    percent, target = 100 * rate, figures.target
    if percent < shares.USUAL:
        yield Question(
            f"The impact rate is under {shares.USUAL} %, which is what comes of usual training.",
            "What will be different next time, or should there be no next time?",
        )
    elif target is not None and percent < target:
        yield Question(
            "The impact rate is above what is usual, and under this run’s own target.",
            "What would have brought the next few people there, and who can give it?",
        )
    elif target is not None and percent < shares.NEEDED:
        yield Question(
            f"The impact rate meets this run’s target, and lies under the {shares.NEEDED} % that can be had.",
            "Is the target high enough for the next run, and what would it take?",
        )
    elif percent >= shares.NEEDED:
        yield Question(
            f"The impact rate is {shares.NEEDED} % or more.",
            "What made it so, and who sees to it that the next run has it, too?",
        )


_DROPS = (
    (Stage.ENROLLED, Stage.PREPARED, "came prepared", "What made it hard to prepare, and who gives the time for it?"),
    (Stage.TRAINED, Stage.APPLIED, "applied something afterwards", "Do they have chances to use it? Who makes them?"),
    (Stage.APPLIED, Stage.VERIFIED, "had a moment confirmed", "Who looks at what people try, and says what they saw?"),
)


def _lost(figures: Figures) -> Iterator[Question]:
    """The first place where more than half get lost."""
    rows = {row.stage: row.people for row in figures.funnel}
    for before, after, words, ask in _DROPS:
        base, left = rows.get(before), rows.get(after)
        if base and left is not None and left / base < _HALF:
            yield Question(f"Fewer than half of those who were there before {words}: {left} of {base}.", ask)
            return


def _expected(figures: Figures) -> Iterator[Question]:
    """What half of a group or more expected to get in the way; of several, what weighs most."""
    matrix = figures.matrix
    found = [(share, group, code) for group in (matrix.before if matrix else ()) for code, share in _told(group)]
    heavy = max(found, key=lambda one: one[0], default=None)
    if heavy is not None and heavy[0] >= _HALF:
        yield Question(
            "Half or more of a group expected {factor} to get in the way.", "Who can change {factor}?", heavy[2]
        )


def _named(figures: Figures) -> Iterator[Question]:
    """What hindered more people than it helped, by most."""
    by_key = {group.key: group for group in (figures.matrix.after if figures.matrix else ())}
    if not {HELPED, HINDERED} <= by_key.keys():
        return
    helped = {code: count.number for code, count in by_key[HELPED].counts.items()}
    gaps = [
        (count.number - (helped.get(code) or 0), code)
        for code, count in by_key[HINDERED].counts.items()
        if count.number is not None and helped.get(code) is not None
    ]
    worst = max(gaps, default=(0, ""))
    if worst[0] > 0:
        yield Question(
            "At the end {factor} got in the way of more people than it helped.",
            "Who can turn {factor} round?",
            worst[1],
        )


def _told(group: Group) -> Iterator[tuple[str, float]]:
    for code, count in group.counts.items():
        if count.number is not None and group.size:
            yield code, count.number / group.size


def _worth(figures: Figures) -> Iterator[Question]:
    pair = figures.pair
    person, business = (_told_mean(pair.person), _told_mean(pair.business)) if pair else (None, None)
    if person is not None and business is not None:
        if person >= _GOOD and business < _POOR:
            yield Question(
                "It is worth something to the people, and they see little of it for the business.",
                "Which goal should it serve, and who says so?",
            )
        elif business >= _GOOD and person < _POOR:
            yield Question(
                "They see what it is worth to the business, and little for themselves.",
                "What is in it for the people who are to do it?",
            )


def _told_mean(side: Mean | None) -> float | None:
    return side.low if side is not None and side.low == side.high else None


def _goal(figures: Figures) -> Iterator[Question]:
    found = figures.performance
    if not figures.performance_told:
        return
    if found is None or found.baseline is None or found.target is None:
        yield Question(
            "Nobody has entered where the performance outcome was and where it is to be.",
            "Who owns the goal, and enters it?",
        )
    elif found.way is not None and found.way < 0:
        yield Question(
            "The performance outcome is further away than at the beginning.",
            "Is it the training, or something else that moved it?",
        )


def _before(figures: Figures) -> Iterator[Question]:
    """Against the newest run before this one of which the rate is told."""
    own = figures.impact.rate if figures.impact else None
    this = next((run for run in figures.runs if run.this), None)
    if own is None or this is None or this.pilot:
        return
    told = [run for run in figures.runs if not run.this and not run.pilot and _earlier(run, this)]
    last = max(told, key=lambda run: run.day_zero, default=None)
    rate = last.impact.rate if last is not None and last.impact is not None else None
    if rate is not None and 100 * (rate - own) >= _FAR:
        yield Question(
            "Fewer people had a clear result than in the run before.", "What was there then, and is not there now?"
        )


def _earlier(run: RunLine, this: RunLine) -> bool:
    return run.day_zero < this.day_zero and run.impact is not None and run.impact.rate is not None


_RULES: tuple[Callable[[Figures], Iterator[Question]], ...] = (
    _talks_before,
    _rate,
    _lost,
    _weak_link,
    _named,
    _expected,
    _worth,
    _goal,
    _before,
)
