"""Why is it this number, of a whole run: which people count, how they are spread, how it moved. Pure.

By name for those who see each person's value anyway; for everybody else totals under the rules for small groups.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum
from statistics import fmean
from typing import Any
from zoneinfo import ZoneInfo

from lrs_bridge.domain import explaining, spread
from lrs_bridge.domain.evaluators import Active
from lrs_bridge.domain.indicators import Outcome, Status
from lrs_bridge.domain.journey import Phase
from lrs_bridge.domain.switching import Layer
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.store.result_history import Point
from lrs_bridge.store.result_viewing import Brief
from lrs_bridge.store.results import ResultRow
from lrs_bridge.web import charts, tiles
from lrs_bridge.web.aggregates import Aggregate
from lrs_bridge.web.charts import Chart
from lrs_bridge.web.figures import as_of
from lrs_bridge.web.paths import PHASE_NAMES
from lrs_bridge.web.tiles import Line, Tile
from lrs_bridge.web.why_settings import Setting, used
from lrs_bridge.web.words import listed, plain, plural, rounded, sentence, short_day

_LINE_AT_MOST = 14


@dataclass(frozen=True)
class Asked:
    """The run's result and what it came from. `evaluates`: the reader evaluates the run."""

    active: Active
    name: str
    row: ResultRow
    layers: Sequence[Layer]
    zone: ZoneInfo
    evaluates: bool


@dataclass(frozen=True)
class Member:
    """One person and what is shown of them: a value, or the word for why there is none."""

    name: str
    shown: str
    known: bool
    href: str


@dataclass(frozen=True)
class Story:
    """What the page shows of a run's indicator. `tile`: value or reason; `members` is empty for whoever sees none."""

    tile: Tile
    says: str
    formula: str
    numbers: str
    parts: Sequence[Line]
    known: Sequence[str]
    members: Sequence[Member]
    charts: Sequence[Chart]
    settings: Sequence[Setting]
    made: Sequence[str]
    old: str = ""


def spread_chart(values: Sequence[float], bounds: tuple[float, float], name: str) -> Chart | None:
    """How many people are in which band of values, for whoever sees each value anyway; None where there is none."""
    return bands_chart(spread.bands(values, bounds), name) if values else None


def bands_chart(bands: Sequence[spread.Band], name: str) -> Chart | None:
    """The same of bands that are told; None where there is nothing to tell apart."""
    if not bands:
        return None
    bars = [(f"{plain(band.low)} to {plain(band.high)}", band.people) for band in bands]
    people = plural(sum(band.people for band in bands), "person with a value", "people with a value")
    return charts.counts(f"{name}: how it is spread", people, bars)


def phase_chart(rows: Sequence[ResultRow | Brief]) -> Chart | None:
    """The mean share earned in each phase, of indicators that have a component `phases`."""
    found: dict[str, list[float]] = {}
    for row in rows:
        phases = row.outcome.components.get("phases")
        for phase, share in phases.items() if isinstance(phases, dict) else ():
            if isinstance(share, int | float):
                found.setdefault(phase, []).append(100 * share)
    bars = [(PHASE_NAMES[phase], fmean(found[phase])) for phase in Phase if found.get(phase)]
    return (
        charts.levels("Before, during and after", "Mean of 100, over the people of whom the phase has begun", bars)
        if bars
        else None
    )


