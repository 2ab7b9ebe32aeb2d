"""Another system: content that sends statements of its own, which complete step S08 of the run."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from lrs_bridge import journeyfile
from lrs_bridge.domain.events import Kind
from lrs_bridge.store import journeys
from lrs_bridge.store.runs import RunRow
from lrs_bridge.xapi import writing
from tests.flows.world import ISSUER, World

COMPLETED = "http://adlnet.gov/expapi/verbs/completed"
VOIDED = "http://adlnet.gov/expapi/verbs/voided"
ACTIVITY = "https://content.example/coaching"
CMI5 = "https://w3id.org/xapi/cmi5/context/categories/cmi5"
PETRA = {"objectType": "Agent", "account": {"homePage": ISSUER, "name": "petra"}}
MATCHES = f"    matches: {{verb: {COMPLETED}, activity: {ACTIVITY}}}\n"


def journey_text(version: int) -> str:
    """The sample journey in a version that looks for the content's statement in step S08."""
    text = journeyfile.sample_text("field-coaching-90").replace("version: 1\n", f"version: {version}\n", 1)
    return text.replace("  - id: S08\n", f"  - id: S08\n{MATCHES}", 1)


def look_for_it(world: World, version: int = 2) -> None:
    """The run's journey looks for the content's statement."""
    with world.sessions.write() as session:
        row = journeys.install(session, world.tenant.id, journey_text(version), "with-matches", world.clock())
        session.get_one(RunRow, world.run.id).journey_row = row
    world.run.journey_row = row


def passed(actor: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """The content says that somebody has completed it."""
    return {
        "id": str(uuid4()),
        "actor": actor or PETRA,
        "verb": {"id": COMPLETED},
        "object": {"objectType": "Activity", "id": ACTIVITY},
        "timestamp": "2026-03-25T10:00:00.000Z",
        **more,
    }


def void(target: str, **more: Any) -> dict[str, Any]:
    """The system takes one of its statements back."""
    return {
        "id": str(uuid4()),
        "actor": {"objectType": "Agent", "mbox": "mailto:admin@content.example"},
        "verb": {"id": VOIDED},
        "object": {"objectType": "StatementRef", "id": target},
        "timestamp": "2026-03-25T11:00:00.000Z",
        **more,
    }


def ours(world: World, kind: Kind = Kind.COMPLETED, **more: Any) -> dict[str, Any]:
    """A statement of the profile about Petra, as this or another bridge writes it."""
    return writing.statement(world.event(kind, world.petra, **({"step": "S08"} | more)), world.tenant.iri_base)
