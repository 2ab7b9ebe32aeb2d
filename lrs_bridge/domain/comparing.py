"""Two versions of a journey held against each other: what came, went, moved and changed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from lrs_bridge.domain.journey import Journey, Step


class What(StrEnum):
    """`MOVED`: a step has other days or stands in another phase; it may have changed otherwise as well."""

    CAME = "came"
    WENT = "went"
    MOVED = "moved"
    CHANGED = "changed"


@dataclass(frozen=True)
class Difference:
    """One thing that differs. `part`: step, moment, behaviour, ...; `id` is empty for what a journey has once.

    `details`: a short sentence for each key that differs, in the words of the journey file.
    """

    part: str
    id: str
    title: str
    what: What
    details: tuple[str, ...] = ()


_DAYS = ("phase", "opens_day", "due_day", "from_enrolment", "grace_days")
_KEYS = {"counterpart": "with", "from_enrolment": "from", "rubric_version": "rubric version", "max": "points"}
_LONGEST = 120  # characters of a text that is quoted


def compare(before: Journey, after: Journey) -> tuple[Difference, ...]:
    """Every difference that people may notice, steps first. Nothing where only the number or the writing differs."""
    return tuple(_all(before, after))


def _all(before: Journey, after: Journey) -> Iterator[Difference]:
    yield from _listed("step", before.steps, after.steps)
    for part in ("moment", "behaviour"):
        yield from _listed(part, getattr(before, part + "s"), getattr(after, part + "s"))
    yield from _listed("capability", before.capabilities, after.capabilities)
    yield from _listed("menu", before.choices, after.choices)
    yield from _named("survey", before.surveys, after.surveys)
    yield from _named("assessment", before.assessments, after.assessments)
    yield from _once(before, after)


def _listed(part: str, before: Iterable[Any], after: Iterable[Any]) -> Iterator[Difference]:
    yield from _named(part, {one.id: one for one in before}, {one.id: one for one in after})


def _named(part: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for id_, one in before.items():
        if id_ not in after:
            yield Difference(part, id_, _title(one), What.WENT)
    for id_, one in after.items():
        if id_ not in before:
            yield Difference(part, id_, _title(one), What.CAME)
            continue
        details = tuple(_details(before[id_], one))
        if details:
            yield Difference(part, id_, _title(one), _how(before[id_], one), details)


def _title(one: Any) -> str:
    return str(getattr(one, "title", "") or getattr(one, "name", "") or getattr(one, "id", ""))


def _how(before: Any, after: Any) -> What:
    moved = isinstance(before, Step) and any(getattr(before, name) != getattr(after, name) for name in _DAYS)
    return What.MOVED if moved else What.CHANGED


def _details(before: Any, after: Any) -> Iterator[str]:
    for field in fields(before):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if old != new and field.name not in ("id", "name"):
            yield from _detail(_KEYS.get(field.name, field.name.replace("_", " ")), field.name, old, new)


def _detail(word: str, name: str, old: Any, new: Any) -> Iterator[str]:
    if name in ("items", "criteria"):
        kind = "question" if name == "items" else "criterion"
        for one in _listed(kind, old, new):
            more = f" ({', '.join(one.details)})" if one.details else ""
            yield f"{kind} {one.id} {one.what}{more}"
    elif name == "matches":
        yield f"statement of another system: {_matches(old)} → {_matches(new)}"
    else:
        yield f"{word}: {_shown(name, old)} → {_shown(name, new)}"


def _matches(found: Any) -> str:
    return f"{found.verb} {found.activity}" if found else "none"


def _shown(name: str, value: Any) -> str:
    if name == "from_enrolment":
        return "enrolment" if value else "day zero"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value in ("", ()):
        return "none"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_shown(key, part)}" for key, part in value.items()) or "none"
    if isinstance(value, Sequence) and not isinstance(value, str):
        text = ", ".join(str(part) for part in value)
    else:
        text = str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


_TITLES = {
    "title": "Title",
    "goal_owner": "Goal owner",
    "pilot": "Pilot",
}


def _once(before: Journey, after: Journey) -> Iterator[Difference]:
    """What a journey has once."""
    for name, title in _TITLES.items():
        yield from _one(title, [(title.lower(), name, getattr(before, name), getattr(after, name))])
    for name, title in (("purpose", "Purpose"), ("performance_path", "Performance path")):
        old, new = getattr(before, name), getattr(after, name)
        keys = dict.fromkeys((*old, *new))
        yield from _one(title, [(key.replace("_", " "), key, old.get(key), new.get(key)) for key in keys])
    for name, title in (("targets", "Targets"), ("late", "Late policy")):
        old, new = getattr(before, name), getattr(after, name)
        keys = {field.name: None for field in fields(old)}
        yield from _one(title, [(k.replace("_", " "), k, getattr(old, k), getattr(new, k)) for k in keys])
    yield from _routes(before, after)
    yield from _evaluators(before, after)


def _one(title: str, pairs: Sequence[tuple[str, str, Any, Any]]) -> Iterator[Difference]:
    details = tuple(
        f"{word}: {_shown(name, old)} → {_shown(name, new)}" for word, name, old, new in pairs if old != new
    )
    if details:
        yield Difference(title.lower(), "", title, What.CHANGED, details)


def _routes(before: Journey, after: Journey) -> Iterator[Difference]:
    def rules(journey: Journey) -> str:
        if journey.routes is None:
            return "none"
        found = journey.routes
        said = [
            f"{rule.route} {'from' if rule.at_least is not None else 'below'} "
            f"{rule.at_least if rule.at_least is not None else rule.below:g} %"
            for rule in found.rules
        ]
        return f"at {found.step} on {found.source}: {', '.join(said)}, else {found.missing.replace('_', ' ')}"

    if before.routes != after.routes:
        detail = f"{rules(before)} → {rules(after)}"
        yield Difference("routes", "", "Routes", What.CHANGED, (detail,))


def _evaluators(before: Journey, after: Journey) -> Iterator[Difference]:
    for name, title in (("evaluators", "Evaluators"), ("gradebook", "Gradebook")):
        old, new = getattr(before, name), getattr(after, name)
        if old == new:
            continue
        if old is None or new is None:
            was, is_ = ("as installed" if one is None else ", ".join(one) or "none" for one in (old, new))
            yield Difference(name, "", title, What.CHANGED, (f"{was} → {is_}",))
            continue
        details = [f"{key} went" for key in old if key not in new] + [f"{key} came" for key in new if key not in old]
        details += [f"settings of {key}" for key in new if key in old and old[key] != new[key]]
        if not details:
            details = ["another order"]
        yield Difference(name, "", title, What.CHANGED, tuple(details))
