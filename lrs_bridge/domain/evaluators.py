"""Evaluators: what a plugin declares, and all that its functions may look at.

An evaluator is a declaration with pure functions: no clock, no database. Who is in scope, the one result per
subject and the inputs hash are decided in `domain.evaluation`, so that no evaluator can get them wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.explaining import NO_WORDS, Words
from lrs_bridge.domain.facts import Fact, by_time
from lrs_bridge.domain.fingerprint import canonical
from lrs_bridge.domain.indicators import Outcome, Subject
from lrs_bridge.domain.journey import Journey
from lrs_bridge.domain.people import Cohort, Person, Run

_EMPTY: Mapping[str, Any] = MappingProxyType({})


class Level(StrEnum):
    """Whom a result is about."""

    PERSON = "person"
    MANAGER = "manager"
    SPONSOR = "sponsor"
    COHORT = "cohort"


class Posting(StrEnum):
    """Whether an indicator may stand in the gradebook: in the default set, when chosen, or never."""

    DEFAULT = "default"
    CHOSEN = "chosen"
    NEVER = "never"


class Member(NamedTuple):
    """One of a group, as a rule a participant, with their own outcome of the same indicator."""

    person: Person
    outcome: Outcome


@dataclass(frozen=True)
class Evidence:
    """All an evaluator may look at for one subject.

    Person level: `person` and their settled `facts` in order (`facts.settle`). Manager, sponsor and cohort
    level: `members`, the participants in scope with their person-level outcomes; `person` is the manager or
    sponsor. Of a cohort whose evaluator has no person function, `members` are the managers or sponsors with theirs.
    A sponsor's `facts` are their own acts in the run, whatever enrolment they name, and the confirmations and
    disputes of these. A cohort's `answers` are those to surveys of the kinds in `Evaluator.surveys`, in order.
    `needed` holds results of indicators named in `Evaluator.needs`, by key, then account.
    """

    run: Run
    cohort: Cohort
    subject: Subject
    person: Person | None = None
    facts: tuple[Fact, ...] = ()
    members: tuple[Member, ...] = ()
    answers: tuple[Fact, ...] = ()
    needed: Mapping[str, Mapping[str, Outcome]] = field(default_factory=lambda: _EMPTY)
    cache: dict[tuple[str, datetime], Any] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def by_step(self) -> dict[str, list[Fact]]:
        """Facts that name a step, by its id, in order."""
        found: dict[str, list[Fact]] = {}
        for fact in self.facts:
            if fact.step is not None:
                found.setdefault(fact.step, []).append(fact)
        return found

    @cached_property
    def _by_kind(self) -> dict[Kind, list[Fact]]:
        found: dict[Kind, list[Fact]] = {}
        for fact in self.facts:
            found.setdefault(fact.kind, []).append(fact)
        return found

    def of_kind(self, *kinds: Kind) -> Sequence[Fact]:
        """Facts of these kinds, in order; they are sorted by kind once, whoever asks."""
        found = [facts for kind in kinds if (facts := self._by_kind.get(kind))]
        if len(found) < 2:
            return found[0] if found else ()
        return sorted([fact for facts in found for fact in facts], key=by_time)


Function = Callable[[Journey, Evidence, Mapping[str, Any], datetime], Outcome]


@dataclass(frozen=True)
class Evaluator:
    """The declaration a plugin returns.

    `functions`: one pure function per level. `schema`: a marshmallow Schema class for the settings (None: no
    settings). `applies`: whether the journey has anything for it, asked where a journey names no evaluators.
    `needs`: indicator keys whose results it reads. `surveys`: kinds of surveys whose answers its cohort function
    reads. `bounds`: the lowest and highest value. `posting`: its gradebook class. `audience`: role -> one of
    "own", "named", "process", "aggregate" or "posted" (what a gradebook is told); roles not named see nothing.
    `words`: what people read on the page "why is it this number"; without any, names of components and settings serve.
    `distribution` is filled by the registry.
    """

    key: str
    title: str
    version: str
    functions: Mapping[Level, Function]
    schema: type[Any] | None = None
    applies: Callable[[Journey], bool] = lambda journey: True
    needs: tuple[str, ...] = ()
    surveys: tuple[str, ...] = ()
    bounds: tuple[float, float] = (0.0, 100.0)
    posting: Posting = Posting.NEVER
    audience: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    words: Words = NO_WORDS
    distribution: str = ""

    @property
    def levels(self) -> tuple[Level, ...]:
        """Whom there are values of: without a function of its own, a cohort's is the mean over its participants."""
        meant = Level.PERSON in self.functions and Level.COHORT not in self.functions
        return (*self.functions, Level.COHORT) if meant else tuple(self.functions)


@dataclass(frozen=True)
class Active:
    """An evaluator switched on for a journey, with its settings resolved (defaults < platform < journey < file).

    `column`: what an administrator says of its column in the gradebook; None: as journey and declaration say.
    """

    evaluator: Evaluator
    settings: Mapping[str, Any]
    column: bool | None = None

    @property
    def key(self) -> str:
        return self.evaluator.key

    @cached_property
    def fingerprint(self) -> str:
        """What of the evaluator and its settings belongs to every inputs hash."""
        declared = self.evaluator
        return canonical([declared.key, declared.version, declared.distribution, self.settings])
