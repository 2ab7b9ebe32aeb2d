"""Scores that are due, taken up platform by platform, with a lease on each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from lrs_bridge.domain.scores import LineItem
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.store.gradebook_pauses import GradebookPause
from lrs_bridge.store.people import Identity
from lrs_bridge.store.platforms import Platform
from lrs_bridge.store.runs import Course, RunRow
from lrs_bridge.store.scores import LineItemRow, ScoreRow, ScoreState


@dataclass(frozen=True)
class DueScore:
    """A leased score with all that sending needs. `user_id`: what the LMS calls the person, if it ever named them."""

    row: ScoreRow
    platform_id: str
    lineitems_url: str | None
    line_item_url: str | None
    user_id: str | None
    leased: datetime

    @property
    def item(self) -> LineItem:
        return LineItem(self.row.run_id, self.row.indicator, self.row.label, self.row.maximum)


def _due(now: datetime) -> ColumnElement[bool]:
    """Waiting, or refused a good while ago; and in nobody's hands."""
    return and_(
        ScoreRow.state.in_([ScoreState.WAITING, ScoreState.REFUSED]),
        ScoreRow.next_at <= now,
        or_(ScoreRow.lease_until.is_(None), ScoreRow.lease_until <= now),
    )


def _at_platform(wanted: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        wanted.select_from(ScoreRow)
        .join(RunRow, RunRow.id == ScoreRow.run_id)
        .join(Course, Course.id == RunRow.course_id)
    )


def platforms_due(session: Session, now: datetime) -> list[str]:
    """Ids of the platforms that scores are due for, without those on pause; who waits longest is first."""
    wanted = _at_platform(select(Course.platform_id)).where(_due(now))
    paused = select(GradebookPause.platform_id).where(GradebookPause.until > now)
    wanted = wanted.where(Course.platform_id.not_in(paused)).group_by(Course.platform_id)
    return list(session.scalars(wanted.order_by(func.min(ScoreRow.next_at))))


_CALLED = (  # what the LMS calls the person; the same one each time, should it call them by several names
    select(func.min(Identity.sub))
    .where(
        Identity.person_id == Enrolment.person_id,
        Identity.issuer == Platform.issuer,
        Identity.tenant_id == ScoreRow.tenant_id,
    )
    .scalar_subquery()
)
_WITH_ADDRESSES = (
    _at_platform(select(ScoreRow, Course.lineitems_url, LineItemRow.url, _CALLED))
    .join(Platform, Platform.id == Course.platform_id)
    .join(Enrolment, Enrolment.id == ScoreRow.enrolment_id)
    .outerjoin(LineItemRow, and_(LineItemRow.run_id == RunRow.id, LineItemRow.indicator == ScoreRow.indicator))
)


def claim(session: Session, platform_id: str, now: datetime, limit: int, lease: timedelta) -> list[DueScore]:
    """Lease what is due for this platform, oldest first; a lease that ran out is due again."""
    wanted = _WITH_ADDRESSES.where(_due(now), Course.platform_id == platform_id)
    wanted = wanted.order_by(ScoreRow.next_at).limit(limit).with_for_update(skip_locked=True, of=ScoreRow)
    taken = []
    for row, lineitems_url, line_item_url, user_id in session.execute(wanted.execution_options(populate_existing=True)):
        row.lease_until = now + lease
        taken.append(DueScore(row, platform_id, lineitems_url, line_item_url, user_id, now))
    return taken
