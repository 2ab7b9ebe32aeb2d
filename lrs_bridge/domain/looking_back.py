"""What an indicator was on earlier days, worked out again from the statements of one person.

With today's journey, settings and evaluators: a line in which only what happened moves the value. Statements that came
late stand on the day on which they happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from lrs_bridge.domain.evaluation import Active, Ask, at_leisure, evaluate_person, in_order
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.journey import Journey
from lrs_bridge.domain.people import Cohort, Person, Run

MOST = 14  # points of a line that a narrow screen can still tell apart


def days_between(first: date, today: date, most: int = MOST) -> list[date]:
    """Whole weeks back from today to the first day, today last; wider steps where there were too many weeks."""
    if first >= today:
        return [today]
    weeks = -(-(today - first).days // 7)
    step = timedelta(weeks=-(-weeks // (most - 1)))
    days = [today]
    while days[-1] > first and len(days) < most:
        days.append(max(first, days[-1] - step))
    return days[::-1]


def first_day(journey: Journey, run: Run, person: Person) -> date:
    """When there can be something to see: the first step opens, or the person came later."""
    day_zero = person.starts(run)
    opens = [step.window(day_zero, person.enrolled).opens for step in journey.steps]
    return max(min(opens, default=day_zero), person.enrolled or day_zero)


def values_on(
    active: Iterable[Active],
    keys: Sequence[str],
    journey: Journey,
    cohort: Cohort,
    person: Person,
    facts: Sequence[Fact],
    days: Sequence[date],
    now: datetime,
    ask: Ask = at_leisure,
) -> dict[str, list[float | None]]:
    """By key, the value at the end of each day, and of the day that `now` is on as it is now. `facts` are settled.

    Latest day first, until an evaluator fails or takes too long: what is not known then is None.
    """
    wanted = with_needs(active, keys)
    found: dict[str, list[float | None]] = {key: [] for key in keys}
    failed = False
    for day in reversed(days):
        if failed:
            for key in keys:
                found[key].append(None)
            continue
        as_of = min(now, datetime.combine(day + timedelta(days=1), time(), cohort.run.zone) - timedelta(microseconds=1))
        known = [fact for fact in facts if fact.at <= as_of]
        evaluation = evaluate_person(wanted, journey, cohort, person, known, as_of, ask)
        failed = bool(evaluation.failures)
        values = {result.indicator: result.value for result in evaluation.results}
        for key in keys:
            found[key].append(values.get(key))
    return {key: backwards[::-1] for key, backwards in found.items()}


def with_needs(active: Iterable[Active], keys: Iterable[str]) -> list[Active]:
    """These evaluators and whatever they need, and no others."""
    by_key = {one.key: one for one in active}
    wanted: set[str] = set()
    left = list(keys)
    while left:
        key = left.pop()
        if key in by_key and key not in wanted:
            wanted.add(key)
            left += by_key[key].evaluator.needs
    return in_order(by_key[key] for key in wanted)
