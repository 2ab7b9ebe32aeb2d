"""What tests of the pages behind numbers share: the way there, a coach, a stranger's evaluator, counting of queries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from sqlalchemy import event

from lrs_bridge.domain.evaluators import Evaluator, Level
from lrs_bridge.domain.indicators import Outcome
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.switching import Place, Scope, Word
from lrs_bridge.store import enrolments, people, plugin_settings
from tests.flows.world import ISSUER
from tests.personas import House, Tab

OWN = "why/mtm_application"
RUN = "run/why/mtm_application"
STRANGER = "days_here"


def of_petra(house: House, indicator: str) -> str:
    return f"people/{house.enrolments['petra'].id}/why/{indicator}"


def open_as(house: House, name: str, path: str) -> int:
    tab: Tab = getattr(house, name)
    return tab.open(path.format(petra=house.enrolments["petra"].id)).status


@contextmanager
def asked(house: House) -> Iterator[list[str]]:
    found: list[str] = []

    def remember(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        found.append(statement)

    event.listen(house.bridge.engine, "before_cursor_execute", remember)
    yield found
    event.remove(house.bridge.engine, "before_cursor_execute", remember)


def coach(house: House, *coached: str) -> Tab:
    """Carl, who coaches these people."""
    run, now = house.world.run, house.bridge.clock()
    with house.bridge.sessions.write() as session:
        carl = people.ensure_person(session, run.tenant_id, ISSUER, "carl", now, name="Carl Brandt")
        for name in coached:
            other = house.people[name].id
            enrolments.relate(session, run.tenant_id, run.id, other, carl.id, Role.COACH, "test", date(2026, 2, 1))
    return house.tab("carl")


def install(house: House, evaluator: Evaluator, **settings: object) -> None:
    """A plugin of somebody else, switched on for the course."""
    known = house.bridge.registry
    registry = replace(known, evaluators=MappingProxyType({**known.evaluators, evaluator.key: evaluator}))
    object.__setattr__(house.bridge, "registry", registry)
    run = house.world.run
    with house.bridge.sessions.write() as session:
        word = Word(True, settings)
        place = Place(Scope.COURSE, run.course_id)
        plugin_settings.put(session, run.tenant_id, evaluator.key, place, word, house.bridge.clock())


def stranger(outcome: Outcome) -> Evaluator:
    """It declares nothing but what it has to."""
    return Evaluator(
        key=STRANGER,
        title="Days here",
        version="0.3",
        functions={Level.PERSON: lambda *_: outcome},
        audience={Role.PARTICIPANT: "own", Role.FACILITATOR: "named"},
        distribution="days-here 0.3",
    )
