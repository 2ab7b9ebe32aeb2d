"""The contract of an evaluator, checked by putting it to the question over many small made-up records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Any

from marshmallow import Schema

from lrs_bridge.domain.evaluators import Active, Evaluator, Evidence, Level, Member
from lrs_bridge.domain.facts import Fact, settle
from lrs_bridge.domain.indicators import Outcome, Status, Subject
from lrs_bridge.domain.journey import Journey
from lrs_bridge.domain.people import Cohort, Person, Role
from lrs_bridge.domain.shared import share
from lrs_bridge.domain.soundness import sound
from lrs_bridge.hooks import rehearsal
from lrs_bridge.hooks.builders import HOME_PAGE, RUN, journey, on, step
from lrs_bridge.hooks.declarations import Refused, declared_by
from lrs_bridge.hooks.evaluator_settings import EvaluatorSettings
from lrs_bridge.hooks.purity import ReachedOut, asks_for_the_time, watching
from lrs_bridge.hooks.settings import SettingsError, resolve

_LONG_BEFORE = -400


class ContractBroken(AssertionError):
    """A plugin does what none may; the text says what and on which input."""


def check_plugin(
    plugin: Any, journeys: Sequence[Journey] = (), settings: Mapping[str, Mapping[str, Any]] | None = None
) -> None:
    """Raise ContractBroken where this plugin would not be taken in, or breaks a rule.

    `plugin` is the module (or object) that the entry point names; `settings` are by evaluator. What it declares has to
    be complete, each key one of its own, each setting explained; each evaluator is put to `check_evaluator`.
    """
    try:
        evaluators, listeners = declared_by(plugin, "plugin")
    except Refused as refusal:
        raise ContractBroken(f"the plugin {refusal}") from refusal
    keys = [*(one.key for one in evaluators), *(one.key for one in listeners)]
    for key in keys:
        if keys.count(key) > 1:
            raise ContractBroken(f"the plugin declares {key!r} twice")
    for listener in listeners:
        _expect_explained(listener.key, listener.schema)
    for evaluator in evaluators:
        check_evaluator(evaluator, journeys, (settings or {}).get(evaluator.key))


def _expect_explained(key: str, schema: type[Any] | None) -> None:
    """The form that an administrator fills in is made from the schema."""
    known: Schema = (schema or Schema)()
    for name, field in known.fields.items():
        if not str(field.metadata.get("help") or "").strip():
            raise ContractBroken(
                f"{key} has a setting {name!r} without a help text: give it metadata={{'help': '...'}}"
            )


def check_evaluator(
    evaluator: Evaluator,
    journeys: Sequence[Journey] = (),
    settings: Mapping[str, Any] | None = None,
    bounds: tuple[float, float] | None = None,
    seed: int = 1,
    rounds: int = 40,
) -> None:
    """Raise ContractBroken where the evaluator breaks a rule of `docs/indicators.md`, "Rules for all".

    It must answer every record, an empty or an odd one too, without raising; twice the same; the same whatever the
    order statements arrive in and however often each does; within `bounds` (those it declares); null, not zero,
    where nothing could have happened; with components that are plain JSON and evidence that was there; and leave what
    it was given alone. Its settings need defaults that its own schema takes, and a help text each. It asks no clock,
    opens no connection and writes no file.
    `journeys` are rehearsed beside the built-in one; give some that your evaluator can make something of.
    """
    check = _Check(evaluator, settings or {}, bounds or evaluator.bounds)
    check.declaration((journey(), rehearsal.JOURNEY, *journeys))
    check.null_without_anything()
    random = Random(seed)  # noqa: S311 - made-up records, no secrets
    for number in range(rounds):
        design = random.choice((rehearsal.JOURNEY, *journeys))
        check.one_round(design, random, f"round {number} of seed {seed}, journey {design.slug}")


class _Check:
    def __init__(self, evaluator: Evaluator, settings: Mapping[str, Any], bounds: tuple[float, float]) -> None:
        self._evaluator = evaluator
        self._bounds = bounds
        try:
            resolve(evaluator)
            self._settings = resolve(evaluator, settings)
        except SettingsError as error:
            raise ContractBroken(f"the settings are refused by the schema itself: {error}") from error

    def declaration(self, designs: Iterable[Journey]) -> None:
        """Settings explained, `applies` answering for every journey, no function that looks at a clock."""
        schema = self._evaluator.schema
        if schema is not None and not issubclass(schema, EvaluatorSettings):
            raise ContractBroken(f"{self._evaluator.key}: let its settings inherit from EvaluatorSettings, which has k")
        _expect_explained(self._evaluator.key, schema)
        for design in designs:
            try:
                answer = self._evaluator.applies(design)
            except Exception as error:
                raise self._broken(f"raises {type(error).__name__}: {error}", f"applies, {design.slug}") from error
            if not isinstance(answer, bool):
                raise self._broken(f"answers {answer!r:.60} to applies, neither True nor False", design.slug)
        for level, function in self._evaluator.functions.items():
            clock = asks_for_the_time(function)
            if clock:
                raise self._broken(f"is not pure: {clock}; the time is given as `as_of`", str(level))

    def null_without_anything(self) -> None:
        """Before anything opens, in a journey with nothing for anybody, and of nobody."""
        bare = journey(step("S1", "designer"))
        person = rehearsal.PEOPLE[0]
        for design, day, when in (
            (rehearsal.JOURNEY, _LONG_BEFORE, "before the first step opens"),
            (bare, 10, "in a journey without a step for anybody"),
        ):
            self._expect_null(self._of_person(design, person, (), on(day), when), f"no facts, {when}")
        for level in self._group_levels():
            nobody = self._of_group(level, bare, (), (), on(10), "a group of nobody")
            self._expect_null(nobody, f"{level} of nobody")
            unknown = [Member(p, Outcome.none(Status.NOT_STARTED)) for p in rehearsal.PEOPLE]
            nulls = self._of_group(level, rehearsal.JOURNEY, unknown, (), on(_LONG_BEFORE), "a group of nulls")
            self._expect_null(nulls, f"{level} of people without a value")

    def one_round(self, design: Journey, random: Random, where: str) -> None:
        as_of = on(random.randint(-10, 120), hour=random.randint(0, 23))
        members = []
        for person in rehearsal.PEOPLE:
            facts = rehearsal.facts(design, person, random)
            members.append(Member(person, self._one_person(design, person, facts, as_of, random, where)))
        shared = rehearsal.shared_facts(design, random)
        for level in self._group_levels():
            if level is Level.COHORT and Level.SPONSOR in self._evaluator.functions:
                theirs = self._of_group(Level.SPONSOR, design, members, shared, as_of, where)
                members = [Member(leader, theirs) for leader in rehearsal.LEADERS if leader.role is Role.SPONSOR]
            first = self._of_group(level, design, members, shared, as_of, where)
            again = self._of_group(level, design, members, shared, as_of, where)
            self._expect_same(first, again, "asked twice", where)
            mixed = random.sample(shared, len(shared)) + random.sample(shared, len(shared) // 2)
            other = self._of_group(level, design, random.sample(members, len(members)), mixed, as_of, where)
            self._expect_same(first, other, "with the people in another order, and the statements", where)

    def _one_person(
        self, design: Journey, person: Person, facts: list[Fact], as_of: datetime, random: Random, where: str
    ) -> Outcome:
        self._of_person(design, person, (), as_of, f"{where}, no facts")
        first = self._of_person(design, person, facts, as_of, where)
        self._expect_same(first, self._of_person(design, person, facts, as_of, where), "asked twice", where)
        again = random.sample(facts, len(facts)) + random.sample(facts, len(facts) // 2)
        other = self._of_person(design, person, again, as_of, where)
        self._expect_same(first, other, "with statements in another order and some of them twice", where)
        return first

    def _of_person(
        self, design: Journey, person: Person, facts: Iterable[Fact], as_of: datetime, where: str
    ) -> Outcome:
        if Level.PERSON not in self._evaluator.functions:
            return Outcome.none(Status.NOT_APPLICABLE)
        settled = tuple(settle(facts, as_of))
        cohort = Cohort(RUN, HOME_PAGE, rehearsal.PEOPLE)
        needed: dict[str, dict[str, Outcome]] = {key: {} for key in self._evaluator.needs}
        evidence = Evidence(RUN, cohort, Subject.person(person.account), person, settled, needed=needed)
        return self._ask(Level.PERSON, design, evidence, as_of, where)

    def _of_group(
        self,
        level: Level,
        design: Journey,
        members: Sequence[Member],
        facts: Iterable[Fact],
        as_of: datetime,
        where: str,
    ) -> Outcome:
        cohort = Cohort(RUN, HOME_PAGE, (*rehearsal.PEOPLE, *rehearsal.LEADERS))
        leader = {Level.MANAGER: "mark", Level.SPONSOR: "sofia"}.get(level)
        shared = share([Active(self._evaluator, self._settings)], design, cohort, settle(facts, as_of))
        evidence = Evidence(
            RUN,
            cohort,
            Subject.person(leader) if leader else Subject.cohort(RUN.id),
            Person(leader, Role(level.value)) if leader else None,
            facts=shared.acts.get(leader or "", ()) if level is Level.SPONSOR else (),
            members=tuple(members),
            answers=shared.answers_of(self._evaluator.surveys, cohort.participants, None),
            needed={key: dict(rehearsal.LEADERS_VALUES) for key in self._evaluator.needs},
        )
        return self._ask(level, design, evidence, as_of, f"{level}, {where}")

    def _group_levels(self) -> list[Level]:
        return [level for level in self._evaluator.functions if level is not Level.PERSON]

    def _ask(self, level: Level, design: Journey, evidence: Evidence, as_of: datetime, where: str) -> Outcome:
        given, known = deepcopy(self._settings), _all_of(evidence)
        try:
            with watching():
                outcome = self._evaluator.functions[level](design, evidence, given, as_of)
        except ReachedOut as error:
            raise self._broken(f"is not pure: it {error}", where) from error
        except Exception as error:
            raise self._broken(f"raises {type(error).__name__}: {error}", where) from error
        if not isinstance(outcome, Outcome):
            raise self._broken(f"returns {type(outcome).__name__}, not an Outcome", where)
        if given != self._settings:
            raise self._broken("changes the settings it was given", where)
        if _all_of(evidence) != known:
            raise self._broken("changes the statements or outcomes it was given", where)
        self._expect_sound(outcome, evidence, where)
        return outcome

    def _expect_sound(self, outcome: Outcome, evidence: Evidence, where: str) -> None:
        try:
            sound(outcome, replace(self._evaluator, bounds=self._bounds))
        except (TypeError, ValueError) as error:
            raise self._broken(str(error), where) from error
        known = {fact.id for fact in (*evidence.facts, *evidence.answers)}
        if len(set(outcome.evidence)) < len(outcome.evidence) or not known.issuperset(outcome.evidence):
            raise self._broken("the evidence names a statement twice, or one it was not given", where)

    def _expect_null(self, outcome: Outcome, where: str) -> None:
        if outcome.value is not None:
            raise self._broken(f"answers {outcome.value!r} where nothing could have happened: it must be null", where)

    def _expect_same(self, first: Outcome, other: Outcome, change: str, where: str) -> None:
        if replace(first, components=dict(first.components)) != replace(other, components=dict(other.components)):
            raise self._broken(f"answers differently {change}: {first} and {other}", where)

    def _broken(self, what: str, where: str) -> ContractBroken:
        return ContractBroken(f"{self._evaluator.key} {what} ({where})")


def _all_of(evidence: Evidence) -> str:
    """Everything in it that could be changed."""
    outcomes = [dict(member.outcome.components) for member in evidence.members]
    return repr([[fact.data for fact in (*evidence.facts, *evidence.answers)], outcomes, evidence.needed])
