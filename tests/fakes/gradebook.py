"""A gradebook in memory that behaves as `flows.ports.Gradebook` says, and misbehaves on request."""

from __future__ import annotations

from dataclasses import dataclass, field

from lrs_bridge.domain.delivery import LineItemGone
from lrs_bridge.domain.scores import LineItem, Score


@dataclass
class FakeGradebook:
    """`columns` by URL, `cells` by (URL, user). `trouble` is called before every answer and may raise."""

    columns: dict[str, LineItem] = field(default_factory=dict)
    cells: dict[tuple[str, str], Score] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    troubles: list[Exception | None] = field(default_factory=list)

    def line_item(self, platform_id: str, lineitems_url: str, item: LineItem) -> str:
        self._answer(f"line item {item.tag}")
        for url, known in self.columns.items():
            if (known.resource_id, known.tag) == (item.resource_id, item.tag):
                return url
        url = f"{lineitems_url}/{len(self.columns) + 1}"
        self.columns[url] = item
        return url

    def send(self, platform_id: str, line_item_url: str, score: Score) -> None:
        self._answer(f"score {score.user_id} {score.given}")
        if line_item_url not in self.columns:
            raise LineItemGone(line_item_url)
        known = self.cells.get((line_item_url, score.user_id))
        assert known is None or score.timestamp > known.timestamp, "an LMS refuses a score that is not later"
        self.cells[line_item_url, score.user_id] = score

    def shows(self, tag: str, user_id: str) -> float | None:
        """What a teacher sees in the column of this indicator."""
        found = [s for (url, user), s in self.cells.items() if user == user_id and self.columns[url].tag == tag]
        return found[-1].given if found else None

    def _answer(self, call: str) -> None:
        self.calls.append(call)
        trouble = self.troubles.pop(0) if self.troubles else None
        if trouble is not None:
            raise trouble
