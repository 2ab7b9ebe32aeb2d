"""Profiles as shipped: `xapi_profiles/<name>/profile.jsonld`, read once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from lrs_bridge.xapi.template import Rule, Template


@dataclass(frozen=True)
class Profile:
    """A profile: `version` is the IRI of its newest version, `concepts` are by IRI as in the file."""

    id: str
    version: str
    concepts: Mapping[str, Mapping[str, Any]]
    templates: tuple[Template, ...]
    patterns: tuple[Mapping[str, Any], ...]

    @cached_property
    def by_verb(self) -> dict[str, Template]:
        """In `learning_journey` the verb alone tells the template, so that a statement matches at most one."""
        return {template.verb: template for template in self.templates}


@cache
def load(name: str = "learning_journey") -> Profile:
    """The profile of this name. Raises FileNotFoundError for one that is not shipped."""
    document = json.loads(files("xapi_profiles").joinpath(name, "profile.jsonld").read_text("utf-8"))
    newest = max(document["versions"], key=lambda version: version["generatedAtTime"])
    return Profile(
        id=document["id"],
        version=newest["id"],
        concepts={concept["id"]: concept for concept in document["concepts"]},
        templates=tuple(_template(entry) for entry in document["templates"]),
        patterns=tuple(document["patterns"]),
    )


def _template(entry: Mapping[str, Any]) -> Template:
    return Template(
        id=entry["id"],
        verb=entry["verb"],
        object_type=entry.get("objectActivityType"),
        refers_to=tuple(entry.get("objectStatementRefTemplate", ())),
        parent_type=entry["contextParentActivityType"][0],
        grouping_type=entry["contextGroupingActivityType"][0],
        allowed_solo=entry.get("allowedSolo", False),
        rules=tuple(Rule(**rule) for rule in entry["rules"]),
    )
