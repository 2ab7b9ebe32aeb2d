"""What managers, sponsors and the coach did in the demo's history, each in their own manner."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lrs_bridge.demo.cohort import Habit, Member
from lrs_bridge.demo.diary import Diary
from lrs_bridge.domain.events import Event, Kind
from lrs_bridge.domain.people import Role

CONVERSATIONS = ("S14",)
OBSERVATION = "S18"
DISPUTED_TALKS = frozenset({"pavel"})
UNANSWERED_OBSERVATION = "petra"  # her manager's one observation still waits for her word
UNASKED = "oskar"  # his sponsor has not had the talk with him yet
NEVER_FORGOTTEN = DISPUTED_TALKS | {UNANSWERED_OBSERVATION}  # their managers do every step in time
THEMES = ("opportunity_to_use", "manager_support", "timing", "skill_not_learned", "peer_norms")

# In time, late.
_LEADER_PACES: Mapping[Habit, tuple[float, float]] = MappingProxyType(
    {Habit.PRESENT: (0.9, 0.07), Habit.TARDY: (0.35, 0.5), Habit.ABSENT: (0.25, 0.15)}
)
_CONFIRMS: Mapping[Habit, float] = MappingProxyType(
    {Habit.LEAD: 1.0, Habit.KEEN: 0.95, Habit.STEADY: 0.8, Habit.LATE: 0.4, Habit.FADING: 0.4, Habit.SILENT: 0.0}
)


def before_the_start(diary: Diary) -> None:
    """The design, the sponsors' calls and messages, and the managers at the kick-off: one event per enrolment."""
    for participant in diary.cast.participants:
        _for_all(diary, diary.cast.by_key["dario"], Role.DESIGNER, participant, "S01", day=-22)
        manager = diary.cast.manager_of(participant, 0)
        if manager is not None:
            _sponsor_and_manager(diary, participant, manager, diary.cast.by_key[str(manager.sponsor)])


def _for_all(diary: Diary, who: Member, role: Role, participant: Member, step: str, day: int) -> None:
    day = day if diary.is_workday(day) else diary.workday_before(day, 1)
    diary.write(Kind.COMPLETED, who, role, day, about=participant, step=step, completion=True, at=diary.noon(day))


def _sponsor_and_manager(diary: Diary, participant: Member, manager: Member, sponsor: Member) -> None:
    prompt = sponsor.habit is Habit.PRESENT
    _for_all(diary, sponsor, Role.SPONSOR, participant, "S02", day=-23 if prompt else -16)
    _for_all(diary, sponsor, Role.SPONSOR, participant, "S07", day=-4 if prompt else -1)
    if manager.habit is not Habit.ABSENT:
        diary.write(
            Kind.ATTENDED,
            manager,
            Role.MANAGER,
            0,
            about=participant,
            step="S10",
            instructor=diary.cast.by_key["dario"].account,
            duration_seconds=105 * 60,
            at=diary.noon(0),
        )


def agree_the_plan(diary: Diary, participant: Member, plan: Event | None) -> None:
    """Goal conversation, approval of the plan, then the debrief and the observations."""
    if diary.cast.manager_of(participant, 0) is None:
        return
    _talk(diary, participant, "S05", level=2)
    if plan is not None:
        manager, day = _manager_and_day(diary, participant, "S06")
        diary.write(
            Kind.APPROVED,
            manager,
            Role.MANAGER,
            _not_before(diary, day, plan),
            about=participant,
            step="S06",
            after=plan,
            refers_to=plan.statement_id,
            data={"goal-agreed": diary.chance(participant.key).random() < 0.85},
        )
    _talk(diary, participant, "S14", level=3)
    _observe(diary, participant)


def _talk(diary: Diary, participant: Member, step_id: str, level: int) -> None:
    manager, day = _manager_and_day(diary, participant, step_id)
    talk = diary.write(
        Kind.TALKED_WITH,
        manager,
        Role.MANAGER,
        day,
        about=participant,
        step=step_id,
        duration_seconds=60 * diary.chance(participant.key).choice((15, 20, 30, 45)),
        data={"level": level},
    )
    disputed = participant.key in DISPUTED_TALKS and step_id in CONVERSATIONS
    _answer(diary, participant, talk, day, disputed)


