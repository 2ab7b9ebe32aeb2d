"""What tests of the statement pages share: things that happened, and the record they are in."""

from __future__ import annotations

from typing import Any

from lrs_bridge.domain.events import Event, Kind, Score
from lrs_bridge.flows.deliver import deliver
from lrs_bridge.lrs.embedded import EmbeddedRecordStore
from lrs_bridge.store import record_accesses
from lrs_bridge.store.record_accesses import RecordAccess
from tests.personas import House


def happened(house: House, kind: Kind, who: str, about: str = "petra", **more: Any) -> Event:
    """Something that is in the record, a second after what is in it already."""
    house.world.clock.on(seconds=1)
    event = house.acted(kind, who, about, **more)
    in_the_record(house)
    return event


def in_the_record(house: House) -> None:
    world = house.world
    store = EmbeddedRecordStore(world.sessions, world.tenant.id, world.clock)
    deliver(world.sessions, store, world.tenant.id, world.clock(), 0.5, 1000)


def applied(house: House, who: str = "petra") -> Event:
    more: dict[str, Any] = {"step": "S13", "moment": "M1", "score": Score(3, 0, 4), "data": {"behaviours": ["B1"]}}
    return happened(house, Kind.APPLIED, who, who, **more)


def answered(house: House, who: str = "petra") -> Event:
    return happened(house, Kind.ANSWERED, who, who, step="S24", data={"answers": {"M1": 3, "M2": 0, "M3": 2}})


def verified(house: House, event: Event, who: str = "mark", about: str = "petra") -> Event:
    return happened(house, Kind.VERIFIED, who, about, refers_to=event.statement_id, data={"basis": "observed"})


def looks(house: House) -> list[RecordAccess]:
    """What was noted, the newest first."""
    with house.bridge.sessions.read() as session:
        return record_accesses.newest(session, house.world.tenant.id, 100)
