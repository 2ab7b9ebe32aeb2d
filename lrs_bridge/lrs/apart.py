"""Content kept apart: answers, ratings and routes stay at home, everything else goes to the remote store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from lrs_bridge.domain.delivery import Delivered, StatementPage, Unavailable
from lrs_bridge.lrs.embedded import EmbeddedRecordStore
from lrs_bridge.lrs.remote import RemoteRecordStore
from lrs_bridge.lrs.validation import VOIDED
from lrs_bridge.xapi.content import holds_content

Store = EmbeddedRecordStore | RemoteRecordStore


class ContentAtHome:
    """Two stores as one. Statements of other systems are read from the remote one; ours are facts already."""

    def __init__(self, remote: RemoteRecordStore, home: EmbeddedRecordStore) -> None:
        self._remote = remote
        self._home = home

    def write(self, statements: Sequence[Mapping[str, Any]]) -> Sequence[Delivered]:
        """See `flows.ports.RecordStore.write`. A remote store that is down does not hold up what stays at home. A void
        goes to both, since what it withdraws may be in either."""
        outcomes: dict[str, Delivered] = {}
        for store, wanted in ((self._home, _stays), (self._remote, _goes)):
            batch = [one for one in statements if wanted(one)]
            for answer in _write(store, batch):
                if outcomes.setdefault(answer.statement_id, answer).arrived:
                    outcomes[answer.statement_id] = answer
        return [outcomes[one["id"]] for one in statements]

    def read(self, since: datetime | None, more: str | None = None) -> StatementPage:
        return self._remote.read(since, more)


def _stays(statement: Mapping[str, Any]) -> bool:
    return holds_content(statement) or statement["verb"]["id"] == VOIDED


def _goes(statement: Mapping[str, Any]) -> bool:
    return not holds_content(statement)


def _write(store: Store, batch: Sequence[Mapping[str, Any]]) -> Sequence[Delivered]:
    try:
        return store.write(batch) if batch else ()
    except Unavailable as problem:
        return [Delivered(one["id"], later=problem) for one in batch]
