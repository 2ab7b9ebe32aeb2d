"""Whether a document is a profile as xAPI Profiles 1.0 demands it (part two): every MUST, and where to mend.

Lenient where published profiles are dirty: see `findings.Severity`. The rules by name stand in `profile_notes.RULES`
and in docs/checking-xapi.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lrs_bridge.xapi.checking.findings import Finding, with_lines
from lrs_bridge.xapi.checking.lines import decode
from lrs_bridge.xapi.checking.profile_notes import Notes, Path
from lrs_bridge.xapi.checking.profile_references import check_references, parts_of
from lrs_bridge.xapi.checking.profile_shapes import (
    ACTIVITY_CONTEXT,
    AUTHOR,
    AUTHORS,
    CONCEPTS,
    CONFORMS_TO,
    DEMANDS,
    PATTERN,
    PROFILE,
    REFERENCES,
    RULE,
    STATEMENT,
    TEMPLATE,
    VERSION,
    Kind,
    Names,
)
from lrs_bridge.xapi.checking.profile_values import check_empty, check_properties, check_value
from lrs_bridge.xapi.locations import LocationError, Step, parse
from lrs_bridge.xapi.patterns import HOW, MANY
from lrs_bridge.xapi.profile import Profile, newest_first
from lrs_bridge.xapi.rules import EXCLUDED, PRESENCES, Values


def check_text(text: str, others: Iterable[Profile] = ()) -> list[Finding]:
    """Findings with their lines, in the order of the text. `others` are profiles that this one may refer to.

    Raises lines.NotJson.
    """
    document, lines = decode(text)
    notes = Notes()
    for twice in lines.twice:
        path = tuple(part.replace("~1", "/").replace("~0", "~") for part in twice.split("/")[1:])
        notes.error("duplicate-key", path, f"{path[-1]} stands twice in one object: the last one counts")
    return with_lines([*notes.found, *check(document, others)], lines)


def check(document: Any, others: Iterable[Profile] = ()) -> list[Finding]:
    """Everything that is wrong with a JSON document as a profile."""
    notes = Notes()
    if not isinstance(document, dict):
        notes.error("value", (), "a profile is an object")
        return notes.found
    check_properties(document, PROFILE, (), notes)
    if document.get("type") not in (None, "Profile"):
        notes.error("type", ("type",), "must be Profile", document["type"])
    if isinstance(document.get("conformsTo"), str) and document["conformsTo"] not in ("", CONFORMS_TO):
        why = f"is checked as {CONFORMS_TO}"
        notes.warn("conforms-to", ("conformsTo",), why, document["conformsTo"], f"Write {CONFORMS_TO}.")
    _check_author(document.get("author"), notes)
    _check_versions(document, notes)
    for key, check_one in (("concepts", _check_concept), ("templates", _check_template), ("patterns", _check_pattern)):
        for path, part in parts_of(document, key):
            _check_scheme(part, path, newest_first(document.get("versions")), notes)
            check_one(part, path, notes)
    check_references(document, list(others), notes)
    check_empty(document, (), notes)
    return notes.found


def _check_author(author: Any, notes: Notes) -> None:
    if isinstance(author, dict) and author:
        check_properties(author, AUTHOR, ("author",), notes)
        if author.get("type") and author["type"] not in AUTHORS:
            notes.error("type", ("author", "type"), "must be Organization or Person", author["type"])


def _check_versions(document: Mapping[str, Any], notes: Notes) -> None:
    versions = list(parts_of(document, "versions"))
    oldest = newest_first(document.get("versions"))[-1:]
    for path, version in versions:
        check_properties(version, VERSION, path, notes)
        iri = version.get("id")
        if iri and iri == document.get("id"):
            why = "must differ from the id of the profile"
            notes.error("version-id", (*path, "id"), why, iri, "Add the number, as in .../v1.0.")
        if len(versions) > 1 and iri not in oldest and not version.get("wasRevisionOf"):
            why = "wasRevisionOf is missing: this version succeeds another"
            notes.warn("revision", path, why, iri, "Name the version before.")


def _check_scheme(part: Mapping[str, Any], path: Path, versions: tuple[str, ...], notes: Notes) -> None:
    """inScheme is the version "currently being described": the newest."""
    scheme = part.get("inScheme")
    if not isinstance(scheme, str) or not scheme or not versions or scheme == versions[0]:
        return
    mend = f"Write {versions[0]}."
    if scheme in versions:
        notes.warn("in-scheme", (*path, "inScheme"), "is an older version than the newest", scheme, mend)
    else:
        notes.error("in-scheme", (*path, "inScheme"), "is no version of this profile", scheme, mend)


def _check_concept(concept: Mapping[str, Any], path: Path, notes: Notes) -> None:
    sort = concept.get("type")
    shape = CONCEPTS.get(sort) if isinstance(sort, str) else None
    if shape is None:
        notes.error("type", (*path, "type"), f"must be one of {', '.join(CONCEPTS)}", sort)
        return
    check_properties(concept, shape, path, notes)
    if concept.get("schema") and concept.get("inlineSchema"):
        notes.error("schema", path, "has both schema and inlineSchema", mend="Keep one.")
    if concept.get("related") and concept.get("deprecated") is not True:
        why = "related may only stand on a deprecated concept, for what replaces it"
        notes.warn("related", (*path, "related"), why, concept["related"], "Use relatedMatch, broader or narrower.")
    if isinstance(concept.get("activityDefinition"), dict):
        _check_activity(concept["activityDefinition"], (*path, "activityDefinition"), notes)


def _check_activity(definition: Mapping[str, Any], path: Path, notes: Notes) -> None:
    """What of an activity definition a profile's reader relies on; the rest is xAPI's own."""
    contexts = definition.get("@context")
    if contexts != ACTIVITY_CONTEXT and not (isinstance(contexts, list) and ACTIVITY_CONTEXT in contexts):
        notes.warn("context", (*path, "@context"), f"should be {ACTIVITY_CONTEXT}", contexts, "Write it exactly so.")
    kinds = {"type": Kind.IRI, "moreInfo": Kind.IRI, "name": Kind.LANGUAGES, "description": Kind.LANGUAGES}
    for name, kind in kinds.items():
        if definition.get(name):
            check_value(definition[name], kind, (*path, name), notes)


def _check_template(template: Mapping[str, Any], path: Path, notes: Notes) -> None:
    check_properties(template, TEMPLATE, path, notes)
    if template.get("type") not in (None, "", "StatementTemplate"):
        notes.error("type", (*path, "type"), "must be StatementTemplate", template["type"])
    if template.get(REFERENCES[0]) and template.get("objectActivityType"):
        why = "has both objectStatementRefTemplate and objectActivityType: no object is both"
        notes.error("object-twice", path, why, mend="Keep one.")
    for inner, rule in parts_of(template, "rules"):
        _check_rule(rule, (*path, *inner), notes)


def _check_rule(rule: Mapping[str, Any], path: Path, notes: Notes) -> None:
    check_properties(rule, RULE, path, notes)
    for name in ("location", "selector"):
        if isinstance(rule.get(name), str) and rule[name]:
            _check_location(rule[name], (*path, name), notes)
    presence = rule.get("presence")
    if presence not in (None, "", *PRESENCES):
        notes.error("presence", (*path, "presence"), f"must be one of {', '.join(PRESENCES)}", presence)
    if all(rule.get(name) in (None, "", []) for name in ("presence", *DEMANDS)):
        why = "has none of presence, any, all, none: it demands nothing"
        notes.error("rule-empty", path, why, mend="Say what must be there, or take the rule out.")
    _check_contradiction(rule, path, notes)


def _check_location(text: str, path: Path, notes: Notes) -> None:
    try:
        location = parse(text)
    except LocationError as error:
        notes.error("location", path, error.why, text, "Write $.context.extensions['https://...'] and the like.")
        return
    for remark in location.remarks:
        notes.warn("location-dirty", path, f"{remark}; it is read as {location.written}", text, "Write it so.")
    for steps in location.paths if path[-1] == "location" else ():
        lost = _lost(steps)
        if lost:
            why = f"leads nowhere: no statement has {lost}"
            notes.warn("location-nowhere", path, why, text, "Compare it with a statement.")


def _lost(steps: Sequence[Step]) -> str | None:
    """The way down to the first name that no statement has there; None if it may lead somewhere."""
    names: Names | None = STATEMENT
    way = "$"
    for step in steps:
        named = [key for key in step.keys if isinstance(key, str)]
        if names is None or step.deep or len(named) < len(step.keys):
            return None
        unknown = [key for key in named if key not in names]
        if unknown:
            return _below(way, unknown[0])
        if len(named) > 1:
            return None
        way, names = _below(way, named[0]), names[named[0]]
    return None


def _below(way: str, name: str) -> str:
    return f"{way}.{name}" if name.isidentifier() else f"{way}['{name}']"


def _check_contradiction(rule: Mapping[str, Any], path: Path, notes: Notes) -> None:
    given = {name: rule[name] for name in DEMANDS if isinstance(rule.get(name), list) and rule[name]}
    if rule.get("presence") == EXCLUDED and given:
        why = f"presence is excluded, so {' and '.join(given)} are never looked at"
        notes.warn("rule-contradiction", path, why, mend="Take them out, or change presence.")
        return
    if "any" in given:
        allowed = [one for one in given["any"] if "all" not in given or one in Values(given["all"])]
        if not [one for one in allowed if "none" not in given or one not in Values(given["none"])]:
            why = "no value of any is allowed by all and none: the rule cannot be kept"
            notes.warn("rule-contradiction", path, why, given["any"])


def _check_pattern(pattern: Mapping[str, Any], path: Path, notes: Notes) -> None:
    check_properties(pattern, PATTERN, path, notes)
    if pattern.get("type") not in (None, "", "Pattern"):
        notes.error("type", (*path, "type"), "must be Pattern", pattern["type"])
    ways = [how for how in HOW if pattern.get(how)]
    if len(ways) != 1:
        found = f"has {' and '.join(ways)}" if ways else "has none"
        notes.error("pattern-choice", path, f"must have exactly one of {', '.join(HOW)}: it {found}")
    for name in ("prefLabel", "definition"):
        if pattern.get("primary") is True and not pattern.get(name):
            notes.error("required", (*path, name), f"{name} is missing: a primary pattern needs it (part two, 9.0)")
    for how in MANY:
        if isinstance(pattern.get(how), list) and len(pattern[how]) == 1 and not _alone(pattern, how):
            why = f"{how} needs at least two members"
            notes.error("pattern-members", (*path, how), why, pattern[how], "Use its member in its place.")


def _alone(pattern: Mapping[str, Any], how: str) -> bool:
    """The one exception: a primary sequence of one template. That the member is a template is seen elsewhere."""
    return how == "sequence" and pattern.get("primary") is True
