"""A Person: what the store knows of whoever stands behind an agent (Communication 2.4). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lrs_bridge.lrs.actors import identifier

# What is in these is no agent of the statement, whatever it looks like.
_OPAQUE = frozenset({"extensions", "definition"})


def person(agent: Mapping[str, Any], statements: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The agent as it was asked for, with every name these statements give it. No agent is guessed to be another."""
    identity = identifier(agent) or {}
    names = [agent["name"]] if "name" in agent else []
    for statement in statements:
        names += [found["name"] for found in _named(statement) if identifier(found) == identity]
    known = {"name": list(dict.fromkeys(names))} if names else {}
    return {"objectType": "Person", **known, **{kind: [agent[kind]] for kind in identity}}


def _named(value: Any) -> Iterator[Mapping[str, Any]]:
    """Agents and groups with a name, anywhere in a statement."""
    if isinstance(value, list):
        for one in value:
            yield from _named(one)
    elif isinstance(value, dict):
        if "name" in value and identifier(value):
            yield value
        for name, inner in value.items():
            if name not in _OPAQUE:
                yield from _named(inner)
