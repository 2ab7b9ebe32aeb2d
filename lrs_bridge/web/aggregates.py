"""Cohort values of what people said or were rated: totals under the rules for small groups (`docs/privacy.md`). Pure.

What is content comes from publications, which stand still (`domain.publications`); nothing here looks at the present
answers. Totals of what may be seen by name follow the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from lrs_bridge.domain import small_groups, spread
from lrs_bridge.domain.evaluators import Active
from lrs_bridge.domain.indicators import Outcome, Result, Status
from lrs_bridge.domain.publications import Figure, Publication
from lrs_bridge.domain.spread import Band
from lrs_bridge.flows.publishing import is_content, is_over
from lrs_bridge.store.result_viewing import Brief
from lrs_bridge.store.results import ResultRow
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web.figures import as_of
from lrs_bridge.web.tiles import WORDS, Sum, Tile, tile_of
from lrs_bridge.web.visits import Visit
from lrs_bridge.web.words import plain, plural, sentence

_LATER = (
    "It comes out when {k} more people have answered, when nobody has for two weeks, or when the run is over, so that "
    "no new answer can be told from the number before it."
)
_TOO_NEAR = "So few were new since the number before it that it would tell what they said."
_STANDS = "It stands still until {k} more people have answered, or the run is over."
_BAND = "A number would tell more of each person than it should, so here is where it lies."
_UNITS = {
    "reaction": "Those who would recommend it less those who would not, in percent of all who answered.",
    "skill_gain": "Of what was left to gain, so much was gained on average.",
}


@dataclass(frozen=True)
class Aggregate:
    """What is shown of a whole run. `row`: the result that may be looked into, None where nothing or a band is shown;
    `bands`: how the values are spread, where that may be told."""

    tile: Tile
    row: ResultRow | None = None
    bands: Sequence[Band] = ()


def aggregate(
    one: Active,
    row: ResultRow,
    name: str,
    published: Publication | None,
    people: Iterable[ResultRow | Brief],
    run: RunRow,
    visit: Visit,
) -> Aggregate:
    """The value of the whole run, where it lies, or why it is not shown. `people`: results of persons."""
    k = fewest(row.result)
    if not is_content(one.evaluator):
        values = [own.value for own in people if own.value is not None]
        bands = spread.coarse(values, k, one.evaluator.bounds)
        return _told(one, row, name, run, k, bands=bands)
    figure = published.whole if published is not None else None
    if figure is not None and published is not None:
        kept = frozen(row, figure)
        still = not published.last and not is_over(run, visit.now)
        bands = [Band(*band) for band in figure.spread]
        return _told(one, kept, name, run, max(k, fewest(kept.result)), figure.alike, bands, still)
    outcome = row.result.outcome
    if outcome.value is None:
        return Aggregate(
            tile_of(row.indicator, name, outcome, "Nothing is known yet, and nothing counts as zero.", None)
        )
    if outcome.n < k:
        return _hidden(row, name, f"Fewer than {k} people stand behind it.")
    return _hidden(row, name, _TOO_NEAR if is_over(run, visit.now) else _LATER.format(k=k))


def frozen(row: ResultRow, figure: Figure) -> ResultRow:
    """The row as it was when the publication was made; not one of the database."""
    return ResultRow(
        indicator=row.indicator,
        kind=row.kind,
        subject=row.subject,
        value=figure.body["value"],
        status=figure.body["status"],
        computed=datetime.fromisoformat(figure.body["as_of"]),
        body=figure.body,
    )


def tells_more_than_posted(people: Iterable[ResultRow | Brief], posted_only: bool) -> bool:
    """Whether the mean over values would tell somebody, who sees only what was posted, more than that: the survey is
    confidential."""
    return posted_only and any(row.value is not None and row.outcome.posted != row.value for row in people)


def fewest(result: Result) -> int:
    """How many people have to stand behind a figure: `k` of the settings, and never less than five."""
    return small_groups.fewest(int(result.params.get("k", small_groups.K)))


def _told(
    one: Active,
    row: ResultRow,
    name: str,
    run: RunRow,
    k: int,
    alike: bool = False,
    bands: Sequence[Band] = (),
    still: bool = False,
) -> Aggregate:
    outcome: Outcome = row.result.outcome
    if outcome.value is None:
        return Aggregate(
            tile_of(row.indicator, name, outcome, "Nothing is known yet, and nothing counts as zero.", None)
        )
    if outcome.n < k:
        return _hidden(row, name, f"Fewer than {k} people stand behind it.")
    people = sentence(plural(outcome.n, "person", "people"))
    stands = f" {_STANDS.format(k=k)}" if still else ""
    low, high = small_groups.range_of(outcome.value, one.evaluator.bounds, alike)
    if low != high:
        word = f"{plain(low)} to {plain(high)}"
        return Aggregate(Tile(row.indicator, name, None, "0", word, f"{_BAND} {people}.{stands}"))
    said = f"{_UNITS.get(row.indicator, 'The mean.')} {people}.{stands}"
    why = Sum(name.lower(), (), [as_of(row, run.run.zone)])
    return Aggregate(tile_of(row.indicator, name, outcome, said, why), row, bands)


def _hidden(row: ResultRow, name: str, why: str) -> Aggregate:
    return Aggregate(Tile(row.indicator, name, None, "0", WORDS[Status.SUPPRESSED], why))
