"""A record store in memory that behaves as `flows.ports.RecordStore` says, and misbehaves on request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from lrs_bridge.domain.delivery import Delivered, StatementPage
from lrs_bridge.xapi.reading import moment


@dataclass
class FakeRecordStore:
    """Keeps statements with a `stored` a millisecond apart. `troubles` are raised one per call, None is none.

    `order`: what `since` and the order of pages go by. `at_once`: how many statements share one `stored`.
    `through`: what it calls consistent. `calls` counts all, `reads`
    says what was asked: (since, more).
    """

    statements: dict[str, dict[str, Any]] = field(default_factory=dict)
    troubles: list[Exception | None] = field(default_factory=list)
    page_size: int = 10
    calls: int = 0
    first: datetime = datetime(2026, 3, 26, 9, 0, tzinfo=UTC)
    order: str = "stored"
    at_once: int = 1
    through: datetime | None = None
    reads: list[tuple[datetime | None, str | None]] = field(default_factory=list)

    def write(self, statements: Sequence[Mapping[str, Any]]) -> Sequence[Delivered]:
        self._answer()
        for statement in statements:
            stored = self.first + timedelta(milliseconds=len(self.statements) // self.at_once)
            self.statements.setdefault(statement["id"], {**statement, "stored": stored.isoformat()})
        return [Delivered(statement["id"]) for statement in statements]

    def put(self, bodies: Iterable[Any]) -> None:
        """What no writer of ours would send, as it stands."""
        for body in bodies:
            self.statements[f"raw {len(self.statements)}"] = body

    def read(self, since: datetime | None, more: str | None = None) -> StatementPage:
        self._answer()
        self.reads.append((since, more))
        asked, _, start = (more or f"{since.isoformat() if since else ''} 0").rpartition(" ")
        begin = datetime.fromisoformat(asked) if asked else None
        found = [s for s in self.statements.values() if begin is None or (self._place(s) or begin) > begin]
        if self.order != "stored":
            found.sort(key=lambda s: self._place(s) or self.first)
        end = int(start) + self.page_size
        return StatementPage(found[int(start) : end], f"{asked} {end}" if len(found) > end else None, self.through)

    def _place(self, statement: Any) -> datetime | None:
        place = statement.get(self.order) if isinstance(statement, dict) else None
        return moment(place)

    def _answer(self) -> None:
        self.calls += 1
        trouble = self.troubles.pop(0) if self.troubles else None
        if trouble is not None:
            raise trouble
