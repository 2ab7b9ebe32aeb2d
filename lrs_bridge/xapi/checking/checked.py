"""A statement while it is checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lrs_bridge.xapi.checking.prepared import Prepared
from lrs_bridge.xapi.template import Traits, normal, traits


@dataclass
class Checked:
    """A statement under check: `number` counts from 1, `id` is in lower case, `categories` are activities it names.

    `meant_for` are the templates whose determining properties it has, `kept` those of them that it follows (at first
    without regard to references), `named` the profiles whose patterns it has to follow.
    """

    number: int
    id: str | None
    statement: Mapping[str, Any]
    traits: Traits
    categories: frozenset[str]
    meant_for: list[str] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)
    named: list[Prepared] = field(default_factory=list)

    def referred(self, where: str) -> str | None:
        """The id in the StatementRef at `object` or `context.statement`, in lower case; None for anything else."""
        value: Any = self.statement
        for key in where.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, dict) and value.get("objectType") == "StatementRef" and isinstance(value.get("id"), str):
            return str(value["id"]).lower()
        return None


def distinct(statements: Iterable[Mapping[str, Any]]) -> tuple[list[Checked], list[Checked]]:
    """The statements in their order, and apart those whose id has stood there before."""
    first: list[Checked] = []
    again: list[Checked] = []
    seen: set[str] = set()
    for number, given in enumerate(statements, start=1):
        statement = normal(given)
        given_id = statement.get("id")
        iri = given_id.lower() if isinstance(given_id, str) else None
        one = Checked(number, iri, statement, traits(statement), _categories(statement))
        (again if iri in seen else first).append(one)
        if iri is not None:
            seen.add(iri)
    return first, again


def _categories(statement: Mapping[str, Any]) -> frozenset[str]:
    context = statement.get("context")
    activities = context.get("contextActivities") if isinstance(context, dict) else None
    listed = activities.get("category") if isinstance(activities, dict) else None
    ids = (one.get("id") for one in listed if isinstance(one, dict)) if isinstance(listed, list) else ()
    return frozenset(iri for iri in ids if isinstance(iri, str))
