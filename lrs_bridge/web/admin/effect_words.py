"""What a change of an evaluator would do, in words and numbers, under the rules for small groups. Pure.

Whose values a teacher sees by name are told as they are. All others are content: of them no number is told that fewer
than k people stand behind, and none before the run is over (`docs/privacy.md`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lrs_bridge.domain import small_groups, spread
from lrs_bridge.domain.evaluators import Evaluator, Level, Posting
from lrs_bridge.domain.indicators import Status
from lrs_bridge.domain.switching import Scope
from lrs_bridge.flows.previewing import Preview, Side
from lrs_bridge.flows.publishing import is_content, is_over
from lrs_bridge.web.tiles import WORDS
from lrs_bridge.web.words import day_words, listed, number, plain, plural, rounded, sentence

_NONE = "–"
_LATER = "Averages and spread are told when the run is over. These are values that nobody but the person sees by name."
_FEW = "Fewer than {k} people stand behind it, so averages and spread are not told."
_NEARLY_SAME = "The two sides differ by fewer than {k} people, so the averages are not told beside one another."


@dataclass(frozen=True)
class Row:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Told:
    """`notes`: what has to be known to read the numbers. `rows`: before and after. `spread`: people by band, where it
    is told. `why_hidden`: where averages and spread are not. `gradebook`, `time`: sentences."""

    notes: Sequence[str]
    rows: Sequence[Row]
    spread: Sequence[Row]
    why_hidden: str | None
    changed: str
    gradebook: Sequence[str]
    time: Sequence[str]


def tell(found: Preview, evaluator: Evaluator, titles: Mapping[str, str], now: datetime) -> Told:
    """`titles`: of all installed evaluators, by key."""
    k = _k(found)
    secret = is_content(evaluator)
    over = is_over(found.run, now)
    why_hidden = _why_hidden(found, k, over) if secret else None
    return Told(
        notes=_notes(found, evaluator, titles, now),
        rows=[*_counts(found, evaluator), *([] if why_hidden else _averages(found))],
        spread=[] if why_hidden else _spread(found, evaluator, k, secret),
        why_hidden=why_hidden,
        changed=_changed(found, k if secret else None),
        gradebook=_gradebook(found, evaluator),
        time=_time(found),
    )


def _k(found: Preview) -> int:
    sides = [side.decision.active for side in (found.before, found.after)]
    return max([small_groups.K, *(int(one.settings.get("k", small_groups.K)) for one in sides if one is not None)])


def _day(found: Preview, now: datetime) -> int:
    return (found.run.run.local_day(now) - found.run.day_zero).days


# notes


def _notes(found: Preview, evaluator: Evaluator, titles: Mapping[str, str], now: datetime) -> list[str]:
    told = [*_of_people(found), *_of_the_run(found, evaluator, now), *_of_the_decision(found)]
    for side, when in ((found.after, "With the change"), (found.before, "As it is now")):
        if side.failures:
            count = plural(len(side.failures), "value")
            told.append(f"{when}, {count} could not be computed. The first reason: {side.failures[0].reason[:200]}")
    if found.others:
        told.append(f"Other indicators change along: {listed([titles.get(key, key) for key in found.others])}.")
    return told


def _of_people(found: Preview) -> list[str]:
    if not found.people:
        return ["Nobody is in this run today, so there is nothing to compute yet."]
    if not found.looked:
        return ["It took so long that not even one person was done. Nothing can be said of the effect."]
    told = []
    if found.looked < found.people:
        told.append(
            f"This is about {found.looked} of the {found.people} people in the run, so that you need not wait. "
            "Groups were left out."
        )
    if not found.facts:
        told.append("Nobody has done anything in this run yet. The values say little before somebody does.")
    return told


def _of_the_run(found: Preview, evaluator: Evaluator, now: datetime) -> list[str]:
    told = []
    if _day(found, now) < 0:
        told.append(f"The run has its day zero on {day_words(found.run.day_zero)}. Most is still to come.")
    if found.run.closed is not None:
        told.append("The run is closed: its values are not computed again, and nothing of this reaches it.")
    try:
        applies = evaluator.applies(found.run.journey)
    except Exception:  # a plugin's own code; what it fails at is told as a failure
        applies = True
    if not applies:
        told.append("The journey of this run has no step or survey for it.")
    return told


def _of_the_decision(found: Preview) -> list[str]:
    before, after = found.before.decision, found.after.decision
    told = []
    if after.faults:
        told.append(f"It is left out of this run, since its settings do not fit: {after.problem}")
    if before.told == after.told:
        whose = after.switch.scope if after.switch is not None else None
        why = " The course says so itself." if whose is Scope.COURSE else ""
        told.append(f"In this run nothing changes.{why}")
    return told


# counts, averages, spread


def _counts(found: Preview, evaluator: Evaluator) -> list[Row]:
    rows = [Row("Switch", _state(found.before), _state(found.after))]
    whom = _whom(evaluator)
    if whom is None:
        return rows
    sides = [Counter(outcome.status for outcome in side.outcomes.values()) for side in (found.before, found.after)]
    of = found.looked if whom == "People" else max(len(found.before.outcomes), len(found.after.outcomes))
    ok = [f"{side[Status.OK]} of {of}" if side else _NONE for side in sides]
    rows.append(Row(f"{whom} with a value", *ok))
    for status in Status:
        if status is not Status.OK and any(side[status] for side in sides):
            rows.append(Row(WORDS[status], *(str(side[status]) if side else _NONE for side in sides)))
    return rows


def _whom(evaluator: Evaluator) -> str | None:
    """Of whom there are values beside those of groups."""
    named = ((Level.PERSON, "People"), (Level.MANAGER, "Managers"), (Level.SPONSOR, "Sponsors"))
    return next((word for level, word in named if level in evaluator.functions), None)


def _state(side: Side) -> str:
    if not side.decision.on:
        return "Off"
    return "On" if side.decision.active is not None else "On, and left out: its settings do not fit"


def _values(side: Side) -> list[float]:
    return [one.value for one in side.outcomes.values() if one.value is not None]


def _behind(side: Side) -> int:
    """How many people stand behind what would be told of a side."""
    own = _values(side)
    return len(own) if side.outcomes else (side.whole.n if side.whole is not None else 0)


def _why_hidden(found: Preview, k: int, over: bool) -> str | None:
    behind = [_behind(side) for side in (found.before, found.after)]
    if not any(behind):
        return None
    if any(0 < count < k for count in behind):
        return _FEW.format(k=number(k))
    if not over:
        return _LATER
    if all(behind) and 0 < abs(behind[0] - behind[1]) < k:
        return _NEARLY_SAME.format(k=number(k))
    alike = any(len(set(_values(side))) == 1 for side in (found.before, found.after))
    return "Everybody is alike here, and a number would tell what each of them said." if alike else None


def _averages(found: Preview) -> list[Row]:
    sides = [_average(side) for side in (found.before, found.after)]
    return [Row("On average", *sides)] if any(side != _NONE for side in sides) else []


def _average(side: Side) -> str:
    if side.whole is not None and side.whole.value is not None:
        return rounded(side.whole.value)
    own = _values(side)
    return rounded(sum(own) / len(own)) if own else _NONE


def _spread(found: Preview, evaluator: Evaluator, k: int, secret: bool) -> list[Row]:
    if secret:
        after = spread.coarse(_values(found.after), k, evaluator.bounds)
        return [Row(_band(one), _NONE, str(one.people)) for one in after]
    sides = [_values(side) for side in (found.before, found.after)]
    if not any(sides):
        return []
    bands = [spread.bands(values, evaluator.bounds) for values in sides]
    counts = [[str(one.people) if values else _NONE for one in side] for values, side in zip(sides, bands, strict=True)]
    return [Row(_band(one), counts[0][at], counts[1][at]) for at, one in enumerate(bands[1])]


def _band(one: spread.Band) -> str:
    return f"{plain(one.low)} to {plain(one.high)}"


def _changed(found: Preview, k: int | None) -> str:
    """How many values become others; `k` where fewer must not be told."""
    before, after = found.before.outcomes, found.after.outcomes
    both = [(before[account].value, after[account].value) for account in before.keys() & after.keys()]
    pairs = [(old, new) for old, new in both if old is not None and new is not None]
    if not pairs:
        return ""
    up, down = (sum(way * (new - old) > 1e-9 for old, new in pairs) for way in (1, -1))
    if k is not None:
        few, most = up + down < k, len(pairs) - up - down < k
        many = f"fewer than {number(k)}" if few else "nearly all" if most else str(up + down)
        return f"Of {len(pairs)} values, {many} become others."
    if not up + down:
        return f"All {len(pairs)} values stay as they are."
    told = [
        f"{number(count)} {'becomes' if count == 1 else 'become'} {way}"
        for count, way in ((up, "higher"), (down, "lower"))
        if count
    ]
    return f"Of {len(pairs)} values, {listed(told)}."


# gradebook, time


def _gradebook(found: Preview, evaluator: Evaluator) -> list[str]:
    key = evaluator.key
    before, after = found.before.columns.get(key), found.after.columns.get(key)
    if after is None and before is not None:
        return [
            f"Its column, “{before.label}”, stays in the gradebook with the scores that are there: no grade is taken "
            "away. Nothing new is sent to it. Whoever wants it gone deletes it in the LMS."
        ]
    if after is None:
        return [_no_column(found, evaluator)]
    scores = sum(one.posted is not None for one in found.after.outcomes.values())
    about = f"{plural(scores, 'score')} of {plural(found.looked, 'person', 'people')}" if scores else "no score yet"
    column = "A new column" if before is None else "The column"
    told = [f"{column}, “{after.label}”, out of {plain(after.maximum)}: {about}."]
    if before is None:
        told.append(
            "People were told beforehand what reaches the gradebook. Tell them before you switch it on, and have the "
            "teacher leave the new column out of the course total."
        )
    if found.run.course.lineitems_url is None:
        told.append("The LMS has not offered the gradebook of this course yet. Scores wait for it.")
    return told


def _no_column(found: Preview, evaluator: Evaluator) -> str:
    if evaluator.posting is Posting.NEVER:
        return "Nothing. It never reaches a gradebook, whatever is set."
    if not found.after.decision.on:
        return "Nothing, since it is off."
    if evaluator.posting is Posting.CHOSEN:
        return (
            f"Nothing. It has a column where a journey’s file names {evaluator.key} under gradebook, or where you "
            "choose a column in the form."
        )
    if found.after.decision.active is not None and found.after.decision.active.column is False:
        return "Nothing. An administrator says that it has no column."
    return (
        "Nothing. The journey’s file says which columns there are, and this is not among them. If you choose a column "
        "in the form, it has one all the same."
    )


def _time(found: Preview) -> list[str]:
    told = [f"This page took {_seconds(found.seconds)} for {plural(found.looked, 'person', 'people')}."]
    if found.each is not None and found.after.decision.active is not None:
        told.append(
            f"In the background one person takes {_seconds(found.each)}, together with the indicators that it "
            "needs or that need it. Pages show stored values and become no slower."
        )
    return [sentence(one) for one in told]


def _seconds(seconds: float) -> str:
    if seconds < 0.001:
        return "less than a thousandth of a second"
    if seconds < 0.1:
        return f"about {rounded(seconds * 1000)} thousandths of a second"
    return f"about {rounded(seconds, 1)} seconds"
