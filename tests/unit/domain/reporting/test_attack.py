"""Somebody lays reports beside one another, and beside totals of other pages: nothing about few people follows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as some

from lrs_bridge.domain.casework.acts import Action
from lrs_bridge.domain.casework.sorting import Bucket
from lrs_bridge.domain.casework.study import Study, answers_of
from lrs_bridge.domain.reporting.audiences import Audience
from lrs_bridge.domain.reporting.document import Block, Document
from lrs_bridge.domain.reporting.repeating import changed, marks_of, why_not
from lrs_bridge.domain.reporting.telling import told
from lrs_bridge.domain.small_groups import K
from lrs_bridge.web.reports.compose import compose
from tests.subtracting import groups_found
from tests.unit.domain.casework.making import HIGH, LOW, MIDDLE, Eva, answered, sources

OTHERS = [one for one in Audience if one is not Audience.EVALUATOR]


def text_of(document: Document) -> str:
    return " ".join(cell for section in document.sections for block in section.blocks for cell in _cells(block))


def _cells(block: Block) -> Sequence[str]:
    cells = [cell for row in block.table.rows for cell in row] if block.table else []
    bars = [bar.text for bar in block.figure.bars] if block.figure else []
    return [block.title, block.text, *cells, *bars]


@settings(max_examples=60, deadline=None)
@given(some.lists(some.tuples(some.integers(0, 15), some.sampled_from(["value", "verdict", "report"])), max_size=40))
def test_reports_after_the_end_differ_by_five_people_or_by_nobody(steps: list[tuple[int, str]]) -> None:
    """Interviews and verdicts come in one by one, and a report is tried after any of them."""
    eva, out = Eva(), list[dict[str, str]]()
    found = sources(30, answered((16, HIGH), (8, LOW)))
    for number, (person, what) in enumerate(steps):
        if what == "report":
            study = eva.study(found)
            if why_not(study, out) is None:
                out.append(marks_of(study))
            continue
        eva.interviews(f"p{person:03}", 1000.0 + number, "verified" if what == "verdict" else None)
    for one, other in combinations(out, 2):
        assert changed(one, other) == 0 or changed(one, other) >= K
    sums = [{f"{person} {mark}" for person, mark in marks.items()} for marks in out]
    everybody = sorted(set().union(*sums))
    assert not list(groups_found(everybody, sums, K))


@settings(max_examples=60, deadline=None)
@given(some.integers(0, 30), some.integers(0, 30), some.integers(0, 30))
def test_what_is_not_told_of_the_groups_cannot_be_worked_out(high: int, middle: int, low: int) -> None:
    """From the total, the other groups, and what they were worth."""
    eva = Eva()
    for number in range(min(high, 6)):
        eva.interviews(f"p{number:03}", 1000.0, "verified")
    study = eva.study(sources(100, answered((high, HIGH), (middle, MIDDLE), (low, LOW))))
    counts = {Bucket.HIGH: high, Bucket.MIDDLE: middle, Bucket.LOW: low}
    for audience in OTHERS:
        seen = told(study, audience)
        hidden = [bucket for bucket in Bucket if seen.group(bucket) is None]
        if seen.groups is None:
            assert high + middle + low < K
            assert seen.worth is None
            continue
        assert len(hidden) != 1
        assert len(hidden) in (0, 3) or sum(counts[bucket] for bucket in hidden) >= K
        if Bucket.HIGH in hidden:
            assert seen.worth is None
        said = text_of(compose(seen, []))
        same = {counts[bucket] for bucket in Bucket if bucket not in hidden}
        for bucket in (one for one in hidden if counts[one] not in same):
            assert not re.search(rf"\b{counts[bucket]} of {high + middle + low}\b", said)


@settings(max_examples=40, deadline=None)
@given(some.integers(5, 9), some.integers(0, 9), some.integers(5, 9))
def test_a_few_in_the_middle_cannot_be_found_from_the_factors(high: int, middle: int, low: int) -> None:
    """The page of results tells how many of all ticked a factor; High and Low taken from it leave Middle."""
    given_ = answered((high, HIGH), (middle, MIDDLE), (low, LOW), factors={"timing": "helped"})
    seen = told(Eva().study(sources(40, given_)), Audience.SPONSOR)
    assert (seen.ranking is not None) is (middle == 0 or middle >= K)


@settings(max_examples=40, deadline=None)
@given(some.integers(1, 6))
def test_a_mean_of_few_cases_is_not_told(cases: int) -> None:
    eva = Eva()
    for number in range(cases):
        eva.interviews(f"p{number:03}", 1000.0 * number, "verified")
    study = eva.study(sources(40, answered((10, HIGH), (10, MIDDLE), (10, LOW))))
    assert (told(study, Audience.SPONSOR).worth is not None) is (cases >= K)
    assert (told(study, Audience.EVALUATOR).worth is not None) is (cases >= 3)
    for audience in (Audience.MANAGERS, Audience.PARTICIPANTS, Audience.LEARNING):
        assert told(study, audience).worth is None


@settings(max_examples=30, deadline=None)
@given(some.integers(1, 4))
def test_a_report_of_the_evaluator_s_own_does_not_hide_that_few_are_new(new: int) -> None:
    """Else two reports for others could follow one another with one of the evaluator's in between."""
    eva = Eva()
    before = eva.study(sources(60, answered((10, MIDDLE)), over=False))
    eva.does(Action.REPORT, audience="sponsor", inputs_hash="", stories=[], answers=answers_of(before))
    found = sources(60, answered((10, MIDDLE), (new, HIGH)), over=False)
    eva.does(Action.REPORT, audience="evaluator", inputs_hash="", stories=[], answers=answers_of(eva.study(found)))
    assert eva.study(found).outside.hold is not None


def test_who_left_since_the_last_report_cannot_be_found_by_subtraction() -> None:
    eva = Eva()
    before = eva.study(sources(60, answered((12, MIDDLE)), over=False))
    eva.does(Action.REPORT, audience="sponsor", inputs_hash="", stories=[], answers=answers_of(before))
    assert eva.study(sources(60, answered((11, MIDDLE)), over=False)).outside.hold is not None


def test_one_person_alone_is_in_no_version_but_the_evaluator_s() -> None:
    """No code, no single case, no median."""
    eva = Eva()
    for number in range(6):
        eva.interviews(f"p{number:03}", 1001.0 + 7 * number, "verified")
    study: Study = eva.study(sources(60, answered((20, HIGH), (20, MIDDLE), (20, LOW))))
    for audience in OTHERS:
        said = text_of(compose(told(study, audience), []))
        assert not any(code in said for code in study.codes.values())
        assert not any(f"{one.value:,.0f}" in said for one in study.worth.valued) if study.worth else False
