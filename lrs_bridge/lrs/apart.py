"""Content kept apart: answers, ratings and routes stay at home, everything else goes to the remote store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from lrs_bridge.domain.delivery import Delivered, StatementPage
from lrs_bridge.lrs.embedded import EmbeddedRecordStore
from lrs_bridge.lrs.remote import RemoteRecordStore
from lrs_bridge.xapi.content import holds_content


class ContentAtHome:
    """Two stores as one. Statements of other systems are read from the remote one; ours are facts already."""

    def __init__(self, remote: RemoteRecordStore, home: EmbeddedRecordStore) -> None:
        self._remote = remote
        self._home = home

    def write(self, statements: Sequence[Mapping[str, Any]]) -> Sequence[Delivered]:
        """See `flows.ports.RecordStore.write`. A remote store that is down holds up what stays at home no longer
        than until the batch is sent again: both sides know a statement by its id."""
        ours = [one for one in statements if holds_content(one)]
        theirs = [one for one in statements if not holds_content(one)]
        answers = [*(self._home.write(ours) if ours else ()), *(self._remote.write(theirs) if theirs else ())]
        by_id = {answer.statement_id: answer for answer in answers}
        return [by_id[one["id"]] for one in statements]

    def read(self, since: datetime | None, more: str | None = None) -> StatementPage:
        return self._remote.read(since, more)