def _observe(diary: Diary, participant: Member) -> None:
    step = diary.step(OBSERVATION)
    if participant.key == UNANSWERED_OBSERVATION:
        day = diary.workdays(step.due_day - 3, step.due_day)[-1]
        manager = diary.cast.manager_of(participant, day)
        diary.write(Kind.OBSERVED, manager, Role.MANAGER, day, about=participant, step=OBSERVATION)
        return
    for _ in range(step.expected):
        by, on = _manager_and_day(diary, participant, OBSERVATION)
        seen = diary.write(Kind.OBSERVED, by, Role.MANAGER, on, about=participant, step=OBSERVATION)
        _answer(diary, participant, seen, on, disputed=False)


def _answer(diary: Diary, participant: Member, act: Event | None, day: int | None, disputed: bool) -> None:
    """The participant's word on what the manager says happened; many give none."""
    chance = diary.chance(participant.key)
    answers = disputed or chance.random() < _CONFIRMS[participant.habit]
    if act is None or day is None or not answers:
        return
    diary.write(
        Kind.DISPUTED if disputed else Kind.CONFIRMED,
        participant,
        Role.PARTICIPANT,
        diary.workdays(day + chance.randint(0, 2), day + 5)[0],
        about=participant,
        after=act,
        refers_to=act.statement_id,
    )


def _manager_and_day(diary: Diary, participant: Member, step_id: str) -> tuple[Member | None, int | None]:
    """Whoever was manager on the day; the manner is that of the manager when the step opened."""
    manager = diary.cast.manager_of(participant, diary.step(step_id).opens_day)
    assert manager is not None, "asked for a participant with a manager only"
    if participant.key in NEVER_FORGOTTEN:
        step = diary.step(step_id)
        return manager, diary.chance(participant.key).choice(diary.workdays(step.opens_day, step.due_day))
    day = _leader_day(diary, manager, step_id, participant)
    return (diary.cast.manager_of(participant, day) if day is not None else manager), day


def _leader_day(diary: Diary, leader: Member, step_id: str, participant: Member | None = None) -> int | None:
    in_time, late = _LEADER_PACES[leader.habit]
    chance = diary.chance(participant.key if participant else leader.key)
    return diary.day_in_window(diary.step(step_id), in_time, late, chance)


def _not_before(diary: Diary, day: int | None, act: Event) -> int | None:
    """An answer cannot come before what it answers."""
    if day is None:
        return None
    happened = (act.at.date() - diary.day_zero).days
    return day if day >= happened else diary.workdays(happened, happened + 3)[0]


def pairs_with_the_coach(diary: Diary, participant: Member) -> None:
    """Two sessions of coach, participant and manager, on the low route."""
    if participant.habit is Habit.SILENT:
        return
    chance = diary.chance(participant.key)
    step = diary.step("S15")
    sessions = 1 if participant.habit is Habit.FADING else step.expected
    days = diary.workdays(step.opens_day, step.due_day)
    for day in sorted(chance.sample(days, sessions)):
        manager = diary.cast.manager_of(participant, day)
        diary.write(
            Kind.COACHED,
            diary.cast.by_key["carl"],
            Role.COACH,
            day,
            about=participant,
            step=step.id,
            counterpart=manager.account if manager and manager.habit is not Habit.ABSENT else None,
            duration_seconds=45 * 60,
            data={"themes": sorted(chance.sample(THEMES, 2)), "goal-linked": chance.random() < 0.7},
        )


def sponsor_talks(diary: Diary) -> None:
    """The managers' manager asks each of them what their people applied; half of the managers say so too."""
    for manager in diary.cast.with_role(Role.MANAGER):
        sponsor = diary.cast.by_key[str(manager.sponsor)]
        day = _leader_day(diary, sponsor, "S22")
        if manager.key == UNASKED:
            continue
        talk = diary.write(
            Kind.TALKED_WITH,
            sponsor,
            Role.SPONSOR,
            day,
            about=_first_of(diary, manager),
            step="S22",
            counterpart=manager.account,
            duration_seconds=25 * 60,
            data={"level": 4},
        )
        if talk is None or day is None or manager.habit is not Habit.PRESENT:
            continue
        diary.write(
            Kind.CONFIRMED,
            manager,
            Role.MANAGER,
            diary.workdays(day + 1, day + 4)[0],
            about=_first_of(diary, manager),
            after=talk,
            refers_to=talk.statement_id,
        )


def _first_of(diary: Diary, manager: Member) -> Member:
    """A talk about a whole team stands in the record once, with the first of the team."""
    return next(person for person in diary.cast.participants if diary.cast.manager_of(person, 0) is manager)
