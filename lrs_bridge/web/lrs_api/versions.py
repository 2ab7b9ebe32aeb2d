"""Which version of xAPI a request speaks and is answered in (Communication 3.3). Pure."""

from __future__ import annotations

import re

VERSION_HEADER = "X-Experience-API-Version"
VERSIONS = ("1.0.3", "2.0.0")
UNSAID = "0.9"
"""What a request without the header speaks: 0.9 had none. It is refused like the other versions before 1.0."""

_ONE, _TWO = re.compile(r"1\.0(?:\.\d+)?"), re.compile(r"2\.0(?:\.\d+)?")


def spoken(header: str | None) -> str | None:
    """The latest patch of the version asked for; None where it is not spoken here."""
    if header is None:
        return None
    if _ONE.fullmatch(header):
        return VERSIONS[0]
    return VERSIONS[1] if _TWO.fullmatch(header) else None


def answered(header: str | None) -> str:
    """The version that an answer names, also one that refuses: the nearest to what was asked for."""
    if header is None:
        return UNSAID
    return spoken(header) or VERSIONS[header.startswith("2.")]


def unsaid_version(version: str) -> str:
    """The version of a statement that names none (Data 2.4.10)."""
    return "2.0.0" if is_two(version) else "1.0.0"


def is_two(version: str) -> bool:
    return version.startswith("2.")
