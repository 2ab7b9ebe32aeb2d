"""Free text and links: what people write. It never leaves this database, and goes when a person is erased."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, Json, UtcDateTime, new_id


class Note(Base):
    """What was written with one statement: `texts` by field name (`what_happened`, `link`, `private`, ...)."""

    __tablename__ = "note"
    __table_args__ = (Index("ix_note_enrolment", "tenant_id", "enrolment_id"),)

    statement_id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"))
    enrolment_id: Mapped[str | None] = mapped_column(Id)
    author_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(30))
    texts: Mapped[Any] = mapped_column(Json)
    created: Mapped[datetime] = mapped_column(UtcDateTime)


class PersonalMoment(Base):
    """A moment of a participant's own, named by them."""

    __tablename__ = "personal_moment"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    enrolment_id: Mapped[str] = mapped_column(ForeignKey("enrolment.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    created: Mapped[datetime] = mapped_column(UtcDateTime)


def write_note(
    session: Session,
    tenant_id: str,
    run_id: str,
    enrolment_id: str | None,
    author_id: str,
    statement_id: str,
    kind: str,
    texts: dict[str, str],
    now: datetime,
) -> None:
    """Keep what was written with a statement; empty texts are nothing."""
    texts = {name: text.strip() for name, text in texts.items() if text and text.strip()}
    if not texts or session.get(Note, statement_id) is not None:
        return
    session.add(
        Note(
            statement_id=statement_id,
            tenant_id=tenant_id,
            run_id=run_id,
            enrolment_id=enrolment_id,
            author_id=author_id,
            kind=kind,
            texts=texts,
            created=now,
        )
    )


def notes_of(session: Session, tenant_id: str, enrolment_id: str) -> dict[str, Note]:
    """Notes about an enrolment by statement id."""
    rows = session.scalars(select(Note).where(Note.tenant_id == tenant_id, Note.enrolment_id == enrolment_id))
    return {row.statement_id: row for row in rows}


def add_personal_moment(
    session: Session, tenant_id: str, enrolment_id: str, title: str, now: datetime
) -> PersonalMoment:
    """The moment of that title, made when it is new."""
    for known in personal_moments(session, tenant_id, [enrolment_id]):
        if known.title.casefold() == title.strip().casefold():
            return known
    row = PersonalMoment(id=new_id(), tenant_id=tenant_id, enrolment_id=enrolment_id, title=title.strip(), created=now)
    session.add(row)
    session.flush()
    return row


def personal_moments(session: Session, tenant_id: str, enrolment_ids: Iterable[str]) -> list[PersonalMoment]:
    return list(
        session.scalars(
            select(PersonalMoment)
            .where(PersonalMoment.tenant_id == tenant_id, PersonalMoment.enrolment_id.in_(set(enrolment_ids)))
            .order_by(PersonalMoment.created)
        )
    )


def texts_of(session: Session, tenant_id: str, statement_ids: Iterable[str]) -> dict[str, dict[str, str]]:
    """What was written with these statements, by id."""
    wanted = Note.tenant_id == tenant_id, Note.statement_id.in_(set(statement_ids))
    return {
        row.statement_id: row.texts for row in session.execute(select(Note.statement_id, Note.texts).where(*wanted))
    }


def notes_of_many(session: Session, tenant_id: str, enrolment_ids: Iterable[str]) -> dict[str, dict[str, Note]]:
    """Notes by enrolment, then by statement id."""
    found: dict[str, dict[str, Note]] = {}
    rows = session.scalars(select(Note).where(Note.tenant_id == tenant_id, Note.enrolment_id.in_(set(enrolment_ids))))
    for row in rows:
        found.setdefault(str(row.enrolment_id), {})[row.statement_id] = row
    return found
