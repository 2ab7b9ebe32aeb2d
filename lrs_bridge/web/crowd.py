"""Everybody in a run, as pages about the whole of it need them: names, and how far each has come.

How far is kept with the results, and read here. Those of whom something is new since then are looked at themselves, as
long as they are few: what somebody did a moment ago is on the page at once, and a page costs the same in a larger run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from lrs_bridge.domain import headway
from lrs_bridge.domain.headway import Headway
from lrs_bridge.domain.journey import Journey
from lrs_bridge.domain.people import Role, Run
from lrs_bridge.store import enrolments, headways
from lrs_bridge.store.enrolments import Inside
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import situations

LOOKED_AT = 25


@dataclass(frozen=True)
class Crowd:
    """`people` are enrolled and not withdrawn today; `headways` go by enrolment; `managers`: how many they have."""

    run: Run
    journey: Journey
    today: date
    people: Sequence[Inside]
    headways: Mapping[str, Headway]
    managers: int

    def __len__(self) -> int:
        return len(self.people)

    @property
    def unknown(self) -> int:
        """Of how many it is not known yet how far they have come."""
        return len(self.people) - len(self.headways)

    def overdue(self, enrolment_id: str) -> int:
        found = self.headways.get(enrolment_id)
        return found.overdue if found else 0


def read(session: Session, run: RunRow, now: datetime) -> Crowd:
    """A fixed number of queries whatever the run's size."""
    today = run.run.local_day(now)
    people = enrolments.inside_on(session, run.tenant_id, run.id, today)
    ids = {one.id for one in people}
    kept = headways.of_run(session, run.tenant_id, run.id)
    found = {id_: one for id_, one in kept.items() if id_ in ids}
    behind = [id_ for id_ in headways.behind(session, run.tenant_id, run.id, now) if id_ in ids]
    missing = sorted(ids - found.keys())
    found.update(_looked_at(session, run, list(dict.fromkeys([*missing, *behind]))[:LOOKED_AT], now))
    leaders = enrolments.pairs_on(session, run.tenant_id, run.id, Role.MANAGER, today)
    who = {one.person_id for one in people}
    managers = len({other for person, other in leaders if person in who})
    return Crowd(run.run, run.journey, today, people, found, managers)


def _looked_at(session: Session, run: RunRow, ids: Sequence[str], now: datetime) -> dict[str, Headway]:
    rows = enrolments.enrolments_by_id(session, run.tenant_id, ids) if ids else {}
    near = situations.of_enrolments(session, run, list(rows.values()), now)
    return {id_: headway.of(one.journey, one.evidence, one.now) for id_, one in near.items()}
