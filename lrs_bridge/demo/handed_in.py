"""What people of the demo asked, and late work that they handed in: something for the teacher and the assessors.

Tomas, Simon and Nikolai, who had answered nothing, hand in their notes after all; two assessors have scored one of
them and are far apart, the others wait.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from lrs_bridge.demo.cohort import SEED, TIME_ZONE, Cast, fixed_uuid
from lrs_bridge.domain.people import Role
from lrs_bridge.flows import assessing
from lrs_bridge.flows.assessing import Scoring
from lrs_bridge.store import people, questions
from lrs_bridge.store.runs import RunRow

POST_ASSESSMENT = "S21"
_NOTES = (
    (
        "tomas",
        "Visit of 14 May. You let the customer finish twice and wrote down her figure. What would you ask her first "
        "next week? We agreed: you call her by Thursday and write me one line.\n\nVisit of 16 May. The offer came "
        "before the question. What did you want to find out? Next visit on the 24th, I come along.\n\nVisit of "
        "20 May. You asked, and then Tomas answered for you: sorry for that. What will you do with her answer?",
    ),
    (
        "simon",
        "Good visit, keep it up. You should prepare the figures better and talk less. Think about closing earlier.",
    ),
    (
        "nikolai",
        "You said “what would help you” and then waited, four seconds by my watch. He named two things. Which one do "
        "you take up, and by when? We said Friday.",
    ),
)
_SCORED = ("simon", {"irene": (1, 0, 0, 4), "ivan": (2, 2, 1, 4)})
_ADVICE = "Name one thing that you saw, with the words that were said."
_QUESTIONS = (
    ("petra", 9, "S13", "Does a debrief by telephone count, when I was in the car with them?", 5.0,
     "Yes, as long as it is on the same day and about what you saw."),
    ("amira", 26, None, "Can my deputy come to the group session in my place?", 20.0,
     "I would rather see you there. If it cannot be, tell me and we find another group."),
    ("clara", 58, None, "Who confirms my moments? I have had no manager since the spring.", None, None),
    ("ben", 62, "S23", "I have only two weeks left. Do two moments of one visit count as two?", None, None),
)  # fmt: skip


def write_handed_in(session: Session, cast: Cast, run: RunRow, today: int) -> None:
    """All of it that lies before `today`, a day counted from day zero."""
    _ask(session, cast, run, today)
    known = people.people_by_account(session, run.tenant_id, [member.account for member in cast.members])
    for place, (key, text) in enumerate(_NOTES):
        day = min(today - 1, 55 + place)
        member = cast.by_key[key]
        step = run.journey.step_by_id[POST_ASSESSMENT]
        row = assessing.hand_in(session, run, member.registration or "", step, text, None, _at(run.day_zero, day, 17))
        if key == _SCORED[0]:
            for number, (assessor, points) in enumerate(_SCORED[1].items()):
                person = known[cast.by_key[assessor].account]
                criteria = [criterion.id for criterion in assessing.rubric_of(run.journey, step).criteria]
                scoring = Scoring(
                    person.account,
                    person.id,
                    Role.ASSESSOR,
                    dict(zip(criteria, points, strict=True)),
                    _ADVICE if number == 0 else "",
                    fixed_uuid(SEED, "score", key, assessor),
                )
                assessing.score(session, run, row, scoring, _at(run.day_zero, day, 18 + number))


def _ask(session: Session, cast: Cast, run: RunRow, today: int) -> None:
    teacher = people.people_by_account(session, run.tenant_id, [cast.by_key["dario"].account])
    dario = next(iter(teacher.values()))
    for key, day, step, text, hours, answer in _QUESTIONS:
        if day >= today:
            continue
        asked = _at(run.day_zero, day, 10)
        id_ = str(fixed_uuid(SEED, "question", key, day))
        questions.ask(session, run, cast.by_key[key].registration or "", id_, text, step, asked)
        kept = questions.get(session, run, id_)
        if kept is not None and answer is not None and hours is not None:
            questions.answer(kept, answer, dario.id, asked + timedelta(hours=hours))
    session.flush()


def _at(day_zero: date, day: int, hour: int) -> datetime:
    return datetime.combine(day_zero + timedelta(days=day), time(hour, 12), ZoneInfo(TIME_ZONE))
