"""Some ninety days of the sample journey as 24 people and their leaders might have lived them.

Pure: the same cast, journey, dates and seed give the same events. Some are keen, some late, some fade after the
kick-off, some never answer; managers differ as much. Yesterday is the last day, and something is left open: Petra has
applications and the success case survey before her, Mark has moments of hers and of Ben's to verify.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from lrs_bridge.demo import leaders, moments
from lrs_bridge.demo.cohort import Cast, Habit, Member
from lrs_bridge.demo.diary import Diary
from lrs_bridge.domain.events import Event, Kind, Score
from lrs_bridge.domain.journey import Journey
from lrs_bridge.domain.people import Role

KICK_OFF_MINUTES = 105
GROUP_SESSION_DAY = 30
FADES_FROM_DAY = 18
PRE_ASSESSMENT, POST_ASSESSMENT, ROUTE_STEP = "S03", "S21", "S12"
UNDECIDED = "nikolai"


@dataclass(frozen=True)
class Pace:
    """Probabilities of doing a step in time and late, and the rubric points gained from pre to post."""

    in_time: float
    late: float
    gain: tuple[int, int]


_PACES: Mapping[Habit, Pace] = MappingProxyType(
    {
        Habit.LEAD: Pace(1.0, 0.0, (3, 4)),
        Habit.KEEN: Pace(0.97, 0.03, (3, 5)),
        Habit.STEADY: Pace(0.86, 0.1, (2, 4)),
        Habit.LATE: Pace(0.35, 0.55, (1, 3)),
        Habit.FADING: Pace(0.85, 0.1, (0, 1)),
        Habit.SILENT: Pace(0.0, 0.0, (0, 1)),
    }
)
_FADED = Pace(0.15, 0.1, (0, 1))
_PRE_POINTS = MappingProxyType({"petra": 11, "ben": 7, "clara": 10, "yusuf": 8})
_FACTORS_THAT_HELPED = ("manager_support", "opportunity_to_use", "timing", "peer_norms")
_FACTORS_THAT_HINDERED = ("opportunity_to_use", "incentives", "managers_manager", "tools_resources")


def history(cast: Cast, journey: Journey, day_zero: date, today: date, seed: int) -> list[Event]:
    """What happened before `today`, in the order in which it was entered."""
    diary = Diary(cast, journey, day_zero, today, seed)
    leaders.before_the_start(diary)
    for participant in cast.participants:
        _before(diary, participant)
        _kick_off(diary, participant)
        route = _assessed_and_routed(diary, participant)
        if route is not None:
            _group_or_pairs(diary, participant, route)
        _forum(diary, participant)
        moments.applications(diary, participant)
        _success_case(diary, participant)
    leaders.sponsor_talks(diary)
    return list(diary.in_order())


def pace_of(participant: Member, day: int) -> Pace:
    """How the participant goes about what opens on this day."""
    if participant.habit is Habit.FADING and day >= FADES_FROM_DAY:
        return _FADED
    return _PACES[participant.habit]


def _day(diary: Diary, participant: Member, step_id: str) -> int | None:
    step = diary.step(step_id)
    pace = pace_of(participant, step.opens_day)
    return diary.day_in_window(step, pace.in_time, pace.late, diary.chance(participant.key))


def _before(diary: Diary, participant: Member) -> None:
    own: dict[str, Any] = {"actor": participant, "role": Role.PARTICIPANT, "about": participant}
    diary.write(Kind.REGISTERED, day=diary.cast.enrolment_day(participant), **own)
    plan = diary.write(
        Kind.PLANNED, day=_day(diary, participant, "S04"), step="S04", data=_line_of_sight(diary, participant), **own
    )
    leaders.agree_the_plan(diary, participant, plan)
    if participant.habit is not Habit.SILENT and diary.chance(participant.key).random() < 0.8:
        diary.write(Kind.ACKNOWLEDGED, day=diary.workday_before(0, 1), step="S07", **own)
    diary.write(Kind.COMPLETED, day=_day(diary, participant, "S08"), step="S08", completion=True, **own)


def _line_of_sight(diary: Diary, participant: Member) -> dict[str, object]:
    chance = diary.chance(participant.key)
    low = 3 if participant.habit in (Habit.KEEN, Habit.LEAD, Habit.STEADY) else 2
    items = ("goal", "moments", "behaviour", "manager_agrees")
    rationale = low == 3 or chance.random() < 0.5
    filled = {"learning_outcome": True, "moments": True, "performance_outcome": True, "business_rationale": rationale}
    return {"map": filled, "answers": {item: chance.randint(low, 5) for item in items}}


def _kick_off(diary: Diary, participant: Member) -> None:
    chance = diary.chance(participant.key)
    likely = 0.6 if participant.habit is Habit.SILENT else 0.94
    if participant.habit is not Habit.LEAD and chance.random() > likely:
        return
    attended = diary.write(
        Kind.ATTENDED,
        participant,
        Role.PARTICIPANT,
        0,
        about=participant,
        step="S09",
        instructor=diary.cast.by_key["dario"].account,
        duration_seconds=KICK_OFF_MINUTES * 60,
        at=diary.noon(0),
    )
    practice = diary.journey.moments[chance.randrange(len(diary.journey.moments))]
    diary.write(
        Kind.PRACTISED,
        participant,
        Role.PARTICIPANT,
        0,
        about=participant,
        moment=practice.id,
        after=attended,
        data={"difficulty": chance.randint(1, 3)},
    )


def _assessed_and_routed(diary: Diary, participant: Member) -> str | None:
    """The route by the journey's rules on the pre-assessment; the tool writes it down itself. None of somebody who
    handed nothing in: a person decides."""
    if participant.key == UNDECIDED:
        return None
    chance = diary.chance(participant.key)
    pre = _PRE_POINTS.get(participant.key) or chance.randint(5, 13)
    post = pre + chance.randint(*_PACES[participant.habit].gain)
    for step_id, points in ((PRE_ASSESSMENT, pre), (POST_ASSESSMENT, post)):
        if step_id == POST_ASSESSMENT and participant.habit is Habit.SILENT:
            continue  # no new notes were handed in
        day = chance.choice(diary.workdays(diary.step(step_id).opens_day, diary.step(step_id).due_day))
        _assess(diary, participant, step_id, points, day)
    percent = 100 * pre / _maximum(diary.journey)
    routes = diary.journey.routes
    assert routes is not None, "the sample journey has routes"
    route = next(rule.route for rule in routes.rules if rule.fits(percent))
    diary.write(Kind.ROUTED, None, Role.SYSTEM, 2, about=participant, step=ROUTE_STEP, data={"route": route})
    return route


def _maximum(journey: Journey) -> float:
    return sum(criterion.max for criterion in journey.assessments["coaching_note"].criteria)


def _assess(diary: Diary, participant: Member, step_id: str, points: int, day: int) -> None:
    """Spread the points over the criteria, as far as each goes."""
    rubric = diary.journey.assessments["coaching_note"]
    maximum = _maximum(diary.journey)
    points = min(points, int(maximum))
    given = dict.fromkeys((criterion.id for criterion in rubric.criteria), 0)
    order = list(rubric.criteria)
    diary.chance(participant.key).shuffle(order)
    for number in range(points):
        free = [criterion for criterion in order if given[criterion.id] < criterion.max]
        given[free[number % len(free)].id] += 1
    diary.write(
        Kind.ASSESSED,
        diary.cast.by_key["irene"],
        Role.ASSESSOR,
        day,
        about=participant,
        step=step_id,
        score=Score(points, 0, maximum),
        data={"criteria": given, "rubric-version": rubric.rubric_version},
    )


def _group_or_pairs(diary: Diary, participant: Member, route: str) -> None:
    if route == "low":
        leaders.pairs_with_the_coach(diary, participant)
        return
    pace = pace_of(participant, GROUP_SESSION_DAY)
    if diary.chance(participant.key).random() >= pace.in_time + pace.late:
        return
    diary.write(
        Kind.ATTENDED,
        participant,
        Role.PARTICIPANT,
        diary.workdays(GROUP_SESSION_DAY, GROUP_SESSION_DAY + 4)[0],
        about=participant,
        step="S16",
        instructor=diary.cast.by_key["carl"].account,
        duration_seconds=75 * 60,
        at=diary.noon(diary.workdays(GROUP_SESSION_DAY, GROUP_SESSION_DAY + 4)[0]),
    )


def _forum(diary: Diary, participant: Member) -> None:
    wanted = {Habit.LEAD: 2, Habit.KEEN: 3, Habit.STEADY: 2, Habit.LATE: 1}.get(participant.habit, 0)
    for _ in range(wanted):
        diary.write(
            Kind.COMMENTED,
            participant,
            Role.PARTICIPANT,
            _day(diary, participant, "S19"),
            about=participant,
            step="S19",
        )


def _success_case(diary: Diary, participant: Member) -> None:
    """Those who answer at all; the lead has not yet."""
    likely = {Habit.KEEN: 0.95, Habit.STEADY: 0.8, Habit.LATE: 0.5, Habit.FADING: 0.4}.get(participant.habit, 0.0)
    chance = diary.chance(participant.key)
    if chance.random() >= likely:
        return
    low, high = {Habit.KEEN: (2, 3), Habit.STEADY: (1, 3), Habit.LATE: (0, 2)}.get(participant.habit, (0, 1))
    answers = {moment.id: chance.randint(low, high) for moment in diary.journey.moments}
    well = sum(answers.values()) >= 2 * len(answers)
    step = diary.step("S24")
    diary.write(
        Kind.ANSWERED,
        participant,
        Role.PARTICIPANT,
        chance.choice(diary.workdays(step.opens_day, max(step.opens_day, diary.today - 1))),
        about=participant,
        step="S24",
        data={
            "answers": answers,
            "factors": {
                chance.choice(_FACTORS_THAT_HELPED): "helped",
                **({} if well else {chance.choice(_FACTORS_THAT_HINDERED): "hindered"}),
            },
        },
    )


def first_day(journey: Journey, day_zero: date) -> date:
    """The day on which the run's history begins."""
    return day_zero + timedelta(days=min(step.opens_day for step in journey.steps))
