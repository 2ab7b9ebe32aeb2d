"""The manager's steps as seen from one participant."""

from datetime import timedelta

import pytest

from lrs_bridge.domain import support
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.people import Relation, Role
from lrs_bridge.domain.support import Standing, SupportState
from lrs_bridge.hooks.testing import DAY_ZERO, evidence, fact, journey, on, participant, step

TALK = step("talk", "manager", opens=5, due=10, corroborated_by=Role.PARTICIPANT)


def seen(facts=(), day=20, design=None, **who):
    return support.of(design or journey(TALK), evidence(facts, on(day), **who), on(day))


def act(day=6, kind=Kind.TALKED_WITH, of="talk", **parts):
    return fact(kind, day, of, **{"actor": "mark", "role": "manager", **parts})


def said(kind, about, day=7, **parts):
    return fact(kind, day, target=about.id, **parts)


@pytest.mark.parametrize("kind", "talked-with observed attended approved recognised completed verified".split())
def test_what_a_manager_does_for_a_step_is_an_event(kind):
    assert len(seen([act(kind=Kind(kind))]).by_id["talk"].events) == 1


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(act(actor="nina"), id="another team's manager"),
        pytest.param(act(actor="petra"), id="the participant"),
        pytest.param(act(kind=Kind.ACKNOWLEDGED), id="another act"),
        pytest.param(act(registration="pia-enrolment"), id="about somebody else"),
        pytest.param(act(completion=False), id="it says that it is not complete"),
    ],
)
def test_what_is_no_event(other):
    assert seen([other]).by_id["talk"].events == ()


def test_only_the_manager_of_that_day_counts():
    """Mark managed until day 7, Nina from day 8 on."""
    change = DAY_ZERO + timedelta(days=8)
    person = participant(managers=(Relation("mark", end=change - timedelta(days=1)), Relation("nina", start=change)))
    acts = [act(7), act(8), act(7, actor="nina"), act(8, actor="nina")]
    design = journey(step("talk", "manager", due=10, expected=4))
    found = seen(acts, design=design, person=person).by_id["talk"]
    assert {event.fact.id for event in found.events} == {acts[0].id, acts[3].id}
    assert found.owners == ("mark",)


@pytest.mark.parametrize(
    ("corroborated_by", "kind", "words", "standing"),
    [
        (None, Kind.TALKED_WITH, (), Standing.UNQUESTIONED),
        (Role.SYSTEM, Kind.TALKED_WITH, (), Standing.UNQUESTIONED),
        (Role.PARTICIPANT, Kind.VERIFIED, (), Standing.UNQUESTIONED),
        (Role.PARTICIPANT, Kind.TALKED_WITH, (), Standing.CLAIMED),
        (Role.PARTICIPANT, Kind.TALKED_WITH, (Kind.CONFIRMED,), Standing.CONFIRMED),
        (Role.PARTICIPANT, Kind.TALKED_WITH, (Kind.CONFIRMED, Kind.DISPUTED), Standing.DISPUTED),
        (Role.PARTICIPANT, Kind.TALKED_WITH, (Kind.DISPUTED, Kind.CONFIRMED), Standing.CONFIRMED),
        (Role.SYSTEM, Kind.TALKED_WITH, (Kind.DISPUTED,), Standing.DISPUTED),
    ],
)
def test_who_vouches(corroborated_by, kind, words, standing):
    """The participant's latest word counts; a dispute weighs whatever the step asks for."""
    event = act(kind=kind)
    design = journey(step("talk", "manager", corroborated_by=corroborated_by))
    answers = [said(word, event, 7 + n) for n, word in enumerate(words)]
    assert seen([event, *answers], design=design).by_id["talk"].events[0].standing is standing


def test_only_the_participant_confirms():
    event = act()
    found = seen([event, said(Kind.CONFIRMED, event, actor="nina")])
    assert found.by_id["talk"].events[0].standing is Standing.CLAIMED


