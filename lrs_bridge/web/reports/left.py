"""What did not work, and what was left on the table: in every version, whatever is set. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lrs_bridge.domain.casework.sorting import Bucket
from lrs_bridge.domain.reporting.audiences import SEES
from lrs_bridge.domain.reporting.document import Block, Kind, held, table, text
from lrs_bridge.domain.reporting.telling import Told
from lrs_bridge.web.evaluator.wording import between, money, percent
from lrs_bridge.web.insights.cells import Sheet
from lrs_bridge.web.reports import chapters
from lrs_bridge.web.reports.wording import MEANING, how_many, shares

NOTHING_KNOWN = "Nothing is known yet of what did not work. That is no sign that all did."


def left(told: Told, sheets: Mapping[str, Sheet]) -> Iterator[Block]:
    """Never empty."""
    found = [
        *_silent(told),
        *_low(told),
        *_middle(told),
        *_hindered(told),
        *_lost(told),
        *_money(told),
        *_stories(told),
    ]
    yield from found or [text(NOTHING_KNOWN)]
    if "funnel" in sheets and sheets["funnel"].rows:
        yield text("Where people dropped out on the way stands under “How far people came”.")


def _silent(told: Told) -> Iterator[Block]:
    response = told.study.response
    missing = response.asked - response.answered
    if response.asked and missing:
        yield text(
            f"{missing} of {response.asked} people did not answer. Nothing is known of what they did.", "Silent."
        )


def _low(told: Told) -> Iterator[Block]:
    how = how_many(told, Bucket.LOW)
    if how is None:
        why = next((note.why for note in told.notes if note.what == "Groups"), None)
        if why:
            yield held("How many did not use it", why)
        return
    group = told.group(Bucket.LOW)
    share = shares(group)[0] if group else "–"
    tail = f", {share} of those who answered" if share != "–" else ""
    yield text(f"{chapters.people(how)} {MEANING[Bucket.LOW]}{tail}.", "Not used.")


def _middle(told: Told) -> Iterator[Block]:
    how = how_many(told, Bucket.MIDDLE)
    if how is not None:
        yield text(f"{chapters.people(how)} {MEANING[Bucket.MIDDLE]}. They count as no success.", "No result yet.")


def _hindered(told: Told) -> Iterator[Block]:
    if told.ranking is None:
        why = next((note.why for note in told.notes if note.what == "Factors"), None)
        if why:
            yield held("What got in the way", why)
        return
    gaps = sorted((gap for gap in told.ranking.gaps if gap.low.hindered), key=lambda gap: -gap.low.hindered)
    rows = tuple((gap.title, chapters.said(told, gap.low, gap.low.hindered)) for gap in gaps)
    if rows:
        yield table("What got in the way of those in Low", ("", "Named by"), rows, (1,), 0.6)


def _lost(told: Told) -> Iterator[Block]:
    """Claims that did not stand."""
    if told.lost is None or told.worth is None:
        return
    counts = told.worth.counts
    how = "all stood" if not told.lost else f"{told.lost} did not stand, for want of a second source that agrees"
    yield text(f"Of {counts.interviewed} successes that were looked into, {how}.", "Claims that did not stand.")


def _money(told: Told) -> Iterator[Block]:
    if not SEES[told.audience].money:
        yield text("What it would have been worth if more people had used it stands in the sponsor’s version.")
        return
    worth = told.worth
    if worth is None:
        why = next((note.why for note in told.notes if note.what == "What it was worth"), None)
        yield held("What was left on the table, in money", why or told.study.why_no_worth or "Nothing is known yet.")
        return
    currency, target = worth.money.currency, worth.money.target
    if worth.unrealised is not None and target is not None:
        yield text(
            f"If {percent(target)} of everybody had succeeded: {money(worth.unrealised.point, currency)} more, "
            f"between {between(worth.unrealised, currency=currency).replace(' to ', ' and ')}.",
            "Left on the table.",
        )
    if worth.non_use is not None:
        yield text(
            f"{money(worth.non_use.point, currency)} of the cost went to training that was not used with a clear "
            f"result, between {between(worth.non_use, currency=currency).replace(' to ', ' and ')}.",
            "Paid and not used.",
        )
    for why in worth.missing.values():
        yield text(why)


def _stories(told: Told) -> Iterator[Block]:
    for story in told.failures:
        yield Block(Kind.QUOTE, story.text or "", story.title)
