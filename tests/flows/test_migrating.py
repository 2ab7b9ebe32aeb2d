"""A running cohort on another version: what would change, doing it in the background, and taking it back."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest

from lrs_bridge import journeyfile
from lrs_bridge.domain.comparing import What
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.indicators import Outcome
from lrs_bridge.domain.people import Role
from lrs_bridge.flows import excepting, migrating, running
from lrs_bridge.flows.evaluate import evaluate_due
from lrs_bridge.flows.excepting import Decider
from lrs_bridge.flows.migrating import Effect
from lrs_bridge.flows.running import CannotRun, Who
from lrs_bridge.journeyfile.people_rows import write_people
from lrs_bridge.store import cohorts, enrolments, facts, journeys, recomputations, results, run_changes, runs
from lrs_bridge.store.journeys import JourneyRow
from lrs_bridge.store.runs import RunRow
from tests.flows.test_failing_evaluators import BAD, breaking
from tests.flows.world import World
from tests.plugins import installed

SAMPLE = journeyfile.sample_text("field-coaching-90")
REGISTRY = installed()


def version_two(world: World, *changes: tuple[str, str]) -> JourneyRow:
    """The sample with these texts in the place of others, as version 2."""
    text = SAMPLE.replace("version: 1\n", "version: 2\n", 1)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    with world.sessions.write() as session:
        return journeys.install(session, world.tenant.id, text, "v2", world.clock(), "Dario Conti")


def who(world: World) -> Who:
    return Who("Dario Conti", world.clock())


def preview(world: World, target: JourneyRow) -> Effect:
    with world.sessions.read() as session:
        return migrating.preview(session, REGISTRY, run_of(world), target, who(world))


def run_of(world: World) -> RunRow:
    with world.sessions.read() as session:
        row = runs.get_run(session, world.tenant.id, world.run.id)
        assert row is not None
        return row


def migrate(world: World, target: JourneyRow, by: Who | None = None, seen: str | None = None) -> str | None:
    """The id of the change."""
    with world.sessions.write() as session:
        run = runs.lock_run(session, world.tenant.id, world.run.id)
        assert run is not None
        noted = migrating.migrate(session, by or who(world), run, target, seen or run.journey_id)
        return noted.id if noted else None


def evaluate(world: World) -> None:
    for _ in range(2):
        while evaluate_due(world.sessions, REGISTRY, world.clock()):
            pass
        world.clock.on(seconds=5)


def value(world: World, indicator: str) -> float | None:
    with world.sessions.read() as session:
        found = results.person_results(session, world.tenant.id, world.run.id, world.petra.account)
    return found[indicator].value


S08 = """  - id: S08
    phase: before
    type: self_study
    owner: participant
    title: "Read the one-page coaching document and two worked examples"
    weight: 1
    opens_day: -7
    due_day: 0
"""


def test_what_would_change_is_told_and_nothing_is_changed(world: World) -> None:
    """Steps that go, come and move, with what people did about them; whose values would be others."""
    world.act(Kind.COMPLETED, world.petra, step="S08")
    target = version_two(world, (S08, S08.replace("S08", "S40")), ("due_day: 14", "due_day: 16"))
    effect = preview(world, target)
    steps = {one.step.id: one for one in effect.steps}
    assert {id_: one.what for id_, one in steps.items()} == {
        "S40": What.CAME,
        "S08": What.WENT,
        "S13": What.MOVED,
    }
    assert (steps["S08"].done, steps["S40"].over, steps["S13"].after.due) == (1, True, date(2026, 3, 18))
    assert (effect.people, effect.looked) == (1, 1)
    assert effect.turns.by_key["journey_completion"].fall == 1
    assert run_of(world).journey_row.version == 1
    with world.sessions.read() as session:
        assert recomputations.count_open(session, world.tenant.id) == 0


def test_an_evaluator_that_never_comes_back_holds_up_nobody_who_asks(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is stopped, and named as one whose values could not be compared; the others are compared."""

    def forever(*_: object) -> Outcome:
        while True:
            pass

    monkeypatch.setattr(migrating, "SECONDS_AT_MOST", 0.05)
    slow = breaking(REGISTRY, forever)
    target = version_two(world, ("due_day: 14", "due_day: 16"))
    with world.sessions.read() as session:
        effect = migrating.preview(session, slow, run_of(world), target, who(world))
    assert effect.turns.failed == [BAD]
    assert BAD not in effect.turns.by_key


