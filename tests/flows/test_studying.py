"""A study on a real database: acts kept once and in order, words sealed and erased, interviews on record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lrs_bridge.domain.casework.acts import Action
from lrs_bridge.domain.casework.sorting import Bucket
from lrs_bridge.domain.casework.stories import CHECKLIST, State, mark_of
from lrs_bridge.domain.casework.study import Study
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.flows import studying
from lrs_bridge.flows.erasing import erase
from lrs_bridge.flows.studying import CannotDo
from lrs_bridge.hooks.registry import load
from lrs_bridge.store import consents, facts, notes, people
from lrs_bridge.store.consents import Quoting
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.studies import Doing, StudyAct, StudyWord
from tests.flows.world import ISSUER, World, build

SEAL = studying.seal_of("a secret of the tests")
SECRET_WORDS = "She kept the Larkfield renewal"


class Workbench:
    """Eva at her desk; what she does comes a minute after the other."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.clock.now = datetime(2026, 5, 12, 9, 0, tzinfo=UTC)
        with world.sessions.write() as session:
            self.eva: PersonRow = people.ensure_person(
                session, world.tenant.id, ISSUER, "eva", world.clock(), name="Eva Lang"
            )
        answers = {"M1": 3, "M2": 2, "M3": 0}
        world.act(Kind.ANSWERED, world.petra, step="S24", data={"answers": answers, "factors": {"timing": "helped"}})

    @property
    def petra(self) -> str:
        return self.world.enrolment.id

    def does(self, action: Action, subject: str | None = None, **more: Any) -> str:
        id_ = more.pop("id", None) or str(uuid4())
        texts, undoes = more.pop("texts", {}), more.pop("undoes", None)
        self.world.clock.on(minutes=1)
        with self.world.sessions.write() as session:
            act = Doing(id_, action, subject, more, texts, undoes)
            studying.do(session, SEAL, self.world.run, self.eva, act, self.world.clock())
        return id_

    def interviews(self) -> str:
        self.does(Action.CONSENT, self.petra, quoting="role")
        held = self.does(
            Action.INTERVIEW, self.petra, day="2026-05-12", factors={}, value=5000.0, texts={"claimed": SECRET_WORDS}
        )
        self.does(Action.QUOTE, self.petra, texts={"quote": SECRET_WORDS})
        return held

    def tells(self) -> None:
        texts = {"title": "A renewal", "text": SECRET_WORDS}
        story = self.does(Action.STORY, self.petra, texts=texts)
        mark = mark_of(**texts)
        self.does(Action.CHECKED, self.petra, story=story, mark=mark, items=list(CHECKLIST))
        self.does(Action.RELEASE, self.petra, story=story, mark=mark)

    @property
    def study(self) -> Study:
        return self.as_of(None)

    def as_of(self, moment: datetime | None) -> Study:
        with self.world.sessions.read() as session:
            return studying.open_room(session, SEAL, load(), self.world.run, self.world.clock(), moment).study

    def words(self) -> list[str]:
        with self.world.sessions.read() as session:
            return list(session.scalars(select(StudyWord.sealed)))

    def held(self) -> int:
        with self.world.sessions.read() as session:
            known = facts.facts_of(session, self.world.tenant.id, self.petra)
        return sum(fact.kind is Kind.INTERVIEWED for fact in known)


@pytest.fixture
def desk(sessions: Sessions) -> Workbench:
    return Workbench(build(sessions))


def test_the_study_is_made_from_the_run(desk: Workbench) -> None:
    """The journey's path, its target, its survey and the answers of whoever is in the run."""
    study = desk.study
    assert study.model[0].text.startswith("Writes a coaching note")
    assert study.money.target == 0.4
    assert (study.response.asked, study.response.answered) == (1, 1)
    assert study.board.cases[0].bucket is Bucket.HIGH
    assert study.rule.high_items == 1
    assert study.survey is not None
    assert study.survey.items[0][1] == "Debrief on the day of a ride-along"


def _answers(session: Session, desk: Workbench) -> list[Fact]:
    known = facts.facts_of(session, desk.world.tenant.id, desk.petra)
    return [fact for fact in known if fact.kind is Kind.ANSWERED]


