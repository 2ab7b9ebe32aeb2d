"""Facts: statements read for what they say about a journey. Evaluators see nothing else of the record."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from operator import attrgetter
from types import MappingProxyType
from typing import Any, NamedTuple

from lrs_bridge.domain.events import Kind, Score

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Fact(NamedTuple):
    """One statement, read. Several fields are None where the statement says nothing of them.

    A named tuple, because nobody may change a fact, and frozen dataclasses take five times as long to make.

    `id`: statement id, lower case. `at`: its timestamp. `recorded`: extension `recorded`, else `stored`.
    `actor`: the account name where the actor is an account under the run's home page, else an agent key
    (`mbox|mailto:...`). `verb` and `activity` are the IRIs, for `matches`. `target`: the statement referred to.
    `data`: result extensions (and `level`, `themes`, ...) by their short names.
    """

    id: str
    kind: Kind
    at: datetime
    actor: str
    verb: str
    activity: str | None = None
    registration: str | None = None
    step: str | None = None
    moment: str | None = None
    personal_moment: bool = False
    capability: str | None = None
    role: str | None = None
    counterpart: str | None = None
    target: str | None = None
    completion: bool | None = None
    score: Score | None = None
    stored: datetime | None = None
    recorded: datetime | None = None
    run: str | None = None
    data: Mapping[str, Any] = _NOTHING


by_time: Callable[[Fact], Any] = attrgetter("at", "id")
"""The key by which facts are sorted: by time, then by statement id."""


def settle(facts: Iterable[Fact], as_of: datetime) -> list[Fact]:
    """What counts at `as_of` (`standing`), in order of time and id."""
    return sorted(standing(facts, as_of), key=by_time)


def standing(facts: Iterable[Fact], as_of: datetime) -> list[Fact]:
    """What counts at `as_of`: each id once, nothing voided, nothing later.

    A void counts whatever its own timestamp, and a void of a void does nothing (xAPI 2.3.2). Of one id with
    different contents the first by `stored` stands.
    """
    once = _once(list(facts))
    voids = [fact for fact in once if fact.kind is Kind.VOIDED]
    if not voids:
        return [fact for fact in once if fact.at <= as_of]
    voided = {void.target for void in voids}
    return [f for f in once if f.at <= as_of and f.kind is not Kind.VOIDED and f.id not in voided]


def _once(facts: list[Fact]) -> Collection[Fact]:
    """Of those with one id the first by `stored`."""
    if len({fact.id for fact in facts}) == len(facts):
        return facts
    first: dict[str, Fact] = {}
    for fact in facts:
        known = first.setdefault(fact.id, fact)
        if known is not fact and _stored_before(fact, known):
            first[fact.id] = fact
    return first.values()


def ids_in_order(facts: Iterable[Fact]) -> tuple[str, ...]:
    """Statement ids for `Outcome.evidence`: each once, in order of time and id."""
    return tuple(dict.fromkeys([fact.id for fact in sorted(facts, key=by_time)]))


def _stored_before(one: Fact, other: Fact) -> bool:
    """By `stored`; where that does not tell, by time and content, so that the order given never matters."""
    if one.stored != other.stored:
        return one.stored is not None and (other.stored is None or one.stored < other.stored)
    return one != other and (one.at, repr(one)) < (other.at, repr(other))
