"""What stands behind a report: cases under their codes, what is not shown, and what it was made from. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

from lrs_bridge.domain.casework.study import Study
from lrs_bridge.domain.reporting.document import Block, Kind, care, small, table, text
from lrs_bridge.domain.reporting.document import held as kept_back
from lrs_bridge.domain.reporting.telling import Told
from lrs_bridge.web.evaluator.wording import VERDICTS, money, percent
from lrs_bridge.web.insights.cells import Sheet
from lrs_bridge.web.reports.wording import BUCKETS
from lrs_bridge.web.words import clock, full_day, plain


def cases(told: Told) -> Iterator[Block]:
    """For the evaluator: each case under its code, never by name."""
    study = told.study
    yield from (care(line) for line in study.warnings)
    rows = tuple(
        (
            case.code,
            BUCKETS[case.bucket] + (", moved" if case.moved else ""),
            ", ".join("–" if point is None else str(point) for point in case.answer.points),
            _talk(study, case.registration),
        )
        for case in study.board.cases
    )
    if rows:
        yield table("Every case", ("Code", "Group", "Answers", "Interview"), rows, first=0.16)
    valued = study.worth.valued if study.worth else ()
    currency = study.money.currency
    worth = tuple(
        (
            one.code,
            money(one.value, currency),
            f"{money(one.low)} to {money(one.high)}",
            percent(one.attribution),
            percent(one.confidence),
            money(one.adjusted.point, currency),
        )
        for one in valued
    )
    if worth:
        head = ("Case", "Worth", "Range", "Due to the training", "How sure", "Counts as")
        yield table("Verified cases with a value", head, worth, (1, 2, 3, 4, 5), 0.14)
    yield from (Block(Kind.QUOTE, quote.text or "", study.codes[quote.registration]) for quote in study.quotes)


def _talk(study: Study, registration: str) -> str:
    if registration in study.verifications:
        return VERDICTS[study.verifications[registration].verdict]
    return "Held" if registration in study.interviews else "–"


def held(told: Told, sheets: Sequence[Sheet]) -> Iterator[Block]:
    """Everything once more in one place."""
    lines = [(note.what, note.why) for note in told.notes]
    lines += [(sheet.title, line) for sheet in sheets for line in sheet.held]
    yield text("By the rule for small groups, which holds on every page and in every file.")
    if not lines:
        yield text("Enough people stand behind each figure: nothing is held back from this version.")
    yield from (kept_back(what, why) for what, why in lines)


def sources(told: Told, mark: str) -> Iterator[Block]:
    """Settings, time and fingerprint: whoever has the same record makes the same report."""
    study = told.study
    about = study.about
    zone = ZoneInfo(about.time_zone)
    at = study.as_of.astimezone(zone)
    rows = (
        ("Journey", f"{about.journey}, version {about.version}"),
        ("Run", f"{about.course or 'Course without a title'}, from {full_day(about.day_zero)}"),
        ("Pilot", "Yes" if about.pilot else "No"),
        ("As of", f"{full_day(at.date())}, {clock(study.as_of, zone)}, {about.time_zone}"),
        ("Survey", _survey(study)),
        *_settings(study, told),
        ("Changed by hand", _by_hand(told)),
    )
    yield table("Run and settings", ("", ""), rows, first=0.3)
    yield small("The same answers, acts, settings and time make the same report, letter by letter.")
    yield text(study.inputs_hash, "Answers and acts.")
    yield text(mark, "This version.")


def _survey(study: Study) -> str:
    if study.survey is None:
        return "None is asked"
    return f"{study.survey.title}, {study.survey.confidentiality}, {len(study.survey.items)} questions of use"


def _settings(study: Study, told: Told) -> Iterator[tuple[str, str]]:
    rule, sizes = study.rule, study.sizes
    low = {0: "0", 1: "0 or 1", 2: "0 to 2"}[rule.low_at_most]
    yield (
        "Rule",
        f"High from {rule.high_items} clear results; Low with {low} everywhere; "
        f"{plain(100 * rule.min_answered)} % answered",
    )
    late = sum(one.late for one in study.rules)
    yield "Rule set after answers came", "No" if not late else "Once" if late == 1 else f"{late} times"
    drawn = f"Seed {study.seed}: {sizes.high} High, {sizes.middle} Middle, {sizes.low} Low"
    yield "Interviews", drawn if study.drawn else "Nobody was drawn"
    if told.worth is not None:
        yield "Money", _money(study.settings["money"])


def _money(entered: Mapping[str, object]) -> str:
    cost, target = entered["cost"], entered["target_share"]
    said = [f"Cost {money(float(str(cost)), str(entered['currency']))}" if cost is not None else "No cost"]
    said.append(f"share wanted {percent(float(str(target)))}" if target is not None else "no share wanted")
    return "; ".join(said)


def _by_hand(told: Told) -> str:
    moved = sum(case.moved is not None for case in told.study.board.cases)
    return "No card was moved" if not moved else "One card was moved" if moved == 1 else f"{moved} cards were moved"
