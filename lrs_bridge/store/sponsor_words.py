"""What sponsors give a run in words: a message to their people, a case for its designer, and the thanks for it.

Words stay in this database; that they were given is a statement.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, UtcDateTime


class Gift(StrEnum):
    """A message is read by the sponsor's people, a case by whoever designs and teaches the run."""

    MESSAGE = "message"
    CASE = "case"


class SponsorWord(Base):
    """`step` is the step it was given for. `thanks`: what became of a case, and from whom."""

    __tablename__ = "sponsor_word"
    __table_args__ = (Index("ix_sponsor_word_run", "run_id", "kind"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"))
    author_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(10))
    step: Mapped[str | None] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    link: Mapped[str | None] = mapped_column(String(2000))
    created: Mapped[datetime] = mapped_column(UtcDateTime)
    thanks: Mapped[str | None] = mapped_column(Text)
    thanked: Mapped[datetime | None] = mapped_column(UtcDateTime)
    thanked_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))


def give(session: Session, word: SponsorWord) -> None:
    """Keep it; one with this id that is there already is the same form sent twice."""
    if session.get(SponsorWord, word.id) is None:
        session.add(word)


def of_run(session: Session, tenant_id: str, run_id: str, kind: Gift) -> list[SponsorWord]:
    """Newest first."""
    wanted = SponsorWord.tenant_id == tenant_id, SponsorWord.run_id == run_id, SponsorWord.kind == str(kind)
    return list(session.scalars(select(SponsorWord).where(*wanted).order_by(SponsorWord.created.desc())))


def given_by(session: Session, tenant_id: str, author_id: str) -> list[SponsorWord]:
    """Everything that somebody gave, in any run, oldest first."""
    wanted = SponsorWord.tenant_id == tenant_id, SponsorWord.author_id == author_id
    return list(session.scalars(select(SponsorWord).where(*wanted).order_by(SponsorWord.created, SponsorWord.id)))


def messages_of(session: Session, tenant_id: str, run_id: str, author_ids: Iterable[str]) -> list[SponsorWord]:
    """The latest message of each of these sponsors for each step, newest first."""
    authors = set(author_ids)
    found: dict[tuple[str, str | None], SponsorWord] = {}
    for row in of_run(session, tenant_id, run_id, Gift.MESSAGE):
        if row.author_id in authors:
            found.setdefault((row.author_id, row.step), row)
    return list(found.values())


def thank(session: Session, tenant_id: str, run_id: str, word_id: str, text: str, by_id: str, now: datetime) -> bool:
    """Say what became of a case; the latest word stands. False where there is no such case."""
    row = session.get(SponsorWord, word_id)
    if row is None or (row.tenant_id, row.run_id, row.kind) != (tenant_id, run_id, Gift.CASE):
        return False
    row.thanks, row.thanked, row.thanked_by = text, now, by_id
    return True
