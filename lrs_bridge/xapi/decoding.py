"""Statements read from their JSON texts, many at a time: what `reading.read` says of them, for less than half its time.

Nearly every statement has the same shape: who is an account, what is an activity or another statement, nothing has the
wrong type. Of these only the properties that a fact is made of are decoded, and into places known beforehand. Any
other is left to `reading.read`, which is strict and lenient where it has to be.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import msgspec
import orjson
from msgspec import Struct, field

from lrs_bridge.domain.events import Kind, Score
from lrs_bridge.domain.facts import Fact
from lrs_bridge.xapi.names import CMI5, KINDS, Place, extension, place
from lrs_bridge.xapi.reading import data_of, moment, read
from lrs_bridge.xapi.values import number

_NOWHERE = Place()
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class _Part(Struct, frozen=True, gc=False):
    """Never part of a circle, so not worth the collector's while."""


class _Account(_Part, frozen=True):
    homePage: str  # noqa: N815
    name: str


class _Actor(_Part, frozen=True):
    account: _Account


class _Named(_Part, frozen=True):
    id: str


class _Object(_Part, frozen=True):
    id: str
    objectType: str = "Activity"  # noqa: N815


class _Activities(_Part, frozen=True):
    grouping: tuple[_Named, ...] = ()
    category: tuple[_Named, ...] = ()


class _Extensions(_Part, frozen=True):
    step: str | None = field(default=None, name=extension("step"))
    role: str | None = field(default=None, name=extension("role"))
    counterpart: str | None = field(default=None, name=extension("with"))
    recorded: str | None = field(default=None, name=extension("recorded"))


class _Context(_Part, frozen=True):
    registration: str | None = None
    contextActivities: _Activities = _Activities()  # noqa: N815
    extensions: _Extensions = _Extensions()


class _Score(_Part, frozen=True):
    raw: float
    min: float | None = None
    max: float | None = None


class _Result(_Part, frozen=True):
    completion: bool | None = None
    score: _Score | None = None
    extensions: dict[str, Any] | None = None


class _Statement(_Part, frozen=True):
    id: str
    actor: _Actor
    verb: _Named
    object: _Object
    timestamp: str
    stored: str | None = None
    context: _Context = _Context()
    result: _Result = _Result()


class _Unusual(Exception):
    """Nothing wrong as yet, but not of the shape that most statements have."""


_usual = msgspec.json.Decoder(_Statement).decode


class Reader:
    """Reads the statements of one record. `home_page` as for `reading.read`.

    Accounts, registrations, steps, verbs and activities come up again and again: one text of each is kept while the
    reader lives, with what it says.
    """

    def __init__(self, home_page: str) -> None:
        self._home_page = home_page
        self._names: dict[str, str] = {}
        self._verbs: dict[str, tuple[str, Kind]] = {}
        self._activities: dict[str, tuple[str, Place]] = {}

    def read(self, text: str | bytes) -> Fact:
        """As `reading.read` of the decoded text. Raises Unreadable, and orjson.JSONDecodeError for what is no JSON."""
        try:
            return self._fact(_usual(text))
        except (msgspec.DecodeError, RecursionError, ValueError, _Unusual):
            return read(orjson.loads(text), self._home_page)

    def _fact(self, statement: _Statement) -> Fact:
        account, thing = statement.actor.account, statement.object
        actor, names = account.name, self._names
        context, result = statement.context, statement.result
        said, registration = context.extensions, context.registration
        if not (statement.id and actor and account.homePage == self._home_page and thing.id):
            raise _Unusual
        verb, kind = self._verbs.get(statement.verb.id) or self._verb(statement.verb.id)
        at = _time(statement.timestamp)
        stored = None if statement.stored is None else _time(statement.stored)
        if registration is not None:
            registration = self._registration(registration, context.contextActivities)
        activity: str | None = None
        target: str | None = None
        where = _NOWHERE
        if thing.objectType == "Activity":
            activity, where = self._activities.get(thing.id) or self._activity(thing.id)
        elif thing.objectType == "StatementRef":
            target = thing.id.lower()
        else:
            raise _Unusual
        step = said.step or where.step
        return Fact(
            statement.id.lower(),
            kind,
            at,
            names.setdefault(actor, actor),
            verb,
            activity,
            registration,
            names.setdefault(step, step) if step else step,
            where.moment,
            where.personal_moment,
            where.capability,
            said.role or None,
            said.counterpart or None,
            target,
            result.completion,
            None if result.score is None else _score(result.score),
            stored,
            stored if said.recorded is None else _time(said.recorded),
            where.run or _run(context.contextActivities.grouping),
            data_of(result.extensions) if result.extensions else _NOTHING,
        )

    def _verb(self, iri: str) -> tuple[str, Kind]:
        if not iri:
            raise _Unusual
        found = self._verbs[iri] = iri, KINDS.get(iri, Kind.OTHER)
        return found

    def _activity(self, iri: str) -> tuple[str, Place]:
        found = self._activities[iri] = iri, place(iri)
        return found

    def _registration(self, registration: str, activities: _Activities) -> str | None:
        """None in a statement of cmi5, as `reading.read` explains."""
        if not registration:
            raise _Unusual
        for category in activities.category:
            if category.id == CMI5:
                return None
        registration = registration.lower()
        return self._names.setdefault(registration, registration)


def _time(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is UTC and 1 < found.year < 9999:
        return found
    turned = moment(text)
    if turned is None:
        raise _Unusual
    return turned


def _run(groupings: tuple[_Named, ...]) -> str | None:
    for grouping in groupings:
        run = place(grouping.id).run
        if run is not None:
            return run
    return None


def _score(score: _Score) -> Score | None:
    raw = number(score.raw)
    return None if raw is None else Score(raw, number(score.min), number(score.max))
