"""What people of the demo wrote outside of statements: notes of coach and coachee, words of a sponsor, the goal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from lrs_bridge.demo.cohort import TIME_ZONE, Cast
from lrs_bridge.domain.events import Kind
from lrs_bridge.store import coaching_notes, facts, notes, people, performance, sponsor_words
from lrs_bridge.store.base import new_id
from lrs_bridge.store.coaching_notes import PURPOSE, Pair
from lrs_bridge.store.performance import OutcomeEntry
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.sealed import Seal
from lrs_bridge.store.sponsor_words import Gift, SponsorWord

GOAL_OWNER = "sofia"
_MEASURE, _UNIT = "Field visits that end with a coaching note the same day", "% of visits"
_NOTES = (
    ("petra", 17, "carl", "Wants the debrief on the day of the visit. Gets stuck when the customer runs late."),
    ("petra", 18, "petra", "Next time I block the half hour before I drive off."),
    ("ben", 30, "carl", "Asks good questions and then answers them himself. Try to count to five."),
)
_GOALS = {
    "petra": {
        "learning_outcome": "Say what I saw before I say what I think",
        "moments": "Debrief on the day of a ride-along\nCoaching after a lost or stalled call",
        "performance_outcome": "Each of my visits ends with one sentence that the sales person wrote",
        "business_rationale": "Three of my people are new; they stay if somebody looks",
    },
    "ben": {
        "learning_outcome": "Ask, and wait for the answer",
        "moments": "Coaching after a lost or stalled call",
        "performance_outcome": "My people tell me the next step before I do",
    },
}
_MESSAGE = (
    "I ask you for one thing in these ninety days: coach on the day, in writing, on one page. In my first year nobody "
    "told me what they saw, and I nearly left. I will ask your managers in May what came of it."
)
_CASE = (
    "A colleague lost a renewal that everybody thought was safe. In the review we talked about the price for an hour. "
    "Nobody had asked what the customer said in the last visit. What would you have asked, and when?"
)
_THANKS = "Thank you. Your case opened the practice at the kick-off, and two groups chose it again."
_VALUES = (
    ("baseline", 22.0, -20, "Sample of 60 visits in the quarter before"),
    ("target", 60.0, 90, "Plan of the region"),
    ("actual", 31.0, 30, "Count of the first month"),
    ("actual", 38.5, 60, "Count of the second month"),
)


def write_words(session: Session, cast: Cast, run: RunRow, secret_key: str, today: int) -> None:
    """All that was written before `today`, a day counted from day zero."""
    by_account = people.people_by_account(session, run.tenant_id, [member.account for member in cast.members])
    ids = {member.key: by_account[member.account].id for member in cast.members}
    _write_notes(session, cast, run, ids, Seal(secret_key, PURPOSE), today)
    _write_goals(session, cast, run, ids)
    for kind, step, day, text in ((Gift.MESSAGE, "S07", -4, _MESSAGE), (Gift.CASE, "S02", -23, _CASE)):
        word = SponsorWord(
            id=new_id(),
            tenant_id=run.tenant_id,
            run_id=run.id,
            author_id=ids["sofia"],
            kind=str(kind),
            step=step,
            text=text,
            created=_noon(run, day),
        )
        sponsor_words.give(session, word)
        if kind is Gift.CASE:
            session.flush()
            sponsor_words.thank(session, run.tenant_id, run.id, word.id, _THANKS, ids["dario"], _noon(run, 2))
    for entry, value, day, source in _VALUES:
        entered = min(day, today - 1)
        performance.add(
            session,
            OutcomeEntry(
                id=new_id(),
                tenant_id=run.tenant_id,
                run_id=run.id,
                by_id=ids[GOAL_OWNER],
                at=_noon(run, entered if entry == "actual" else -20),
                kind=entry,
                measure=_MEASURE,
                unit=_UNIT,
                value=value,
                day=_day(run, entered if entry == "actual" else day),
                source=source,
            ),
        )


def _write_goals(session: Session, cast: Cast, run: RunRow, ids: Mapping[str, str]) -> None:
    """The words of the latest line of sight of some participants."""
    for key, texts in _GOALS.items():
        registration = str(cast.by_key[key].registration)
        plans = [one for one in facts.facts_of(session, run.tenant_id, registration) if one.kind is Kind.PLANNED]
        for plan in plans[-1:]:
            notes.write_note(
                session, run.tenant_id, run.id, registration, ids[key], plan.id, str(Kind.PLANNED), texts, plan.at
            )


def _write_notes(session: Session, cast: Cast, run: RunRow, ids: Mapping[str, str], seal: Seal, today: int) -> None:
    for about, day, author, text in _NOTES:
        if day >= today:
            continue
        pair = Pair(run.tenant_id, run.id, str(cast.by_key[about].registration), ids["carl"])
        coaching_notes.write(session, seal, pair, ids[author], new_id(), text, _noon(run, day))


def _day(run: RunRow, day: int) -> date:
    return run.day_zero + timedelta(days=day)


def _noon(run: RunRow, day: int) -> datetime:
    return datetime.combine(_day(run, day), time(12), tzinfo=ZoneInfo(TIME_ZONE))
