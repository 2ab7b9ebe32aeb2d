"""Who sits before the designer's pages, and which runs are theirs to look after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from flask import request, url_for
from sqlalchemy.orm import Session

from lrs_bridge.domain.people import Role
from lrs_bridge.flows.running import Who
from lrs_bridge.store import drafts, journeys, runs
from lrs_bridge.store.drafts import DraftRow
from lrs_bridge.store.journeys import JourneyRow
from lrs_bridge.store.runs import Course, RunRow
from lrs_bridge.web import doors


@dataclass(frozen=True)
class Desk:
    """Journeys and drafts are the whole tenant's; runs are those of `course`, or, for administrators, all.

    `account` and `role` are those of a person of the course; an administrator has none, and so cannot say anything
    that goes on record about one participant. `show` renders with the right frame.
    """

    tenant_id: str
    now: datetime
    csrf: str
    blueprint: str
    show: Callable[..., str]
    name: str
    account: str | None = None
    role: Role = Role.ADMIN
    course: Course | None = None
    admin: bool = False
    layout: str = "page.html"

    def url(self, endpoint: str, /, **values: str | int | None) -> str:
        """The address of one of these pages; what is None or empty is left out."""
        told = {name: value for name, value in values.items() if value not in (None, "")}
        anchor = {"_anchor": str(told.pop("anchor"))} if "anchor" in told else {}
        return url_for(f"{self.blueprint}.{endpoint}", **told, **anchor)  # type: ignore[arg-type]

    def page(self, template: str, **content: object) -> str:
        return self.show(f"designer/{template}", desk=self, **content)

    def who(self) -> Who:
        """Who acts by the form that was sent."""
        return Who(self.name, self.now, str(act_of_form()))

    def draft(self, session: Session, draft_id: str, lock: bool = False) -> DraftRow:
        """Raises Door where there is none, or none any more."""
        row = drafts.get_draft(session, self.tenant_id, draft_id, lock)
        if row is None or row.removed is not None:
            raise _gone("This draft is not here any more", "It was published, or thrown away.", "the journeys")
        return row

    def version(self, session: Session, journey_id: str) -> JourneyRow:
        row = journeys.get_journey(session, self.tenant_id, journey_id)
        if row is None:
            raise _gone("There is no such version", "The address is incomplete.", "the journeys")
        return row

    def run(self, session: Session, run_id: str, lock: bool = False) -> RunRow:
        """A run that is this desk's to look after; a run of another course is not there. Raises Door."""
        row = (runs.lock_run if lock else runs.get_run)(session, self.tenant_id, run_id)
        if row is None or not self.looks_after(row):
            raise _gone("There is no such run here", "It may belong to another course.", "the journeys")
        return row

    def looks_after(self, run: RunRow) -> bool:
        return self.admin or (self.course is not None and run.course_id == self.course.id)

    @property
    def course_id(self) -> str | None:
        """The one course whose runs are shown; None: of all. Somebody outside of any course has no runs at all."""
        return None if self.admin else self.course.id if self.course else ""


def act_of_form() -> UUID:
    """The form's own id; a form without one is as good as a new one."""
    try:
        return UUID(request.form.get("act", ""))
    except ValueError:
        return uuid4()


def _gone(title: str, what: str, where: str) -> doors.Door:
    return doors.Door(404, title, what, (("Go back", f"to {where}."), doors.HELP_DESK), reason=title)
