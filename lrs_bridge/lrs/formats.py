"""The shapes xAPI gives to single values: UUIDs, IRIs, timestamps, durations, language tags. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
# RFC 3987 forbids these characters in any IRI; a scheme is what makes it absolute.
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20\x7f<>\"{}|\\^`]+")
_MAILTO = re.compile(r"mailto:[^@\s:<>]+@[^@\s<>]+\.?[^@\s<>]+")
_SHA1 = re.compile(r"[0-9a-fA-F]{40}")
_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d)?([.,]\d+)?([Zz]|[+-]\d\d(?::?\d\d)?)?")
_DURATION = re.compile(
    r"P(?:\d+(?:[.,]\d+)?W"
    r"|(?=[\dT])(?:\d+(?:[.,]\d+)?Y)?(?:\d+(?:[.,]\d+)?M)?(?:\d+(?:[.,]\d+)?D)?"
    r"(?:T(?=\d)(?:\d+(?:[.,]\d+)?H)?(?:\d+(?:[.,]\d+)?M)?(?:\d+(?:[.,]\d+)?S)?)?)"
)
# RFC 5646, 2.1: language, script, region, variants, extensions, private use; or wholly private; or grandfathered i-.
_LANGUAGE = re.compile(
    r"(?:(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*(?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?"
    r"|x(?:-[a-z0-9]{1,8})+|i-[a-z0-9]{2,8})",
    re.IGNORECASE,
)
_ONE, _TWO = re.compile(r"1\.0(?:\.\d+)?"), re.compile(r"2\.0\.\d+")
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+*-]+(?:[ \t]*;[^\x00-\x1f\x7f]*)?")


def is_uuid(value: object) -> bool:
    """RFC 9562 in its string form, of any version: newer ones than the specification knew are taken too."""
    return isinstance(value, str) and _UUID.fullmatch(value) is not None


@lru_cache(maxsize=16_384)
def _iri(value: str) -> bool:
    return _IRI.fullmatch(value) is not None


def is_iri(value: object) -> bool:
    """An absolute IRI: with a scheme and without characters that RFC 3987 forbids."""
    return isinstance(value, str) and _iri(value)


def is_mailto(value: object) -> bool:
    return isinstance(value, str) and _MAILTO.fullmatch(value) is not None


def is_sha1(value: object) -> bool:
    return isinstance(value, str) and _SHA1.fullmatch(value) is not None


@lru_cache(maxsize=1_024)
def is_language(value: str) -> bool:
    """A language tag that is well-formed by RFC 5646."""
    return _LANGUAGE.fullmatch(value) is not None


@lru_cache(maxsize=4_096)
def _duration(value: str) -> bool:
    return _DURATION.fullmatch(value) is not None


def is_duration(value: object) -> bool:
    """ISO 8601:2004, 4.4.3.2: with designators; weeks stand alone."""
    return isinstance(value, str) and _duration(value)


def is_version(value: object, two: bool = True) -> bool:
    """The version of a statement: 1.0, 1.0.x (Data 2.4.10) or, where xAPI 2.0 is spoken, 2.0.x."""
    if not isinstance(value, str):
        return False
    return _ONE.fullmatch(value) is not None or (two and _TWO.fullmatch(value) is not None)


def is_media_type(value: object) -> bool:
    return isinstance(value, str) and _MEDIA_TYPE.fullmatch(value) is not None


def read_timestamp(value: object) -> datetime | None:
    """The point in time of an ISO 8601 timestamp, UTC where it names no zone; None when it is none.

    A negative offset of zero says "zone unknown" in RFC 3339 and is refused, as Data 4.5 asks.
    """
    if not isinstance(value, str):
        return None
    match = _TIMESTAMP.fullmatch(value)
    if match is None:
        return None
    day, minutes, seconds, fraction, zone = match.groups()
    if zone and zone[0] == "-" and not zone.strip("-:0"):
        return None
    if fraction and not seconds:
        return None
    text = f"{day}T{minutes}{seconds or ''}{(fraction or '').replace(',', '.')}{(zone or 'Z').upper()}"
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def write_timestamp(moment: datetime) -> str:
    """ISO 8601 in UTC with microseconds, the precision of `stored`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
