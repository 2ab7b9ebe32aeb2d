"""Whatever comes in, every evaluator gives a defined result: statements of any shape, settings out of range, journeys
edited while they run, and clocks that disagree.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lrs_bridge import journeyfile
from lrs_bridge.domain.evaluation import Active, Evaluation, evaluate_all
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.journey import Journey
from lrs_bridge.domain.people import Cohort, Person, Relation, Role, Run
from lrs_bridge.hooks.settings import SettingsError, resolve
from lrs_bridge.xapi.reading import Unreadable, read
from tests.fakes.any_statement import json_value
from tests.unit.evaluators.installed import EVALUATORS
from tests.unit.xapi.golden import BASE, PAIRS

STATEMENTS = [pair["statement"] for pair in PAIRS.values()]
PETRA = "0b6a2c5e-6f43-4f0e-9c38-6a3f1f0f7a11"
MARK = "5f1d9d55-2a0c-4a7a-8c3b-3c0e7b0d9e22"
SOFIA = "93a7c4c0-1f0a-4b52-b8e7-2d7f5f6c1b33"
RUN = Run("a1e0c9b8-d7f6-4e5d-8c4b-3a2918070605", "field-coaching-90", 1, date(2026, 3, 2), "Europe/Berlin")
REGISTRATION = "4e7d6c5b-4a39-4281-9706-f5e4d3c2b1a0"
COHORT = Cohort(
    RUN,
    BASE,
    (
        Person(
            PETRA,
            Role.PARTICIPANT,
            REGISTRATION,
            date(2026, 2, 1),
            managers=(Relation(MARK, date(2026, 1, 1)),),
            area="north",
        ),
        Person(MARK, Role.MANAGER, sponsors=(Relation(SOFIA, None),)),
        Person(SOFIA, Role.SPONSOR),
    ),
)
AS_OF = datetime(2026, 6, 20, tzinfo=UTC)
ALL = [Active(one, resolve(one)) for one in EVALUATORS.values()]
often = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@cache
def sample() -> Journey:
    slug = "field-coaching-90"
    return journeyfile.load_journey(journeyfile.sample_text(slug), slug)


def evaluate(facts: list[Fact], journey: Journey | None = None, as_of: datetime = AS_OF) -> Evaluation:
    return evaluate_all(ALL, journey or sample(), COHORT, facts, as_of)


def defined(evaluation: Evaluation) -> None:
    """Nothing failed, and everything is asked of everybody once."""
    assert evaluation.failures == ()
    about = [(result.indicator, result.subject) for result in evaluation.results]
    assert len(about) == len(set(about))


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a JSON value, as its container and the key or index there."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(inside):
        yield value, key
        yield from places(inner)


@st.composite
def odd_statements(draw: st.DrawFn) -> list[dict[str, Any]]:
    """The statements of the profile with a few places of some put to anything."""
    found = []
    for original in draw(st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=8)):
        statement = copy.deepcopy(original)
        for _ in range(draw(st.integers(0, 3))):
            container, key = draw(st.sampled_from(list(places(statement))))
            container[key] = draw(json_value)
        found.append(statement)
    return found


def facts_of(statements: list[dict[str, Any]]) -> list[Fact]:
    """What can be read of them; what cannot is for the page of what came in."""
    facts = []
    for statement in statements:
        try:
            facts.append(read(statement, BASE))
        except Unreadable:
            continue
    return facts


def test_as_they_are_the_statements_give_values() -> None:
    """Otherwise what follows would prove little."""
    values = {result.indicator: result.value for result in evaluate(facts_of(STATEMENTS)).results}
    assert len([value for value in values.values() if value]) >= 6


@often
@given(odd_statements())
def test_statements_of_any_shape_give_defined_results(statements: list[dict[str, Any]]) -> None:
    evaluation = evaluate(facts_of(statements))
    defined(evaluation)
    assert evaluation.of("journey_completion").results


TIMES = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
AROUND = st.timedeltas(timedelta(days=-200), timedelta(days=200)).map(lambda span: AS_OF + span)


@often
@given(st.lists(st.tuples(st.sampled_from(STATEMENTS), TIMES | AROUND, TIMES | AROUND, TIMES | AROUND), max_size=8))
def test_clocks_that_disagree_give_defined_results(told: list[tuple[dict[str, Any], datetime, datetime, datetime]]):
    """Recorded before it happened, stored before it was recorded, years away from both."""
    facts = [
        read(statement, BASE)._replace(at=at, recorded=recorded, stored=stored)
        for statement, at, recorded, stored in told
    ]
    defined(evaluate(facts))


@often
@given(odd_statements(), TIMES | AROUND)
def test_whatever_the_hour_of_asking_is(statements: list[dict[str, Any]], as_of: datetime) -> None:
    defined(evaluate(facts_of(statements), as_of=as_of))


@often
@given(odd_statements(), st.data())
def test_a_journey_edited_while_it_runs_gives_defined_results(statements: list[dict[str, Any]], data: Any) -> None:
    """Steps, moments and surveys that statements speak of are gone, or are others now."""
    journey = sample()
    steps = tuple(data.draw(st.lists(st.sampled_from(journey.steps), unique_by=lambda step: step.id, max_size=12)))
    surveys = {key: survey for key, survey in journey.surveys.items() if data.draw(st.booleans())}
    steps = tuple(step if step.survey in surveys else replace(step, survey=None) for step in steps)
    moments = journey.moments[: data.draw(st.integers(0, len(journey.moments)))]
    edited = replace(journey, version=2, steps=steps, surveys=surveys, moments=moments)
    defined(evaluate(facts_of(statements), edited))


@often
@given(st.sampled_from(sorted(EVALUATORS)), st.dictionaries(st.text(max_size=8), json_value, max_size=3), st.data())
def test_settings_of_any_shape_are_settings_or_are_refused(key: str, more: dict[str, Any], data: Any) -> None:
    """With the names of real settings in them, and real settings beside them; what is taken works."""
    one = EVALUATORS[key]
    defaults = resolve(one)
    chosen = data.draw(st.lists(st.sampled_from(sorted(defaults)), unique=True, max_size=3))
    given_ = {**more, **{name: data.draw(json_value) for name in chosen}}
    try:
        taken = resolve(one, given_)
    except SettingsError:
        return
    facts = [read(statement, BASE) for statement in STATEMENTS]
    evaluation = evaluate_all([Active(one, taken)], sample(), COHORT, facts, AS_OF)
    assert evaluation.failures == ()
