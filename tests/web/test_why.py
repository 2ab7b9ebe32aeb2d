"""Why is it this number: who opens which page, what stands on it, and what stays where it is."""

from __future__ import annotations

import re

import pytest

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.switching import Place, Scope, Word
from lrs_bridge.store import plugin_settings
from tests.personas import House
from tests.web.looking import answered, applied, happened, looks, verified
from tests.web.whys import OWN, RUN, coach, of_petra, open_as

# who gets in


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        (OWN, {"petra"}),
        ("people/{petra}/why/mtm_application", {"dario", "eva"}),
        ("people/{petra}/why/skill_gain", {"eva"}),
        (RUN, {"dario", "eva"}),
        ("run/why/reaction", {"petra", "mark", "nina", "dario", "eva"}),
        ("run/why/sponsor_engagement", {"eva"}),
        ("numbers", {"eva"}),
    ],
)
def test_who_sees_which_number_and_why(house: House, path: str, allowed: set[str]) -> None:
    """As the table of audiences says; Stan teaches elsewhere, and managers see steps, not scores."""
    house.evaluate()
    names = ("petra", "mark", "nina", "dario", "eva", "stan")
    assert {name for name in names if open_as(house, name, path) == 200} == allowed


def test_a_coach_sees_those_they_coach_and_nobody_else(house: House) -> None:
    house.evaluate()
    carl = coach(house, "petra")
    assert carl.open(of_petra(house, "skill_gain")).status == 200
    assert carl.open(f"people/{house.enrolments['ben'].id}/why/skill_gain").status == 403
    assert carl.open(RUN).status == 403


def test_people_and_figures_that_are_not_here_are_not_found(house: House) -> None:
    """Nor are those of another run, nor indicators that are off."""
    house.evaluate()
    for path in ("people/unknown/why/mtm_application", of_petra(house, "nothing"), "run/why/nothing"):
        assert house.dario.open(path).status == 404
    assert house.petra.open("why/reaction").status == 404
    assert house.petra.open("why/statements/unknown").status == 404


# every score leads there


def test_every_score_of_the_participant_leads_to_why(house: House) -> None:
    """Also the one that has no value."""
    house.evaluate()
    petra = house.petra
    links = [link for link in petra.open().links if "/why/" in link]
    assert {link.rpartition("/")[2] for link in links} >= {"journey_completion", "mtm_application", "success_case"}
    assert {petra.open(link).status for link in links} == {200}


def test_every_score_of_the_teacher_leads_to_why(house: House) -> None:
    """Of the run, of each person in its table, and of the person that a submission review opens."""
    house.evaluate()
    dario = house.dario
    links = [link for link in dario.open().links if "/why/" in link]
    assert sum("/run/why/" in link for link in links) >= 4
    assert sum(house.enrolments["petra"].id in link for link in links) == 4
    links += [link for link in dario.open(f"people/{house.enrolments['petra'].id}").links if "/why/" in link]
    assert {dario.open(link).status for link in links} == {200}


def test_every_score_of_the_evaluator_leads_to_why(house: House) -> None:
    house.evaluate()
    eva = house.eva
    links = [link for link in eva.open("numbers").links if "/why/" in link]
    assert {eva.open(link).status for link in links} == {200}
    assert any("/run/why/transfer_climate" in link for link in links)


# what stands there


def test_the_sum_stands_there_with_the_person_s_own_numbers(house: House) -> None:
    """Formula in words, the same with numbers, parts, acts, settings, who made it and when."""
    verified(house, applied(house))
    house.evaluate()
    text = house.petra.open(OWN).text
    assert "100 × (0.5 × how often + 0.25 × different moments + 0.25 × spread over time) = the value" in text
    assert "With your numbers: 100 × (0.5 × 0.1667 + 0.25 × 0.3333 + 0.25 × 0.1667) = 20.83" in text
    assert "How often 0.17 of 1" in text
    assert "26 March Used a moment on the job" in text
    assert "Mark Jensen, manager" in text
    assert "Two statements of the" in text
    assert "mtm_application 1.0.0, from lrs-bridge" in text
    assert "As of 26 March" in text


def test_where_a_setting_comes_from_is_told(house: House) -> None:
    """And whether another one is set by now."""
    run, now = house.world.run, house.bridge.clock()
    place = Place(Scope.COURSE, run.course_id)
    with house.bridge.sessions.write() as session:
        word = Word(None, {"backdate_days": 3})
        plugin_settings.put(session, run.tenant_id, "mtm_application", place, word, now)
    house.evaluate()
    page = house.dario.open(of_petra(house, "mtm_application")).text
    assert re.search(r"Backdate days [^.]*\. 3 Set for this course", page)
    assert re.search(r"Impact outcome [^.]*\. 3 The usual one", page)
    with house.bridge.sessions.write() as session:
        word = Word(None, {"backdate_days": 4})
        plugin_settings.put(session, run.tenant_id, "mtm_application", place, word, now)
    page = house.dario.open(of_petra(house, "mtm_application")).text
    assert "3 Set for this course. It was changed since, and the number follows" in page


