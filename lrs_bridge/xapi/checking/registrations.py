"""Which statements belong together, and whether they follow a primary pattern (xAPI Profiles, part two, 9.0).

Together are the statements of one registration that name the profile; where all of them carry a subregistration for
it, those of one subregistration. A statement without registration stands alone. Order is that of the timestamps;
statements of one instant may stand in any order, so both orders of the file are tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import RFC_4122, UUID

from lrs_bridge.xapi.patterns import Match, Node, Outcome, match

SUBREGISTRATION = "https://w3id.org/xapi/profiles/extensions/subregistration"
_BEST_FIRST = (Outcome.SUCCESS, Outcome.PARTIAL, Outcome.FAILURE)


@dataclass(frozen=True)
class Placed:
    """A statement that names a profile, and the templates it follows; `number` counts from 1 in what was checked."""

    number: int
    statement: Mapping[str, Any]
    templates: frozenset[str]


@dataclass(frozen=True)
class Following:
    """How far the statements of a registration follow a pattern of a profile.

    `profile` is the version's IRI, `pattern` that of the primary pattern that fits best. `statements` are their
    numbers in order; the first `taken` fit, and after them one of the templates `next` was looked for.
    """

    profile: str
    registration: str | None
    subregistration: str | None
    pattern: str
    outcome: Outcome
    statements: tuple[int, ...]
    taken: int
    next: tuple[str, ...]

    @property
    def stuck(self) -> int | None:
        """The number of the first statement that does not fit, of a failure."""
        failed = self.outcome is Outcome.FAILURE and self.taken < len(self.statements)
        return self.statements[self.taken] if failed else None

    def as_dict(self) -> dict[str, Any]:
        return {
            "profile": self.profile,
            "registration": self.registration,
            "subregistration": self.subregistration,
            "pattern": self.pattern,
            "outcome": str(self.outcome),
            "statements": list(self.statements),
            "taken": self.taken,
            "next": list(self.next),
        }


def follow(profile: str, placed: Iterable[Placed], primary: Sequence[Node], ours: frozenset[str]) -> list[Following]:
    """One outcome for each group of statements. `ours` are the IRIs that a subregistration may name the profile by."""
    if not primary:
        return []
    return [_best(profile, *key, group, primary) for key, group in _groups(placed, ours)]


_Key = tuple[str | None, str | None]


def _groups(placed: Iterable[Placed], ours: frozenset[str]) -> list[tuple[_Key, list[Placed]]]:
    alone: list[tuple[_Key, list[Placed]]] = []
    together: dict[str, list[Placed]] = {}
    for one in placed:
        registration = registration_of(one.statement)
        if registration is None:
            alone.append(((None, None), [one]))
        else:
            together.setdefault(registration, []).append(one)
    parted = [found for registration, group in together.items() for found in _parted(registration, group, ours)]
    return parted + alone


def _parted(registration: str, group: list[Placed], ours: frozenset[str]) -> list[tuple[_Key, list[Placed]]]:
    """By subregistration; and whole, as soon as one statement has none ("all ... MUST follow that primary Pattern")."""
    parts: dict[str, list[Placed]] = {}
    whole = False
    for one in group:
        named = _subregistrations(one.statement, ours)
        whole = whole or not named
        for name in named:
            parts.setdefault(name, []).append(one)
    found: list[tuple[_Key, list[Placed]]] = [((registration, name), part) for name, part in parts.items()]
    return [((registration, None), group), *found] if whole else found


def _best(
    profile: str,
    registration: str | None,
    subregistration: str | None,
    group: list[Placed],
    primary: Sequence[Node],
) -> Following:
    """The best outcome over all primary patterns; of failures, the one that came furthest."""
    found = [
        (root, order, match(root, [one.templates for one in order])) for order in _orders(group) for root in primary
    ]
    root, order, best = min(found, key=_worse)
    numbers = tuple(one.number for one in order)
    return Following(profile, registration, subregistration, root.id, best.outcome, numbers, best.taken, best.next)


def _worse(found: tuple[Node, list[Placed], Match]) -> tuple[int, int]:
    return _BEST_FIRST.index(found[2].outcome), -found[2].taken


def _orders(group: list[Placed]) -> list[list[Placed]]:
    """By time; twice, where some share an instant. As in the file, where a statement has no time."""
    times = {one.number: time_of(one.statement) for one in group}
    known = {number: at for number, at in times.items() if at is not None}
    if len(known) < len(group):
        return [group]
    ordered = sorted(group, key=lambda one: known[one.number])
    if len(set(known.values())) == len(group):
        return [ordered]
    backwards = group[::-1]
    return [ordered, sorted(backwards, key=lambda one: known[one.number])]


def time_of(statement: Mapping[str, Any]) -> datetime | None:
    """The timestamp, else when it was stored; a time without zone is UTC. None where there is neither."""
    for key in ("timestamp", "stored"):
        value = statement.get(key)
        try:
            found = datetime.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            continue
        if found is not None:
            return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def registration_of(statement: Mapping[str, Any]) -> str | None:
    context = statement.get("context")
    found = context.get("registration") if isinstance(context, dict) else None
    return found.lower() if isinstance(found, str) and found else None


def _subregistrations(statement: Mapping[str, Any], ours: frozenset[str]) -> list[str]:
    value = _extension(statement)
    listed = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
    return [
        one["subregistration"].lower()
        for one in listed
        if _is_one_of(one.get("profile"), ours) and _is_uuid(one.get("subregistration"))
    ]


def _is_one_of(iri: Any, known: frozenset[str]) -> bool:
    return isinstance(iri, str) and iri in known


def _extension(statement: Mapping[str, Any]) -> Any:
    context = statement.get("context")
    extensions = context.get("extensions") if isinstance(context, dict) else None
    return extensions.get(SUBREGISTRATION) if isinstance(extensions, dict) else None


def wrong_subregistration(statement: Mapping[str, Any], categories: frozenset[str]) -> str | None:
    """What is wrong with the subregistration extension of a statement with these categories; None if nothing."""
    value = _extension(statement)
    if value is None:
        return None
    if registration_of(statement) is None:
        return "is there without a registration"
    if not isinstance(value, list) or not value:
        return "must be a list with something in it"
    for one in value:
        if not isinstance(one, dict) or not _is_one_of(one.get("profile"), categories):
            return "must name, as profile, one of the category context activities"
        if not _is_uuid(one.get("subregistration")):
            return "must have a UUID (variant 2) as subregistration"
    return None


def _is_uuid(value: Any) -> bool:
    try:
        return isinstance(value, str) and UUID(value).variant == RFC_4122
    except ValueError:
        return False
