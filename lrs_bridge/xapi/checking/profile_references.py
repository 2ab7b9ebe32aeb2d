"""Whether the IRIs in a profile lead to something, of the right type, and the patterns to an end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lrs_bridge.xapi.checking.greed import refused_row
from lrs_bridge.xapi.checking.profile_notes import Notes, Path
from lrs_bridge.xapi.checking.profile_shapes import ACROSS, CONTEXT_TYPES, REFERENCES, WITHIN
from lrs_bridge.xapi.locations import LocationError, parse
from lrs_bridge.xapi.patterns import HOW, Pattern, PatternError, compiled
from lrs_bridge.xapi.profile import NoProfile, Profile, members_of, read

_TERMS = (
    ("verb", "Verb"),
    ("objectActivityType", "ActivityType"),
    *((name, "ActivityType") for name in CONTEXT_TYPES),
    ("attachmentUsageType", "AttachmentUsageType"),
    ("recommendedVerbs", "Verb"),
    ("recommendedActivityTypes", "ActivityType"),
)


def parts_of(part: Mapping[str, Any], key: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The objects in a list of a part, with their paths from it; one that stands there alone counts as well."""
    value = part.get(key)
    if isinstance(value, dict) and value:
        yield (key,), value
    for index, one in enumerate(value if isinstance(value, list) else []):
        if isinstance(one, dict):
            yield (key, index), one


@dataclass(frozen=True)
class _Known:
    """The types of all ids, here and in the other profiles; `homes` are IRIs under which ids of known profiles lie."""

    own: Mapping[str, str]
    elsewhere: Mapping[str, str]
    homes: tuple[str, ...]
    other_homes: tuple[str, ...]

    def sort(self, iri: str) -> str | None:
        return self.own.get(iri) or self.elsewhere.get(iri)

    def should_know(self, iri: str) -> bool:
        """Whether an IRI looks like one of a profile at hand."""
        return iri.startswith((*self.homes, *self.other_homes))


def check_references(document: Mapping[str, Any], others: Sequence[Profile], notes: Notes) -> None:
    """All references of a profile; `others` are profiles that it may refer to."""
    known = _known(document, others, notes)
    for path, concept in parts_of(document, "concepts"):
        _check_terms(concept, path, known, notes)
        _check_relations(concept, path, known, notes)
    for path, template in parts_of(document, "templates"):
        _check_terms(template, path, known, notes)
        _check_referred(template, path, known, notes)
        _check_named(template, path, known, notes)
    for path, pattern in parts_of(document, "patterns"):
        _check_members(pattern, path, known, notes)
    _check_primary(document, others, notes)


def _known(document: Mapping[str, Any], others: Iterable[Profile], notes: Notes) -> _Known:
    own: dict[str, str] = {}
    for key, sort in (("concepts", None), ("templates", "StatementTemplate"), ("patterns", "Pattern")):
        for path, part in parts_of(document, key):
            iri = part.get("id")
            if not isinstance(iri, str) or not iri:
                continue
            if iri in own:
                notes.error("duplicate-id", (*path, "id"), "is the id of an earlier part too", iri)
            own.setdefault(iri, sort or str(part.get("type")))
    elsewhere: dict[str, str] = {}
    for other in others:
        elsewhere |= {iri: str(concept.get("type")) for iri, concept in other.concepts.items()}
        elsewhere |= dict.fromkeys((template.id for template in other.templates), "StatementTemplate")
        elsewhere |= dict.fromkeys((pattern.id for pattern in other.patterns), "Pattern")
    return _Known(own, elsewhere, _homes([document.get("id")]), _homes([other.id for other in others]))


def _homes(ids: Iterable[Any]) -> tuple[str, ...]:
    """`https://x/y` is the home of `https://x/y/z` and `https://x/y#z`."""
    bases = [iri.rstrip("/#") for iri in ids if isinstance(iri, str) and iri]
    return tuple(f"{base}{mark}" for base in bases for mark in "/#")


def _iris(part: Mapping[str, Any], name: str) -> Iterator[tuple[Path, str]]:
    value = part.get(name)
    if isinstance(value, str):
        yield (name,), value
    for index, one in enumerate(value if isinstance(value, list) else []):
        if isinstance(one, str):
            yield (name, index), one


def _check_terms(part: Mapping[str, Any], path: Path, known: _Known, notes: Notes) -> None:
    """Verbs and types may come from anywhere; what is known must be right, and what is ours must be there."""
    for name, wanted in _TERMS:
        for inner, iri in _iris(part, name):
            sort = known.sort(iri)
            if sort is None and known.should_know(iri):
                why = f"is no {wanted} of the profile that it seems to belong to"
                notes.warn("unknown-reference", (*path, *inner), why, iri, "Add the concept, or correct the IRI.")
            elif sort not in (None, wanted):
                notes.error("wrong-reference", (*path, *inner), f"is a {sort}; a {wanted} belongs here", iri)


def _check_relations(concept: Mapping[str, Any], path: Path, known: _Known, notes: Notes) -> None:
    sort = concept.get("type")
    for name in (*WITHIN, *ACROSS):
        for inner, iri in _iris(concept, name):
            here = (*path, *inner)
            found = known.sort(iri)
            if name in WITHIN and iri not in known.own:
                notes.error(
                    "unknown-reference", here, f"{name} is for concepts of this profile", iri, f"Use {name}Match."
                )
            elif name in ACROSS and iri in known.own:
                why = f"{name} is for concepts of other profiles; this one is of this profile"
                notes.warn("wrong-reference", here, why, iri, "Use broader, narrower or related.")
            elif found not in (None, sort):
                notes.error("wrong-reference", here, f"is a {found}; a {sort} belongs here", iri)


