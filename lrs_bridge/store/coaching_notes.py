"""Notes of a coach and a coachee: sealed in the database, read by these two, and by a new coach if the coachee says so.

The text is sealed together with whose it is, so that a row that was moved to another pair does not open.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import ForeignKey, Index, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, UtcDateTime, new_id
from lrs_bridge.store.sealed import Seal, SealBrokenError

PURPOSE = "coaching notes"
"""What the key of these notes is derived for (`sealed.Seal`)."""


class CoachingNote(Base):
    """`coach` is the coach or mentor of the pair, `author` one of the two. `sealed`: text and pair, encrypted."""

    __tablename__ = "coaching_note"
    __table_args__ = (Index("ix_coaching_note_enrolment_coach", "enrolment_id", "coach_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"))
    enrolment_id: Mapped[str] = mapped_column(ForeignKey("enrolment.id"))
    coach_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    author_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    created: Mapped[datetime] = mapped_column(UtcDateTime)
    sealed: Mapped[str] = mapped_column(Text)


class CoachingConsent(Base):
    """The coachee lets `reader` read the notes of themselves and `coach`, until it is `ended`."""

    __tablename__ = "coaching_consent"
    __table_args__ = (Index("ix_coaching_consent_enrolment", "enrolment_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    enrolment_id: Mapped[str] = mapped_column(ForeignKey("enrolment.id"))
    coach_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    reader_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    given: Mapped[datetime] = mapped_column(UtcDateTime)
    ended: Mapped[datetime | None] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class Pair:
    """A coachee's enrolment and the coach or mentor of it."""

    tenant_id: str
    run_id: str
    enrolment_id: str
    coach_id: str


@dataclass(frozen=True)
class Opened:
    """A note as it is read. `text` is None where it cannot be opened with this installation's key."""

    id: str
    coach_id: str
    author_id: str
    created: datetime
    text: str | None


def write(session: Session, seal: Seal, pair: Pair, author_id: str, note_id: str, text: str, now: datetime) -> None:
    """Keep a note; one with this id that is there already is the same form sent twice."""
    if session.get(CoachingNote, note_id) is not None:
        return
    session.add(
        CoachingNote(
            id=note_id,
            tenant_id=pair.tenant_id,
            run_id=pair.run_id,
            enrolment_id=pair.enrolment_id,
            coach_id=pair.coach_id,
            author_id=author_id,
            created=now,
            sealed=seal.close(orjson.dumps({"of": [pair.enrolment_id, pair.coach_id, author_id], "text": text})),
        )
    )


def of_enrolment(
    session: Session, seal: Seal, tenant_id: str, enrolment_id: str, coach_ids: Iterable[str]
) -> list[Opened]:
    """The notes of a coachee and these coaches, newest first."""
    wanted = (
        CoachingNote.tenant_id == tenant_id,
        CoachingNote.enrolment_id == enrolment_id,
        CoachingNote.coach_id.in_(set(coach_ids)),
    )
    rows = session.scalars(select(CoachingNote).where(*wanted).order_by(CoachingNote.created.desc(), CoachingNote.id))
    return [Opened(row.id, row.coach_id, row.author_id, row.created, _open(seal, row)) for row in rows]


def written_by(session: Session, seal: Seal, tenant_id: str, author_id: str) -> list[Opened]:
    """Every note that somebody wrote, in any run, oldest first: for what they take out of their data."""
    wanted = CoachingNote.tenant_id == tenant_id, CoachingNote.author_id == author_id
    rows = session.scalars(select(CoachingNote).where(*wanted).order_by(CoachingNote.created, CoachingNote.id))
    return [Opened(row.id, row.coach_id, row.author_id, row.created, _open(seal, row)) for row in rows]


def coaches_with_notes(session: Session, tenant_id: str, enrolment_id: str) -> frozenset[str]:
    """Whoever shares notes with this coachee."""
    wanted = CoachingNote.tenant_id == tenant_id, CoachingNote.enrolment_id == enrolment_id
    return frozenset(session.scalars(select(CoachingNote.coach_id).where(*wanted).distinct()))


def remove(session: Session, tenant_id: str, note_id: str, author_id: str) -> bool:
    """An author takes a note of theirs away for good; False where there is none of theirs."""
    row = session.get(CoachingNote, note_id)
    if row is None or (row.tenant_id, row.author_id) != (tenant_id, author_id):
        return False
    session.delete(row)
    return True


def consents(session: Session, tenant_id: str, enrolment_id: str) -> list[CoachingConsent]:
    """Those of a coachee that hold."""
    wanted = (
        CoachingConsent.tenant_id == tenant_id,
        CoachingConsent.enrolment_id == enrolment_id,
        CoachingConsent.ended.is_(None),
    )
    return list(session.scalars(select(CoachingConsent).where(*wanted)))


def consent(session: Session, former: Pair, reader_id: str, now: datetime) -> None:
    """The coachee lets `reader` read the notes of a former pair; saying it twice is saying it once."""
    known = consents(session, former.tenant_id, former.enrolment_id)
    if any((one.coach_id, one.reader_id) == (former.coach_id, reader_id) for one in known):
        return
    session.add(
        CoachingConsent(
            id=new_id(),
            tenant_id=former.tenant_id,
            enrolment_id=former.enrolment_id,
            coach_id=former.coach_id,
            reader_id=reader_id,
            given=now,
        )
    )


def end_consent(session: Session, former: Pair, reader_id: str, now: datetime) -> None:
    for one in consents(session, former.tenant_id, former.enrolment_id):
        if (one.coach_id, one.reader_id) == (former.coach_id, reader_id):
            one.ended = now


def _open(seal: Seal, row: CoachingNote) -> str | None:
    try:
        found = orjson.loads(seal.open(row.sealed))
    except SealBrokenError:
        return None
    return str(found["text"]) if found["of"] == [row.enrolment_id, row.coach_id, row.author_id] else None
