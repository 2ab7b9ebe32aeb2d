"""Lists of who was there, and lists as people have them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from lrs_bridge import journeyfile
from lrs_bridge.domain.answering import in_words, usual_wait
from lrs_bridge.domain.attending import Seat, changes, meetings, on_day
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.roll_call import Guest, read_roll

NOW = datetime(2026, 3, 26, 9, tzinfo=UTC)
NAMES = st.sampled_from(["a", "b", "c", "d"])


def fact(of: str) -> Fact:
    return Fact(id=f"fact of {of}", kind=Kind.ATTENDED, at=NOW, actor=of, verb="attended")


def seat(account: str, there: bool, elsewhere: bool = False) -> Seat:
    said = {f"r-{account}": (fact(account),)} if there else {}
    return Seat(account, account.title(), Role.PARTICIPANT, (f"r-{account}",), said=said, elsewhere=elsewhere)


def test_leaders_steps_of_the_same_days_belong_to_the_participants_event() -> None:
    """The kick-off of the sample journey is one event, its group session another."""
    found = meetings(journeyfile.sample("field-coaching-90"))
    assert [(one.step.id, {str(role): step.id for role, step in one.own.items()}) for one in found] == [
        ("S09", {"participant": "S09", "manager": "S10"}),
        ("S16", {"participant": "S16"}),
    ]


@given(there=st.sets(NAMES), ticked=st.sets(NAMES), seen=st.sets(NAMES))
def test_after_a_list_those_ticked_are_there_and_those_unticked_are_not(
    there: set[str], ticked: set[str], seen: set[str]
) -> None:
    """But for whoever was not shown as there: what nobody saw, nobody takes back."""
    change = changes([seat(one, one in there) for one in "abcd"], ticked, seen)
    come = {one.seat.account for one in change.come}
    gone = {one.actor for one in change.gone}
    assert (there | come) - gone == ticked | (there - seen)
    assert not come & there


@given(ticked=st.booleans(), seen=st.booleans())
def test_what_another_system_says_is_neither_doubled_nor_taken_back(ticked: bool, seen: bool) -> None:
    change = changes([seat("a", False, elsewhere=True)], {"a"} if ticked else set(), {"a"} if seen else set())
    assert (change.come, change.gone) == ((), ())


def test_a_day_counts_at_its_noon_and_never_in_the_future() -> None:
    zone = ZoneInfo("Europe/Berlin")
    assert on_day(date(2026, 3, 2), NOW, zone) == datetime(2026, 3, 2, 11, tzinfo=UTC)
    assert on_day(date(2026, 3, 26), NOW, zone) == NOW


GUESTS = [
    Guest("1", "Petra Novák", "petra@example.org"),
    Guest("2", "Ben Adler", "ben@example.org"),
    Guest("3", "Ben Adler", "ben2@example.org"),
    Guest("4", "Søren O'Neil"),
]


def accounts(text: str) -> list[str | None]:
    return [line.account for line in read_roll(text, GUESTS)]


def test_people_are_found_by_e_mail_and_by_name_however_it_is_written() -> None:
    """Case, accents, order, brackets, quotes and what else stands in the line do not matter."""
    text = """Name,Email
petra novak
Novak, Petra
"NOVAK","Petra",90 min
Petra Novak (she/her)
Petra Novak <petra@example.org>
somebody else,PETRA@example.org

Søren O’Neil"""
    assert accounts(text) == ["1"] * 6 + ["4"]


def test_what_is_nobodys_is_said_by_line() -> None:
    """Two of one name are told apart by e-mail only."""
    lines = read_roll("Grandma\nghost@example.org\nBen Adler\nBen Adler, ben2@example.org", GUESTS)
    assert [(line.number, line.problem) for line in lines] == [
        (1, "nobody who is expected here has that name."),
        (2, "nobody who is expected here has that e-mail."),
        (3, "there are 2 people of that name. Give the e-mail."),
        (4, None),
    ]


@given(st.text(max_size=300))
def test_any_text_is_read_line_by_line(text: str) -> None:
    """Each line is somebody's or has a problem, whatever was pasted."""
    for line in read_roll(text, GUESTS):
        assert (line.account is None) != (line.problem is None)


@given(st.lists(st.integers(0, 10**6), min_size=1))
def test_the_usual_wait_lies_between_the_shortest_and_the_longest(seconds: list[int]) -> None:
    found = usual_wait((NOW, NOW + timedelta(seconds=one)) for one in seconds)
    assert found is not None
    assert timedelta(seconds=min(seconds)) <= found <= timedelta(seconds=max(seconds))


def test_waits_are_told_in_words_and_rounded_up() -> None:
    assert usual_wait([]) is None
    told = [in_words(timedelta(minutes=minutes)) for minutes in (0, 1, 20, 59.5, 61, 60 * 35, 60 * 36, 60 * 49)]
    assert told == ["a minute", "a minute", "20 minutes", "an hour", "2 hours", "35 hours", "2 days", "3 days"]
