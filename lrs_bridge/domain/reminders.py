"""Who is told what by message, and when. Pure: from where people stand on a day to what stands in a letter.

The rules are those of `docs/messages.md`: one digest a person and week at most, a morning's news for those who asked
for it, one invitation a role. A letter names people beside steps, never beside what they wrote, rated or experienced.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from lrs_bridge.domain import applications, completion, support
from lrs_bridge.domain.applications import Standing
from lrs_bridge.domain.completion import StepState
from lrs_bridge.domain.evaluators import Evidence
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.journey import Journey
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.relating import LEADING
from lrs_bridge.domain.support import SupportState

FIRST_HOUR, LAST_HOUR = 7, 20
"""Local hours between which messages go out, the last one excluded."""
THINGS_A_WEEK = 2
STEPS_A_WEEK = 3
INVITED_BEFORE = INVITED_AFTER = timedelta(days=7)
_ONE_DAY = timedelta(days=1)
_DONE_BY_OTHERS = frozenset({"assessment", "assessment_360", "route"})
_LED = (SupportState.OPEN, SupportState.MISSING, SupportState.PARTIAL)
_WORDS = (Kind.VERIFIED, Kind.CONFIRMED, Kind.DISPUTED)


class LetterKind(StrEnum):
    """`link` is what somebody asks for on the page of a link that is too old, or of their people; `rating`
    what a participant asks them for; `nomination` says whom a participant names, `review` that a work is to be
    looked at again."""

    WEEK = "week"
    MORNING = "morning"
    INVITATION = "invitation"
    LINK = "link"
    RATING = "rating"
    NOMINATION = "nomination"
    REVIEW = "review"


class About(StrEnum):
    """What an item is: a moment that waits for a word (used, or without a chance), a step one leads, or does; a session
    to hold; a sponsor's own step; what others said about one's moments; a work to look at again."""

    QUESTION = "question"
    NO_CHANCE = "no_chance"
    LED = "led"
    OWN = "own"
    SESSION = "session"
    SPONSOR = "sponsor"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    RECOGNISED = "recognised"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do. `ref`: statement id of a moment, id of a step. `day`: of the moment, or when the step is due.

    `since`: the day on which it came up; `last`: the last day in time. `name`: whom it is about, None where that is
    the reader or everybody at once. `title` is a step's; moments have none here. `by`: the account of who said it.
    """

    about: About
    enrolment: str
    ref: str
    day: date
    since: date
    last: date | None = None
    late: bool = False
    title: str | None = None
    name: str | None = None
    required: bool = True
    live: bool = False
    by: str | None = None

    @property
    def is_question(self) -> bool:
        return self.about in (About.QUESTION, About.NO_CHANCE)

    @property
    def thing(self) -> tuple[str, ...]:
        """What makes two items the same thing: a step for everybody at once is one."""
        return (self.ref,) if self.name is None else (self.enrolment, self.ref)


@dataclass(frozen=True)
class Part:
    """What one run has for a reader in one role. `more`: how many things beyond `items`; `opens`: when the next step of
    a participant does, where nothing is open; `news`: what others said, with nothing to do about it."""

    run: str
    role: Role
    items: tuple[Item, ...] = ()
    more: int = 0
    opens: date | None = None
    news: tuple[Item, ...] = ()


@dataclass(frozen=True)
class Wishes:
    """What a person wants to get. `stopped`: nothing but what they ask for themselves."""

    weekly: bool = True
    morning: bool = False

    @property
    def stopped(self) -> bool:
        return not (self.weekly or self.morning)


def own_items(journey: Journey, evidence: Evidence, as_of: datetime, registration: str) -> list[Item]:
    """What a participant can do now, what is due first before what may be left: as on their page."""
    progress = completion.of(journey, evidence, as_of)
    found = []
    for row in progress.steps:
        state = row.state(progress.today)
        if state not in (StepState.OPEN, StepState.OVERDUE) or row.step.type in _DONE_BY_OTHERS:
            continue
        if row.step.required and not row.counts:
            continue
        if not row.step.required and state is StepState.OVERDUE:
            continue
        found.append(
            Item(
                About.OWN,
                registration,
                row.step.id,
                row.window.due,
                row.window.opens,
                row.window.last,
                late=state is StepState.OVERDUE,
                title=row.step.title,
                required=row.step.required,
                live=row.step.type == "live_event",
            )
        )
    return sorted(found, key=lambda item: (not item.required, item.day))


def next_opening(journey: Journey, evidence: Evidence, as_of: datetime) -> date | None:
    """When a participant's next step opens; None where all have."""
    progress = completion.of(journey, evidence, as_of)
    return min(
        (row.window.opens for row in progress.steps if row.state(progress.today) is StepState.UPCOMING), default=None
    )


def led_items(
    journey: Journey, evidence: Evidence, as_of: datetime, registration: str, name: str, kept: Collection[str]
) -> list[Item]:
    """What a manager can do now about one participant. `kept`: statements whose author wants no word about them."""
    asked = _questions(journey, evidence, as_of, registration, name, kept)
    return [*asked, *_led(journey, evidence, as_of, registration, name)]


