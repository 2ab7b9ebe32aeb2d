"""Facts that groups are evaluated from: what sponsors did in a run, and its answers to surveys.

Everything else a group is worth stands in the results of its people. The store and a file of statements are sorted
by the same rule, so both give the same values.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from lrs_bridge.domain.evaluators import Active, Level
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact, by_time
from lrs_bridge.domain.journey import Journey
from lrs_bridge.domain.people import Cohort, Person, Role

_NONE: Mapping[str, Any] = MappingProxyType({})
WORDS = frozenset({Kind.CONFIRMED, Kind.DISPUTED})


@dataclass(frozen=True)
class Shared:
    """`acts`: by sponsor, their acts for their own steps and what was said about these. `answers`: by kind of survey,
    the answers to it. All settled, in order."""

    acts: Mapping[str, tuple[Fact, ...]] = field(default_factory=lambda: _NONE)
    answers: Mapping[str, tuple[Fact, ...]] = field(default_factory=lambda: _NONE)

    def answers_of(self, kinds: Collection[str], people: Iterable[Person], area: str | None) -> tuple[Fact, ...]:
        """Answers to surveys of these kinds, of `people`; of the whole run (`area` None) also those without a name."""
        if not kinds:
            return ()
        inside = {person.registration: person.account for person in people if person.registration}
        found = [
            fact
            for kind in kinds
            for fact in self.answers.get(kind, ())
            if (area is None if fact.registration is None else inside.get(fact.registration) == fact.actor)
        ]
        return tuple(sorted(found, key=by_time))


NOTHING_SHARED = Shared()


@dataclass(frozen=True)
class Asked:
    """What the active evaluators look at: the steps of sponsors, and the kinds of survey by step (empty: nothing)."""

    sponsor_steps: frozenset[str]
    survey_steps: Mapping[str, str]
    anonymous: frozenset[str]

    @classmethod
    def by(cls, active: Iterable[Active], journey: Journey) -> Asked:
        declared = [one.evaluator for one in active]
        sponsors = any(Level.SPONSOR in one.functions for one in declared)
        kinds = {kind for one in declared for kind in one.surveys}
        asked_for = ((step.id, journey.surveys.get(step.survey or "")) for step in journey.steps)
        surveys = {id_: survey for id_, survey in asked_for if survey is not None}
        return cls(
            frozenset(step.id for step in journey.owned_by(Role.SPONSOR)) if sponsors else frozenset(),
            {id_: survey.kind for id_, survey in surveys.items() if survey.kind in kinds},
            frozenset(id_ for id_, survey in surveys.items() if survey.confidentiality == "anonymous"),
        )


def share(active: Iterable[Active], journey: Journey, cohort: Cohort, facts: Iterable[Fact]) -> Shared:
    """Sort standing `facts` of a whole record, or any part of it that holds those of this run.

    A fact is of the run if its registration is a participant's or, without one, its grouping names the run or none.
    An answer without a registration counts where the survey is anonymous, and else to nobody.
    """
    asked = Asked.by(active, journey)
    if not asked.sponsor_steps and not asked.survey_steps:
        return NOTHING_SHARED
    run = cohort.run.id
    registrations = {person.registration for person in cohort.participants}
    sponsors = set(cohort.sponsors)
    acts: dict[str, list[Fact]] = {}
    answers: dict[str, list[Fact]] = {}
    said: list[Fact] = []
    for fact in facts:
        if fact.kind in WORDS:
            said.append(fact)
        elif fact.step is None or (fact.registration not in registrations and fact.run not in (None, run)):
            continue
        elif fact.step in asked.survey_steps and fact.kind is Kind.ANSWERED and fact.completion is not False:
            if fact.registration is not None or fact.step in asked.anonymous:
                answers.setdefault(asked.survey_steps[fact.step], []).append(fact)
        elif fact.step in asked.sponsor_steps and fact.actor in sponsors:
            acts.setdefault(fact.actor, []).append(fact)
    _add_words(acts, said)
    return Shared(_in_order(acts), _in_order(answers))


def _add_words(acts: dict[str, list[Fact]], said: Iterable[Fact]) -> None:
    of = {fact.id: own for own in acts.values() for fact in own}
    for word in said:
        own = of.get(word.target or "")
        if own is not None:
            own.append(word)


def _in_order(found: Mapping[str, list[Fact]]) -> dict[str, tuple[Fact, ...]]:
    return {key: tuple(sorted(facts, key=by_time)) for key, facts in found.items()}
