"""What reports for others may say: the rules for small groups, each with the note it leaves."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as some

from lrs_bridge.domain.casework.acts import Action
from lrs_bridge.domain.casework.stories import CHECKLIST, mark_of, names_in, telling
from lrs_bridge.domain.casework.study import Study, answers_of
from lrs_bridge.domain.publications import Rule
from tests.unit.domain.casework.making import HIGH, LOW, MIDDLE, Eva, answered, sources


def rules(study: Study) -> dict[str, Rule]:
    return {note.what: note.rule for note in study.notes}


def test_groups_of_under_five_respondents_are_held_back() -> None:
    study = Eva().study(sources(12, answered((2, HIGH), (2, LOW), factors={"timing": "helped"})))
    assert study.outside.groups is None
    assert study.outside.ranking is None
    assert rules(study) == {"Groups": Rule.FEW, "Factors": Rule.FEW}


def test_factors_need_five_people_in_high_and_in_low() -> None:
    with_four = Eva().study(sources(12, answered((4, HIGH), (6, LOW), factors={"timing": "helped"})))
    assert with_four.outside.groups is not None
    assert with_four.outside.ranking is None
    with_five = Eva().study(sources(12, answered((5, HIGH), (6, LOW), factors={"timing": "helped"})))
    assert with_five.outside.ranking is not None


def test_stories_need_ten_people_who_were_asked() -> None:
    """Released all the same, and told to the evaluator."""
    for enrolled, told in ((9, 0), (10, 1)):
        eva = Eva()
        eva.interviews("p000")
        story = eva.does(Action.STORY, "p000", {"title": "A talk", "text": "It helped."})
        mark = mark_of("A talk", "It helped.")
        eva.does(Action.CHECKED, story=story, mark=mark, items=list(CHECKLIST))
        eva.does(Action.RELEASE, story=story, mark=mark)
        study = eva.study(sources(enrolled, answered((1, HIGH), (7, LOW))))
        assert len(study.released) == 1
        assert len(study.outside.stories) == told
        assert ("Stories" in rules(study)) is (told == 0)


def test_a_number_near_nobody_or_everybody_is_said_in_words() -> None:
    study = Eva().study(sources(40, answered((1, HIGH), (39, LOW))))
    assert study.outside.bands == {"high": "hardly any", "middle": "hardly any", "low": "nearly all"}


@settings(max_examples=40)
@given(some.integers(0, 12))
def test_a_new_report_waits_for_five_new_answers_or_the_end(new: int) -> None:
    """Else what a few people said could be told from the report before."""
    eva = Eva()
    before = eva.study(sources(60, answered((10, MIDDLE)), over=False))
    assert before.outside.hold is None
    eva.does(Action.REPORT, audience="sponsor", inputs_hash="", stories=[], answers=answers_of(before))
    now = answered((10, MIDDLE), (new, HIGH))
    assert (eva.study(sources(60, now, over=False)).outside.hold is not None) is (0 < new < 5)
    assert eva.study(sources(60, now, over=True)).outside.hold is None


def test_what_may_tell_who_it_is_is_pointed_out() -> None:
    text = "On 3 May Petra kept EUR 12,000 in the north with Ada's help; ad hoc, in 2 weeks."
    names = ["Petra Novak", "Ada Marsh", "Ed Lo"]
    assert telling(text, names, {"north"}) == ["3 May", "Petra", "12,000", "north", "Ada"]
    assert names_in(text, names) == ["Petra", "Ada"]
    assert names_in(text, names, own="Petra Novak") == ["Ada"]
    assert names_in("The petrarchan mode", names) == []
