"""The impact rate with its marks, and the performance outcome beside it: as blocks of several pages."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from lrs_bridge.domain.insights import shares
from lrs_bridge.domain.insights.shares import NEEDED, USUAL, Share, Why
from lrs_bridge.domain.performance import Entry, EntryKind, Performance, performance
from lrs_bridge.store import people, publications, result_viewing
from lrs_bridge.store import performance as kept
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web.aggregates import fewest
from lrs_bridge.web.visits import Visit
from lrs_bridge.web.words import full_day, number, plain, rounded


@dataclass(frozen=True)
class Impact:
    """`percent` is None where it is not shown, `why` says it. `marks`: (percent, word) along the bar."""

    percent: str | None
    length: str
    count: str
    why: str
    marks: list[tuple[str, str]]


@dataclass(frozen=True)
class Value:
    """A value in words: 42 % of visits, of which day and from where."""

    name: str
    text: str
    day: str
    source: str


@dataclass(frozen=True)
class OutcomeBlock:
    """`way`: how far the latest actual is on the way to the target, in words; None while it cannot be said."""

    measure: str
    values: list[Value]
    way: str | None


def impact(session: Session, run: RunRow, visit: Visit) -> Impact | None:
    """Of the whole run; None where nobody works it out. From the publication, since it is made of what people said came
    of their moments."""
    row = result_viewing.of_indicator(session, run.tenant_id, run.id, "mtm_application", "cohort").get("")
    if row is None:
        return None
    published = publications.shown(session, run.tenant_id, run.id).get("mtm_application")
    target = run.journey.targets.impact_share
    k = fewest(row.result)
    share = shares.impact(published.whole if published is not None else None, row.result.outcome, k)
    marks = [(str(USUAL), "usual, at best"), (str(NEEDED), "needed")]
    if target:
        marks.insert(1, (rounded(100 * target), "this run’s target"))
    if share.rate is None:
        return Impact(None, "0", "", why_not(share, k), marks)
    count = f"{share.count} of {share.of} people"
    return Impact(plain(100 * share.rate, 1), plain(100 * share.rate), count, "", marks)


def why_not(share: Share, k: int) -> str:
    """Why a share is not told as a number."""
    if share.band:
        return f"It is a band: {share.band} of the people in the run."
    return {
        Why.UNKNOWN: "Not yet. Nothing is known so far, and nothing counts as zero.",
        Why.FEW: f"Fewer than {number(k)} people stand behind it.",
        Why.COMPLEMENT: "A smaller group could be found by taking it from the total.",
        Why.LATER: "It comes out when more people have applied something, or when the run is over, so that no new word "
        "can be told from the number before it.",
    }.get(share.why or Why.UNKNOWN, "")


def read(session: Session, run: RunRow) -> Performance | None:
    """What the goal owner entered; None where nothing was."""
    rows = kept.of_run(session, run.tenant_id, run.id)
    if not rows:
        return None
    names = people.people_by_id(session, run.tenant_id, {row.by_id for row in rows})
    entries = [
        Entry(
            row.id,
            EntryKind(row.kind),
            row.value,
            row.day,
            row.source,
            row.at,
            names[row.by_id].shown_name,
            row.instead_of,
        )
        for row in rows
    ]
    return performance(rows[-1].measure, rows[-1].unit, entries)


def block(found: Performance | None) -> OutcomeBlock | None:
    if found is None:
        return None
    named = (
        ("Before", found.baseline),
        ("Wanted", found.target),
        ("Now", found.actuals[-1] if found.actuals else None),
    )
    values = [
        Value(name, f"{plain(one.value)} {found.unit}", full_day(one.day), one.source) for name, one in named if one
    ]
    return OutcomeBlock(found.measure, values, _way(found.way))


def _way(way: float | None) -> str | None:
    if way is None:
        return None
    if way < 0:
        return "Further away than at the beginning."
    return "There." if way >= 1 else f"{rounded(100 * way)} % of the way."
