"""Profiles (xAPI Profiles 1.0) as values: those that are shipped, `xapi_profiles/<name>/profile.jsonld`, and others.

Reading is lenient. What cannot be used is left out and named in `problems`; what is wrong with a document in all
detail is the matter of `profile_check`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from lrs_bridge.xapi.locations import Location, LocationError, parse
from lrs_bridge.xapi.patterns import HOW, SINGLE, Pattern
from lrs_bridge.xapi.rules import PRESENCES, Rule
from lrs_bridge.xapi.template import CONTEXTS, Template

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class NoProfile(ValueError):
    """A JSON value that is no profile: the message says why."""


@dataclass(frozen=True)
class Profile:
    """A profile: `version` is the IRI of its newest version, `versions` those of all, newest first.

    `generated` is when the newest was made, the year 1 if that cannot be read. `concepts` are by IRI as in the file.
    `problems` are sentences about what was left out.
    """

    id: str
    version: str
    versions: tuple[str, ...]
    generated: datetime
    concepts: Mapping[str, Mapping[str, Any]]
    templates: tuple[Template, ...]
    patterns: tuple[Pattern, ...]
    problems: tuple[str, ...] = ()

    @cached_property
    def by_verb(self) -> dict[str, Template]:
        """In `learning_journey` the verb alone tells the template, so that a statement matches at most one."""
        return {template.verb: template for template in self.templates if template.verb is not None}

    def with_primary(self, pattern: str) -> Profile:
        """The same profile with this one of its patterns to match by."""
        patterns = tuple(replace(one, primary=one.id == pattern) for one in self.patterns)
        return replace(self, patterns=patterns)


def load(name: str = "learning_journey") -> Profile:
    """The shipped profile of this name, read once. Raises FileNotFoundError for one that is not shipped."""
    return _load(name)


@cache
def _load(name: str) -> Profile:
    return read(json.loads(files("xapi_profiles").joinpath(name, "profile.jsonld").read_text("utf-8")))


def shipped() -> list[str]:
    """The names of all profiles that are shipped."""
    folders = files("xapi_profiles").iterdir()
    return sorted(folder.name for folder in folders if folder.joinpath("profile.jsonld").is_file())


def find_shipped(iri: str) -> Profile | None:
    """The shipped profile with this IRI, or a version with it, or of this name."""
    for name in shipped():
        profile = load(name)
        if iri in (name, profile.id, *profile.versions):
            return profile
    return None


def read(document: Any) -> Profile:
    """The profile in a JSON document. Raises NoProfile for something else, and nothing for one that is dirty."""
    if not isinstance(document, dict) or not isinstance(document.get("id"), str):
        raise NoProfile("is no profile: it has no id")
    if not looks_like_one(document):
        raise NoProfile("is no profile: it has neither versions nor concepts, templates or patterns")
    reader = _Reader()
    versions = _versions(document.get("versions"))
    return Profile(
        id=document["id"],
        version=versions[0]["id"] if versions else document["id"],
        versions=tuple(version["id"] for version in versions),
        generated=_generated(versions[0]) if versions else _LONG_AGO,
        concepts={entry["id"]: entry for entry in reader.entries(document, "concepts")},
        templates=tuple(reader.template(entry) for entry in reader.entries(document, "templates")),
        patterns=tuple(found for entry in reader.entries(document, "patterns") if (found := reader.pattern(entry))),
        problems=tuple(reader.problems),
    )


def looks_like_one(document: Any) -> bool:
    """Whether a JSON document means to be a profile: it has versions, concepts, templates or patterns."""
    parts = ("versions", "concepts", "templates", "patterns")
    return isinstance(document, dict) and any(isinstance(document.get(key), list) for key in parts)


def newest_first(versions: Any) -> tuple[str, ...]:
    """The IRIs of a profile's versions by `generatedAtTime`; those without one last."""
    return tuple(version["id"] for version in _versions(versions))


def _versions(versions: Any) -> list[Mapping[str, Any]]:
    found = [one for one in _list(versions) if isinstance(one, dict) and isinstance(one.get("id"), str) and one["id"]]
    return sorted(found, key=_generated, reverse=True)


def _generated(version: Mapping[str, Any]) -> datetime:
    try:
        found = datetime.fromisoformat(str(version.get("generatedAtTime")))
    except ValueError:
        return _LONG_AGO
    return found if found.tzinfo else found.replace(tzinfo=UTC)


class _Reader:
    def __init__(self) -> None:
        self.problems: list[str] = []

    def entries(self, document: Mapping[str, Any], key: str) -> Iterable[Mapping[str, Any]]:
        for entry in _list(document.get(key)):
            if isinstance(entry, dict) and isinstance(entry.get("id"), str):
                yield entry
            else:
                self.problems.append(f"one of the {key} has no id")

    def template(self, entry: Mapping[str, Any]) -> Template:
        rules = (self._rule(entry["id"], rule) for rule in _list(entry.get("rules")))
        return Template(
            id=entry["id"],
            verb=_text(entry.get("verb")),
            object_type=_text(entry.get("objectActivityType")),
            context_types={kind: _texts(entry.get(f"context{kind.capitalize()}ActivityType")) for kind in CONTEXTS},
            usage_types=_texts(entry.get("attachmentUsageType")),
            refers_to=_texts(entry.get("objectStatementRefTemplate")),
            context_refers_to=_texts(entry.get("contextStatementRefTemplate")),
            rules=tuple(rule for rule in rules if rule is not None),
        )

    def _rule(self, template: str, entry: Any) -> Rule | None:
        if not isinstance(entry, dict) or not isinstance(entry.get("location"), str):
            self.problems.append(f"{template}: a rule has no location")
            return None
        try:
            selector: Location | None = parse(entry["selector"]) if isinstance(entry.get("selector"), str) else None
            location = parse(entry["location"])
        except LocationError as error:
            self.problems.append(f"{template}: a rule's location {error}")
            return None
        demands = {key: given for key in ("any", "all", "none") if (given := _list(entry.get(key)))}
        presence = entry.get("presence") if entry.get("presence") in PRESENCES else None
        return Rule(location=location, selector=selector, presence=presence, **demands)

    def pattern(self, entry: Mapping[str, Any]) -> Pattern | None:
        ways = [how for how in HOW if how in entry]
        members = members_of(entry[ways[0]]) if ways else ()
        if not members or (ways[0] in SINGLE and len(members) > 1):
            self.problems.append(f"{entry['id']}: the pattern says in no known way what it is made of")
            return None
        label = entry.get("prefLabel")
        shown = next((text for text in label.values() if isinstance(text, str)), "") if isinstance(label, dict) else ""
        return Pattern(entry["id"], ways[0], members, entry.get("primary") is True, shown)


def members_of(value: Any) -> tuple[str, ...]:
    """The IRIs in the value of `sequence`, `optional` and so on; also the objects with an id of early drafts."""
    found = (one.get("id") if isinstance(one, dict) else one for one in _list(value))
    return tuple(one for one in found if isinstance(one, str))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(one for one in _list(value) if isinstance(one, str) and one)


def _list(value: Any) -> list[Any]:
    """A list as it is; anything else as a list of one, as JSON-LD sets may be written; nothing for None."""
    return value if isinstance(value, list) else [] if value is None else [value]
