"""The chapters that tell a study: in brief, method, answers, groups, factors, value, stories. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from lrs_bridge.domain.casework.factors import Gap, Side
from lrs_bridge.domain.casework.sorting import Bucket
from lrs_bridge.domain.reporting.audiences import SEES, Audience
from lrs_bridge.domain.reporting.document import Bar, Block, Kind, care, figure, held, small, table, text
from lrs_bridge.domain.reporting.telling import Told
from lrs_bridge.web.evaluator.factors import TITLES as CODED
from lrs_bridge.web.evaluator.value import assumed, rows_of
from lrs_bridge.web.evaluator.wording import money, percent
from lrs_bridge.web.reports.came_of import IN_NUMBERS
from lrs_bridge.web.reports.wording import BUCKETS, MEANING, how_many, shares, signed

RESPONDENTS_ONLY = (
    "Fewer than 40 % answered. All figures are about those who answered; those who are silent may be different."
)
_MEDIAN = "By the median"


def brief(told: Told) -> Iterator[Block]:
    response = told.study.response
    if not response.asked:
        yield text("Nobody takes part yet, so there is nothing to tell.")
        return
    rate = f" ({percent(response.rate)})" if response.rate is not None and response.asked >= 10 else ""
    yield text(f"people answered the survey{rate}.", f"{response.answered} of {response.asked}")
    if response.respondents_only:
        yield care(RESPONDENTS_ONLY)
    high, low = how_many(told, Bucket.HIGH), how_many(told, Bucket.LOW)
    if high and low:
        yield text(f"{MEANING[Bucket.HIGH]}.", people(high))
        yield text(f"{MEANING[Bucket.LOW]}.", people(low))
    gaps = told.ranking.gaps if told.ranking and told.ranking.comparable else ()
    if gaps:
        yield text("made the widest difference between them.", gaps[0].title)
    if told.worth:
        worth, currency = told.worth, told.worth.money.currency
        ends = f"between {money(worth.value.low, currency)} and {money(worth.value.high, currency)}"
        yield text(f"is what it was worth, {ends}, if what is assumed holds.", money(worth.value.point, currency))
        if worth.unrealised is not None:
            yield text("was left on the table.", money(worth.unrealised.point, currency))


def people(how: str) -> str:
    """With a capital: it begins a sentence."""
    return f"{how[:1].upper()}{how[1:]}"


def method(told: Told) -> Iterator[Block]:
    study = told.study
    yield text(
        "Brinkerhoff’s Success Case Method (2003): a short survey finds those who used what they learned with a clear "
        "result, and those who did not. Some of both are interviewed. A success counts when somebody or something else "
        "agrees with it."
    )
    rows = tuple((part.title, part.text or "Not written down.") for part in study.model)
    yield table("What it was meant to lead to", ("", "In this journey"), rows, first=0.34)


def answers(told: Told) -> Iterator[Block]:
    response = told.study.response
    if response.asked:
        yield text(
            f"{response.answered} of {response.asked} people answered; {response.asked - response.answered} did not."
        )
    if response.too_few:
        yield from _unsorted(told, response.too_few)
    shown = tuple((area.name.title(), str(area.asked), str(area.answered)) for area in told.areas if area.why is None)
    if shown:
        yield table("Who answered, by area", ("Area", "Asked", "Answered"), shown, (1, 2), 0.5)
    for note in told.notes:
        if note.what.startswith("Answers of "):
            yield held(note.what, note.why)


def _unsorted(told: Told, few: int) -> Iterator[Block]:
    if told.audience is Audience.EVALUATOR:
        yield text(f"{few} of them answered too little to be sorted.")
    else:
        yield text("Who answered too little is in no group.")


def groups(told: Told) -> Iterator[Block]:
    if not told.groups:
        why = next((note.why for note in told.notes if note.what == "Groups"), None)
        if why:
            yield held("The groups", why)
        else:
            yield text(
                "Nobody has answered enough to be sorted. There are no figures then, and nothing counts as zero."
            )
        return
    rows = []
    for one in told.groups:
        word = told.bands.get(str(one.bucket))
        cells = (word, "–", "–", "–") if word else (str(one.count), *shares(one))
        rows.append((f"{BUCKETS[one.bucket]}: {MEANING[one.bucket]}", *cells))
    bars = tuple(
        Bar(BUCKETS[one.bucket], 100 * one.of_respondents, percent(one.of_respondents), *_ends(one.interval))
        for one in told.groups
        if one.of_respondents is not None and str(one.bucket) not in told.bands
    )
    drawn = len(bars) == len(told.groups)
    if drawn:
        yield figure("High, Middle and Low", "Percent of those who answered, with the 95 % range", bars, 100)
    head = ("Group", "People", "Of those who answered", "95 % range", "Of everybody")
    yield table(IN_NUMBERS if drawn else "High, Middle and Low", head, tuple(rows), (1, 2, 3, 4), 0.36)
    for note in told.notes:
        if note.what.startswith("The number of "):
            yield held(note.what, note.why)
    if any(one.of_respondents is None for one in told.groups):
        yield small("Percentages are said of ten people and more.")


def _ends(interval: object) -> tuple[float | None, float | None]:
    low, high = getattr(interval, "low", None), getattr(interval, "high", None)
    return (100 * low, 100 * high) if low is not None and high is not None else (None, None)


def factors(told: Told) -> Iterator[Block]:
    ranking = told.ranking
    if ranking is None or not ranking.gaps:
        why = next((note.why for note in told.notes if note.what == "Factors"), None)
        yield held("Factors", why) if why else text("Nobody has named what helped or hindered.")
        return
    if not ranking.comparable:
        yield text("One of the two groups is empty, so there is nothing to compare.")
        return
    yield text(
        f"{CODED[ranking.source]}: how many of {ranking.high} people in High and of {ranking.low} in Low had it in "
        "place, the widest gap first."
    )
    gaps = [
        (gap.title, gap.gap) for gap in ranking.gaps if gap.gap is not None and gap.gap > 0 and not _banded(told, gap)
    ]
    if gaps:
        bars = tuple(Bar(title, points, signed(points)) for title, points in gaps)
        yield figure("What made the difference", "Points between High and Low", bars, 100)
    rows = tuple(
        (
            gap.title,
            said(told, gap.high, gap.high.helped),
            said(told, gap.low, gap.low.helped),
            said(told, gap.high, gap.high.hindered),
            said(told, gap.low, gap.low.hindered),
            "–" if gap.gap is None or _banded(told, gap) else signed(gap.gap),
        )
        for gap in ranking.gaps
    )
    head = ("Factor", "Helped in High", "Helped in Low", "Hindered in High", "Hindered in Low", "Gap, points")
    yield table("Factors, by gap", head, rows, (1, 2, 3, 4, 5), 0.3)
    if any(_banded(told, gap) for gap in ranking.gaps):
        yield small("Numbers near nobody and near everybody are said in words: they would tell of each person.")


def said(told: Told, side: Side, count: int) -> str:
    """5 of 6, or a word."""
    word = _band(side, count) if told.in_words else None
    return word or f"{count} of {side.of}"


def _band(side: Side, count: int) -> str | None:
    return Side(count, 0, side.of).band


def _banded(told: Told, gap: Gap) -> bool:
    return told.in_words and (gap.high.band is not None or gap.low.band is not None)


def value(told: Told) -> Iterator[Block]:
    study, worth = told.study, told.worth
    if not SEES[told.audience].money:
        return
    if worth is None:
        why = next((note.why for note in told.notes if note.what == "What it was worth"), None)
        yield held("What it was worth", why) if why else text(study.why_no_worth or "Nothing is known yet.")
        return
    rows = tuple(
        (row.title, row.point, _range(row.range), row.how)
        for row in rows_of(worth)
        if row.title != _MEDIAN or not told.in_words
    )
    yield table(
        "Each figure with its range and its sum", ("", "Figure", "Range", "How it comes about"), rows, (1, 2), 0.22
    )
    for why in worth.missing.values():
        yield text(why)
    if worth.means_loss:
        yield care("On average a verified case cost more than it brought. More cases would cost more.")
    rests = tuple((what, people(how)) for what, how in assumed(worth))
    yield table("What the figures rest on", ("What is assumed", "How"), rests, first=0.3)
    if told.in_words:
        yield small(
            "The median of the verified cases is one person’s own figure: it stands in the evaluator’s version."
        )


def _range(said: str) -> str:
    return "No range" if said.startswith("The same") else said or "–"


def stories(told: Told) -> Iterator[Block]:
    for story in told.stories:
        yield Block(Kind.QUOTE, story.text or "", story.title)
    for note in told.notes:
        if note.what == "Stories":
            yield held("Stories", note.why)
    if not told.stories and not told.failures and not any(note.what == "Stories" for note in told.notes):
        yield text("No story is released.")
