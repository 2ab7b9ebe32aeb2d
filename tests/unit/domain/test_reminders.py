"""Who is told what and when, decided without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs_bridge.domain import reminders
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.reminders import FIRST_HOUR, LAST_HOUR, About, Item, LetterKind, Wishes

BERLIN = ZoneInfo("Europe/Berlin")
TODAY = date(2026, 3, 26)
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "Pacific/Auckland", "Asia/Kolkata", "UTC")
moments = st.integers(1_577_836_800, 2_051_222_400).map(lambda second: datetime.fromtimestamp(second, UTC))
zones = st.sampled_from(ZONES).map(ZoneInfo)


def item(about: About = About.LED, ref: str = "S1", day: int = 26, **more: object) -> Item:
    values = {"enrolment": "petra", "since": date(2026, 3, 1), "last": date(2026, 3, day), "name": "Petra", **more}
    return Item(about=about, ref=ref, day=date(2026, 3, day), **values)  # type: ignore[arg-type]


@given(moments, zones)
def test_nobody_is_written_to_in_the_night(now: datetime, zone: ZoneInfo) -> None:
    """The time of sending is now or the next local morning, and never more than a night away."""
    at = reminders.awake(now, zone)
    assert FIRST_HOUR <= at.astimezone(zone).hour < LAST_HOUR
    assert now <= at <= now + timedelta(hours=13)


@given(moments, zones)
def test_the_next_round_is_the_next_local_morning(now: datetime, zone: ZoneInfo) -> None:
    at = reminders.next_round(now, zone)
    assert at.astimezone(zone).hour == FIRST_HOUR
    assert timedelta() < at - now <= timedelta(hours=25)


@given(moments, zones, st.sampled_from(list(LetterKind)))
def test_a_letter_is_good_for_a_while_and_not_for_ever(now: datetime, zone: ZoneInfo, kind: LetterKind) -> None:
    until = reminders.good_until(kind, now, zone)
    assert now < until <= now + timedelta(days=15)


@given(moments, st.sampled_from(ZONES))
def test_a_week_has_one_key_and_the_next_week_another(now: datetime, zone: str) -> None:
    day = now.astimezone(ZoneInfo(zone)).date()
    monday = day - timedelta(days=day.weekday())
    keys = {reminders.week_key("petra", monday + timedelta(days=number)) for number in range(7)}
    assert len(keys) == 1
    assert reminders.week_key("petra", monday + timedelta(days=7)) not in keys


def test_a_manager_has_two_things_a_week_questions_first() -> None:
    found = [item(ref="S1", day=20), item(ref="S2", day=10), item(About.QUESTION, "m1", 25), item(ref="S3", day=5)]
    part = reminders.week_of(Role.MANAGER, "run", found)
    assert [one.ref for one in part.items] == ["m1", "S3"]
    assert part.more == 2


def test_a_step_for_everybody_at_once_is_one_thing() -> None:
    found = [item(ref="S1", enrolment="petra", name=None), item(ref="S1", enrolment="ben", name=None), item(ref="S2")]
    assert [one.ref for one in reminders.things(found)] == ["S1", "S2"]


def test_the_same_step_with_two_people_is_two_things() -> None:
    found = [item(enrolment="petra", name="Petra"), item(enrolment="ben", name="Ben")]
    assert len(reminders.things(found)) == 2


def test_a_participant_without_anything_open_is_told_when_the_next_step_opens() -> None:
    opens = date(2026, 4, 14)
    assert reminders.week_of(Role.PARTICIPANT, "run", [], opens).opens == opens
    assert reminders.week_of(Role.PARTICIPANT, "run", [item(About.OWN)], opens).opens is None


@pytest.mark.parametrize(
    ("one", "news"),
    [
        (item(day=27, last=date(2026, 3, 30)), True),  # due tomorrow
        (item(day=26), False),  # due today: said yesterday
        (item(day=20, last=date(2026, 3, 25)), True),  # missed yesterday
        (item(day=20, last=date(2026, 3, 24)), False),
        (item(day=27, required=False), False),
        (item(About.QUESTION, day=20, since=date(2026, 3, 25)), True),
        (item(About.QUESTION, day=20, since=date(2026, 3, 24)), False),
        (item(About.QUESTION, day=27, since=date(2026, 3, 26)), False),
    ],
)
def test_what_is_news_in_the_morning(one: Item, news: bool) -> None:
    part = reminders.morning_of(Role.MANAGER, "run", [one], TODAY)
    assert bool(part.items) is news


@given(st.integers(1, 28), st.integers(0, 10), st.booleans())
def test_the_same_thing_is_news_on_one_morning_only_of_each_kind(day: int, grace: int, asked: bool) -> None:
    """Once before it is due, once when it was missed; a question once."""
    due = date(2026, 3, day)
    one = item(
        About.QUESTION if asked else About.LED, day=day, last=due + timedelta(days=grace), since=date(2026, 3, 1)
    )
    mornings = [date(2026, 2, 20) + timedelta(days=number) for number in range(60)]
    told = [today for today in mornings if reminders.morning_of(Role.MANAGER, "run", [one], today).items]
    expected = [date(2026, 3, 2)] if asked else [due - timedelta(days=1), due + timedelta(days=grace + 1)]
    assert told == expected


@pytest.mark.parametrize(
    ("since", "today", "invited"),
    [
        (date(2026, 2, 1), date(2026, 2, 22), False),
        (date(2026, 2, 1), date(2026, 2, 23), True),
        (None, date(2026, 2, 23), True),
        (date(2026, 2, 1), date(2026, 3, 2), True),
        (date(2026, 2, 1), date(2026, 3, 3), False),  # it has begun, and they were there before
        (None, date(2026, 3, 3), False),
        (date(2026, 3, 10), date(2026, 3, 12), True),  # came later: the notice comes then
        (date(2026, 3, 10), date(2026, 3, 18), False),
        (date(2026, 3, 1), date(2026, 2, 25), False),  # a relation that has not begun
    ],
)
def test_when_the_notice_is_due(since: date | None, today: date, invited: bool) -> None:
    assert reminders.is_invited(date(2026, 3, 2), since, today) is invited


def test_whoever_wants_nothing_has_stopped_it_all() -> None:
    assert Wishes(weekly=False, morning=False).stopped
    assert not Wishes(weekly=False, morning=True).stopped
    assert not Wishes().stopped
