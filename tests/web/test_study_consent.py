"""What participants allow of a study: stories, quotes, a no that erases what was written, and who looks at a case."""

from __future__ import annotations

from datetime import UTC, datetime

from lrs_bridge.domain.casework.sorting import Bucket
from lrs_bridge.domain.casework.stories import CHECKLIST
from lrs_bridge.domain.events import Kind
from lrs_bridge.store import consents
from lrs_bridge.store.consents import Quoting
from lrs_bridge.store.record_accesses import Looked
from tests.personas import House
from tests.web.looking import looks
from tests.web.studies import (
    HIGH,
    LOW,
    codes,
    crowd,
    does,
    interview,
    sorted_and_drawn,
    story,
    study_of,
    undo_button,
)


def test_a_story_is_released_when_the_list_is_done_and_not_before(house: House) -> None:
    crowd(house, (8, HIGH), (4, LOW))
    eva = house.eva
    sorted_and_drawn(house, eva)
    code = codes(house, Bucket.HIGH)[0]
    interview(house, eva, code)
    id_ = story(house, eva, code, "On 3 May Person001 kept a contract of 12,000.")
    at = f"study/stories/{id_}"
    hidden = eva.open(at).hidden()
    assert eva.send(f"{at}/release", **{key: hidden[key] for key in ("csrf", "act")}).status == 409
    assert "Names of people in the run stand in it: Person001" in eva.open(at).text
    does(house, eva, f"{at}/checked", at, items=list(CHECKLIST))
    refused = eva.send(f"{at}/release", **{key: hidden[key] for key in ("csrf", "act")})
    assert refused.status == 409
    assert "A name of somebody in the run stands in it" in refused.text
    does(house, eva, at, title="A renewal", text="In spring a contract was kept.")
    assert "8 of the list to do." in eva.open(at).text
    does(house, eva, f"{at}/checked", at, items=list(CHECKLIST))
    released = does(house, eva, f"{at}/release", at)
    assert "Released by Eva Lang" in released.text
    assert [one.text for one in study_of(house).outside.stories] == ["In spring a contract was kept."]
    eva.send("study/undo", **undo_button(released))
    assert study_of(house).released == ()


def test_a_withdrawal_pulls_the_story_and_says_what_goes(house: House) -> None:
    crowd(house, (8, HIGH), (4, LOW))
    eva = house.eva
    sorted_and_drawn(house, eva)
    code = codes(house, Bucket.HIGH)[0]
    interview(house, eva, code, "verified")
    does(house, eva, f"study/cases/{code}/quotes", f"study/cases/{code}", quote="We kept them, against all odds.")
    id_ = story(house, eva, code)
    at = f"study/stories/{id_}"
    does(house, eva, f"{at}/checked", at, items=list(CHECKLIST))
    does(house, eva, f"{at}/release", at)
    asked = eva.open(f"study/cases/{code}/withdraw").text
    assert "1 story: pulled, and the text erased." in asked
    page = does(house, eva, f"study/cases/{code}/withdraw")
    assert "erased for good" in page.text
    assert "Undo" not in page.text
    assert "It may not be told. The text was erased." in eva.open(at).text
    assert "against all odds" not in eva.open(f"study/cases/{code}").text
    assert "They would rather not talk, or withdrew." in eva.open(f"study/cases/{code}").text


def test_what_somebody_said_on_their_own_page_is_not_changed_by_eva(house: House) -> None:
    """Their no stands; their way of being quoted stands."""
    people = crowd(house, (8, HIGH), (4, LOW))
    eva = house.eva
    sorted_and_drawn(house, eva)
    code = codes(house, Bucket.HIGH)[0]
    registration = next(one for one in people if study_of(house).codes[one] == code)
    run = house.world.run
    house.world.clock.on(minutes=1)
    with house.bridge.sessions.write() as session:
        consents.decide(session, run.tenant_id, run.id, registration, "S26", Quoting.NOT, house.bridge.clock())
    page = eva.open(f"study/cases/{code}")
    assert "They agreed to talk, and are not to be quoted. They said so here themselves" in page.text
    interview(house, eva, code, quoting="named")
    assert study_of(house).consents[registration].quoting == "not"
    assert eva.open(f"study/stories/new?case={code}").status == 403
    hidden = eva.open("study/model").hidden()
    assert eva.send(f"study/cases/{code}/word", **hidden, word="named").status == 403


def petra_is_interviewed(house: House) -> str:
    """Petra answered as High among others, is drawn and talked; her code."""
    house.world.clock.now = datetime(2026, 5, 12, 9, 0, tzinfo=UTC)
    house.acted(Kind.ANSWERED, "petra", step="S24", data={"answers": {"M1": 3, "M2": 3, "M3": 2}})
    eva = house.eva
    does(house, eva, "study/draws", "study/draw?seed=1")
    code = study_of(house).codes[house.enrolments["petra"].id]
    interview(house, eva, code, "verified", q_used="The one-page note")
    does(house, eva, f"study/cases/{code}/quotes", f"study/cases/{code}", quote="We kept them.")
    return code


def test_what_was_written_of_a_talk_is_the_participant_s_to_take_out(house: House) -> None:
    """Not what the second source said; and Mark sees none of it."""
    petra_is_interviewed(house)
    text = house.petra.open("my-data").text
    assert "Said in an interview" in text
    assert "The one-page note" in text
    assert "We kept them." in text
    assert "The sales report" not in text
    assert "We kept them." not in house.mark.open("my-data").text


def test_a_no_on_the_participant_s_own_page_erases_what_was_written(house: House) -> None:
    code = petra_is_interviewed(house)
    house.world.clock.on(minutes=1)
    petra = house.petra
    assert (
        "A no is possible later, too: then what was written down of a talk is erased."
        in petra.open("interviews/S26").text
    )
    petra.fill("interviews/S26", agreed="no")
    assert study_of(house).interviews == {}
    page = house.eva.open(f"study/cases/{code}").text
    assert "They would rather not talk, or withdrew. They said so here themselves" in page
    assert "We kept them." not in page
    assert "We kept them." not in petra.open("my-data").text


def test_a_no_after_the_interview_is_a_withdrawal(house: House) -> None:
    """It leads to the page that says what goes, and nothing is half withdrawn."""
    code = petra_is_interviewed(house)
    eva = house.eva
    page = eva.follow(eva.fill(f"study/cases/{code}/word", f"study/cases/{code}", word="no"))
    assert "They withdraw their consent" in page.text
    assert len(study_of(house).interviews) == 1


def test_a_look_at_somebody_s_case_is_noted_before_it_is_shown(house: House) -> None:
    """Under its code; cards without a name are nobody's to be looked at."""
    code = petra_is_interviewed(house)
    before = len(looks(house))
    house.eva.open("study/board")
    assert len(looks(house)) == before
    house.eva.open(f"study/cases/{code}")
    noted = looks(house)[0]
    assert (noted.looked, noted.role, noted.filter) == (Looked.CASE, "evaluator", {"case": code})
    assert "Opened a case of the study, with names" in house.ada().come_in().open("looks").text
