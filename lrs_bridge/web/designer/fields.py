"""The fields of a step, a moment and the rest of a journey: from the file to a form, and from a form to the file. Pure.

Nothing is refused here. What was typed goes into the draft as it is, and the file's own check says what is wrong
with it, by line and key; a complaint about a key stands at its field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from lrs_bridge.domain.journey import Phase
from lrs_bridge.domain.people import Role
from lrs_bridge.journeyfile import Problem
from lrs_bridge.journeyfile.editing import Typed, number_or_text
from lrs_bridge.web.designer.board import ROLE_ORDER, TYPE_OPTIONS, role_name
from lrs_bridge.web.paths import PHASE_NAMES

Said = Mapping[str, Typed]
_COUNTERPARTS = ("cohort", "peers", "all")
_NUMBERS = ("weight", "opens_day", "due_day", "grace_days", "expected", "level")
_TEXTS = ("id", "phase", "type", "owner", "with", "title", "route", "assessment", "survey", "corroborated_by")
STEP_KEYS = (
    *("id", "phase", "type", "owner", "with", "title", "guide", "required", "weight", "opens_day", "due_day", "from"),
    *("grace_days", "expected", "route", "level", "assessment", "survey", "corroborated_by", "template"),
    "matches",
)


@dataclass(frozen=True)
class Choice:
    value: str
    text: str


def step_options(said: Said, step: Mapping[str, str]) -> dict[str, list[Choice]]:
    """What each field offers; a value that is none of it is offered too, so that it is not lost."""
    roles = [Choice(str(role), role_name(role)) for role in ROLE_ORDER]
    options = {
        "phase": [Choice(str(phase), PHASE_NAMES[phase]) for phase in Phase],
        "type": [Choice(value, text) for text, value in TYPE_OPTIONS],
        "owner": roles,
        "with": [Choice("", "Nobody"), *roles, *(Choice(word, word.capitalize()) for word in _COUNTERPARTS)],
        "level": [Choice("", "None"), *(Choice(n, text) for n, text in _LEVELS)],
        "assessment": [Choice("", "None"), *_names(said, "assessments")],
        "survey": [Choice("", "None"), *_names(said, "surveys")],
        "route": [Choice("", "All routes"), *(Choice(route, route) for route in _routes(said))],
        "corroborated_by": [
            Choice("", "Nobody"),
            *(Choice(str(role), role_name(role)) for role in (Role.PARTICIPANT, Role.MANAGER, Role.SYSTEM)),
        ],
        "from": [Choice("", "The kick-off (day zero)"), Choice("enrolment", "The day somebody joins")],
    }
    for key, choices in options.items():
        value = step.get(key, "")
        if all(choice.value != value for choice in choices):
            choices.append(Choice(value, f"{value} (unknown)" if value else "Choose"))
    return options


_LEVELS = (
    ("1", "1: how it was received"),
    ("2", "2: what was learned"),
    ("3", "3: what is done differently"),
    ("4", "4: what comes of it"),
)


def _names(said: Said, key: str) -> list[Choice]:
    found = said.get(key)
    return [Choice(name, name) for name in found] if isinstance(found, dict) else []


def _routes(said: Said) -> list[str]:
    found: dict[str, None] = {}
    routes = said.get("routes")
    rules = routes.get("rules") if isinstance(routes, dict) else None
    for one in (*(rules if isinstance(rules, list) else ()), *items(said, "steps")):
        name = one.get("route") if isinstance(one, dict) else None
        if isinstance(name, str) and name:
            found[name] = None
    return list(found)


def items(said: Said, key: str) -> list[Mapping[str, Typed]]:
    """The mappings of a list, in their places; what is none is an empty one."""
    found = said.get(key)
    return [one if isinstance(one, dict) else {} for one in found] if isinstance(found, list) else []


def text_of(value: Typed | None) -> str:
    """One text, or a list of them a line each."""
    if isinstance(value, list):
        return "\n".join(one for one in value if isinstance(one, str))
    return value if isinstance(value, str) else ""


def step_form(step: Mapping[str, Typed]) -> dict[str, str]:
    """What the form of a step shows."""
    start = {key: text_of(step.get(key)) for key in STEP_KEYS if key not in ("required", "matches")}
    if start["from"] == "day_zero":
        start["from"] = ""
    start["required"] = "" if text_of(step.get("required")).lower() in ("false", "no", "off") else "yes"
    matches = step.get("matches")
    for key in ("verb", "activity"):
        start[f"matches_{key}"] = text_of(matches.get(key)) if isinstance(matches, dict) else ""
    return start


def step_values(form: MultiDict[str, str]) -> dict[str, Any]:
    """What goes into the file; None where a key is not to be there."""
    said = {key: form.get(key, "").strip() for key in (*STEP_KEYS, "matches_verb", "matches_activity")}
    values: dict[str, Any] = {}
    for key in STEP_KEYS:
        if key in _NUMBERS:
            values[key] = number_or_text(said[key]) if said[key] else None
        elif key == "required":
            values[key] = None if said[key] else False
        elif key == "guide":
            values[key] = lines(said[key]) or None
        elif key == "matches":
            parts = {name: said[f"matches_{name}"] for name in ("verb", "activity")}
            values[key] = parts if any(parts.values()) else None
        else:
            values[key] = said[key] or None
    return values


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def free_id(said: Said, key: str, letter: str) -> str:
    """The next free name of a step or moment, after the fashion of those that are there: S07, M3."""
    ids = [text_of(one.get("id")) for one in items(said, key)]
    numbers = [(len(found[1]), int(found[1])) for id_ in ids if (found := re.fullmatch(rf"{letter}(\d+)", id_))]
    width = max((size for size, _ in numbers), default=2 if letter == "S" else 1)
    return f"{letter}{max((number for _, number in numbers), default=0) + 1:0{width}}"


def place_for(said: Said, phase: str) -> int:
    """Where a new step of this phase stands: after the last one of it or of an earlier phase."""
    order = [str(one) for one in Phase]
    steps = items(said, "steps")
    if phase not in order:
        return len(steps)
    upto = order[: order.index(phase) + 1]
    return max((n + 1 for n, step in enumerate(steps) if text_of(step.get("phase")) in upto), default=0)


def complaints(problems: Iterable[Problem], at: str, fields: Sequence[str]) -> dict[str, str]:
    """What the file's check says about one mapping of it, by field; the rest under the first field."""
    found: dict[str, str] = {}
    for one in problems:
        if one.key != at and not one.key.startswith(f"{at}."):
            continue
        rest = one.key[len(at) + 1 :]
        key = rest.replace("matches.", "matches_").split("[")[0].split(".")[0]
        message = f"{key.replace('_', ' ')} {one.message}" if rest else one.message
        name = key if key in fields else fields[0]
        found.setdefault(name, message[:1].upper() + message[1:])
    return found


