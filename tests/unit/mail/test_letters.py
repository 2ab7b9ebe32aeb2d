"""Letters as e-mail: nothing that people write becomes a header, and nothing breaks out of the words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar as Ical

from lrs_bridge.domain.mailing import Calendar, Entry, Letter, Mailbox, is_address
from lrs_bridge.mail import writing
from lrs_bridge.mail.calendars import calendar_of
from lrs_bridge.mail.envelope import message_of
from lrs_bridge.mail.smtp import _dotted

LETTER = Letter(
    id="b4ff1ad6-4a0a-4aa8-9a01-0d6dfd3fcd5c",
    to="petra@example.org",
    sender=Mailbox("learning@example.org", "Learning"),
    subject="Two things this week",
    text="Hello,\n",
    html="<p>Hello,</p>",
    stop_url="https://bridge.example/mail/x.y",
)
PART = {
    "role": "manager",
    "journey": "A journey",
    "course": "A course",
    "day_zero": "2026-03-02",
    "posted": ["Journey completion"],
    "more": 0,
    "opens": None,
    "people_url": "https://bridge.example/m/people",
    "notice_url": None,
}
ITEM = {
    "about": "led",
    "day": "2026-03-12",
    "late": False,
    "title": "Debrief",
    "name": "Petra",
    "role": None,
    "anonymous": False,
    "url": "https://bridge.example/m/1",
}
HEADERS = {
    "From",
    "To",
    "Subject",
    "Message-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "MIME-Version",
    "Content-Type",
}


def context(**more: object) -> dict[str, object]:
    item = {**ITEM, **more}
    return {
        "kind": "week",
        "name": "Mark",
        "leads": True,
        "holds": False,
        "has_links": True,
        "has_news": False,
        "count": 1,
        "parts": [{**PART, "items": [item], "news": []}],
        "stop_url": LETTER.stop_url,
    }


@given(st.text(), st.text(), st.text())
def test_no_text_adds_a_header(name: str, text: str, subject: str) -> None:
    """Either the letter is refused, or it has the headers it always has, and one recipient."""
    try:
        raw = message_of(replace(LETTER, sender=Mailbox("learning@example.org", name), text=text, subject=subject))
    except ValueError:
        return
    read = message_from_bytes(raw, policy=policy.default)
    assert set(read.keys()) == HEADERS
    assert str(read["To"]) == "petra@example.org"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "petra",
        "@example.org",
        "petra@",
        "petra@example.org\nBcc: all@example.org",
        "petra@example.org\r\n.\r\nMAIL FROM:<x@y>",
        "petra@example.org, all@example.org",
        "Petra <petra@example.org>",
        "pe tra@example.org",
        "petra@example.org>",
        "petra@example.org\x00",
        "p" * 250 + "@example.org",
    ],
)
def test_what_is_no_plain_address_is_written_to_by_nobody(address: str) -> None:
    assert not is_address(address)


@given(st.emails(domains=st.just("example.org")).filter(lambda one: not set(one) & set('"(),:;<>[]\\')))
def test_plain_addresses_are_addresses(address: str) -> None:
    assert is_address(address)


@given(st.binary())
def test_no_line_of_a_letter_ends_it(body: bytes) -> None:
    """A dot by itself on a line is what ends a letter in SMTP."""
    assert b"\r\n.\r\n" not in b"\r\n" + _dotted(body)


@pytest.mark.parametrize("language", list(writing.languages()))
@given(st.text(), st.text())
def test_titles_and_names_cannot_break_out_of_the_page(language: str, title: str, name: str) -> None:
    """They stand in the HTML escaped, and nothing else is changed by them."""
    marked = writing.write("things", language, context(title=f"<b>{title}", name=f"<i>{name}"))
    assert "<b>" not in marked.html
    assert "<i>" not in marked.html
    assert "<" not in marked.subject


@pytest.mark.parametrize("language", list(writing.languages()))
@pytest.mark.parametrize("about", ["question", "no_chance", "led", "own"])
@pytest.mark.parametrize("late", [True, False])
def test_every_language_has_every_sentence(language: str, about: str, late: bool) -> None:
    words = writing.write("things", language, context(about=about, late=late))
    assert ITEM["url"] in words.text
    assert ITEM["url"] in words.html
    assert f'lang="{language}"' in words.html


@pytest.mark.parametrize("language", list(writing.languages()))
@pytest.mark.parametrize("role", ["participant", "manager", "sponsor", "coach"])
def test_the_notice_is_there_for_each_role_in_each_language(language: str, role: str) -> None:
    invitation = {**context(), "kind": "invitation", "parts": [{**PART, "role": role, "items": []}]}
    words = writing.write("invitation", language, invitation)
    assert "A journey" in words.text
    assert words.text.count("\n- ") >= 3
    assert words.html.count("<b>") >= 3
    assert ("Journey completion" in words.text) is (role == "participant")


def test_no_name_stands_in_a_subject() -> None:
    for language in writing.languages():
        for about in ("question", "no_chance", "led", "own"):
            assert "Petra" not in writing.write("things", language, context(about=about)).subject


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("DE_ch", "de"),
        ("en-GB", "en"),
        ("fi", "en"),
        ("", "en"),
        (None, "en"),
        ("..", "en"),
    ],
)
def test_the_nearest_language_with_templates(wanted: str | None, language: str) -> None:
    assert writing.nearest(wanted) == language


@given(st.text(), st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(0, 5))
def test_a_calendar_file_says_the_days_and_is_read_again(title: str, first: date, days: int) -> None:
    """RFC 5545: `DTEND` is the day after the last; whatever stands in a title stays a title."""
    last = date.fromordinal(first.toordinal() + days)
    text = calendar_of([Entry("S1.x@bridge.example", title, first, last)], datetime(2026, 3, 1, tzinfo=UTC))
    events = Ical.from_ical(text).walk("VEVENT")
    assert len(events) == 1
    assert events[0].decoded("dtstart") == first
    assert events[0].decoded("dtend") == date.fromordinal(last.toordinal() + 1)
    assert events[0]["uid"] == "S1.x@bridge.example"
    assert len(text.split(b"BEGIN:VEVENT")) == 2


def test_a_letter_may_carry_a_calendar_file() -> None:
    text = calendar_of(
        [Entry("S1.x@h", "Kick-off", date(2026, 3, 2), date(2026, 3, 2))], datetime(2026, 3, 1, tzinfo=UTC)
    )
    raw = message_of(replace(LETTER, calendar=Calendar("dates.ics", text)))
    (attached,) = message_from_bytes(raw, policy=policy.default).iter_attachments()  # type: ignore[attr-defined]
    assert attached.get_filename() == "dates.ics"
    assert attached.get_content_type() == "text/calendar"
    assert "SUMMARY:Kick-off" in attached.get_content()


def test_a_draft_for_a_mail_program_says_so() -> None:
    assert b"X-Unsent: 1" in message_of(LETTER, draft=True)
    assert b"X-Unsent" not in message_of(LETTER)
