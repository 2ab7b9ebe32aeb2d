"""The demo's second run: a pilot of six in its second week, in a course of its own, with a 360 round under way.

The journey is the second sample. It gives the personas of the first run more to do: Petra, Ben and Mark are asked how
they see somebody's work, Carl is everybody's mentor, and Dario reads what people say about the pilot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from lrs_bridge.demo.cohort import SEED, TIME_ZONE, Cast, Member, fixed_uuid
from lrs_bridge.demo.diary import Diary
from lrs_bridge.domain.events import Event, Kind
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.rating import Source
from lrs_bridge.domain.switching import Place, Scope, Word
from lrs_bridge.flows import anonymously, asking_raters, rating
from lrs_bridge.flows.rating import Answer
from lrs_bridge.flows.record import record
from lrs_bridge.flows.rounds import Round, read_round
from lrs_bridge.hooks.registry import Registry
from lrs_bridge.store import enrolments, journeys, people, pilot_remarks, plugin_settings, runs, tenants
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.pilot_remarks import PilotRemark
from lrs_bridge.store.runs import RunRow

JOURNEY, VERSION = "performance-consulting-10", 1
COURSE, TITLE = "pc10-pilot", "Performance consulting, the pilot"
LINK = "pilot"
RUN_ID = str(fixed_uuid(SEED, "pilot"))
SIX = ("amira", "ewa", "lukas", "julia", "leila", "sara")
DAY = 9  # of the pilot, on which the demo begins: the first round and the choice of a pathway are open
ROUND, TEACHER, MENTOR = "R1", "dario", "carl"
_ASKED: Mapping[str, tuple[tuple[str, Source], ...]] = {
    "amira": (("petra", Source.PEER), ("ben", Source.PEER), ("jonas", Source.PEER), ("clara", Source.PEER)),
    "ewa": (("lukas", Source.PEER), ("petra", Source.PEER), ("tomas", Source.PEER), ("yusuf", Source.PEER)),
    "julia": (("pavel", Source.PEER), ("leila", Source.PEER), ("felix", Source.PEER)),
}
_SAID: Mapping[tuple[str, str], tuple[int, int, int]] = {
    ("amira", "jonas"): (2, 3, 2),
    ("amira", "clara"): (3, 3, 2),
    ("ewa", "ewa"): (2, 2, 3),
    ("ewa", "lukas"): (2, 3, 3),
    ("ewa", "tomas"): (1, 3, 2),
    ("ewa", "yusuf"): (2, 3, 3),
    ("ewa", "nina"): (2, 2, 2),
    ("julia", "julia"): (3, 2, 2),
    ("julia", "pavel"): (2, 2, 2),
}
"""Levels by whose round it is and who says it. Amira has not rated herself; Mark, Petra and Ben are still asked."""
REACTION = "W2"
ITEMS = ("recommend", "usefulness", "intent", "value_person", "value_business")
_REACTIONS = ((9, 5, 4, 5, 4), (10, 4, 4, 4, 5), (8, 4, 3, 4, 3), (9, 4, 5, 5, 4), (7, 3, 4, 4, 3), (9, 5, 4, 4, 4))
_REMARKS = (
    ("lukas", Role.PARTICIPANT, "C5", 1, "The second case is about a factory. Nobody of us has one.", None),
    ("nina", Role.MANAGER, "C2", 2, "I had the contract on one page; the guide asks for four things too many.",
     "It asks for the client, the time and your own part, from the next version on."),
    ("amira", Role.PARTICIPANT, None, 7, "Two hours a week is honest. Say in the invitation that it is so.", None),
)  # fmt: skip


def write_pilot(session: Session, registry: Registry, cast: Cast, main: RunRow, secret_key: str, today: date) -> None:
    """All of it that lies before `today`."""
    tenant = tenants.get_tenant(session, main.tenant_id)
    run = run_in(session, registry, main, COURSE, TITLE, today - timedelta(days=DAY), RUN_ID)
    six = _six(cast)
    known = people.people_by_account(session, run.tenant_id, [member.account for member in cast.members])
    folk = {member.key: known[member.account] for member in cast.members}
    _enrol(session, run, six, folk)
    for event in _history(six, run, today):
        record(session, tenant, event, event.recorded or event.at)
    asked = zip([one.registration or "" for one in six.participants], _REACTIONS, strict=True)
    tell_anonymously(session, run, dict(asked))
    _rounds(session, run, six, folk, secret_key)
    _remarks(session, run, folk)


def run_in(
    session: Session, registry: Registry, main: RunRow, context: str, title: str, day_zero: date, run_id: str
) -> RunRow:
    """A run of the second sample in a course of its own, which has no columns in the gradebook."""
    begun = datetime.combine(day_zero - timedelta(days=30), time(9), ZoneInfo(TIME_ZONE))
    course = runs.ensure_course(session, main.tenant_id, main.course.platform_id, main.course.deployment_id, context)
    course.title = title
    for key in registry.evaluators:  # the demo's one gradebook belongs to the first course
        off = Word(None, {}, column=False)
        plugin_settings.put(session, main.tenant_id, key, Place(Scope.COURSE, course.id), off, begun)
    journey = journeys.find(session, main.tenant_id, JOURNEY, VERSION)
    if journey is None:
        raise LookupError(f"The journey {JOURNEY} version {VERSION} is not installed.")
    return runs.add_run(session, course, journey, day_zero, TIME_ZONE, begun, run_id)


def _six(cast: Cast) -> Cast:
    """The same people, six of them as participants of this run."""

    def here(member: Member) -> Member:
        return replace(member, registration=str(fixed_uuid(SEED, "pilot", member.key)))

    taking_part = tuple(here(cast.by_key[key]) for key in SIX)
    others = tuple(member for member in cast.members if member.role is not Role.PARTICIPANT)
    return Cast(cast.seed, RUN_ID, (*taking_part, *others))


def _enrol(session: Session, run: RunRow, six: Cast, folk: Mapping[str, PersonRow]) -> None:
    for member in six.participants:
        person, day = folk[member.key], run.day_zero - timedelta(days=20)
        enrolments.enrol(session, run.tenant_id, run.id, person.id, day, member.area, member.registration)
        related = [(member.manager, Role.MANAGER), (MENTOR, Role.MENTOR)]
        for key, role in related:
            if key is not None:
                enrolments.relate(session, run.tenant_id, run.id, person.id, folk[key].id, role, "demo", day)


def _history(six: Cast, run: RunRow, today: date) -> Sequence[Event]:
    """Everybody prepared and came; four have met their mentor."""
    diary = Diary(six, run.journey, run.day_zero, today, SEED + 1)
    teacher = six.by_key[TEACHER].account
    for place, member in enumerate(six.participants):
        own: dict[str, Any] = {"actor": member, "role": Role.PARTICIPANT, "about": member}
        manager = six.by_key[str(member.manager)]
        diary.write(Kind.REGISTERED, day=-20, **own)
        diary.write(Kind.ACKNOWLEDGED, day=diary.workdays(-14, -8)[0], step="C1", **own)
        diary.write(
            Kind.TALKED_WITH,
            manager,
            Role.MANAGER,
            diary.workdays(-13, -4)[1],
            about=member,
            step="C2",
            duration_seconds=30 * 60,
            data={"level": 2},
        )
        filled = dict.fromkeys(("learning_outcome", "moments", "performance_outcome", "business_rationale"), True)
        plan = diary.write(Kind.PLANNED, day=diary.workdays(-12, -6)[place % 3], step="C3", data={"map": filled}, **own)
        if plan is not None:
            day = diary.workdays(-5, -2)[0]
            more: dict[str, Any] = {"refers_to": plan.statement_id, "data": {"goal-agreed": True}, "after": plan}
            diary.write(Kind.APPROVED, manager, Role.MANAGER, day, about=member, step="C4", **more)
        diary.write(Kind.COMPLETED, day=diary.workdays(-9, -1)[place % 4], step="C5", completion=True, **own)
        came: dict[str, Any] = {"instructor": teacher, "duration_seconds": 7 * 3600, "at": diary.noon(0)}
        diary.write(Kind.ATTENDED, day=0, step="W1", **came, **own)
        if place < 4:
            themes = {"themes": ["opportunity_to_use"], "goal-linked": True}
            met: dict[str, Any] = {"about": member, "step": "S1", "duration_seconds": 45 * 60, "data": themes}
            diary.write(Kind.MENTORED, six.by_key[MENTOR], Role.MENTOR, DAY - 1, **met)
    return diary.in_order()


def tell_anonymously(session: Session, run: RunRow, told: Mapping[str, Sequence[int]]) -> None:
    """What people said after the workshop, by registration, in the order of `ITEMS`: into the survey's box, all the
    same evening."""
    evening = datetime.combine(run.day_zero + timedelta(days=1), time(18), run.run.zone)
    for registration, points in told.items():
        said = {"answers": dict(zip(ITEMS, points, strict=True))}
        anonymously.answer(session, run, registration, REACTION, anonymously.Answer(said, {}), evening)


def _rounds(session: Session, run: RunRow, six: Cast, folk: Mapping[str, PersonRow], secret_key: str) -> None:
    step = run.journey.step_by_id[ROUND]
    asked_on = datetime.combine(run.day_zero + timedelta(days=7), time(10), run.run.zone)
    for key, raters in _ASKED.items():
        enrolment = enrolments.get_enrolment(session, run.tenant_id, six.by_key[key].registration or "")
        if enrolment is None:
            continue
        round_ = read_round(session, run, enrolment, step, asked_on)
        for who, source in raters:
            asking_raters.ask_person(session, secret_key, round_, folk[who], source)
        sources = dict(raters)
        for (whose, who), levels in _SAID.items():
            if whose == key:
                source = sources.get(who) or (Source.SELF if who == key else Source.MANAGER)
                _say(session, read_round(session, run, enrolment, step, asked_on), folk[who], source, levels)


def _say(session: Session, round_: Round, person: PersonRow, source: Source, levels: Sequence[int]) -> None:
    capabilities = [capability.id for capability in round_.run.journey.capabilities]
    given = dict(zip(capabilities, levels, strict=True))
    act = fixed_uuid(SEED, "rated", round_.enrolment.id, person.account)
    rating.answer(session, round_, Answer(person.id, person.account, source, given, act))


def _remarks(session: Session, run: RunRow, folk: Mapping[str, PersonRow]) -> None:
    for key, role, step, day, text, word in _REMARKS:
        made = datetime.combine(run.day_zero + timedelta(days=day), time(15, 20), run.run.zone)
        remark = PilotRemark(
            id=str(fixed_uuid(SEED, "remark", key)),
            tenant_id=run.tenant_id,
            run_id=run.id,
            author_id=folk[key].id,
            role=str(role),
            step=step,
            text=text,
            made=made,
        )
        pilot_remarks.add(session, remark)
        if word is not None:
            pilot_remarks.settle(remark, word, made + timedelta(days=1))
