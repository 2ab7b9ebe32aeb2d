"""A journey with capabilities and two rounds of views, for tests of these pages."""

from __future__ import annotations

from collections.abc import Mapping

from lrs_bridge import journeyfile
from lrs_bridge.domain.people import Role
from lrs_bridge.store import enrolments, journeys, people, runs
from tests.flows.world import ISSUER
from tests.personas import House, Tab

SLUG = "field-coaching-90"
_CAPABILITIES = """capabilities:
  - {id: listening, title: Listening, levels: [Waits to speak, Asks back, Sums up what was said, Hears the unsaid]}
  - {id: candour, title: Candour, levels: [Keeps quiet, Speaks when asked, Says it first]}
"""
_ROUNDS = """  - {id: W02, phase: after, type: assessment_360, owner: participant, WITH title: How others see my work,
     opens_day: 14, due_day: 28}
  - {id: W10, phase: after, type: assessment_360, owner: participant, title: Where I stand now,
     opens_day: 60, due_day: 70}
"""


def with_rounds(house: House, counterpart: str = "") -> House:
    """The run has a version with two rounds from now on, the first open from day 14 to 28."""
    text = journeyfile.sample_text(SLUG).replace("version: 1\n", "version: 2\n", 1)
    text = text.replace("\nsteps:\n", f"\n{_CAPABILITIES}steps:\n", 1)
    rounds = _ROUNDS.replace("WITH", f"with: {counterpart}," if counterpart else "")
    head, tail = text.split("\nevaluators:\n", 1)
    text = f"{head}\n{rounds}evaluators:\n  capability_progress: {{}}\n{tail}"
    with house.bridge.sessions.write() as session:
        row = journeys.install(session, house.world.tenant.id, text, "rounds.yaml", house.bridge.clock())
        run = runs.get_run(session, house.world.tenant.id, house.world.run.id)
        assert run is not None
        run.journey_row = row
        session.flush()
    with house.bridge.sessions.read() as session:
        found = runs.get_run(session, house.world.tenant.id, house.world.run.id)
        assert found is not None
        house.world.run = found
    return house


def peers(house: House, *names: str) -> None:
    """People of the run who are Petra's peers."""
    run, now = house.world.run, house.bridge.clock()
    with house.bridge.sessions.write() as session:
        for name in names:
            person = people.ensure_person(session, run.tenant_id, ISSUER, name, now, name=name.title())
            person.email = person.email or f"{name}@example.org"
            house.people[name] = person
            enrolments.relate(
                session, run.tenant_id, run.id, house.people["petra"].id, person.id, Role.PEER, "test", run.day_zero
            )


def view(tab: Tab, house: House, listening: int, candour: int, step: str = "W02", who: str = "petra") -> str:
    """Somebody's view, sent from the form; the text of the page they land on."""
    path = f"rate/{house.enrolments[who].id}/{step}"
    return tab.follow(tab.fill(path, **levels(listening, candour))).text


def levels(listening: int, candour: int) -> Mapping[str, str]:
    return {"level_listening": str(listening), "level_candour": str(candour)}
