"""Links in letters: each opens one task of one person for fourteen days, and is known here by its hash only.

The token is not kept: it is a signature (HMAC-SHA-256, RFC 2104) of the link's id under the installation's secret, so
that a letter which waits holds no key to anything, nor does a copy of the database.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, UtcDateTime, new_id
from lrs_bridge.store.sessions import hashed

LASTS = timedelta(days=14)
_KEPT = timedelta(days=90)


class TaskKind(StrEnum):
    """A word on a moment, a step one leads, a look at one's people, a view of somebody's capabilities, a sponsor's
    page, the notice of a role, or an answer to whoever names somebody."""

    MOMENT = "moment"
    STEP = "step"
    PEOPLE = "people"
    RATING = "rating"
    CHAIN = "chain"
    NOTICE = "notice"
    NOMINATION = "nomination"


class MessageLink(Base):
    """`person_id` is whose link it is; `enrolment_id` whom the task is about, None for a look at all of one's people.

    `ref`: the statement, the step (of a sponsor the one they may do, empty for a look), the role of the notice, or the
    nomination. `opened`: when it was last used.
    """

    __tablename__ = "message_link"
    __table_args__ = (Index("ix_message_link_person", "tenant_id", "run_id", "person_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    enrolment_id: Mapped[str | None] = mapped_column(ForeignKey("enrolment.id"))
    task: Mapped[str] = mapped_column(String(10))
    ref: Mapped[str] = mapped_column(String(100))
    made: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opened: Mapped[datetime | None] = mapped_column(UtcDateTime)

    def is_good(self, now: datetime) -> bool:
        """Neither too old nor revoked; whether the relation still holds is asked elsewhere."""
        return self.revoked is None and now - self.made <= LASTS


def token_of(secret_key: str, link_id: str) -> str:
    """The token of a link, 43 characters, the same each time."""
    signed = hmac.new(secret_key.encode(), b"message link:" + link_id.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(signed).rstrip(b"=").decode()


def make_link(
    session: Session,
    secret_key: str,
    tenant_id: str,
    run_id: str,
    person_id: str,
    enrolment_id: str | None,
    task: TaskKind,
    ref: str,
    now: datetime,
) -> str:
    """A new link; answers its id."""
    id_ = new_id()
    session.add(
        MessageLink(
            id=id_,
            token_hash=hashed(token_of(secret_key, id_)),
            tenant_id=tenant_id,
            run_id=run_id,
            person_id=person_id,
            enrolment_id=enrolment_id,
            task=task,
            ref=ref,
            made=now,
        )
    )
    return id_


def find_link(session: Session, token: str) -> MessageLink | None:
    """The link of a token, good or not."""
    return session.scalar(select(MessageLink).where(MessageLink.token_hash == hashed(token)))


def get_link(session: Session, tenant_id: str, link_id: str) -> MessageLink | None:
    return session.scalar(select(MessageLink).where(MessageLink.tenant_id == tenant_id, MessageLink.id == link_id))


def revoke_all(session: Session, tenant_id: str, person_id: str, now: datetime) -> int:
    """Close every link of somebody, at once; answers how many were open."""
    done = session.execute(
        update(MessageLink)
        .where(
            MessageLink.tenant_id == tenant_id,
            MessageLink.person_id == person_id,
            MessageLink.revoked.is_(None),
            MessageLink.made > now - LASTS,
        )
        .values(revoked=now)
        .execution_options(synchronize_session=False)
    )
    return int(getattr(done, "rowcount", 0))


def sweep(session: Session, now: datetime) -> None:
    """Forget links that have long been over; until then an old one leads to a page that helps."""
    session.execute(
        delete(MessageLink).where(MessageLink.made < now - _KEPT).execution_options(synchronize_session=False)
    )
