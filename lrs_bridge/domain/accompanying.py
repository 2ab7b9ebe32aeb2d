"""What waits for coaches, mentors and sponsors this week, for their messages. Pure.

The rules are those of their pages: a session that is open for somebody on whose path it stands, a sponsor's own step
until it is done, with managers until it was with each of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime

from lrs_bridge.domain import coaching
from lrs_bridge.domain import record as records
from lrs_bridge.domain.evaluators import Evidence
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.journey import Journey
from lrs_bridge.domain.people import Role, Run
from lrs_bridge.domain.reminders import About, Item

NOBODY = ""
"""The enrolment of what is about no participant."""


def session_items(
    journey: Journey, evidence: Evidence, as_of: datetime, registration: str, name: str, role: Role
) -> list[Item]:
    """Sessions that a coach or a mentor is still to hold with one participant. One with a group names nobody."""
    record = records.of(journey, evidence, as_of)
    return [
        Item(
            About.SESSION,
            registration,
            open_.step.id,
            open_.window.due,
            open_.window.opens,
            open_.window.last,
            late=open_.late,
            title=open_.step.title,
            name=None if open_.step.type == "coaching_group" else name,
            required=open_.step.required,
        )
        for open_ in coaching.open_steps(journey, record, coaching.session_steps(journey, role))
    ]


def sponsor_items(
    journey: Journey, run: Run, today: date, acts: Iterable[Fact], managers: Collection[str]
) -> list[Item]:
    """Own steps of a sponsor that are open. `acts`: their facts in the run; `managers`: accounts of those they lead."""
    done: dict[str, set[str | None]] = {}
    for fact in acts:
        done.setdefault(fact.step or "", set()).add(fact.counterpart)
    windows = journey.windows(run.day_zero, None)
    found = []
    for step in journey.owned_by(Role.SPONSOR):
        window, met = windows[step.id], done.get(step.id, set())
        late = window.is_over(today)
        waits = set(managers) - met if step.counterpart == Role.MANAGER else not met
        if waits and window.opens <= today and (step.required or not late):
            found.append(
                Item(
                    About.SPONSOR,
                    NOBODY,
                    step.id,
                    window.due,
                    window.opens,
                    window.last,
                    late=late,
                    title=step.title,
                    required=step.required,
                )
            )
    return sorted(found, key=lambda item: item.day)
