"""The moments that matter in the demo's history: applied on the job, verified, disputed, or without a chance."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from types import MappingProxyType

from lrs_bridge.demo.cohort import Habit, Member
from lrs_bridge.demo.diary import Diary
from lrs_bridge.demo.leaders import OBSERVATION
from lrs_bridge.domain.events import Event, Kind, Score
from lrs_bridge.domain.people import Role

APPLICATION_STEPS = ("S13", "S17", "S20", "S23")
LEAD = "petra"
LEADS_MOMENTS = (("S13", "M1", 9, 3), ("S17", "M2", 21, 3), ("S20", "M1", 36, 3), ("S23", "M2", 50, 4))
WAITING_FOR_MARK = MappingProxyType({"petra": 3, "ben": 2})  # workdays before today, and nobody has looked yet
MARK = "mark"  # has looked at everything else
MARKS_LAST_DAYS = 10
DISPUTED_APPLICATION = "felix"
NO_CHANCE = MappingProxyType({"luca": ("M2", 40), "elena": ("M3", 38)})
PEERS = MappingProxyType({"clara": "amira", "lukas": "ewa"})
LATE_NOTE_DAYS = 19  # beyond the fourteen days after which an entry counts less

# How likely an application is, and its outcomes from 0 to 4.
_APPLIES: Mapping[Habit, tuple[float, tuple[int, ...]]] = MappingProxyType(
    {
        Habit.KEEN: (0.95, (2, 3, 3, 3, 4)),
        Habit.STEADY: (0.8, (1, 2, 2, 3, 3)),
        Habit.LATE: (0.6, (1, 1, 2, 2, 3)),
        Habit.FADING: (0.35, (0, 1, 1, 2)),
        Habit.SILENT: (0.0, (1,)),
    }
)
# How likely a manager verifies, and after how many days.
_VERIFIES: Mapping[Habit, tuple[float, int, int]] = MappingProxyType(
    {Habit.PRESENT: (0.92, 2, 4), Habit.TARDY: (0.6, 6, 14), Habit.ABSENT: (0.15, 5, 20)}
)


def applications(diary: Diary, participant: Member) -> None:
    """All of one participant's applications with what others said of them."""
    if participant.key == LEAD:
        for step_id, moment, day, outcome in LEADS_MOMENTS:
            day = diary.workdays(day, day + 3)[0]
            _verified(diary, participant, _apply(diary, participant, step_id, moment, day, outcome), day)
    elif participant.habit is not Habit.SILENT:
        _by_habit(diary, participant)
    if participant.key in WAITING_FOR_MARK:
        day = diary.workday_before(diary.today, WAITING_FOR_MARK[participant.key])
        _apply(diary, participant, "S23", "M1", day, outcome=3)
    if participant.key in NO_CHANCE:
        _no_chance(diary, participant, *NO_CHANCE[participant.key])


def _by_habit(diary: Diary, participant: Member) -> None:
    likely, outcomes = _APPLIES[participant.habit]
    chance = diary.chance(participant.key)
    for step_id in APPLICATION_STEPS:
        step = diary.step(step_id)
        faded = participant.habit is Habit.FADING and step.opens_day > 14
        for _ in range(step.expected):
            happens = chance.random() < likely * (0.3 if faded else 1)
            late = 9 if participant.habit is Habit.LATE else 0
            day = chance.choice(diary.workdays(step.opens_day, step.due_day + late))
            moment = chance.choice(diary.journey.moments).id
            outcome = chance.choice(outcomes)
            if happens and not (participant.manager == MARK and day > diary.today - MARKS_LAST_DAYS):
                _verified(diary, participant, _apply(diary, participant, step_id, moment, day, outcome), day)


def _apply(diary: Diary, participant: Member, step_id: str, moment_id: str, day: int, outcome: int) -> Event | None:
    """Noon of the day given by hand; entered that evening, some days later, or much too late."""
    chance = diary.chance(participant.key)
    entered = min(day + _delay(participant, chance), diary.today - 1)
    behaviours = diary.journey.moment_by_id[moment_id].behaviours
    return diary.write(
        Kind.APPLIED,
        participant,
        Role.PARTICIPANT,
        day,
        about=participant,
        step=step_id,
        moment=moment_id,
        at=diary.noon(day),
        recorded=diary.evening(max(entered, day), chance),
        score=Score(outcome, 0, 4),
        data={"behaviours": sorted(chance.sample(behaviours, chance.randint(1, len(behaviours))))},
    )


def _delay(participant: Member, chance: Random) -> int:
    if participant.habit is Habit.LATE:
        return chance.choice((1, 2, 3, 5, LATE_NOTE_DAYS))
    return chance.choice((0, 0, 0, 1, 2))


def _verified(diary: Diary, participant: Member, application: Event | None, day: int) -> None:
    """Verified by the manager of the day, by a peer where there is none, or disputed once."""
    if application is None:
        return
    chance = diary.chance(participant.key)
    entered = ((application.recorded or application.at).date() - diary.day_zero).days
    first_of_disputed = participant.key == DISPUTED_APPLICATION and application.step == APPLICATION_STEPS[0]
    manager = diary.cast.manager_of(participant, entered)
    likely, soon, later = _VERIFIES[manager.habit] if manager else (0.0, 1, 3)
    answered = diary.workdays(entered + chance.randint(soon, later), entered + later + 4)[0]
    if manager and (first_of_disputed or manager.key == MARK or chance.random() < likely):
        kind = Kind.DISPUTED if first_of_disputed else Kind.VERIFIED
        _say(diary, kind, manager, Role.MANAGER, participant, application, answered)
    elif participant.key in PEERS and chance.random() < 0.75:
        peer = diary.cast.by_key[PEERS[participant.key]]
        _say(diary, Kind.VERIFIED, peer, Role.PEER, participant, application, answered)


def _say(diary: Diary, kind: Kind, who: Member, role: Role, participant: Member, application: Event, day: int) -> None:
    """A manager's verification names the observation step while that is open."""
    observation = diary.step(OBSERVATION)
    counts_there = kind is Kind.VERIFIED and role is Role.MANAGER
    is_open = observation.opens_day <= day <= observation.due_day
    basis = diary.chance(participant.key).choice(("observed", "artefact", "discussed"))
    diary.write(
        kind,
        who,
        role,
        day,
        about=participant,
        step=OBSERVATION if counts_there and is_open else None,
        after=application,
        refers_to=application.statement_id,
        data={"basis": basis} if kind is Kind.VERIFIED else {},
    )


def _no_chance(diary: Diary, participant: Member, moment_id: str, day: int) -> None:
    said = diary.write(
        Kind.LACKED_OPPORTUNITY,
        participant,
        Role.PARTICIPANT,
        diary.workdays(day, day + 3)[0],
        about=participant,
        moment=moment_id,
    )
    manager = diary.cast.manager_of(participant, day)
    if said is None or manager is None or manager.habit is Habit.ABSENT:
        return
    diary.write(
        Kind.CONFIRMED,
        manager,
        Role.MANAGER,
        diary.workdays(day + 4, day + 7)[0],
        about=participant,
        after=said,
        refers_to=said.statement_id,
    )
