"""What the parameters of a request to the record store may be: each once, no unknown ones, of the right type. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from lrs_bridge.lrs.formats import is_iri, is_uuid, read_timestamp
from lrs_bridge.lrs.problems import Invalid


def once_each(parameters: Mapping[str, Sequence[str]], known: frozenset[str]) -> dict[str, str]:
    """Raises Invalid for a parameter that is unknown, case included, or given twice (Communication 3.2)."""
    for name, values in parameters.items():
        if name not in known:
            raise Invalid(name, "is not a parameter of this request")
        if len(values) != 1:
            raise Invalid(name, "is given more than once")
    return {name: values[0] for name, values in parameters.items()}


def read_iri(given: Mapping[str, str], name: str) -> str:
    if not is_iri(given[name]):
        raise Invalid(name, "must be an absolute IRI")
    return given[name]


def read_uuid(given: Mapping[str, str], name: str) -> str | None:
    """In lower case; None where it is not given."""
    value = given.get(name)
    if value is None:
        return None
    if not is_uuid(value):
        raise Invalid(name, "must be a UUID")
    return value.lower()


def read_time(given: Mapping[str, str], name: str) -> datetime | None:
    if name not in given:
        return None
    # In a query a plus sign means a space; clients that forget to escape the one of an offset are many.
    moment = read_timestamp(given[name]) or read_timestamp(given[name].replace(" ", "+"))
    if moment is None:
        raise Invalid(name, "must be an ISO 8601 timestamp")
    return moment


def read_json(given: Mapping[str, str], name: str) -> Any:
    try:
        return orjson.loads(given[name])
    except orjson.JSONDecodeError:
        raise Invalid(name, "must be JSON") from None


def read_text(given: Mapping[str, str], name: str) -> str:
    """Any text that a database can hold: PostgreSQL has no NUL."""
    if "\0" in given[name]:
        raise Invalid(name, "must not contain NUL")
    return given[name]
