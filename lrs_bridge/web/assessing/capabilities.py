"""A participant's capabilities in words: where they began, where they are now, and what the next level looks like.

Levels are those of the indicator capability_progress, so that the page and the number never differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from lrs_bridge.domain.indicators import Result
from lrs_bridge.domain.journey import Capability
from lrs_bridge.domain.people import Role
from lrs_bridge.flows import rounds
from lrs_bridge.flows.evaluate import active_evaluators
from lrs_bridge.flows.own import Own
from lrs_bridge.web import doors, situations
from lrs_bridge.web.assessing.levels import anchor
from lrs_bridge.web.visits import current, needs
from lrs_bridge.web.words import plain
from lrs_bridge.wiring import Bridge

KEY = "capability_progress"
_WHOSE = {"self": "your own view", "manager": "your manager’s view", "peers": "your colleagues’ view"}


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the page to the blueprint of the visit."""

    @pages.get("/capabilities")
    def own_capabilities() -> ResponseReturnValue:
        visit = current()
        needs(visit, Role.PARTICIPANT)
        run, enrolment = visit.run_row, visit.enrolment
        if run is None or enrolment is None or not run.journey.capabilities:
            raise doors.door_for(404)
        with bridge.sessions.read() as session:
            situation = situations.of_one(session, run, enrolment, visit.now)
            active = [one for one in active_evaluators(session, bridge.registry, run) if one.key == KEY]
            own = Own.read(session, visit.tenant_id, run.id, enrolment.id, situation.person.account, active)
        results = own.now(situation.journey, situation.cohort, situation.person, situation.facts, visit.now)
        return render_template(
            "assessing/capabilities.html",
            visit=visit,
            rows=[_row(one, _components(results.get(KEY))) for one in run.journey.capabilities],
            rounds=[
                {"title": step.title, "href": url_for("visit.own_round", step_id=step.id)}
                for step in rounds.rounds_of(run.journey)
            ],
            why=url_for("visit.why", indicator=KEY) if active else None,
            who_link=None,
        )


def _components(result: Result | None) -> Mapping[str, Any]:
    return result.outcome.components if result is not None else {}


def _row(capability: Capability, components: Mapping[str, Any]) -> dict[str, Any]:
    level, start, target = (_of(components, name, capability) for name in ("level", "start", "target"))
    if level is None:
        return {"title": capability.title, "now": None, "first": capability.levels[0]}
    source = (components.get("source") or {}).get(capability.id)
    place = max(1, min(len(capability.levels), int(level + 1e-9)))
    return {
        "title": capability.title,
        "now": anchor(capability, level),
        "level": plain(level, 1),
        "top": len(capability.levels),
        "start": anchor(capability, start) if start is not None else None,
        "moved": start is not None and plain(start, 1) != plain(level, 1),
        "start_level": plain(start, 1) if start is not None else None,
        "next": capability.levels[place] if place < len(capability.levels) else None,
        "target": plain(target, 1) if target is not None else None,
        "whose": _WHOSE.get(str(source), "the views of others"),
        "levels": [{"text": text, "here": number == place} for number, text in enumerate(capability.levels, 1)],
    }


def _of(components: Mapping[str, Any], name: str, capability: Capability) -> float | None:
    found = (components.get(name) or {}).get(capability.id)
    return float(found) if found is not None else None