def test_no_value_is_explained_and_no_zero(house: House) -> None:
    """What is missing, and how it would come."""
    house.evaluate()
    text = house.petra.open("why/success_case").text
    assert "Why there is no number" in text
    assert "The survey opens on 1 May." in text
    assert "It comes with an answer to the survey." in text
    assert "nothing counts as zero" in text
    assert "of 100" not in text.partition("What stands behind it")[0]


def test_an_act_of_one_s_own_leads_to_the_statement(house: House) -> None:
    """Whole, without a name; what somebody else did, or of somebody else, does not."""
    moment = applied(house)
    word = verified(house, moment)
    house.evaluate()
    petra = house.petra
    links = petra.open(OWN).links
    own = petra.open(next(link for link in links if moment.statement_id in link))
    assert own.status == 200
    assert "result" in own.text
    assert not any(word.statement_id in link for link in links)
    assert petra.open(f"why/statements/{word.statement_id}").status == 404
    assert house.tab("ben").open(f"why/statements/{moment.statement_id}").status == 404
    assert house.dario.open(f"why/statements/{moment.statement_id}").status == 403


def test_an_evaluator_comes_to_the_statements_and_the_look_is_noted(house: House) -> None:
    """With whom and what; a teacher is told what took place, and opens no statement."""
    moment = applied(house)
    house.evaluate()
    page = house.eva.open(of_petra(house, "mtm_application"))
    assert any(link.endswith(f"/statements/{moment.statement_id}") for link in page.links)
    (look,) = looks(house)
    assert look.filter == {"person": house.people["petra"].account, "indicator": "mtm_application"}
    assert (look.account, look.count, look.content) == (house.people["eva"].account, 1, False)
    teacher = house.dario.open(of_petra(house, "mtm_application"))
    assert "Used a moment on the job" in teacher.text
    assert not any("/statements/" in link for link in teacher.links)
    assert len(looks(house)) == 1


def test_what_cannot_be_noted_is_not_shown(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    applied(house)
    house.evaluate()

    def fails(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("lrs_bridge.store.record_accesses.note", fails)
    page = house.eva.open(of_petra(house, "mtm_application"))
    assert page.status == 500
    assert "Used a moment" not in page.text


@pytest.mark.parametrize("name", ["dario", "eva"])
def test_outcomes_disputes_and_credits_stay_with_those_whom_they_concern(house: House, name: str) -> None:
    """Nor is it told that there was one: with and without a dispute the page speaks of the same acts and parts."""
    applied(house)
    talk = happened(house, Kind.TALKED_WITH, "mark", step="S14", data={"level": 3})
    house.evaluate()
    before = getattr(house, name).open(of_petra(house, "manager_engagement")).text
    happened(house, Kind.DISPUTED, "petra", refers_to=talk.statement_id, step="S14")
    house.evaluate()
    after = getattr(house, name).open(of_petra(house, "manager_engagement")).text
    assert "One statement counts here." in before
    assert "One statement counts here." in after
    assert "disput" not in after.lower()
    assert "different" not in after
    assert "Credit of the step" not in after
    application = getattr(house, name).open(of_petra(house, "mtm_application")).text
    assert "How good" not in application
    assert "confirmed with a clear result" not in application
    assert "With the result counted in" not in application
    assert "Some parts are for Petra Novak alone." in application


def test_the_two_people_know_of_a_dispute(house: House) -> None:
    talk = happened(house, Kind.TALKED_WITH, "mark", step="S14", data={"level": 3})
    happened(house, Kind.DISPUTED, "petra", refers_to=talk.statement_id, step="S14")
    house.evaluate()
    assert "Said that it was different" in house.petra.open("why/manager_engagement").text


def test_the_bucket_is_shown_to_nobody(house: House) -> None:
    """It is for choosing whom to interview, and the settings of that are for whoever does."""
    answered(house)
    house.evaluate()
    pages = [
        house.petra.open("why/success_case").text,
        house.dario.open(of_petra(house, "success_case")).text,
        house.dario.open("run/why/success_case").text,
    ]
    for text in pages:
        assert "of 100" in text
        assert "interview" not in text.lower()
        assert "Sample" not in text
    eva = house.eva.open(of_petra(house, "success_case")).text
    assert "For choosing interviews" not in eva
    assert "Sample, high" in eva