def test_what_people_did_stays_counted_where_the_step_keeps_its_name(world: World) -> None:
    """The values follow in the background; the statements are as they were."""
    world.act(Kind.COMPLETED, world.petra, step="S08")
    evaluate(world)
    before = value(world, "journey_completion")
    target = version_two(world, (S08, S08.replace("weight: 1", "weight: 9")))
    migrate(world, target)
    assert value(world, "journey_completion") == before
    evaluate(world)
    assert before == pytest.approx(100 / 16)
    assert value(world, "journey_completion") == pytest.approx(100 * 9 / 24)
    with world.sessions.read() as session:
        kept = facts.facts_of(session, world.tenant.id, world.enrolment.id)
    assert [fact.step for fact in kept if fact.kind is Kind.COMPLETED] == ["S08"]


def test_the_preview_says_what_comes_true(world: World) -> None:
    """Rising in the preview is rising afterwards."""
    world.act(Kind.COMPLETED, world.petra, step="S08")
    target = version_two(world, (S08, S08.replace("weight: 1", "weight: 9")))
    assert preview(world, target).turns.by_key["journey_completion"].rise == 1


def test_a_migration_is_taken_back_and_the_values_with_it(world: World) -> None:
    """Once: taking back is no migration to take back."""
    world.act(Kind.COMPLETED, world.petra, step="S08")
    evaluate(world)
    before = value(world, "journey_completion")
    change = migrate(world, version_two(world, (S08, "")))
    evaluate(world)
    assert value(world, "journey_completion") == 0
    with world.sessions.write() as session:
        run = runs.lock_run(session, world.tenant.id, world.run.id)
        assert migrating.undo(session, who(world), run, change) is not None
        assert migrating.undoable(run_changes.changes_of(session, world.tenant.id, run.id), run) is None
    evaluate(world)
    assert value(world, "journey_completion") == before
    assert run_of(world).journey_row.version == 1


def test_sending_the_form_twice_is_the_same_as_once(world: World) -> None:
    """By its act."""
    by, seen = who(world), world.run.journey_id
    target = version_two(world)
    assert migrate(world, target, by, seen)
    assert migrate(world, target, by, seen) is None
    with world.sessions.read() as session:
        assert len(run_changes.changes_of(session, world.tenant.id, world.run.id)) == 1


def test_a_preview_that_is_out_of_date_changes_nothing(world: World) -> None:
    """Somebody else was faster."""
    target = version_two(world)
    with pytest.raises(CannotRun, match="meanwhile"):
        migrate(world, target, seen="another version")


def test_answers_never_become_less_private_than_they_were_promised(world: World) -> None:
    """Not once somebody has answered; a step with another name is asked anew."""
    weaker = (
        "clarity: {kind: line_of_sight, confidentiality: confidential}",
        "clarity: {kind: line_of_sight, confidentiality: named}",
    )
    target = version_two(world, weaker)
    assert [one[0].id for one in migrating.weakened(world.run.journey, target.journey)] == ["S04"]
    world.act(Kind.PLANNED, world.petra, step="S04", data={"map": {"moments": True}, "answers": {"goal": 4}})
    with pytest.raises(CannotRun, match="People answered S04"):
        migrate(world, target)
    assert run_of(world).journey_row.version == 1


def test_a_closed_run_and_another_journey_are_refused(world: World) -> None:
    """In words that say how to go on."""
    target = version_two(world)
    other = SAMPLE.replace("journey: field-coaching-90", "journey: other")
    with world.sessions.write() as session:
        strange = journeys.install(session, world.tenant.id, other, "o", world.clock())
    with pytest.raises(CannotRun, match="another journey"):
        migrate(world, strange)
    with world.sessions.write() as session:
        running.close(session, who(world), runs.lock_run(session, world.tenant.id, world.run.id))
    with pytest.raises(CannotRun, match="closed"):
        migrate(world, target)


# Runs


def test_day_zero_moves_until_the_kick_off(world: World) -> None:
    """And not after it, nor into the past."""
    with world.sessions.write() as session:
        run = runs.lock_run(session, world.tenant.id, world.run.id)
        with pytest.raises(CannotRun, match="kick-off was"):
            running.move(session, who(world), run, date(2026, 5, 4))
        run.day_zero = date(2026, 4, 6)
        with pytest.raises(CannotRun, match="over"):
            running.move(session, who(world), run, date(2026, 3, 25))
        assert running.move(session, who(world), run, date(2026, 5, 4))
        assert not running.move(session, who(world), run, date(2026, 5, 4))
    assert run_of(world).day_zero == date(2026, 5, 4)