def test_the_latest_answer_until_then_counts(desk: Workbench) -> None:
    """Their own, to the survey of the study, and not one that was only begun."""
    world = desk.world
    before = world.clock()
    world.clock.on(minutes=1)
    said = {"answers": dict.fromkeys(("M1", "M2", "M3"), 0), "factors": {}}
    world.act(Kind.ANSWERED, world.petra, step="S24", data=said)
    with world.sessions.write() as session:
        latest = max(_answers(session, desk), key=lambda one: one.at)
        begun, other = (latest._replace(id=str(uuid4()), at=latest.at + timedelta(seconds=n)) for n in (1, 2))
        high = {"answers": dict.fromkeys(("M1", "M2", "M3"), 3)}
        begun = begun._replace(completion=False, data=high)
        other = other._replace(actor=world.mark.account, data=high)
        facts.add(session, world.tenant.id, [begun, other])
    world.clock.on(minutes=1)
    assert desk.study.board.cases[0].bucket is Bucket.LOW
    assert desk.as_of(before).board.cases[0].bucket is Bucket.HIGH


def test_a_no_that_came_with_the_answer_is_a_no(desk: Workbench) -> None:
    world = desk.world
    with world.sessions.write() as session:
        (answer,) = _answers(session, desk)
        ids = world.tenant.id, world.run.id, desk.petra, world.petra.id, answer.id
        notes.write_note(session, *ids, "survey", {"talk": "no"}, world.clock())
    word = desk.study.consents[desk.petra]
    assert (word.agreed, word.own) == (False, True)


def test_the_log_says_what_the_study_says(desk: Workbench) -> None:
    """The same acts and codes, from nothing but the acts; of what was written only reasons are opened."""
    desk.does(Action.MOVE, desk.petra, to="middle", texts={"reason": "A word with her"})
    moved = desk.does(Action.MOVE, desk.petra, to="low", texts={"reason": "Another word"})
    desk.interviews()
    desk.does(Action.UNDO, undoes=moved)
    with desk.world.sessions.read() as session:
        log = studying.open_log(session, SEAL, desk.world.run, desk.world.clock())
        early = studying.open_log(session, SEAL, desk.world.run, desk.study.log[0].act.at)
    study = desk.study
    assert log.codes == study.codes
    assert [(one.act.id, one.undone) for one in log.lines] == [(one.act.id, one.undone) for one in study.log]
    assert [one.act.text("reason") for one in log.lines[:2]] == ["A word with her", "Another word"]
    assert not any(one.act.texts for one in log.lines[2:])
    assert [one.act.id for one in early.lines] == [study.log[0].act.id]


def test_the_same_act_sent_twice_is_kept_once(desk: Workbench) -> None:
    id_ = str(uuid4())
    for _ in range(2):
        desk.does(Action.RULE, id=id_, high_items=2, low_at_most=1, min_answered=0.5)
    assert len(desk.study.log) == 1
    assert desk.study.rule.high_items == 2


def test_words_lie_encrypted_and_open_with_the_key(desk: Workbench) -> None:
    desk.interviews()
    assert desk.study.interviews[desk.petra].claimed == SECRET_WORDS
    assert desk.words()
    assert not any("Larkfield" in word for word in desk.words())
    with desk.world.sessions.read() as session:
        assert "Larkfield" not in str(session.scalars(select(StudyAct.data)).all())
        other = studying.open_room(
            session, studying.seal_of("another"), load(), desk.world.run, desk.world.clock()
        ).study
    assert other.interviews[desk.petra].claimed is None


def test_words_moved_to_another_act_do_not_open(desk: Workbench) -> None:
    desk.interviews()
    with desk.world.sessions.write() as session:
        rows = session.scalars(select(StudyWord)).all()
        rows[0].sealed, rows[1].sealed = rows[1].sealed, rows[0].sealed
    assert desk.study.interviews[desk.petra].claimed is None


def test_an_interview_is_on_record_without_what_was_said_and_voided_when_undone(desk: Workbench) -> None:
    held = desk.interviews()
    assert desk.held() == 1
    undo = desk.does(Action.UNDO, undoes=held)
    assert desk.held() == 0
    assert desk.study.interviews == {}
    desk.does(Action.UNDO, undoes=undo)
    assert desk.held() == 1


