"""What people want to get by message and in which language, and who a tenant's letters come from."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.domain.mailing import Mailbox
from lrs_bridge.domain.reminders import Wishes
from lrs_bridge.store.base import Base, UtcDateTime


class MessageWishes(Base):
    """Somebody's own choice; who has made none has no row. `language` None: as the LMS says."""

    __tablename__ = "message_wishes"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    weekly: Mapped[bool]
    morning: Mapped[bool]
    language: Mapped[str | None] = mapped_column(String(35))
    changed: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def wishes(self) -> Wishes:
        return Wishes(self.weekly, self.morning)


class MessageSender(Base):
    """Who the letters of a tenant come from, where that is not the sender of the settings."""

    __tablename__ = "message_sender"

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    address: Mapped[str] = mapped_column(String(320))
    name: Mapped[str] = mapped_column(String(100))


def wishes_of(session: Session, tenant_id: str, person_ids: Iterable[str]) -> dict[str, MessageWishes]:
    """The choices of those who made one, by person."""
    rows = session.scalars(
        select(MessageWishes).where(MessageWishes.tenant_id == tenant_id, MessageWishes.person_id.in_(set(person_ids)))
    )
    return {row.person_id: row for row in rows}


def wish(
    session: Session, tenant_id: str, person_id: str, wishes: Wishes, now: datetime, language: str | None = None
) -> None:
    """Keep a choice. `language` None leaves the language as it was."""
    row = session.get(MessageWishes, person_id)
    if row is None:
        row = MessageWishes(person_id=person_id, tenant_id=tenant_id, language=None)
        session.add(row)
    row.weekly, row.morning, row.changed = wishes.weekly, wishes.morning, now
    row.language = language or row.language
    session.flush()


def sender_of(session: Session, tenant_id: str) -> Mailbox | None:
    row = session.get(MessageSender, tenant_id)
    return Mailbox(row.address, row.name) if row else None


def set_sender(session: Session, tenant_id: str, sender: Mailbox | None) -> None:
    """None: the sender of the settings again."""
    row = session.get(MessageSender, tenant_id)
    if sender is None:
        if row is not None:
            session.delete(row)
    elif row is None:
        session.add(MessageSender(tenant_id=tenant_id, address=sender.address, name=sender.name))
    else:
        row.address, row.name = sender.address, sender.name
    session.flush()


def stop_token(secret_key: str, person_id: str) -> str:
    """The end of the address where a person chooses what they get; it opens nothing else, and does not age."""
    return f"{person_id}.{_signature(secret_key, person_id)}"


def person_of(secret_key: str, token: str) -> str | None:
    """Whose token this is; None where it is not one of ours."""
    person_id, _, signature = token.partition(".")
    return person_id if hmac.compare_digest(signature.encode(), _signature(secret_key, person_id).encode()) else None


def _signature(secret_key: str, person_id: str) -> str:
    return hmac.new(secret_key.encode(), b"message wishes:" + person_id.encode(), hashlib.sha256).hexdigest()