def history_chart(points: Sequence[Point], name: str, bounds: tuple[float, float]) -> Chart | None:
    """The value of the run at the end of some days, evenly chosen, the last one always."""
    step = max(1, -(-len(points) // _LINE_AT_MOST))
    chosen = list(points[::-1][::step])[::-1]
    versions = [one.version for one in chosen]
    changed = len(set(versions)) > 1
    notes = [f"Version {version}" for version in versions] if changed else []
    return charts.over_time(
        f"{name} over time",
        "The whole run, at the end of the day",
        [(short_day(p.day), p.value) for p in chosen],
        bounds,
        notes,
    )


def by_name(
    asked: Asked,
    people: Sequence[tuple[Enrolment, str, ResultRow | None]],
    posted_only: bool,
    history: Sequence[Point],
) -> Story:
    """For whoever sees each person's value (or, `posted_only`, what the gradebook is told). Of `people` each with the
    way to their own page."""
    active, name, row = asked.active, asked.name, asked.row
    outcome = row.result.outcome
    known = [(one, result) for one, _, result in people if result is not None and result.value is not None]
    values = [value for _, result in known if (value := _value(result, posted_only)) is not None]
    words, bounds = active.evaluator.words, active.evaluator.bounds
    pictures = [spread_chart(values, bounds, name)]
    if not posted_only:
        rows = [result for _, _, result in people if result is not None]
        pictures += [phase_chart(rows), history_chart(history, name, bounds)]
    return Story(
        tile=tiles.tile_of(row.indicator, name, outcome, said(outcome, words), None),
        says=words.says,
        formula=_formula(active, row),
        numbers=_numbers(outcome, [result.value for _, result in known if result.value is not None]),
        parts=[],
        known=_known(people),
        members=[Member(one.person.shown_name, *shown(result, posted_only), href) for one, href, result in people],
        charts=[one for one in pictures if one is not None],
        settings=used(row.result.params, active, asked.layers, asked.evaluates),
        made=_made(row, asked.zone),
        old=tiles.old_value(row.old_since, asked.zone),
    )


def in_total(asked: Asked, found: Aggregate) -> Story:
    """For whoever sees totals only: what is not in `found` nothing else here tells."""
    active, row = asked.active, found.row or asked.row
    words, outcome = active.evaluator.words, row.result.outcome
    shown = found.row is not None
    parts = explaining.parts_for(words, outcome.components, own=False) if shown else []
    picture = bands_chart(found.bands, found.tile.name) if shown else None
    return Story(
        tile=found.tile,
        says=words.says,
        formula=_formula(active, row),
        numbers="",
        parts=[
            Line(part.label, f"{plain(part.value)} {part.unit}".strip()) for part in parts if _is_number(part.value)
        ],
        known=[_answered(outcome)] if shown else [],
        members=[],
        charts=[picture] if picture else [],
        settings=used(row.result.params, active, asked.layers, asked.evaluates),
        made=_made(row, asked.zone) if shown else [],
        old=tiles.old_value(row.old_since, asked.zone) if shown else "",
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _value(row: ResultRow | Brief, posted_only: bool) -> float | None:
    return row.outcome.posted if posted_only else row.value


def shown(row: ResultRow | Brief | None, posted_only: bool) -> tuple[str, bool]:
    if row is None:
        return "Not yet", False
    value = _value(row, posted_only)
    return (
        (tiles.WORDS.get(Status(row.status), "Nothing to show"), False) if value is None else (rounded(value, 2), True)
    )


def _formula(active: Active, row: ResultRow) -> str:
    words = active.evaluator.words
    if words.group:
        return sentence(explaining.in_words(words, words.group, row.result.params))
    return "The mean of the values of all people who have one."


def _numbers(outcome: Outcome, values: Sequence[float]) -> str:
    """The sum of the values over how many, where that is what the value is."""
    if outcome.value is None or not values or abs(fsum(values) / len(values) - outcome.value) > 1e-6:
        return ""
    return f"{plain(fsum(values))} ÷ {len(values)} = {plain(outcome.value)}"


def said(outcome: Outcome, words: explaining.Words) -> str:
    if outcome.value is not None:
        return f"Mean of {plural(outcome.n, 'person', 'people')}."
    return words.missing.get(outcome.status, "Nothing is known yet, and nothing counts as zero.")


def _known(people: Sequence[tuple[Enrolment, str, ResultRow | None]]) -> list[str]:
    states = Counter("ok" if row and row.value is not None else row.status if row else "" for _, _, row in people)
    without = [
        f"{tiles.WORDS.get(Status(status), 'not yet') if status else 'Not yet'}: {number}"
        for status, number in sorted(states.items())
        if status != "ok"
    ]
    told = f"{states['ok']} of {plural(len(people), 'person', 'people')} in the run have a value."
    return [told, *([f"The others have none, and count nowhere. {listed(without)}."] if without else [])]


def _answered(outcome: Outcome) -> str:
    share = f", {rounded(100 * outcome.coverage)} % of the run" if outcome.coverage is not None else ""
    return f"{sentence(plural(outcome.n, 'person', 'people'))} stand behind it{share}. Nobody is named here."


def _made(row: ResultRow, zone: ZoneInfo) -> list[str]:
    hash_ = row.body["inputs_hash"][:12]
    return [as_of(row, zone), f"The same inputs and settings always give the same number: {hash_}."]
