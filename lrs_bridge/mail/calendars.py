"""Calendar files (RFC 5545): days of live events and of the talks that managers have to hold.

A journey knows days and no hours, so every entry is for whole days and leaves its day free.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from icalendar import Calendar, Event

from lrs_bridge.domain.mailing import Entry

_PRODUCT = "-//lrs_bridge//learning journeys//EN"


def calendar_of(entries: Iterable[Entry], now: datetime) -> bytes:
    """A file that calendars take in; line breaks and other marks in titles are escaped by the library."""
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for entry in entries:
        event = Event()
        event.add("uid", entry.id)
        event.add("dtstamp", now)
        event.add("dtstart", entry.first)
        event.add("dtend", entry.last + timedelta(days=1))  # the first day after, RFC 5545, 3.6.1
        event.add("summary", entry.title)
        event.add("transp", "TRANSPARENT")
        if entry.text:
            event.add("description", entry.text)
        calendar.add_component(event)
    found: bytes = calendar.to_ical()
    return found
