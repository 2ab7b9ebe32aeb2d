"""The second sample, ten weeks of performance consulting, is a good example and can be computed whole."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from lrs_bridge.domain.evaluation import Active, Evaluation, evaluate_all
from lrs_bridge.domain.events import Kind, Score
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.indicators import Subject
from lrs_bridge.domain.journey import Phase, Step
from lrs_bridge.domain.people import Cohort, Person, Relation, Role
from lrs_bridge.hooks.registry import load
from lrs_bridge.hooks.settings import resolve
from lrs_bridge.hooks.testing import fact, on, participant, run
from lrs_bridge.journeyfile import design_check, sample

SLUG = "performance-consulting-10"
JOURNEY = sample(SLUG)
RUN = run(journey=SLUG)
PETRA = Subject.person("petra")
WHOLE = Subject.cohort(RUN.id)
PILOT = ("petra", "ben", "jonas", "lea", "omar", "tina")
MARK: dict[str, Any] = {"actor": "mark", "role": "manager"}
MAP = dict.fromkeys(("learning_outcome", "moments", "performance_outcome", "business_rationale"), True)
CLEAR = dict.fromkeys(("goal", "moments", "behaviour", "manager_agrees"), 4)
LEFT = {"W2", "P4", "P5", "P6", "P7", "P8"}
MOMENT_OF = {"A1": "M1", "A2": "M2", "A3": "M3", "A4": "M4"}
DONE = {
    "acknowledge": Kind.ACKNOWLEDGED,
    "self_study": Kind.COMPLETED,
    "live_event": Kind.ATTENDED,
    "menu": Kind.COMPLETED,
    "artefact": Kind.COMPLETED,
    "practice": Kind.PRACTISED,
    "mentor_session": Kind.MENTORED,
    "mtm_application": Kind.APPLIED,
    "peer_forum": Kind.COMMENTED,
    "reflection": Kind.REFLECTED,
    "survey": Kind.ANSWERED,
}
LED = {"conversation": Kind.TALKED_WITH, "observation": Kind.OBSERVED}


def test_it_leaves_the_design_check_nothing_to_say():
    """Without a remark: managers in each phase, no gap, no week too full; of the menu three count."""
    assert design_check(JOURNEY) == []


def test_it_holds_what_the_programme_is():
    """A 360 twice, three of eight, eight mentor sessions, four applications, two posts, three steps of the manager in
    the ten weeks, a success case survey in week 16, a pilot."""
    led = [step for step in JOURNEY.owned_by(Role.MANAGER) if step.phase is not Phase.BEFORE]
    assert [len(JOURNEY.of_type(type_)) for type_ in ("assessment_360", "mtm_application")] == [2, 4]
    assert [(choice.choose, len(choice.steps)) for choice in JOURNEY.choices] == [(3, 8)]
    assert JOURNEY.of_type("mentor_session")[0].expected == 8
    assert JOURNEY.of_type("peer_forum")[0].expected == 2
    assert [step.id for step in led] == ["K1", "K2", "K3"]
    assert JOURNEY.step_by_id["N2"].opens_day == 15 * 7  # week 1 begins on day zero
    assert {one.id: len(one.levels) for one in JOURNEY.capabilities} == dict.fromkeys(
        ("business_acumen", "partnering", "consulting"), 4
    )
    assert JOURNEY.pilot


def about(name: str, kind: Kind, day: int, step: str | None, **parts: Any) -> Fact:
    return fact(kind, on(day, run=RUN), step, **{"actor": name, "registration": f"{name}-enrolment", **parts})


def whole(name: str) -> list[Fact]:
    """Somebody who does all there is to do, three of the eight, with everybody else doing their part."""
    steps = {step.type: step for step in JOURNEY.steps}
    plan = about(name, Kind.PLANNED, -10, steps["impact_map"].id, data={"map": MAP, "answers": CLEAR})
    approval = about(name, Kind.APPROVED, -4, steps["approval"].id, **MARK, target=plan.id, data={"goal-agreed": True})
    own = [one for step in JOURNEY.steps if step.id not in LEFT and step.type in DONE for one in _done(name, step)]
    led = [one for step in JOURNEY.owned_by(Role.MANAGER) if step.type in LED for one in _led(name, step)]
    return [plan, approval, *own, *led, *_rated(name)]


def _done(name: str, step: Step) -> list[Fact]:
    """What the participant does about one of their steps, as often as it is expected, from its first day on."""
    parts: dict[str, Any] = {}
    if step.type == "mtm_application":
        moment = MOMENT_OF[step.id]
        data = {"behaviours": list(JOURNEY.moment_by_id[moment].behaviours)}
        parts = {"moment": moment, "score": Score(3, 0, 4), "data": data}
    if step.type == "mentor_session":
        parts = {"actor": "mona", "role": "mentor"}
    if step.id == "N2":
        parts = {"data": {"answers": {"M1": 3, "M2": 3, "M3": 1, "M4": 1}}}
    kind = DONE[step.type]
    return [about(name, kind, step.opens_day + n, step.id, **parts) for n in range(step.expected)]


def _led(name: str, step: Step) -> list[Fact]:
    """What the manager does with the participant, who confirms it."""
    did = about(name, LED[step.type], step.opens_day, step.id, **MARK)
    return [did, about(name, Kind.CONFIRMED, step.opens_day + 1, None, target=did.id)]


def _rated(name: str) -> list[Fact]:
    """2 of 4 on each capability at first, 3 in week 10; by themselves, their manager and three peers."""
    peers = [peer for peer in PILOT if peer != name][:3]
    raters = [(name, "self"), ("mark", "manager"), *((peer, "peer") for peer in peers)]
    return [
        about(
            name,
            Kind.RATED,
            JOURNEY.step_by_id[step].opens_day,
            step,
            actor=by,
            capability=capability.id,
            score=Score(points, 1, 4),
            data={"source": source},
        )
        for step, points in (("R1", 2), ("R3", 3))
        for capability in JOURNEY.capabilities
        for by, source in raters
    ]


def _told_anonymously(nobody: int, points: int) -> Fact:
    data = {"answers": {"recommend": points, "usefulness": 4, "intent": 4}}
    return fact(Kind.ANSWERED, on(1, run=RUN), "W2", actor=f"nobody-{nobody}", registration=None, data=data)


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    """All evaluators that are installed, also those that the journey leaves out."""
    people = [participant(name, enrolled=date(2026, 2, 10)) for name in PILOT]
    leaders = (Person("mark", Role.MANAGER, sponsors=(Relation("sofia"),)), Person("sofia", Role.SPONSOR))
    facts = [one for name in PILOT for one in whole(name)]
    facts += [_told_anonymously(*told) for told in enumerate((10, 10, 9, 9, 7, 3))]
    every = [Active(one, resolve(one)) for one in load().evaluators.values()]
    cohort = Cohort(RUN, "https://bridge.example", (*people, *leaders))
    return evaluate_all(every, JOURNEY, cohort, facts, on(130, run=RUN))


def test_no_evaluator_fails_on_it(evaluation: Evaluation):
    """Those of the journey give a value; what it has no step for does not apply."""
    assert evaluation.failures == ()
    valued = {one.indicator for one in evaluation.results if one.value is not None}
    assert valued - {"sponsor_engagement"} == set(JOURNEY.evaluators or ())


@pytest.mark.parametrize(
    ("indicator", "subject", "expected"),
    [
        ("journey_completion", PETRA, 100),
        ("manager_engagement", PETRA, 100),
        ("mtm_application", PETRA, 80),  # four of four on one's own word: 100 x (.5 x .6 + .25 + .25)
        ("success_case", PETRA, 200 / 3),  # 3 + 3 + 1 + 1 of 12
        ("capability_progress", PETRA, 32.5),  # level .65 x 3 + .35 x 2, on the way from 2 to 4
        ("coaching_reach", PETRA, 100),
        ("line_of_sight", PETRA, 90),  # self 75, map full, agreed
        ("reaction", WHOLE, 50),  # four of six recommend it, one does not
    ],
)
def test_everything_done_comes_to(evaluation: Evaluation, indicator: str, subject: Subject, expected: float):
    """A small record, computed by hand beside."""
    (found,) = [one.value for one in evaluation.of(indicator).results if one.subject == subject]
    assert found == pytest.approx(expected)