def moment_values(form: MultiDict[str, str]) -> dict[str, Any]:
    """What goes into the file of a moment; the ids of its behaviours are those that were ticked."""
    chosen = [id_ for id_ in form.getlist("behaviours") if id_]
    return {
        "id": form.get("id", "").strip() or None,
        "title": form.get("title", "").strip() or None,
        "behaviours": chosen or None,
    }


BASICS = (
    ("title", "Title", "What people call it."),
    ("journey", "Name in addresses", "Letters, digits and hyphens. Versions of one journey share it."),
    ("goal_owner", "Who owns the business goal", None),
)
PURPOSE = (("where", "Where we are going"), ("how", "How"), ("why", "Why"))
PATH = (
    ("business_rationale", "What is it worth to the business?"),
    ("performance_outcome", "What happens at work then?"),
    ("learning_outcome", "What can people do for it?"),
)
TARGETS = (
    ("applications", "Applications of each participant"),
    ("moments", "In how many different moments"),
    ("periods", "Over how many periods"),
    ("period_days", "Days of a period"),
    ("impact_share", "Share of people with a clear result, 0 to 1"),
)


def basics_form(said: Said) -> dict[str, str]:
    start = {key: text_of(said.get(key)) for key, _, _ in BASICS}
    for part, keys in (("purpose", PURPOSE), ("performance_path", PATH), ("targets", TARGETS)):
        inner = said.get(part)
        for key, _ in keys:
            start[f"{part}_{key}"] = text_of(inner.get(key)) if isinstance(inner, dict) else ""
    start["pilot"] = "yes" if text_of(said.get("pilot")).lower() in ("true", "yes", "on") else ""
    return start


def basics_values(form: MultiDict[str, str]) -> list[tuple[tuple[str, ...], dict[str, Any]]]:
    """Path in the file, and what goes there."""
    top: dict[str, Any] = {key: form.get(key, "").strip() or None for key, _, _ in BASICS}
    top["pilot"] = True if form.get("pilot") else None
    found: list[tuple[tuple[str, ...], dict[str, Any]]] = [((), top)]
    for part, keys in (("purpose", PURPOSE), ("performance_path", PATH)):
        found.append(((part,), {key: form.get(f"{part}_{key}", "").strip() or None for key, _ in keys}))
    counts = {key: form.get(f"targets_{key}", "").strip() for key, _ in TARGETS}
    found.append((("targets",), {key: number_or_text(value) if value else None for key, value in counts.items()}))
    return found


BASICS_FIELDS = (
    *(key for key, _, _ in BASICS),
    "pilot",
    *(f"purpose_{key}" for key, _ in PURPOSE),
    *(f"performance_path_{key}" for key, _ in PATH),
    *(f"targets_{key}" for key, _ in TARGETS),
)


def basics_complaints(problems: Iterable[Problem]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in problems:
        name = one.key.replace(".", "_")
        if name in BASICS_FIELDS:
            said = one.key.rpartition(".")[2].replace("_", " ")
            found.setdefault(name, f"{said[:1].upper()}{said[1:]} {one.message}")
    return found
