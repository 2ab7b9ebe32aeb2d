"""Profiles made ready to hold many statements against: templates by verb, primary patterns compiled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from lrs_bridge.xapi.patterns import TEMPLATE, Node, PatternError, compiled
from lrs_bridge.xapi.profile import Profile
from lrs_bridge.xapi.template import Template


@dataclass
class Prepared:
    """One version of a profile. `names` are the IRIs by which a statement names it; `problems` what was left out.

    Templates of other profiles that its patterns use are here too ("as if the Statement Template were present in
    this Profile", part two, 9.0).
    """

    profile: Profile
    names: frozenset[str]
    primary: list[Node] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    by_verb: dict[str, list[Template]] = field(default_factory=dict)
    any_verb: list[Template] = field(default_factory=list)

    def candidates(self, verb: str | None) -> list[Template]:
        """The templates for this verb, and those that leave it open."""
        return self.any_verb if verb is None else self.by_verb.get(verb, self.any_verb)


@dataclass(frozen=True)
class Family:
    """All given versions of one profile, newest first."""

    versions: tuple[Prepared, ...]

    @property
    def newest(self) -> Prepared:
        return self.versions[0]

    def named_by(self, categories: frozenset[str]) -> Prepared | None:
        """The version that a statement with these categories names; the newest of several."""
        for prepared in self.versions:
            if not prepared.names.isdisjoint(categories):
                return prepared
        return None


def prepare(profiles: Sequence[Profile]) -> list[Family]:
    """The profiles by family. Of two documents for one version the first counts."""
    by_version: dict[tuple[str, str], Profile] = {}
    for profile in profiles:
        by_version.setdefault((profile.id, profile.version), profile)
    families: dict[str, list[Profile]] = {}
    for profile in by_version.values():
        families.setdefault(profile.id, []).append(profile)
    return [Family(tuple(_versions(family, profiles))) for family in families.values()]


def _versions(family: list[Profile], profiles: Sequence[Profile]) -> Iterator[Prepared]:
    """The newest one speaks also for the profile's own IRI, and for versions that nobody describes."""
    ordered = sorted(family, key=lambda profile: profile.generated, reverse=True)
    described = {profile.version for profile in family}
    spoken_for: set[str] = set()
    for profile in ordered:
        others = {profile.id, *profile.versions} - described - spoken_for
        spoken_for |= others
        yield _prepared(profile, frozenset({profile.version, *others}), profiles)


def _prepared(profile: Profile, names: frozenset[str], profiles: Sequence[Profile]) -> Prepared:
    made = Prepared(profile, names, problems=list(profile.problems))
    all_templates = {template.id: template for one in (*profiles, profile) for template in one.templates}
    all_patterns = {pattern.id: pattern for one in (*profiles, profile) for pattern in one.patterns}
    for pattern in profile.patterns:
        if pattern.primary:
            try:
                made.primary.append(compiled(pattern.id, all_patterns, all_templates))
            except PatternError as error:
                made.problems.append(f"{pattern.id} is not matched: {error}")
    own = {template.id for template in profile.templates}
    borrowed = {iri: all_templates[iri] for root in made.primary for iri in _leaves(root) if iri not in own}
    _index(made, [*profile.templates, *borrowed.values()])
    return made


def _index(made: Prepared, templates: Iterable[Template]) -> None:
    templates = list(templates)
    made.any_verb = [template for template in templates if template.verb is None]
    for verb in {template.verb for template in templates if template.verb is not None}:
        made.by_verb[verb] = [template for template in templates if template.verb in (verb, None)]


def _leaves(root: Node) -> Iterator[str]:
    seen: set[Node] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.how == TEMPLATE:
            yield node.id
        waiting += [part for part in node.parts if part not in seen]
        seen.update(node.parts)
