"""Who sits before the pages about a run's people, and for which run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import uuid4

from flask import url_for

from lrs_bridge.flows.giving import BY_HAND
from lrs_bridge.flows.relating import Hand
from lrs_bridge.store.runs import RunRow

SOURCE_LENGTH = 40


@dataclass(frozen=True)
class Desk:
    """`by_id` is a person of the run, `admin` what an administrator is called. `place` goes into every address;
    `show` renders with the right frame.

    `sees_numbers`: whether one person's page with indicators and the overview are theirs too.
    """

    run: RunRow
    now: datetime
    csrf: str
    blueprint: str
    show: Callable[..., str]
    by_id: str | None = None
    admin: str | None = None
    layout: str = "page.html"
    place: Mapping[str, str] = field(default_factory=dict)
    sees_numbers: bool = False

    @property
    def tenant_id(self) -> str:
        return self.run.tenant_id

    @property
    def today(self) -> date:
        return self.run.run.local_day(self.now)

    def url(self, endpoint: str, /, **values: str | int | None) -> str:
        """The address of one of these pages; what is None or empty is left out."""
        told = {name: value for name, value in values.items() if value not in (None, "")}
        anchor = {"_anchor": str(told.pop("anchor"))} if "anchor" in told else {}
        return url_for(f"{self.blueprint}.{endpoint}", **self.place, **told, **anchor)  # type: ignore[arg-type]

    def hand(self, act: str | None = None, source: str = BY_HAND) -> Hand:
        told = f"{source}, {self.admin}"[:SOURCE_LENGTH] if self.admin else source
        return Hand(self.run, self.now, told, self.by_id, act or str(uuid4()))

    def page(self, template: str, **content: object) -> str:
        return self.show(template, desk=self, **content)
