"""A record store in memory that behaves as `flows.ports.RecordStore` says, and misbehaves on request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from lrs_bridge.domain.delivery import Delivered, StatementPage


@dataclass
class FakeRecordStore:
    """Keeps statements with a `stored` a millisecond apart. `troubles` are raised one per call, None is none."""

    statements: dict[str, dict[str, Any]] = field(default_factory=dict)
    troubles: list[Exception | None] = field(default_factory=list)
    page_size: int = 10
    calls: int = 0
    first: datetime = datetime(2026, 3, 26, 9, 0, tzinfo=UTC)

    def write(self, statements: Sequence[Mapping[str, Any]]) -> Sequence[Delivered]:
        self._answer()
        for statement in statements:
            stored = self.first + timedelta(milliseconds=len(self.statements))
            self.statements.setdefault(statement["id"], {**statement, "stored": stored.isoformat()})
        return [Delivered(statement["id"]) for statement in statements]

    def read(self, since: datetime | None, more: str | None = None) -> StatementPage:
        self._answer()
        start = int(more or 0)
        all_ = [s for s in self.statements.values() if since is None or datetime.fromisoformat(s["stored"]) > since]
        page = all_[start : start + self.page_size]
        rest = str(start + self.page_size) if len(all_) > start + self.page_size else None
        return StatementPage(page, rest, None)

    def _answer(self) -> None:
        self.calls += 1
        trouble = self.troubles.pop(0) if self.troubles else None
        if trouble is not None:
            raise trouble
