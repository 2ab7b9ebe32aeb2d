"""No answers, all answers equal, no High, negative values, somebody who withdraws after the report: all defined."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lrs_bridge.domain.casework.acts import Action
from lrs_bridge.domain.casework.sorting import Bucket
from lrs_bridge.domain.casework.stories import CHECKLIST, State, mark_of
from tests.unit.domain.casework.making import HIGH, LATER, LOW, MIDDLE, Eva, answered, consent, people, sources


def test_nobody_answered() -> None:
    study = Eva().study(sources(12, []))
    assert (study.response.asked, study.response.answered) == (12, 0)
    assert study.board.cases == ()
    assert study.worth is None
    assert all(group.of_respondents is None for group in study.groups)
    assert "no figures, not zeros" in study.warnings[0]
    assert study.outside.groups is None


def test_nobody_takes_part() -> None:
    study = Eva().study(sources(0, [], people={}))
    assert study.response.rate is None
    assert study.worth is None


def test_too_little_was_answered_to_be_sorted() -> None:
    study = Eva().study(sources(3, answered((1, (3, None, None, None, None)), (1, (3, 3, 1, 0, None)))))
    assert len(study.board.too_few) == 1
    assert [case.bucket for case in study.board.cases] == [Bucket.HIGH]


def test_all_answers_are_the_same() -> None:
    study = Eva().study(sources(12, answered((12, MIDDLE))))
    assert study.board.alike
    assert study.board.counts[Bucket.MIDDLE] == 12
    assert any("tells nobody apart" in one for one in study.warnings)
    assert study.outside.bands == {"high": "hardly any", "middle": "nearly all", "low": "hardly any"}


def test_there_is_no_high_case() -> None:
    study = Eva().study(sources(12, answered((6, MIDDLE), (6, LOW), factors={"timing": "hindered"})))
    assert study.worth is None
    assert study.why_no_worth == "It takes 3 verified High cases with a value; there are none."
    assert [gap.gap for gap in study.ranking.gaps] == [None]
    assert any("There is no High case. That is a finding" in one for one in study.warnings)


def test_a_negative_value_counts_as_it_is() -> None:
    eva = Eva()
    for number, value in enumerate((-2_000.0, 5_000.0, 6_000.0)):
        eva.interviews(f"p{number:03}", value, "verified", low=value - 1_000, high=value + 1_000)
    eva.does(Action.MONEY, currency="EUR", cost=10_000.0, target=0.5)
    study = eva.study(sources(12, answered((3, HIGH), (9, LOW))))
    assert study.worth is not None
    assert study.worth.each.point == pytest.approx(3_000)
    assert study.worth.value.low < study.worth.value.point < study.worth.value.high
    assert any("negative value" in one for one in study.warnings)


def test_more_of_what_loses_money_breaks_even_nowhere() -> None:
    eva = Eva()
    for number, value in enumerate((-6_000.0, 1_000.0, 2_000.0)):
        eva.interviews(f"p{number:03}", value, "verified")
    eva.does(Action.MONEY, currency="EUR", cost=10_000.0, target=0.5)
    worth = eva.study(sources(12, answered((3, HIGH), (9, LOW)))).worth
    assert worth is not None
    assert worth.means_loss
    assert worth.break_even is None
    assert "no share of people breaks even" in worth.missing["break_even"]
    assert worth.unrealised is not None
    assert worth.unrealised.point < 0


def test_break_even_is_never_where_the_worst_case_loses() -> None:
    eva = Eva()
    for number in range(3):
        eva.interviews(f"p{number:03}", 1_000.0, "verified", low=-500.0, high=2_000.0)
    eva.does(Action.MONEY, currency="EUR", cost=10_000.0)
    worth = eva.study(sources(12, answered((3, HIGH), (9, LOW)))).worth
    assert worth is not None
    assert worth.break_even is not None
    assert worth.break_even.high == float("inf")


def told(eva: Eva, subject: str) -> str:
    """A story, read and released."""
    texts = {"title": "A renewal", "text": "A customer stayed."}
    story = eva.does(Action.STORY, subject, texts)
    mark = mark_of(texts["title"], texts["text"])
    eva.does(Action.CHECKED, story=story, mark=mark, items=list(CHECKLIST))
    eva.does(Action.RELEASE, story=story, mark=mark)
    return story


def test_somebody_withdraws_after_the_report() -> None:
    """Story, quotes, factors and value go; the answer to the survey stays; the report is marked; the next is asked."""
    eva = Eva()
    found = sources(120, answered((18, HIGH), (45, MIDDLE), (27, LOW)))
    for number in range(4):
        eva.interviews(f"p{number:03}", 5_000.0, "verified", factors={"timing": "helped"})
    eva.does(Action.QUOTE, "p000", {"quote": "We kept them."})
    story = told(eva, "p000")
    before = eva.study(found)
    eva.does(Action.REPORT, audience="sponsor", inputs_hash=before.inputs_hash, stories=[story])
    assert eva.study(found).reports[0].stale == ()
    eva.does(Action.WITHDRAWN, "p000")
    after = eva.study(found)
    assert [one.state for one in before.stories] == [State.RELEASED]
    assert [one.state for one in after.stories] == [State.PULLED]
    assert after.released == after.outside.stories == after.quotes == ()
    assert "p000" not in after.interviews
    assert after.board.counts == before.board.counts
    assert before.worth is not None
    assert after.worth is not None
    assert (before.worth.counts.verified, after.worth.counts.verified) == (4, 3)
    assert after.reports[0].stale == (
        "One story in it may not be told any more.",
        "Somebody whose interview counts in it has withdrawn since.",
    )
    assert after.inputs_hash != before.inputs_hash


def test_a_no_on_their_own_page_withdraws_as_well() -> None:
    """And a wish not to be quoted takes quotes and story, but not what was learned."""
    eva = Eva()
    eva.interviews("p000", 5_000.0, "verified")
    told(eva, "p000")
    answers = answered((18, HIGH), (27, LOW))
    no = sources(120, answers, own={"p000": consent(False, at=LATER - timedelta(days=1))})
    assert eva.study(no).stories[0].state is State.PULLED
    assert "p000" not in eva.study(no).interviews
    unquoted = sources(120, answers, own={"p000": consent(True, "not", at=LATER - timedelta(days=1))})
    assert eva.study(unquoted).stories[0].state is State.PULLED
    assert "p000" in eva.study(unquoted).interviews


def test_somebody_who_left_the_run_is_not_counted() -> None:
    eva = Eva()
    eva.interviews("p000", 5_000.0, "verified")
    left = people(12)
    del left["p000"]
    study = eva.study(sources(12, answered((3, HIGH), (9, LOW)), people=left))
    assert study.response.asked == 11
    assert len(study.board.of(Bucket.HIGH)) == 2
    assert "p000" not in study.interviews
