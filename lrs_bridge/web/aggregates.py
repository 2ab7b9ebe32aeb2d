"""Cohort values of what people said or were rated: totals under the rules for small groups (`docs/privacy.md`). Pure.

A total is shown when the run is over: one that follows every new answer tells, by subtraction, what was new in it.
"""

from __future__ import annotations

from collections.abc import Iterable

from lrs_bridge.domain.indicators import Outcome, Status
from lrs_bridge.store.results import ResultRow
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web.figures import as_of
from lrs_bridge.web.tiles import WORDS, Sum, Tile, tile_of
from lrs_bridge.web.visits import Visit
from lrs_bridge.web.words import plural

_FEWEST = 5  # what `k` is at least, whatever a result says
_LATER = "It is shown when the run is over, so that no new answer can be told from the number before it."
_ALIKE = "Everybody is much alike here, and a number would tell what each of them said."
_UNITS = {
    "reaction": "Those who would recommend it less those who would not, in percent of all who answered.",
    "skill_gain": "Of what was left to gain, so much was gained on average.",
}


def aggregate_tile(row: ResultRow, name: str, people: Iterable[ResultRow], run: RunRow, visit: Visit) -> Tile:
    """The value of the whole run, or why it is not shown."""
    result = row.result
    outcome = result.outcome
    if outcome.value is None:
        return tile_of(row.indicator, name, outcome, "Nothing is known yet, and nothing counts as zero.", None)
    smallest = max(_FEWEST, int(result.params.get("k", _FEWEST)))
    own = [one.value for one in people if one.indicator == row.indicator and one.value is not None]
    why_not = _hidden(outcome, own, smallest, _is_over(run, visit))
    if why_not is not None:
        return Tile(row.indicator, name, None, "0", WORDS[Status.SUPPRESSED], why_not)
    said = f"{_UNITS.get(row.indicator, 'The mean.')} {plural(outcome.n, 'person', 'people')}."
    return tile_of(row.indicator, name, outcome, said, Sum(name.lower(), (), [as_of(row, run.run.zone)]))


def _hidden(outcome: Outcome, own: list[float], smallest: int, over: bool) -> str | None:
    """Too few, too early, or too much alike; None where the number may be shown. `own`: values of persons."""
    if outcome.n < smallest:
        return f"Fewer than {smallest} people stand behind it."
    if not over:
        return _LATER
    low, high = (-95, 95) if "nps" in outcome.components else (5, 95)
    alike = len(set(own)) == 1 if own else not low <= (outcome.value or 0.0) <= high
    return _ALIKE if alike else None


def _is_over(run: RunRow, visit: Visit) -> bool:
    return run.closed is not None or (run.run.local_day(visit.now) - run.day_zero).days > run.journey.last_day
