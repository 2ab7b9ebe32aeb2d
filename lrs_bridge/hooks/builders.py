"""A journey, its people and what they did, in a few words: for the tests of an evaluator's author.

Days are numbers from day zero. The participant is petra, her manager mark, her coach carl, her peer pia.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from lrs_bridge.domain.evaluators import Active, Evaluator, Evidence, Level, Member
from lrs_bridge.domain.events import Kind, Score
from lrs_bridge.domain.facts import Fact, settle
from lrs_bridge.domain.groups import mean_of
from lrs_bridge.domain.indicators import Outcome, Subject
from lrs_bridge.domain.journey import Journey, Moment, Phase, Step, Titled
from lrs_bridge.domain.people import Cohort, Person, Relation, Role, Run
from lrs_bridge.domain.shared import share
from lrs_bridge.hooks.settings import resolve

DAY_ZERO = date(2026, 3, 2)
HOME_PAGE = "https://bridge.example/tenants/0b9df2f2-5f5f-4a3e-8f0a-3d2b2a5f8c11"
RUN = Run("7d0f3d9e-3b0e-4a53-9e0c-64b0b3b3a001", "journey-under-test", 1, DAY_ZERO)

_numbers = count(1)


def on(day: int, hour: int = 12, minute: int = 0, run: Run = RUN) -> datetime:
    """That hour of the day so many days after day zero, local to the run, in UTC."""
    local = datetime.combine(run.day_zero + timedelta(days=day), time(hour, minute), ZoneInfo(run.time_zone))
    return local.astimezone(UTC)


def run(day_zero: date = DAY_ZERO, time_zone: str = "UTC", **parts: Any) -> Run:
    """The run of the journey under test, beginning on another day or elsewhere."""
    return replace(RUN, day_zero=day_zero, time_zone=time_zone, **parts)


def step(id: str, owner: str = "participant", *, opens: int = 0, due: int = 7, **parts: Any) -> Step:
    """A required step of weight 1 in the phase `after`; `parts` are further fields of Step."""
    parts = {"phase": Phase.AFTER, "type": "self_study", "title": f"Step {id}", **parts}
    return Step(id=id, owner=Role(owner), opens_day=opens, due_day=due, **parts)


def journey(*steps: Step, moments: Iterable[str] = (), behaviours: Iterable[str] = (), **parts: Any) -> Journey:
    """A journey of these steps; `moments` and `behaviours` are ids, `parts` further fields of Journey."""
    return Journey(
        slug=RUN.journey,
        version=RUN.version,
        title="Journey under test",
        steps=steps,
        moments=tuple(Moment(id, f"Moment {id}") for id in moments),
        behaviours=tuple(Titled(id, f"Behaviour {id}") for id in behaviours),
        **parts,
    )


def participant(account: str = "petra", *, manager: str | None = "mark", **parts: Any) -> Person:
    """A participant whose registration is `<account>-enrolment`, managed by `manager` throughout."""
    managers = (Relation(manager),) if manager else ()
    return Person(account, Role.PARTICIPANT, **{"registration": f"{account}-enrolment", "managers": managers, **parts})


def fact(kind: Kind, day: int | datetime, step: str | None = None, **parts: Any) -> Fact:
    """One statement, by petra about her own enrolment unless `parts`, further fields of Fact, say otherwise.

    A number of a day means its noon. `score` may be a plain number.
    """
    at = day if isinstance(day, datetime) else on(day)
    number = next(_numbers)
    if isinstance(parts.get("score"), int | float):
        parts["score"] = Score(parts["score"])
    parts = {
        "id": f"{number:08x}-0000-4000-8000-000000000000",
        "actor": "petra",
        "verb": f"https://verbs.example/{kind}",
        "registration": "petra-enrolment",
        "role": "participant",
        **parts,
    }
    return Fact(kind=kind, at=at, step=step, **parts)


def evidence(facts: Iterable[Fact], as_of: datetime, person: Person | None = None, run: Run = RUN) -> Evidence:
    """What an evaluator sees of one participant (default: petra): the facts settled at `as_of`."""
    who = person or participant()
    cohort = Cohort(run, HOME_PAGE, (who,))
    return Evidence(run, cohort, Subject.person(who.account), who, tuple(settle(facts, as_of)))


def outcome(
    evaluator: Evaluator,
    journey: Journey,
    facts: Iterable[Fact] = (),
    *,
    day: int | datetime,
    person: Person | None = None,
    run: Run = RUN,
    settings: Mapping[str, Any] | None = None,
) -> Outcome:
    """The person-level outcome at noon of `day`, under the defaults with `settings` over them."""
    as_of = day if isinstance(day, datetime) else on(day, run=run)
    asked = evidence(facts, as_of, person, run)
    return evaluator.functions[Level.PERSON](journey, asked, resolve(evaluator, settings or {}), as_of)


def group_outcome(
    evaluator: Evaluator,
    journey: Journey,
    members: Iterable[tuple[Person, Outcome]],
    *,
    day: int | datetime,
    manager: str | None = None,
    sponsor: str | None = None,
    people: Iterable[Person] = (),
    facts: Iterable[Fact] = (),
    needed: Mapping[str, Mapping[str, Outcome]] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Outcome:
    """The outcome of the cohort, of `manager` or of `sponsor`, over these participants with their own outcomes.

    `people`: others of the run, with their relations. `facts`: those of which a sponsor's own acts, and a cohort's
    answers to surveys, are taken. `needed`: results by indicator, then account.
    """
    as_of = day if isinstance(day, datetime) else on(day)
    group = tuple(Member(person, theirs) for person, theirs in members)
    account = manager or sponsor
    level = Level.MANAGER if manager else Level.SPONSOR if sponsor else Level.COHORT
    leader = Person(account, Role(level.value)) if account else None
    cohort = Cohort(
        RUN, HOME_PAGE, (*[one.person for one in group], *people, *([leader] if sponsor and leader else ()))
    )
    shared = share([Active(evaluator, {})], journey, cohort, settle(facts, as_of))
    asked = Evidence(
        RUN,
        cohort,
        Subject.person(account) if account else Subject.cohort(RUN.id),
        leader,
        facts=shared.acts.get(account or "", ()) if level is Level.SPONSOR else (),
        members=group,
        answers=shared.answers_of(evaluator.surveys, cohort.participants, None) if level is Level.COHORT else (),
        needed=needed or {key: {} for key in evaluator.needs},
    )
    function = evaluator.functions.get(level)
    if function is None:
        return mean_of(group, evaluator.applies(journey))
    return function(journey, asked, resolve(evaluator, settings or {}), as_of)
