"""Statement templates (xAPI Profiles 1.0, part two, 8.0): to fill in, to recognise by, to hold statements against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from lrs_bridge.xapi.rules import INCLUDED, Breach, Rule

CONTEXTS = ("category", "grouping", "parent", "other")
_NOTHING: Mapping[str, Any] = {}
_NONE: frozenset[str] = frozenset()


class Traits(NamedTuple):
    """What of a statement determines its templates: IRIs, None or empty where there are none."""

    verb: str | None
    object_type: str | None
    context_types: Mapping[str, frozenset[str]]
    usage_types: frozenset[str]


def traits(statement: Mapping[str, Any]) -> Traits:
    """Of any JSON object; contextActivities are lists already (`normal`)."""
    activities = _object(_object(statement, "context"), "contextActivities")
    return Traits(
        _text(_object(statement, "verb").get("id")),
        _text(_object(_object(statement, "object"), "definition").get("type")),
        {kind: _types(activities[kind]) for kind in CONTEXTS if kind in activities},
        _texts(item.get("usageType") for item in _objects(statement.get("attachments"))),
    )


def normal(statement: Mapping[str, Any]) -> Mapping[str, Any]:
    """The statement with contextActivities as lists, as xAPI 1.0.3 has an LRS make them (Data 2.4.6.2).

    The given one is not changed; it is returned as it is where nothing has to be done. Sub-statements included.
    """
    changed: dict[str, Any] = {}
    context = _listed(statement.get("context"))
    if context is not None:
        changed["context"] = context
    thing = statement.get("object")
    inner = _listed(thing.get("context")) if isinstance(thing, dict) else None
    if inner is not None:
        changed["object"] = {**statement["object"], "context": inner}
    return {**statement, **changed} if changed else statement


def _listed(context: Any) -> dict[str, Any] | None:
    """A context with its activities as lists; None if it is none, or has them so already."""
    activities = context.get("contextActivities") if isinstance(context, dict) else None
    if not isinstance(activities, dict) or not any(isinstance(one, dict) for one in activities.values()):
        return None
    listed = {kind: [one] if isinstance(one, dict) else one for kind, one in activities.items()}
    return {**context, "contextActivities": listed}


@dataclass(frozen=True, eq=False)
class Template:
    """One way in which statements of a profile are made. Empty tuples and None: not asked for."""

    id: str
    verb: str | None = None
    object_type: str | None = None
    context_types: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    usage_types: tuple[str, ...] = ()
    refers_to: tuple[str, ...] = ()
    context_refers_to: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()

    def applies(self, found: Traits) -> bool:
        """Whether a statement has all determining properties (part three, 2.1)."""
        return (
            (self.verb is None or found.verb == self.verb)
            and (self.object_type is None or found.object_type == self.object_type)
            and all(found.context_types.get(kind, _NONE).issuperset(asked) for kind, asked in self._asked)
            and found.usage_types.issuperset(self.usage_types)
        )

    @cached_property
    def _asked(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return tuple((kind, types) for kind, types in self.context_types.items() if types)

    def breaches(self, statement: Mapping[str, Any]) -> list[tuple[int, Breach]]:
        """Every rule that a statement breaks, by its index, and how."""
        return [(index, breach) for index, rule in enumerate(self.rules) for breach in rule.breaches(statement)]

    def broken(self, statement: Mapping[str, Any]) -> tuple[str, str] | None:
        """The first rule a statement breaks: its location and why; None if it keeps all."""
        for rule in self.rules:
            why = rule.broken(statement)
            if why is not None:
                return rule.location.text, why
        return None

    # What writing fills in

    @cached_property
    def name(self) -> str:
        """The last part of its id."""
        return self.id.replace("#", "/").rpartition("/")[2]

    @property
    def parent_type(self) -> str | None:
        return next(iter(self.context_types.get("parent", ())), None)

    @property
    def grouping_type(self) -> str | None:
        return next(iter(self.context_types.get("grouping", ())), None)

    @cached_property
    def _fixed(self) -> dict[str, Any]:
        return {
            rule.location.text: rule.all[0]
            for rule in self.rules
            if rule.presence == INCLUDED and rule.all is not None and len(rule.all) == 1
        }

    def fixed(self, location: str) -> Any:
        """The only value the rules allow at a location, else None."""
        return self._fixed.get(location)

    def takes(self, extension: str) -> bool:
        """Whether a rule speaks of this result extension: what no rule knows is not written."""
        place = f"$.result.extensions['{extension}']"
        return any(rule.location.text.startswith(place) for rule in self.rules)


def _object(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    inner = value.get(key)
    return inner if isinstance(inner, dict) else _NOTHING


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _texts(values: Iterable[Any]) -> frozenset[str]:
    return frozenset(value for value in values if isinstance(value, str))


def _types(activities: Any) -> frozenset[str]:
    return _texts(_object(activity, "definition").get("type") for activity in _objects(activities))
