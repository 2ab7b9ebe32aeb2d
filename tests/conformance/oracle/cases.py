"""One small random case from a seed, made to meet the rules, and the edges between them, often."""

from __future__ import annotations

from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

from tests.conformance.oracle.design import Case, journey, moment, people, settings
from tests.conformance.oracle.history import act, disturb, survey_day
from tests.conformance.oracle.world import last_instant

__all__ = ["Case", "case"]


def case(seed: int) -> Case:
    made = Case(Random(seed))
    made.people = people(made)
    made.journey = journey(made)
    made.settings = settings(made)
    made.as_of, made.as_of_given = _as_of(made)
    for person in made.people["people"]:
        if person["role"] == "participant":
            for _ in range(made.random.randint(0, 30)):
                act(made, person)
    survey_day(made)
    disturb(made)
    made.random.shuffle(made.statements)
    return made


def _as_of(made: Case) -> tuple[datetime, str]:
    """A time and how it is given: with an offset, or as the day that it ends."""
    chosen, zone = moment(made, -10, 70), ZoneInfo(made.people["run"]["time_zone"])
    if made.chance(0.7):
        return chosen, chosen.isoformat()
    day = chosen.astimezone(zone).date()
    return last_instant(day, zone), day.isoformat()
