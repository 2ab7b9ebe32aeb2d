"""What waits, of everything that goes out or is worked out, in numbers and ages: for whoever watches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lrs_bridge.store.base import UtcDateTime
from lrs_bridge.store.gradebook_pauses import GradebookPause
from lrs_bridge.store.listeners import NewsRow
from lrs_bridge.store.messages import TROUBLED, MessageRow, MessageState
from lrs_bridge.store.outbox import UNDELIVERED, OutboxStatement
from lrs_bridge.store.platforms import Platform
from lrs_bridge.store.results import Due
from lrs_bridge.store.rosters import RosterSync, SyncState
from lrs_bridge.store.runs import Course, RunRow
from lrs_bridge.store.scores import ScoreRow, ScoreState
from lrs_bridge.store.tenants import Tenant


class Waiting(NamedTuple):
    """`oldest`: since when the one that has waited longest waits; None where that is not known."""

    tenant: str
    state: str
    number: int
    oldest: datetime | None


class ScoresOf(NamedTuple):
    """Scores on their way to one LMS. `oldest`: of those that wait. `until`: nothing is sent to it before."""

    platform_id: str
    name: str
    waiting: int
    refused: int
    oldest: datetime | None
    until: datetime | None
    reason: str | None


def statements(session: Session) -> Sequence[Waiting]:
    """Statements that have not arrived, by tenant and state."""
    oldest = func.min(OutboxStatement.created, type_=UtcDateTime)
    query = select(Tenant.name, OutboxStatement.state, func.count(), oldest).join(
        OutboxStatement, OutboxStatement.tenant_id == Tenant.id
    )
    query = query.where(OutboxStatement.state.in_(UNDELIVERED)).group_by(Tenant.name, OutboxStatement.state)
    return [Waiting(*row) for row in session.execute(query)]


def scores(session: Session) -> Sequence[Waiting]:
    """Scores that the LMS does not have, by tenant and state."""
    oldest = func.min(ScoreRow.since, type_=UtcDateTime)
    query = select(Tenant.name, ScoreRow.state, func.count(), oldest).join(ScoreRow, ScoreRow.tenant_id == Tenant.id)
    query = query.where(ScoreRow.state.in_([ScoreState.WAITING, ScoreState.REFUSED]))
    return [Waiting(*row) for row in session.execute(query.group_by(Tenant.name, ScoreRow.state))]


def evaluations(session: Session, now: datetime) -> Sequence[Waiting]:
    """Who is due to be evaluated, by tenant."""
    oldest = func.min(Due.at, type_=UtcDateTime)
    query = select(Tenant.name, func.count(), oldest).join(Due, Due.tenant_id == Tenant.id).where(Due.at <= now)
    return [Waiting(row[0], "due", row[1], row[2]) for row in session.execute(query.group_by(Tenant.name))]


def messages(session: Session) -> Sequence[Waiting]:
    """Messages that wait, were refused or may have arrived, by tenant and state."""
    states = (MessageState.WAITING, MessageState.REFUSED, MessageState.UNSURE)
    oldest = func.min(MessageRow.created, type_=UtcDateTime)
    query = select(Tenant.name, MessageRow.state, func.count(), oldest).join(
        MessageRow, MessageRow.tenant_id == Tenant.id
    )
    query = query.where(MessageRow.state.in_(states)).group_by(Tenant.name, MessageRow.state)
    return [Waiting(*row) for row in session.execute(query)]


def news(session: Session) -> Sequence[Waiting]:
    """What listeners have not heard yet, by tenant; the state is the listener's key."""
    oldest = func.min(NewsRow.created, type_=UtcDateTime)
    query = select(Tenant.name, NewsRow.listener, func.count(), oldest).join(NewsRow, NewsRow.tenant_id == Tenant.id)
    return [Waiting(*row) for row in session.execute(query.group_by(Tenant.name, NewsRow.listener))]