def test_a_run_is_closed_and_opened_again(world: World) -> None:
    """Unless another run took its place."""
    with world.sessions.write() as session:
        run = runs.lock_run(session, world.tenant.id, world.run.id)
        assert running.close(session, who(world), run)
        assert not running.close(session, who(world), run)
        assert running.reopen(session, who(world), run)
        running.close(session, who(world), run)
        running.start(
            session, who(world), world.tenant.id, world.course.id, run.journey_id, date(2026, 6, 1), "UTC", pilot=True
        )
        with pytest.raises(CannotRun, match="another open run"):
            running.reopen(session, who(world), run)


def test_a_person_s_own_day_zero_moves_their_steps_and_nobody_else_s(world: World) -> None:
    """Windows, periods and the people file follow; a day that is the run's own is none."""
    with world.sessions.write() as session:
        run = runs.lock_run(session, world.tenant.id, world.run.id)
        row = enrolments.get_enrolment(session, world.tenant.id, world.enrolment.id)
        running.set_person(session, who(world), run, row, "south", date(2026, 2, 10), date(2026, 3, 23))
        person = cohorts.cohort_of_one(session, run, row).participants[0]
        assert (person.day_zero, person.area) == (date(2026, 3, 23), "south")
        cohort = cohorts.cohort_of_one(session, run, row)
        again = journeyfile.load_people(write_people(cohort), "people")
        assert again.participants[0].day_zero == date(2026, 3, 23)
    world.act(Kind.ATTENDED, world.petra, step="S09")
    evaluate(world)
    assert value(world, "journey_completion") == pytest.approx(100 * 2 / 16)
    with world.sessions.write() as session:
        row = enrolments.get_enrolment(session, world.tenant.id, world.enrolment.id)
        running.set_person(session, who(world), world.run, row, None, date(2026, 2, 10), world.run.day_zero)
        assert (row.day_zero, row.area) == (None, None)


# Waivers and routes


def test_a_waived_step_does_not_count_until_it_is_given_back(world: World) -> None:
    """Both are on record; nobody waives their own."""
    teacher = Decider("teacher", Role.FACILITATOR, world.clock())
    with world.sessions.write() as session:
        row = enrolments.get_enrolment(session, world.tenant.id, world.enrolment.id)
        excepting.waive(session, teacher, world.run, row, "S08", uuid4())
        own = Decider(world.petra.account, Role.FACILITATOR, world.clock())
        with pytest.raises(CannotRun, match="Nobody waives"):
            excepting.waive(session, own, world.run, row, "S09", uuid4())
        with pytest.raises(CannotRun, match="Choose one"):
            excepting.waive(session, teacher, world.run, row, "S01", uuid4())
    world.act(Kind.ATTENDED, world.petra, step="S09")
    evaluate(world)
    assert value(world, "journey_completion") == pytest.approx(100 * 2 / 15)
    world.clock.on(minutes=1)
    with world.sessions.write() as session:
        known = [f for f in facts.facts_of(session, world.tenant.id, row.id) if f.kind is Kind.WAIVED]
        excepting.give_back(
            session, Decider("teacher", Role.FACILITATOR, world.clock()), world.run, row, known, uuid4()
        )
    evaluate(world)
    assert value(world, "journey_completion") == pytest.approx(100 * 2 / 16)


def test_a_person_decides_the_route_and_the_latest_word_counts(world: World) -> None:
    """Also back to open, for the coach."""
    names = []
    for name in ("low", "mid_high", "ask_coach"):
        world.clock.on(minutes=1)
        with world.sessions.write() as session:
            row = enrolments.get_enrolment(session, world.tenant.id, world.enrolment.id)
            decider = Decider("teacher", Role.FACILITATOR, world.clock())
            excepting.route(session, decider, world.run, row, name, uuid4())
            known = facts.facts_of(session, world.tenant.id, row.id)
        names.append([fact.data["route"] for fact in known if fact.kind is Kind.ROUTED][-1])
    assert sorted(names) == ["ask_coach", "low", "mid_high"]
    with world.sessions.write() as session, pytest.raises(CannotRun, match="Choose one of the routes"):
        excepting.route(session, Decider("t", Role.FACILITATOR, world.clock()), world.run, row, "x", uuid4())
