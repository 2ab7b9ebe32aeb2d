"""Why is it this number: one participant's indicator laid open for one reader. Pure.

Beside the name of somebody else stands what took place, never what was said, rated or disputed (decision 13).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from lrs_bridge.domain import completion, explaining, support
from lrs_bridge.domain.evaluators import Active
from lrs_bridge.domain.indicators import Result, Status
from lrs_bridge.domain.switching import Layer
from lrs_bridge.web import evidence, tiles
from lrs_bridge.web.charts import Chart
from lrs_bridge.web.evidence import Act
from lrs_bridge.web.paths import PHASE_NAMES
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.tiles import Line
from lrs_bridge.web.why_settings import Setting, used
from lrs_bridge.web.words import brief, plain, plural, rounded, sentence, when

_MISSING = {
    Status.NOT_STARTED: "Nothing that counts for it could have happened yet.",
    Status.NOT_APPLICABLE: "There is nothing in this journey that it could be made of.",
    Status.INSUFFICIENT_DATA: "What is known is not enough to say anything.",
    Status.SUPPRESSED: "Too few people stand behind it.",
}
_NO_ZERO = "Until then nothing is posted, and nothing counts as zero."


class Reader(Enum):
    """Who reads: the person, somebody who may see the value by name, or somebody who sees what a gradebook is told."""

    OWN = "own"
    NAMED = "named"
    POSTED = "posted"


@dataclass(frozen=True)
class Explanation:
    """What the page shows. `shown` None: `word` says that there is no value and `missing` why, and how it would come.

    `sum`: its rows; `is_total`: the last of them is the result. `formula` in words, `numbers` the same with this
    person's. `parts`: components. `kept_back`: there are parts that this reader does not see. `known`: what went in,
    and what did not.
    """

    name: str
    says: str
    shown: str | None
    exact: str
    word: str
    missing: Sequence[str]
    formula: str
    numbers: str
    sum: Sequence[Line]
    is_total: bool
    parts: Sequence[Line]
    kept_back: bool
    known: Sequence[str]
    acts: Sequence[Act]
    untold: str
    settings: Sequence[Setting]
    made: Sequence[str]
    chart: Chart | None = None
    sent: str = ""
    old: str = ""


def explain(
    result: Result,
    name: str,
    active: Active,
    situation: Situation,
    reader: Reader,
    layers: Sequence[Layer],
    evaluates: bool = False,
    link: Callable[[Act], str | None] = lambda act: None,
) -> Explanation:
    """`evaluates`: the reader evaluates the run. `link`: where the statement of an act can be read, if at all."""
    outcome, words, own = result.outcome, active.evaluator.words, reader is Reader.OWN
    value = outcome.posted if reader is Reader.POSTED else outcome.value
    seen = explaining.visible(words, outcome.components, own)
    acts = [replace(act, href=link(act)) for act in evidence.acts(situation, result, own)]
    rows = _sum(result, situation, reader)
    formula = words.formula if reader is not Reader.POSTED else ""
    return Explanation(
        name=name,
        says=words.says,
        shown=None if value is None else rounded(value),
        exact="" if value is None else rounded(value, 2),
        word=tiles.WORDS.get(outcome.status, "Nothing to show") if value is None else "",
        missing=_missing(result, active, situation, own) if value is None else [],
        formula=sentence(explaining.in_words(words, formula, result.params)),
        numbers=explaining.with_numbers(formula, seen, result.params, value) or "",
        sum=rows,
        is_total=bool(rows) and value is not None and rows[-1].value == rounded(value, 2),
        parts=[_line(part, situation) for part in explaining.parts_for(words, outcome.components, own)],
        kept_back=not own and len(seen) < len(outcome.components),
        known=_known(result, situation, len(acts), own),
        acts=acts,
        untold=_untold(result, acts, own),
        settings=used(result.params, active, layers, evaluates),
        made=made(result, situation),
    )


def made(result: Result, situation: Situation) -> list[str]:
    """Who computed it, when, from what, and that it can be repeated."""
    journey = situation.journey
    return [
        f"As of {when(result.as_of, situation.run.zone)}.",
        f"{result.evaluator} {result.version}, from {result.distribution}. {journey.title}, version {journey.version}.",
        f"The same statements, people, journey and settings always give the same number: {result.inputs_hash[:12]}.",
    ]


def _missing(result: Result, active: Active, situation: Situation, own: bool) -> list[str]:
    """Why there is no value, and what would bring one; for the person in the words of their page."""
    status = result.status
    declared = active.evaluator.words.missing.get(status)
    said = tiles.say(result, situation) if own else ""
    told = [text for text in (said, declared or _MISSING.get(status, "")) if text]
    if status in (Status.NOT_STARTED, Status.INSUFFICIENT_DATA) and _NO_ZERO not in " ".join(told):
        told.append(_NO_ZERO)
    return told


def _sum(result: Result, situation: Situation, reader: Reader) -> Sequence[Line]:
    if result.value is None or reader is Reader.POSTED:
        return []
    return tiles.sum_rows(result, situation) if reader is Reader.OWN else evidence.sum_rows(result, situation)


def _line(part: explaining.Shown, situation: Situation) -> Line:
    below = _called(part.below, situation)
    value = _value(part.value, situation)
    unit = f" {part.unit}" if part.unit and isinstance(part.value, int | float) else ""
    return Line(f"{part.label}: {below}" if below else part.label, f"{value}{unit}")


def _called(path: str, situation: Situation) -> str:
    """The title of a step, moment or capability, the name of a phase or person, else the words of the path."""
    journey = situation.journey
    if path in journey.step_by_id:
        return brief(journey.step_by_id[path].title)
    if path in journey.moment_by_id:
        return journey.moment_by_id[path].title
    capability = next((one for one in journey.capabilities if one.id == path), None)
    if capability is not None:
        return capability.title
    phase = next((name for phase, name in PHASE_NAMES.items() if str(phase) == path), None)
    return phase or (situation.names[path] if path in situation.names else explaining.readable(path))


def _value(value: Any, situation: Situation) -> str:
    if value is None:
        return "Not known"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, int | float):
        return plain(value)
    if isinstance(value, list | tuple):
        return ", ".join(_value(one, situation) for one in value) or "None"
    return _called(str(value), situation)


def _known(result: Result, situation: Situation, told: int, own: bool) -> list[str]:
    """How much is known, and what is not in it. What others are not told of is not in their count either."""
    count = len(result.outcome.evidence) if own else told
    whole = f" of the {len(situation.facts)} about you in this run" if own else ""
    line = f"{sentence(plural(count, 'statement'))}{whole} count{'s' if count == 1 else ''} here."
    return [line, *_STEPS.get(result.indicator, _no_steps)(situation)]


def _no_steps(situation: Situation) -> list[str]:
    return []


def _own_steps(situation: Situation) -> list[str]:
    progress = completion.of(situation.journey, situation.evidence, situation.now)
    counting = progress.counting
    done = sum(row.done for row in counting)
    open_ = sum(not row.done and row.window.opens <= progress.today for row in counting)
    later, left = len(counting) - done - open_, len(progress.steps) - len(counting)
    told = f"Of {plural(len(counting), 'required step')} on this path: {done} done, {open_} open, {later} to come."
    out = f"{sentence(plural(left, 'step'))} left out: optional, waived, or not on this path."
    return [told, out] if left else [told]


def _managers_steps(situation: Situation) -> list[str]:
    found = support.of(situation.journey, situation.evidence, situation.now)
    later = len(found.steps) - len(found.entered)
    told = f"Of {plural(len(found.steps), 'step')} of the manager: {len(found.entered)} in by now."
    out = f"{sentence(plural(later, 'step'))} still out, until it is done or its last day is over."
    return [told, out] if later else [told]


_STEPS: dict[str, Callable[[Situation], list[str]]] = {
    "journey_completion": _own_steps,
    "manager_engagement": _managers_steps,
}


def _untold(result: Result, acts: Sequence[Act], own: bool) -> str:
    """What the list leaves out. To others the same is said whether or not there is any."""
    if not own:
        return "Ratings, paths, and what two people said of one another’s acts are not listed."
    if len(set(result.outcome.evidence)) == len(acts):
        return ""
    return "What others rated, and the choice of a path, are not listed."
