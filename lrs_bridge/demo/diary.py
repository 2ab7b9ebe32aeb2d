"""The pen of the demo's history: acts on workdays and at working hours, with ids that never change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from lrs_bridge.demo.cohort import TIME_ZONE, Cast, Member, fixed_uuid
from lrs_bridge.domain.events import Event, Kind
from lrs_bridge.domain.journey import Journey, Step
from lrs_bridge.domain.people import Role
from lrs_bridge.xapi.writing import SYSTEM_ACCOUNT

SATURDAY = 5


class Diary:
    """Collects the acts of one run. Days count from day zero; what would fall on `today` or later is not written.

    Each person has their own stream of chance, so that a change to one leaves the others as they were.
    """

    def __init__(self, cast: Cast, journey: Journey, day_zero: date, today: date, seed: int) -> None:
        self.cast = cast
        self.journey = journey
        self.day_zero = day_zero
        self.today = (today - day_zero).days
        self.events: list[Event] = []
        self._seed = seed
        self._zone = ZoneInfo(TIME_ZONE)
        self._chances: dict[str, Random] = {}
        self._numbers: Counter[tuple[object, ...]] = Counter()

    def chance(self, key: str) -> Random:
        return self._chances.setdefault(key, Random(f"{self._seed}/{key}"))

    def step(self, step_id: str) -> Step:
        return self.journey.step_by_id[step_id]

    def is_workday(self, day: int) -> bool:
        return (self.day_zero + timedelta(days=day)).weekday() < SATURDAY

    def workdays(self, first: int, last: int) -> list[int]:
        """The workdays from `first` to `last`, both included; `first` alone where there are none."""
        return [day for day in range(first, last + 1) if self.is_workday(day)] or [first]

    def workday_before(self, day: int, back: int) -> int:
        """The workday that lies `back` workdays before `day`."""
        while back:
            day -= 1
            back -= self.is_workday(day)
        return day

    def day_in_window(self, step: Step, in_time: float, late: float, chance: Random) -> int | None:
        """A day in the step's window, one up to nine days late, or none, by their probabilities."""
        luck = chance.random()
        if luck < in_time:
            return chance.choice(self.workdays(step.opens_day, step.due_day))
        if luck < in_time + late:
            return chance.choice(self.workdays(step.due_day + 1, step.due_day + 9))
        return None

    def noon(self, day: int) -> datetime:
        """Local noon, the time of an act whose day was given by hand."""
        return self._at(day, time(12, 0))

    def evening(self, day: int, chance: Random) -> datetime:
        return self._at(day, time(chance.randint(16, 18), chance.randint(0, 59), chance.randint(0, 59)))

    def working_time(self, day: int, chance: Random, after: Event | None = None) -> datetime:
        moment = self._at(day, time(chance.randint(8, 15), chance.randint(0, 59), chance.randint(0, 59)))
        entered = (after.recorded or after.at) if after else None
        if entered and moment <= entered:
            moment = entered + timedelta(minutes=chance.randint(7, 55))
        return moment

    def write(
        self,
        kind: Kind,
        actor: Member | None,
        role: Role,
        day: int | None,
        *,
        about: Member | None = None,
        step: str | None = None,
        after: Event | None = None,
        at: datetime | None = None,
        **details: Any,
    ) -> Event | None:
        """One act; `actor` None is the tool itself. Answers None where it did not happen (yet)."""
        if day is None or day >= self.today:
            return None
        key = actor.key if actor else SYSTEM_ACCOUNT
        account = actor.account if actor else SYSTEM_ACCOUNT
        event = Event(
            id=self._id(kind, key, about.key if about else "", step or ""),
            kind=kind,
            at=at or self.working_time(day, self.chance(key), after),
            actor=account,
            role=role,
            run=self.cast.run_id,
            journey=self.journey.slug,
            version=self.journey.version,
            registration=about.registration if about else None,
            step=step,
            step_type=self.step(step).type if step else None,
            **details,
        )
        self.events.append(event)
        return event

    def in_order(self) -> Sequence[Event]:
        """As they were entered."""
        return sorted(self.events, key=lambda event: (event.recorded or event.at, str(event.id)))

    def _id(self, *parts: object) -> UUID:
        self._numbers[parts] += 1
        return fixed_uuid(self._seed, "event", *parts, self._numbers[parts])

    def _at(self, day: int, clock: time) -> datetime:
        local = datetime.combine(self.day_zero + timedelta(days=day), clock, tzinfo=self._zone)
        return local.astimezone(ZoneInfo("UTC"))