def _questions(
    journey: Journey, evidence: Evidence, as_of: datetime, registration: str, name: str, kept: Collection[str]
) -> Iterable[Item]:
    found = applications.of(journey, evidence, as_of)
    answered = {
        said.target for said in evidence.facts if said.kind in _WORDS and said.actor != evidence.subject.account
    }
    waiting = [(About.QUESTION, one.fact) for one in found.applications if one.standing is Standing.SELF]
    waiting += [(About.NO_CHANCE, one.fact) for one in found.no_opportunities if one.fact.id not in answered]
    for about, fact in waiting:
        if fact.id not in kept:
            yield Item(about, registration, fact.id, _day(evidence, fact.at), _recorded(evidence, fact), name=name)


def _day(evidence: Evidence, at: datetime) -> date:
    return evidence.run.local_day(at)


def _recorded(evidence: Evidence, fact: Fact) -> date:
    return _day(evidence, fact.recorded or fact.at)


def _led(journey: Journey, evidence: Evidence, as_of: datetime, registration: str, name: str) -> Iterable[Item]:
    found = support.of(journey, evidence, as_of)
    for row in found.steps:
        state = row.state(found.today)
        if state not in _LED or row.done or not (row.step.required or state is SupportState.OPEN):
            continue
        if row.step.type in _DONE_BY_OTHERS:
            continue
        yield Item(
            About.LED,
            registration,
            row.step.id,
            row.window.due,
            row.window.opens,
            row.window.last,
            late=row.window.is_over(found.today),
            title=row.step.title,
            name=None if row.step.counterpart == "cohort" else name,
            required=row.step.required,
            live=row.step.type == "live_event",
        )


def things(items: Iterable[Item]) -> list[Item]:
    """Each thing once, questions of people first, then what is due first: the order of the manager's page."""
    found: dict[tuple[str, ...], Item] = {}
    for item in sorted(items, key=lambda item: (not item.is_question, item.day, item.name or "")):
        found.setdefault(item.thing, item)
    return list(found.values())


def week_of(role: Role, run: str, items: Sequence[Item], opens: date | None = None) -> Part:
    """This week's part of one run: two things of whoever leads, three of a coach, a participant's next steps and the
    late ones."""
    if role is not Role.PARTICIPANT:
        sorted_, most = things(items), THINGS_A_WEEK if role in LEADING else STEPS_A_WEEK
        return Part(run, role, tuple(sorted_[:most]), max(0, len(sorted_) - most))
    return Part(run, role, tuple(items[:STEPS_A_WEEK]), max(0, len(items) - STEPS_A_WEEK), None if items else opens)


def morning_of(role: Role, run: str, items: Sequence[Item], today: date) -> Part:
    """What is news today: due tomorrow, missed since yesterday, or asked yesterday. Each is so on one day only."""

    def is_news(item: Item) -> bool:
        if item.is_question:
            return item.since == today - _ONE_DAY
        if not item.required:
            return False
        return item.day == today + _ONE_DAY or item.last == today - _ONE_DAY

    return Part(run, role, tuple(filter(is_news, items if role is Role.PARTICIPANT else things(items))))


def is_invited(day_zero: date, since: date | None, today: date) -> bool:
    """Whether the notice is due: in the week before day zero, or in the first week of whoever comes later."""
    if today < day_zero - INVITED_BEFORE or (since is not None and since > today):
        return False
    return today <= day_zero or (since is not None and today - since <= INVITED_AFTER)


def week_key(person: str, today: date) -> str:
    """One digest a person and week (ISO 8601), whatever runs and roles they have."""
    year, week, _ = today.isocalendar()
    return f"week:{person}:{year}-W{week:02}"


def morning_key(person: str, today: date) -> str:
    return f"morning:{person}:{today}"


def invitation_key(run: str, person: str, role: Role) -> str:
    return f"invitation:{run}:{person}:{role}"


def awake(now: datetime, zone: ZoneInfo) -> datetime:
    """`now`, or the next local morning where it is too early or too late to write to anybody."""
    local = now.astimezone(zone)
    if FIRST_HOUR <= local.hour < LAST_HOUR:
        return now
    day = local.date() + (_ONE_DAY if local.hour >= LAST_HOUR else timedelta())
    return datetime.combine(day, time(FIRST_HOUR), zone).astimezone(now.tzinfo)


def next_round(now: datetime, zone: ZoneInfo) -> datetime:
    """When to look again for what is to be said: the next local morning."""
    today = now.astimezone(zone).date()
    mornings = (datetime.combine(day, time(FIRST_HOUR), zone) for day in (today, today + _ONE_DAY))
    return next(morning for morning in mornings if morning > now).astimezone(now.tzinfo)


def good_until(kind: LetterKind, now: datetime, zone: ZoneInfo) -> datetime:
    """After that a letter that could not be sent is not worth sending any more."""
    day = now.astimezone(zone).date()
    if kind is LetterKind.WEEK:
        last = day + timedelta(days=7 - day.weekday())
    elif kind is LetterKind.MORNING:
        last = day + _ONE_DAY
    else:
        last = day + timedelta(days=14)
    return datetime.combine(last, time(0), zone).astimezone(now.tzinfo)
