"""What can become of something sent to the other side of a network: the words flows and adapters share."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


class Unavailable(Exception):
    """The other side cannot be reached or asks to wait: nothing is wrong with what was sent. Try again.

    `reason` is one sentence for an admin; `retry_after` in seconds where the other side named it. `alone`: the
    trouble may lie in this one thing, so others for the same side are still worth sending.
    """

    def __init__(self, reason: str, retry_after: float | None = None, alone: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after
        self.alone = alone


class Refused(Exception):
    """The other side will not take this, now or later: park it with the reason until a person decides."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class LineItemGone(Exception):
    """404 on a line item: find or create it again, once."""


class Posted(Mapping[str, Any]):
    """A statement as the JSON text that is kept of it, decoded when somebody looks inside.

    Most go out as they are: decoding and encoding again would be a fifth of what delivery costs.
    """

    def __init__(self, id_: str, text: str) -> None:
        self.id = id_
        self.text = text
        self._inside: dict[str, Any] | None = None

    def __getitem__(self, name: str) -> Any:
        return self.id if name == "id" else self._decoded()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._decoded())

    def __len__(self) -> int:
        return len(self._decoded())

    def _decoded(self) -> dict[str, Any]:
        if self._inside is None:
            self._inside = json.loads(self.text)
        return self._inside


@dataclass(frozen=True)
class Delivered:
    """What became of one statement: in the store; never will be, for this `reason`; or unknown, to be sent `later`."""

    statement_id: str
    reason: str | None = None
    later: Unavailable | None = None

    @property
    def arrived(self) -> bool:
        return self.reason is None and self.later is None


@dataclass(frozen=True)
class StatementPage:
    """Statements in ascending order of `stored`. `more` is opaque. `consistent_through` caps the cursor."""

    statements: Sequence[Mapping[str, Any]]
    more: str | None
    consistent_through: datetime | None
