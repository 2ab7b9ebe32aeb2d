"""Dates, numbers and names in the words of the pages: "26 March", "two", "Mark's".

Pure functions over local days; the templates use them as filters (`install`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from flask import Flask

_MONTHS = "January February March April May June July August September October November December".split()
_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_SMALL = "no one two three four five six seven eight nine".split()


def day_words(day: date) -> str:
    """26 March"""
    return f"{day.day} {_MONTHS[day.month - 1]}"


def short_day(day: date) -> str:
    """26 Mar"""
    return f"{day.day} {_MONTHS[day.month - 1][:3]}"


def weekday(day: date) -> str:
    return _WEEKDAYS[day.weekday()]


def long_day(day: date) -> str:
    """Thursday 26 March"""
    return f"{weekday(day)} {day_words(day)}"


def full_day(day: date) -> str:
    """26 March 2026, for days that may be another year."""
    return f"{day_words(day)} {day.year}"


def span(first: date, last: date) -> str:
    """16 to 30 March; 30 March to 16 April; 2 March."""
    if first == last:
        return day_words(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {day_words(last)}"
    return f"{day_words(first)} to {day_words(last)}"


def clock(moment: datetime, zone: ZoneInfo) -> str:
    """07:12 in the run's time zone."""
    return f"{moment.astimezone(zone):%H:%M}"


def when(moment: datetime, zone: ZoneInfo) -> str:
    """26 March, 07:12"""
    return f"{day_words(moment.astimezone(zone).date())}, {clock(moment, zone)}"


def number(count: int) -> str:
    """Numbers under ten in words, as in prose."""
    return _SMALL[count] if 0 <= count < len(_SMALL) else str(count)


def plural(count: int, one: str, many: str | None = None) -> str:
    """two steps; one step; 12 steps."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def sentence(text: str) -> str:
    """The text with a capital first letter; the rest stays as it is."""
    return text[:1].upper() + text[1:]


def rounded(value: float, places: int = 0) -> str:
    """Half up, as everywhere a number is shown: 38.888 is 39, and 38.89 with two places."""
    exact = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return f"{exact:f}"


def plain(value: float, places: int = 2) -> str:
    """Up to `places` decimals without trailing zeros: 2, 0.5, 38.89."""
    text = rounded(value, places)
    return text.rstrip("0").rstrip(".") if "." in text else text


def listed(parts: Sequence[str]) -> str:
    """A, B and C"""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def brief(title: str) -> str:
    """A title up to its first colon, comma or bracket: "Live virtual kick-off" of "Live virtual kick-off, 90 min"."""
    return re.split(r"[:,(]", title, maxsplit=1)[0].strip() or title


def first_name(name: str) -> str:
    return name.split()[0] if name.split() else name


def initials(name: str) -> str:
    words = [word for word in name.split() if word]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def possessive(name: str) -> str:
    return f"{name}’s"


def install(app: Flask) -> None:
    """Make the words available to the templates as filters."""
    for filter_ in (
        day_words,
        short_day,
        long_day,
        full_day,
        number,
        sentence,
        rounded,
        plain,
        listed,
        first_name,
        initials,
        possessive,
    ):
        app.jinja_env.filters[filter_.__name__] = filter_
