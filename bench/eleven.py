"""What the lives of `lives` lack for all eleven indicators: ratings of a capability, and answers without a name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from random import Random
from typing import Any
from uuid import UUID

from bench import lives
from lrs_bridge.domain.evaluators import Active
from lrs_bridge.domain.events import Event, Kind, Score
from lrs_bridge.domain.journey import Capability, Journey
from lrs_bridge.domain.people import Person, Role
from lrs_bridge.hooks.registry import load
from lrs_bridge.hooks.settings import activate

CAPABILITY = Capability("coaching", "Coaches in the field", ("Tells", "Shows", "Asks", "Lets find out"))
FURTHER = 6
"""Acts for each participant: rated by themselves and their manager, before and after, and two surveys."""
_ANONYMOUS = {"S11": ("kick_off", 1), "S25": ("climate", 75)}


@cache
def journey() -> Journey:
    """The sample journey with a capability."""
    sample = lives.journey()
    return replace(
        sample, capabilities=(CAPABILITY,), evaluators={**(sample.evaluators or {}), "capability_progress": {}}
    )


@cache
def evaluators() -> tuple[Active, ...]:
    """All that are built in, with the settings of the journey."""
    return activate(journey(), load().evaluators).active


def events(each: int) -> list[Event]:
    """As `lives.events`, some of them in the place of others, so that `each` is still the mean for a participant."""
    chance = Random(2)
    further = [event for person in lives.first_cohort().participants for event in _further(person, chance)]
    return sorted([*lives.events(max(1, each - FURTHER)), *further], key=lambda event: event.at)


def _further(person: Person, chance: Random) -> Iterator[Event]:
    manager = person.managers[0].account if person.managers else person.account
    for day in (-10, 80):
        for who, role, source in ((person.account, Role.PARTICIPANT, "self"), (manager, Role.MANAGER, "manager")):
            rating = _event(person, Kind.RATED, day, who, chance, capability=CAPABILITY.id)
            yield replace(rating, role=role, score=Score(chance.randint(1, 4), 1, 4), data={"source": source})
    for step, (name, day) in _ANONYMOUS.items():
        nobody = str(UUID(int=chance.getrandbits(128), version=4))
        answers = {item.id: chance.randint(1, 5) for item in journey().surveys[name].items}
        answer = _event(person, Kind.ANSWERED, day, nobody, chance, step=step, step_type="survey")
        yield replace(answer, registration=None, data={"answers": answers})


def _event(person: Person, kind: Kind, day: int, actor: str, chance: Random, **parts: Any) -> Event:
    at = lives.NOON + timedelta(days=day - lives.DAYS, minutes=chance.randrange(300))
    run = lives.first_cohort().run
    return Event(
        id=UUID(int=chance.getrandbits(128), version=4),
        kind=kind,
        at=at,
        actor=actor,
        role=Role.PARTICIPANT,
        run=run.id,
        journey=run.journey,
        version=run.version,
        registration=person.registration,
        **parts,
    )