def scores_by_platform(session: Session, tenant_id: str) -> Sequence[ScoresOf]:
    """Each LMS of a tenant, with the scores that it does not have."""
    one = (
        select(
            Course.platform_id,
            func.count().filter(ScoreRow.state == ScoreState.WAITING).label("waiting"),
            func.count().filter(ScoreRow.state == ScoreState.REFUSED).label("refused"),
            func.min(ScoreRow.since).filter(ScoreRow.state == ScoreState.WAITING).label("oldest"),
        )
        .select_from(ScoreRow)
        .join(RunRow, RunRow.id == ScoreRow.run_id)
        .join(Course, Course.id == RunRow.course_id)
        .where(ScoreRow.tenant_id == tenant_id, ScoreRow.state.in_([ScoreState.WAITING, ScoreState.REFUSED]))
        .group_by(Course.platform_id)
        .subquery()
    )
    query = (
        select(
            Platform.id,
            Platform.name,
            func.coalesce(one.c.waiting, 0),
            func.coalesce(one.c.refused, 0),
            func.coalesce(one.c.oldest, None, type_=UtcDateTime),
            GradebookPause.until,
            GradebookPause.reason,
        )
        .outerjoin(one, one.c.platform_id == Platform.id)
        .outerjoin(GradebookPause, GradebookPause.platform_id == Platform.id)
        .where(Platform.tenant_id == tenant_id)
        .order_by(Platform.name)
    )
    return [ScoresOf(*row) for row in session.execute(query)]


def rosters_failing(session: Session, tenant_id: str) -> tuple[int, str | None]:
    """Of how many open runs the people could not be read, however often it was tried, and one reason."""
    failed = RosterSync.tenant_id == tenant_id, RosterSync.state == SyncState.FAILED, RunRow.closed.is_(None)
    query = select(func.count(), func.min(RosterSync.reason)).select_from(RosterSync)
    row = session.execute(query.join(RunRow, RunRow.id == RosterSync.run_id).where(*failed)).one()
    return row[0], row[1]


def refused_for(session: Session, tenant_id: str, limit: int = 20) -> Sequence[tuple[str, int]]:
    """Why scores were refused or are tried again, the commonest reason first, with how many it is."""
    troubled = ScoreRow.tenant_id == tenant_id, ScoreRow.reason.is_not(None)
    states = ScoreRow.state.in_([ScoreState.WAITING, ScoreState.REFUSED])
    number = func.count()
    query = select(ScoreRow.reason, number).where(*troubled, states).group_by(ScoreRow.reason)
    return [
        (row[0] or "", row[1]) for row in session.execute(query.order_by(number.desc(), ScoreRow.reason).limit(limit))
    ]


def undelivered_for(session: Session, tenant_id: str, limit: int = 20) -> Sequence[tuple[str, int]]:
    """Why statements have not arrived, the commonest reason first, with how many it is."""
    table, number = OutboxStatement, func.count()
    troubled = table.tenant_id == tenant_id, table.state.in_(UNDELIVERED), table.reason.is_not(None)
    query = select(table.reason, number).where(*troubled).group_by(table.reason)
    return [(row[0] or "", row[1]) for row in session.execute(query.order_by(number.desc(), table.reason).limit(limit))]


class Letters(NamedTuple):
    """Letters of a tenant that did not arrive. `oldest`: of those that failed and are tried again."""

    waiting: int
    failing: int
    troubled: int
    oldest: datetime | None


NO_LETTERS = Letters(0, 0, 0, None)


def letters(session: Session, tenant_id: str) -> Letters:
    """Those that wait, those of them that failed, and those that were refused or may have arrived."""
    table = MessageRow
    waiting = table.state == MessageState.WAITING
    failing = waiting & (table.attempts > 0)
    query = select(
        func.count().filter(waiting),
        func.count().filter(failing),
        func.count().filter(table.state.in_(TROUBLED)),
        func.min(table.created, type_=UtcDateTime).filter(failing),
    ).where(table.tenant_id == tenant_id, table.state.in_([MessageState.WAITING, *TROUBLED]))
    return Letters(*session.execute(query).one())


def oldest_score(session: Session, tenant_id: str) -> datetime | None:
    """Since when the gradebook score that has waited longest waits."""
    mine = ScoreRow.tenant_id == tenant_id, ScoreRow.state == ScoreState.WAITING
    return session.scalar(select(func.min(ScoreRow.since, type_=UtcDateTime)).where(*mine))


def rosters(session: Session, tenant_id: str) -> tuple[datetime | None, int, str | None]:
    """When a roster was last read whole, of how many runs the last reading failed, and one reason."""
    failed = RosterSync.reason.is_not(None)
    query = select(
        func.max(RosterSync.whole_at, type_=UtcDateTime),
        func.count().filter(failed),
        func.min(RosterSync.reason).filter(failed),
    ).where(RosterSync.tenant_id == tenant_id)
    row = session.execute(query).one()
    return row[0], row[1], row[2]