@pytest.mark.parametrize(("day", "credit"), [(1, 0.7), (10, 0.7), (11, 0.35)])
def test_early_and_in_time_count_in_full_and_late_by_the_setting(day, credit):
    assert seen([act(day)]).by_id["talk"].credit(late=0.5, claimed=0.7) == credit


@pytest.mark.parametrize(
    ("required", "expected", "acts", "day", "entered"),
    [
        (True, 1, 0, 10, False),
        (True, 1, 0, 11, True),
        (True, 1, 1, 7, True),
        (True, 2, 1, 7, False),
        (True, 2, 1, 11, True),
        (False, 1, 0, 11, False),
        (False, 1, 1, 7, True),
        (False, 2, 1, 7, False),
        (False, 2, 1, 11, True),
    ],
)
def test_when_a_step_enters(required, expected, acts, day, entered):
    """With all its events or with the end of its window; an optional one only if there is an event at all."""
    design = journey(step("talk", "manager", opens=5, due=10, required=required, expected=expected))
    assert seen([act() for _ in range(acts)], day, design).by_id["talk"].entered is entered


def test_a_missing_step_belongs_to_the_manager_on_the_last_day_of_its_window():
    change = DAY_ZERO + timedelta(days=10)
    person = participant(managers=(Relation("mark", end=change - timedelta(days=1)), Relation("nina", start=change)))
    assert seen(person=person).by_id["talk"].owners == ("nina",)


def test_a_missing_step_of_nobody_does_not_enter():
    person = participant(managers=(Relation("mark", end=DAY_ZERO + timedelta(days=9)),))
    found = seen(person=person)
    assert (found.managers, found.entered) == (("mark",), ())


@pytest.mark.parametrize(
    ("start", "end", "managers"), [(11, None, ()), (None, 4, ()), (10, None, ("mark",)), (None, 5, ("mark",))]
)
def test_a_relation_matters_where_it_overlaps_a_window(start, end, managers):
    def day(number):
        return None if number is None else DAY_ZERO + timedelta(days=number)

    assert seen(person=participant(managers=(Relation("mark", day(start), day(end)),))).managers == managers


def test_steps_waived_or_off_the_route_are_no_steps():
    design = journey(TALK, step("low", "manager", route="low"), step("high", "manager", route="high"))
    routed = fact(Kind.ROUTED, 1, data={"route": "low"})
    waived = fact(Kind.WAIVED, 1, "talk", actor="fred", role="facilitator")
    assert list(seen([routed, waived], design=design).by_id) == ["low"]


@pytest.mark.parametrize("actor", ["mark", "petra"])
def test_neither_manager_nor_participant_waives_the_managers_step(actor):
    assert "talk" in seen([fact(Kind.WAIVED, 1, "talk", actor=actor)]).by_id


@pytest.mark.parametrize(
    ("acts", "word", "day", "state"),
    [
        ([], None, 4, SupportState.UPCOMING),
        ([], None, 5, SupportState.OPEN),
        ([], None, 11, SupportState.MISSING),
        ([6], None, 11, SupportState.CLAIMED),
        ([6], Kind.DISPUTED, 11, SupportState.DISPUTED),
        ([6], Kind.CONFIRMED, 10, SupportState.OPEN),
        ([6], Kind.CONFIRMED, 11, SupportState.PARTIAL),
        ([6, 11], Kind.CONFIRMED, 12, SupportState.LATE),
        ([6, 7], Kind.CONFIRMED, 12, SupportState.IN_TIME),
    ],
)
def test_how_a_step_stands(acts, word, day, state):
    design = journey(step("talk", "manager", opens=5, due=10, expected=2, corroborated_by=Role.PARTICIPANT))
    events = [act(at) for at in acts]
    words = [said(word, event, event.at) for event in events if word]
    found = seen([*events, *words], day, design)
    assert found.by_id["talk"].state(found.today) is state
