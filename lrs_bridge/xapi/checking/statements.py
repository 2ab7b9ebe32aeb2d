"""Statements held against profiles: templates, references, extensions, patterns (xAPI Profiles, part three, 2.0).

Made for files and pages of any origin: whatever JSON objects it is given, it answers and does not raise. Profiles are
prepared once; a statement costs some tens of microseconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lrs_bridge.xapi.checking.checked import Checked, distinct
from lrs_bridge.xapi.checking.extension_places import misplaced
from lrs_bridge.xapi.checking.findings import Finding, Severity
from lrs_bridge.xapi.checking.prepared import Prepared, prepare
from lrs_bridge.xapi.checking.references import Reference, resolve
from lrs_bridge.xapi.checking.registrations import Following, Placed, follow, wrong_subregistration
from lrs_bridge.xapi.checking.statement_findings import (
    broken,
    error,
    left_out,
    not_followed,
    older,
    referred_wrongly,
    warning,
)
from lrs_bridge.xapi.patterns import Outcome
from lrs_bridge.xapi.profile import Profile, load

VOIDED = "http://adlnet.gov/expapi/verbs/voided"


class Naming(StrEnum):
    """What it takes for a statement to be checked against a profile.

    Whichever it is, a statement that names some of the given profiles as category is checked against these, with
    templates and patterns, and against no others. One that names none: ANY, against the templates of all; NAMED, not
    at all; ASSUMED, against templates and patterns of all, as if it named them.
    """

    ANY = "any"
    NAMED = "named"
    ASSUMED = "assumed"


@dataclass(frozen=True)
class Report:
    """What came of a check. `templates` counts statements by the template they are meant for, kept or not.

    `unmatched` statements are meant for none. `outside` references lead to statements that were not given.
    """

    statements: int
    templates: Mapping[str, int]
    unmatched: int
    outside: int
    findings: Sequence[Finding]
    followings: Sequence[Following]

    def as_dict(self) -> dict[str, Any]:
        return {
            "statements": self.statements,
            "templates": dict(self.templates),
            "unmatched": self.unmatched,
            "references_outside": self.outside,
            "registrations": [following.as_dict() for following in self.followings],
            "findings": [finding.as_dict() for finding in self.findings],
        }


class Checker:
    """Profiles, ready to hold statements against. Of one profile in several versions each speaks for its own."""

    def __init__(self, profiles: Sequence[Profile], naming: Naming = Naming.ANY) -> None:
        self._naming = naming
        self._families = prepare(profiles)
        self._extensions = {
            iri: str(concept.get("type")) for profile in profiles for iri, concept in profile.concepts.items()
        }

    def check(self, statements: Iterable[Mapping[str, Any]]) -> Report:
        """Check statements together, in the order of the file. Of two with one id the first counts."""
        checked, again = distinct(statements)
        by_number = {one.number: one for one in checked}
        found = [left_out(prepared, problem) for prepared in self._all() for problem in prepared.problems]
        found += [warning("statement-twice", one, "stands twice: the first one counts") for one in again]
        references: list[Reference] = []
        for one in checked:
            found += self._check_one(one, references)
        found += self._older(checked)
        kept = {one.number: one.kept for one in checked}
        outside, wrong = resolve(references, kept, {one.id: one.number for one in checked if one.id})
        found += [referred_wrongly(by_number[reference.number], reference, why) for reference, why in wrong]
        followings = self._follow(checked)
        found += [not_followed(following, by_number) for following in followings if _is_wrong(following)]
        return Report(
            statements=len(checked),
            templates=Counter(template for one in checked for template in one.meant_for),
            unmatched=sum(not one.meant_for for one in checked),
            outside=outside,
            findings=sorted(found, key=lambda finding: int(finding.about.get("number", 0))),
            followings=followings,
        )

    def _all(self) -> list[Prepared]:
        return [prepared for family in self._families for prepared in family.versions]

    def _check_one(self, one: Checked, references: list[Reference]) -> list[Finding]:
        found = []
        for place, iri, wanted in misplaced(one.statement, self._extensions):
            why = f"{iri} is a {self._extensions[iri]}: it belongs in {wanted}"
            found.append(error("extension-place", one, why, {"location": place}))
        why_not = wrong_subregistration(one.statement, one.categories)
        if why_not:
            found.append(error("subregistration", one, f"the subregistration {why_not}"))
        named = [prepared for family in self._families if (prepared := family.named_by(one.categories))]
        others = [] if named or self._naming is Naming.NAMED else [family.newest for family in self._families]
        one.named = others if self._naming is Naming.ASSUMED and not named else named
        for prepared in named or others:
            before = len(one.meant_for)
            found += _hold(one, prepared, references)
            if named and len(one.meant_for) == before and prepared.profile.templates:
                why = f"names {prepared.profile.version}, and none of its templates is for it"
                found.append(warning("no-template", one, why, value=one.traits.verb))
        return found

    def _older(self, checked: Sequence[Checked]) -> list[Finding]:
        """One finding for each version that is named and was not given."""
        by_version: dict[tuple[str, str], list[Checked]] = {}
        versions = {prepared.profile.version: prepared for prepared in self._all()}
        for one in checked:
            for prepared in one.named:
                if prepared.profile.version not in one.categories:
                    for name in one.categories & prepared.names:
                        by_version.setdefault((prepared.profile.version, name), []).append(one)
        return [older(ones[0], versions[newest], name, len(ones)) for (newest, name), ones in by_version.items()]

    def _follow(self, checked: Sequence[Checked]) -> list[Following]:
        gone = {one.referred("object") for one in checked if one.traits.verb == VOIDED}
        members: dict[str, tuple[Prepared, list[Placed]]] = {}
        for one in checked:
            if one.id is None or one.id not in gone:
                for prepared in one.named:
                    group = members.setdefault(prepared.profile.version, (prepared, []))[1]
                    group.append(Placed(one.number, one.statement, frozenset(one.kept)))
        return [
            following
            for version, (prepared, placed) in members.items()
            for following in follow(version, placed, prepared.primary, prepared.names)
        ]


def journeys(statements: Iterable[Mapping[str, Any]]) -> dict[str, Following]:
    """How the statements of each registration follow the journey pattern of our profile, by registration.

    Success: enrolled and under way. Partial: enrolled, and nothing after it yet, or the enrolment is not there yet.
    Failure: something came after a withdrawal, or breaks its template.
    """
    profile = load()
    checker = Checker([profile.with_primary(f"{profile.id}/patterns/journey")], Naming.NAMED)
    followings = checker.check(statements).followings
    return {one.registration: one for one in followings if one.registration and one.subregistration is None}


def _hold(one: Checked, prepared: Prepared, references: list[Reference]) -> list[Finding]:
    """Hold a statement against the templates that are for it.

    Breaking one of them while it follows another is a warning: many profiles tell templates apart by rules alone.
    """
    meant_for = [template for template in prepared.candidates(one.traits.verb) if template.applies(one.traits)]
    breaches = {template: found for template in meant_for if (found := template.breaches(one.statement))}
    one.meant_for += [template.id for template in meant_for]
    one.kept.update(template.id for template in meant_for if template not in breaches)
    for template in meant_for:
        for where, allowed in (("object", template.refers_to), ("context.statement", template.context_refers_to)):
            if allowed:
                references.append(Reference(one.number, template.id, where, allowed, one.referred(where)))
    severity = Severity.ERROR if len(breaches) == len(meant_for) else Severity.WARNING
    return [
        broken(severity, one, template, index, breach)
        for template, found in breaches.items()
        for index, breach in found
    ]


def _is_wrong(following: Following) -> bool:
    """A failure; and a pattern only begun by a statement without registration, with which nothing can go on."""
    alone = following.registration is None
    return following.outcome is Outcome.FAILURE or (alone and following.outcome is Outcome.PARTIAL)
