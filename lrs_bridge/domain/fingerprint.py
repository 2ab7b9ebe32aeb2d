"""Fingerprints of what a result was made from, so that the same inputs give the same hash wherever they are read.

What differs between record stores for the same statement (`stored`, `recorded`) is left out, and so is order where
it says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from json import JSONEncoder
from typing import Any

from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.people import Person, Relation, Run


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


canonical = JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain
).encode
"""JSON with sorted keys and no white space. Raises TypeError, ValueError for what JSON does not know (NaN too)."""


def digest(text: str) -> str:
    """sha256, as 64 hexadecimal digits."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def of_run(run: Run) -> str:
    return canonical([run.id, run.journey, run.version, run.day_zero.isoformat(), run.time_zone])


def of_person(person: Person) -> str:
    """All an evaluator can see of one person."""
    days = (person.enrolled, person.withdrawn)
    own = [person.day_zero.isoformat()] if person.day_zero else []
    return canonical(
        [
            person.account,
            person.role,
            person.registration,
            [day.isoformat() if day else None for day in days],
            person.area,
            [_of_relations(group) for group in (person.managers, person.coaches, person.sponsors)],
            sorted(person.identities),
            sorted(person.also),
            *own,
        ]
    )


def _of_relations(relations: Iterable[Relation]) -> list[list[str]]:
    return sorted(
        [r.account, r.start.isoformat() if r.start else "", r.end.isoformat() if r.end else ""] for r in relations
    )


def of_facts(facts: Iterable[Fact]) -> str:
    """One digest over settled facts, in their order: first all texts, then the numbers and data where there are any.

    What is None stands as nothing: no statement has an empty text in these places.
    """
    texts: list[str] = []
    said: list[Any] = []
    # fmt: off
    for (id_, _kind, at, actor, verb, activity, registration, step, moment, _own, capability, role, other, target,
         completion, score, _stored, _recorded, _run, data) in facts:
        # fmt: on
        texts += (id_, actor, verb, activity or "", registration or "", step or "", moment or "", capability or "")
        texts += (role or "", other or "", target or "", _COMPLETION[completion])
        said.append(at.timestamp())
        if score is not None:
            said.append((score.raw, score.min, score.max))
        if data:
            said.append(data)
    texts.append(canonical(said))
    return digest("\n".join(texts))


_COMPLETION = {None: "", True: "done", False: "undone"}