def test_a_withdrawal_erases_what_was_written_and_cannot_be_undone(desk: Workbench) -> None:
    desk.interviews()
    desk.tells()
    assert desk.study.stories[0].state is State.RELEASED
    withdrawn = desk.does(Action.WITHDRAWN, desk.petra)
    study = desk.study
    assert desk.words() == []
    assert study.stories[0].state is State.PULLED
    assert study.stories[0].text is None
    assert study.interviews == {}
    assert study.board.cases[0].bucket is Bucket.HIGH
    with pytest.raises(CannotDo, match="cannot be undone"):
        desk.does(Action.UNDO, undoes=withdrawn)


def test_a_no_on_the_page_of_the_interview_erases_as_well(desk: Workbench) -> None:
    desk.interviews()
    desk.tells()
    now = desk.world.clock.on(minutes=1)
    with desk.world.sessions.write() as session:
        consents.decide(session, desk.world.tenant.id, desk.world.run.id, desk.petra, "S26", None, now)
        studying.own_word(session, desk.world.run, desk.petra, agreed=False)
    assert desk.words() == []
    assert desk.study.stories[0].state is State.PULLED


def test_not_to_be_quoted_pulls_the_story_and_erases_nothing(desk: Workbench) -> None:
    desk.interviews()
    desk.tells()
    now = desk.world.clock.on(minutes=1)
    with desk.world.sessions.write() as session:
        consents.decide(session, desk.world.tenant.id, desk.world.run.id, desk.petra, "S26", Quoting.NOT, now)
        studying.own_word(session, desk.world.run, desk.petra, agreed=True)
    assert desk.words()
    assert desk.study.quotes == ()
    assert desk.study.stories[0].state is State.PULLED


def test_whoever_is_erased_is_gone_from_the_study(desk: Workbench) -> None:
    desk.interviews()
    desk.tells()
    desk.does(Action.MONEY, currency="EUR", cost=1000.0)
    desk.world.clock.on(minutes=1)
    with desk.world.sessions.write() as session:
        erase(session, desk.world.tenant.id, desk.world.petra.id, "Ada", desk.world.clock())
    assert desk.words() == []
    assert [line.act.action for line in desk.study.log] == [Action.MONEY]


def test_the_study_of_an_earlier_day_is_the_same_as_it_was(desk: Workbench) -> None:
    """Same hash, same numbers, whatever came after."""
    desk.does(Action.RULE, high_items=1, low_at_most=1, min_answered=0.5)
    before, at = desk.study, desk.world.clock()
    desk.does(Action.RULE, high_items=3, low_at_most=1, min_answered=0.5)
    assert desk.study.inputs_hash != before.inputs_hash
    again = desk.as_of(at)
    assert again.inputs_hash == before.inputs_hash
    assert again.board == before.board
    assert again.settings == before.settings


def test_a_report_is_marked_when_somebody_in_it_withdraws(desk: Workbench) -> None:
    """It says from what it was made; a later withdrawal says not to hand it on."""
    desk.interviews()
    desk.tells()
    made = desk.study
    now = desk.world.clock.on(minutes=1)
    with desk.world.sessions.write() as session:
        args = session, SEAL, desk.world.run, desk.eva, "5f0c3a52-8f0a-4c7e-9a15-0d8f7d0f7a01", made, "sponsor", now
        assert studying.keep_report(*args)
        assert not studying.keep_report(*args)
    (report,) = desk.study.reports
    assert (report.inputs_hash, report.stale) == (made.inputs_hash, ())
    assert desk.study.inputs_hash == made.inputs_hash
    desk.does(Action.WITHDRAWN, desk.petra)
    assert "Somebody whose interview counts in it has withdrawn since." in desk.study.reports[0].stale


def test_no_second_report_while_it_would_tell_what_a_few_answered(desk: Workbench) -> None:
    """The evaluator's own may be made at any time."""
    first = desk.study
    assert first.outside.hold is None
    desk.does(Action.REPORT, audience="sponsor", inputs_hash=first.inputs_hash, stories=[], answers={})
    made = desk.study
    now = desk.world.clock.on(minutes=1)
    with desk.world.sessions.write() as session:
        with pytest.raises(CannotDo, match="Fewer than 5 people have answered since the last report"):
            studying.keep_report(session, SEAL, desk.world.run, desk.eva, str(uuid4()), made, "sponsor", now)
        assert studying.keep_report(session, SEAL, desk.world.run, desk.eva, str(uuid4()), made, "evaluator", now)
