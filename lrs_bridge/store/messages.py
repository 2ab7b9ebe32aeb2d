"""The message outbox: letters between being due and being handed to a mail server, or to a person without one.

A row says what the letter is about, never its words: it is written at the moment of sending, with the address that the
person has then, and its content goes once it is out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, delete, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, Json, UtcDateTime, insert_for, new_id


class MessageState(StrEnum):
    """`unsure`: the server had it and did not answer, or we were stopped just then. `stale`: too late to be of use."""

    WAITING = "waiting"
    SENT = "sent"
    BY_HAND = "by_hand"
    REFUSED = "refused"
    UNSURE = "unsure"
    STALE = "stale"
    DROPPED = "dropped"


TROUBLED = (MessageState.REFUSED, MessageState.UNSURE)
_KEPT = timedelta(days=180)
_FOR_AN_ANSWER = timedelta(minutes=4)
STOPPED_IN_BETWEEN = "We were stopped while the mail server was taking it, so it may or may not have arrived."


class MessageRow(Base):
    """`key` says what it is for, so that nothing is said twice. `handed`: the server is being given the letter."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("tenant_id", "key"),
        Index("ix_message_due", "tenant_id", "state", "next_at"),
        Index("ix_message_sent", "sent"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    key: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    content: Mapped[Any | None] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    good_until: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    handed: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(String(1000))
    created: Mapped[datetime] = mapped_column(UtcDateTime)
    sent: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MessageRound(Base):
    """When a tenant's runs are looked at next for what is to be said."""

    __tablename__ = "message_round"

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class NewMessage:
    """A letter to be sent not before `next_at` and not after `good_until`."""

    person_id: str
    key: str
    kind: str
    content: Mapping[str, Any]
    next_at: datetime
    good_until: datetime


def put(session: Session, tenant_id: str, message: NewMessage, now: datetime) -> bool:
    """Have this said; False where it has been said, or is about to be, under the same key."""
    done = session.execute(
        insert_for(session)(MessageRow)
        .values(
            id=new_id(),
            tenant_id=tenant_id,
            person_id=message.person_id,
            key=message.key,
            kind=message.kind,
            content=dict(message.content),
            state=MessageState.WAITING,
            attempts=0,
            next_at=message.next_at,
            good_until=message.good_until,
            created=now,
        )
        .on_conflict_do_nothing()
    )
    return bool(getattr(done, "rowcount", 0))


def known_keys(session: Session, tenant_id: str, keys: Sequence[str]) -> frozenset[str]:
    """Those of these keys that something was said under."""
    found = session.scalars(select(MessageRow.key).where(MessageRow.tenant_id == tenant_id, MessageRow.key.in_(keys)))
    return frozenset(found)


def claim(session: Session, tenant_id: str, now: datetime, limit: int, lease: timedelta) -> list[MessageRow]:
    """Lease the letters that are due. One whose lease ran out while a server had it is not sent again by itself."""
    _give_up(session, tenant_id, now)
    rows = session.scalars(
        select(MessageRow)
        .where(
            MessageRow.tenant_id == tenant_id,
            MessageRow.state == MessageState.WAITING,
            MessageRow.next_at <= now,
            or_(MessageRow.lease_until.is_(None), MessageRow.lease_until <= now),
        )
        .order_by(MessageRow.next_at, MessageRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.lease_until = now + lease
    session.flush()
    return list(rows)


def _give_up(session: Session, tenant_id: str, now: datetime) -> None:
    """Set aside what was being handed over when its sender stopped, and what nobody needs any more."""
    waiting = MessageRow.tenant_id == tenant_id, MessageRow.state == MessageState.WAITING
    free = or_(MessageRow.lease_until.is_(None), MessageRow.lease_until <= now)
    session.execute(
        update(MessageRow)
        .where(*waiting, MessageRow.handed.is_not(None), free)
        .values(state=MessageState.UNSURE, reason=STOPPED_IN_BETWEEN, lease_until=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(MessageRow)
        .where(*waiting, MessageRow.good_until <= now, free)
        .values(state=MessageState.STALE, content=None, lease_until=None)
        .execution_options(synchronize_session=False)
    )


def tenants_due(session: Session, now: datetime) -> Sequence[str]:
    """The tenants that have a letter to send, or a lease that ran out."""
    due = (
        MessageRow.state == MessageState.WAITING,
        MessageRow.next_at <= now,
        or_(MessageRow.lease_until.is_(None), MessageRow.lease_until <= now),
    )
    return session.scalars(select(MessageRow.tenant_id).where(*due).distinct()).all()


def room(session: Session, now: datetime, per_minute: int) -> int:
    """How many letters may go out now, by those of the last minute and those on their way, of all tenants."""
    minute = now - timedelta(minutes=1)
    sent = select(func.count()).select_from(MessageRow).where(MessageRow.sent > minute)
    leased = (
        select(func.count())
        .select_from(MessageRow)
        .where(MessageRow.state == MessageState.WAITING, MessageRow.lease_until > now)
    )
    return max(0, per_minute - (session.scalar(sent) or 0) - (session.scalar(leased) or 0))


def handing(session: Session, message_id: str, now: datetime) -> bool:
    """From here on the server may have it; False where too little of the lease is left to hear the answer."""
    ours = MessageRow.state == MessageState.WAITING, MessageRow.lease_until > now + _FOR_AN_ANSWER
    done = session.execute(
        update(MessageRow)
        .where(MessageRow.id == message_id, *ours)
        .values(handed=now)
        .execution_options(synchronize_session=False)
    )
    return bool(getattr(done, "rowcount", 0))


def sent(session: Session, message_id: str, now: datetime, by_hand: bool = False) -> None:
    _end(session, message_id, MessageState.BY_HAND if by_hand else MessageState.SENT, None, content=None, sent=now)


def refuse(session: Session, message_id: str, reason: str) -> None:
    """The mail server will not take it, now or later."""
    _end(session, message_id, MessageState.REFUSED, reason)


def unsure(session: Session, message_id: str, reason: str) -> None:
    _end(session, message_id, MessageState.UNSURE, reason)


def drop(session: Session, message_id: str, reason: str) -> None:
    """There is nobody to send it to, or nothing left to say."""
    _end(session, message_id, MessageState.DROPPED, reason, content=None)


def _end(session: Session, message_id: str, state: MessageState, reason: str | None, **more: Any) -> None:
    values = {"state": state, "reason": reason and reason[:1000], "lease_until": None, "handed": None, **more}
    session.execute(
        update(MessageRow)
        .where(MessageRow.id == message_id)
        .values(**values, attempts=MessageRow.attempts + 1)
        .execution_options(synchronize_session=False)
    )


def postpone(session: Session, message_id: str, reason: str | None, next_at: datetime, failed: bool = True) -> None:
    """Try later; `failed` counts as an attempt."""
    session.execute(
        update(MessageRow)
        .where(MessageRow.id == message_id, MessageRow.state == MessageState.WAITING)
        .values(
            attempts=MessageRow.attempts + int(failed),
            reason=reason and reason[:1000],
            next_at=next_at,
            lease_until=None,
            handed=None,
        )
        .execution_options(synchronize_session=False)
    )


def again(session: Session, tenant_id: str, message_id: str, now: datetime) -> bool:
    """Send one after all that was refused, or that may have arrived; on a person's word."""
    done = session.execute(
        update(MessageRow)
        .where(
            MessageRow.tenant_id == tenant_id,
            MessageRow.id == message_id,
            MessageRow.state.in_(TROUBLED),
            MessageRow.content.is_not(None),
        )
        .values(state=MessageState.WAITING, next_at=now, reason=None)
        .execution_options(synchronize_session=False)
    )
    return bool(getattr(done, "rowcount", 0))


def get_message(session: Session, tenant_id: str, message_id: str) -> MessageRow | None:
    return session.scalar(select(MessageRow).where(MessageRow.tenant_id == tenant_id, MessageRow.id == message_id))


def latest(session: Session, tenant_id: str, limit: int = 100) -> list[MessageRow]:
    """What was or is to be said, troubled ones first, then the newest."""
    troubled = MessageRow.state.in_(TROUBLED)
    query = select(MessageRow).where(MessageRow.tenant_id == tenant_id)
    return list(session.scalars(query.order_by(troubled.desc(), MessageRow.created.desc(), MessageRow.id).limit(limit)))


def counts(session: Session, tenant_id: str) -> dict[str, int]:
    rows = session.execute(
        select(MessageRow.state, func.count()).where(MessageRow.tenant_id == tenant_id).group_by(MessageRow.state)
    )
    return {row[0]: row[1] for row in rows}


def rounds_due(session: Session, tenant_ids: Sequence[str], now: datetime) -> list[str]:
    """The tenants whose runs are to be looked at now."""
    rested = set(session.scalars(select(MessageRound.tenant_id).where(MessageRound.next_at > now)))
    return [tenant_id for tenant_id in tenant_ids if tenant_id not in rested]


def round_done(session: Session, tenant_id: str, next_at: datetime) -> None:
    insert = insert_for(session)(MessageRound).values(tenant_id=tenant_id, next_at=next_at)
    session.execute(insert.on_conflict_do_update(index_elements=["tenant_id"], set_={"next_at": next_at}))


def sweep(session: Session, now: datetime) -> None:
    """Set aside what nobody passed on in time, and forget what was said half a year ago."""
    late = MessageRow.state == MessageState.WAITING, MessageRow.handed.is_(None), MessageRow.good_until <= now
    free = or_(MessageRow.lease_until.is_(None), MessageRow.lease_until <= now)
    session.execute(
        update(MessageRow)
        .where(*late, free)
        .values(state=MessageState.STALE, content=None, lease_until=None)
        .execution_options(synchronize_session=False)
    )
    over = MessageRow.state != MessageState.WAITING, MessageRow.created < now - _KEPT
    session.execute(delete(MessageRow).where(*over).execution_options(synchronize_session=False))