def _check_referred(template: Mapping[str, Any], path: Path, known: _Known, notes: Notes) -> None:
    """References to statements: "Statement Template identifiers from this Profile version"."""
    for name in REFERENCES:
        for inner, iri in _iris(template, name):
            sort = known.own.get(iri)
            if sort is None:
                notes.error("unknown-reference", (*path, *inner), "is no template of this profile", iri)
            elif sort != "StatementTemplate":
                notes.error("wrong-reference", (*path, *inner), f"is a {sort}; a template belongs here", iri)


def _check_named(template: Mapping[str, Any], path: Path, known: _Known, notes: Notes) -> None:
    """Extensions that a rule names in its location."""
    for inner, rule in parts_of(template, "rules"):
        for name in ("location", "selector"):
            try:
                location = parse(rule[name]) if isinstance(rule.get(name), str) else None
            except LocationError:
                continue
            keys = {key for steps in location.paths for step in steps for key in step.keys} if location else set()
            for key in sorted(key for key in keys if isinstance(key, str)):
                if known.sort(key) is None and known.should_know(key):
                    why = f"names {key}, which is no concept of the profile that it seems to belong to"
                    mend = "Add the concept, or correct the IRI."
                    notes.warn("unknown-reference", (*path, *inner, name), why, rule[name], mend)


def _check_members(pattern: Mapping[str, Any], path: Path, known: _Known, notes: Notes) -> None:
    for how in HOW:
        value = pattern.get(how)
        listed = value if isinstance(value, list) else [value]
        for index, one in enumerate(listed):
            here = (*path, how, index) if isinstance(value, list) else (*path, how)
            for iri in filter(None, members_of([one])):
                _check_member(iri, here, how == "sequence" and len(listed) == 1, known, notes)


def _check_member(iri: str, here: Path, alone: bool, known: _Known, notes: Notes) -> None:
    sort = known.sort(iri)
    if sort is None and known.should_know(iri):
        notes.error("unknown-reference", here, "is no pattern or template of its profile", iri)
    elif sort is None:
        why = "belongs to another profile, which was not given: it was not looked for"
        notes.warn("not-checked", here, why, iri, "Give that profile with --with.")
    elif sort not in ("StatementTemplate", "Pattern"):
        notes.error("wrong-reference", here, f"is a {sort}; a pattern or template belongs here", iri)
    elif alone and sort == "Pattern":
        notes.error("pattern-members", here, "a sequence of one may hold a template only", iri, "Use it in its place.")


def _check_primary(document: Mapping[str, Any], others: Sequence[Profile], notes: Notes) -> None:
    """Cycles, choices of what may be empty, patterns that nothing leads to, greed."""
    try:
        profile = read(document)
    except NoProfile:
        return
    paths = {part.get("id"): path for path, part in parts_of(document, "patterns") if isinstance(part.get("id"), str)}
    patterns = {pattern.id: pattern for other in others for pattern in other.patterns}
    patterns |= {pattern.id: pattern for pattern in profile.patterns}
    for pattern in profile.patterns:
        if pattern.how == "alternates":
            _check_alternates(pattern, patterns, paths[pattern.id], notes)
    primary = [pattern for pattern in profile.patterns if pattern.primary]
    if profile.patterns and not primary:
        notes.warn("pattern-primary", ("patterns",), "no pattern is primary: none is ever matched")
    _check_unused(profile.patterns, paths, notes)
    templates = {template.id for one in (profile, *others) for template in one.templates}
    # Where a part is in a profile that was not given, the rest of the pattern is looked at all the same.
    templates |= {iri for pattern in patterns.values() for iri in pattern.members if iri not in patterns}
    for pattern in profile.patterns:
        _check_compiled(pattern, patterns, templates, paths, notes)


def _check_alternates(pattern: Pattern, patterns: Mapping[str, Pattern], path: Path, notes: Notes) -> None:
    for index, iri in enumerate(pattern.members):
        member = patterns.get(iri)
        if member is not None and member.how in ("optional", "zeroOrMore"):
            why = f"is {member.how}, which must not stand directly inside alternates"
            notes.error("pattern-alternates", (*path, "alternates", index), why, iri, "Make the alternates optional.")


def _check_unused(patterns: Sequence[Pattern], paths: Mapping[Any, Path], notes: Notes) -> None:
    used = {iri for pattern in patterns for iri in pattern.members}
    for pattern in patterns:
        if not pattern.primary and pattern.id not in used:
            why = "is neither primary nor part of another pattern: it is never matched"
            notes.warn("pattern-unused", paths[pattern.id], why, pattern.id)


def _check_compiled(
    pattern: Pattern,
    patterns: Mapping[str, Pattern],
    templates: set[str],
    paths: Mapping[Any, Path],
    notes: Notes,
) -> None:
    try:
        root = compiled(pattern.id, patterns, templates)
    except PatternError as error:
        if error.pattern == pattern.id:
            notes.error("pattern-cycle", paths[pattern.id], error.why, pattern.id)
        return
    row = refused_row(root) if pattern.primary else None
    if row is not None:
        why = f"matches {', then '.join(row)} by its words, but greedy matching refuses that"
        notes.warn("pattern-greedy", paths[pattern.id], why, pattern.id, "Let no part take what a later one needs.")
