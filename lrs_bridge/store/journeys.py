"""Journeys: each version's file as it was given, read into the domain when asked for."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.domain.journey import Journey
from lrs_bridge.journeyfile import load_journey
from lrs_bridge.store.base import Base, Id, Shown, UtcDateTime, new_id


class JourneyRow(Base):
    """One version. `source` is the file's text; it is never changed, a change is a new version.

    `by`: who published it; None for the command line and what ships with us.
    """

    __tablename__ = "journey"
    __table_args__ = (UniqueConstraint("tenant_id", "slug", "version"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    slug: Mapped[str] = mapped_column(String(100))
    version: Mapped[int]
    title: Mapped[str] = mapped_column(Shown(300))
    source: Mapped[str] = mapped_column(Text)
    created: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str | None] = mapped_column(Shown(200))

    @property
    def journey(self) -> Journey:
        return _read(self.source, f"{self.slug} version {self.version}")


@lru_cache(maxsize=256)
def _read(source: str, name: str) -> Journey:
    return load_journey(source, name)


def install(
    session: Session, tenant_id: str, source: str, name: str, now: datetime, by: str | None = None
) -> JourneyRow:
    """Keep a journey file; the same slug and version again answers what is there.

    Raises JourneyFileError when the file is wrong.
    """
    journey = load_journey(source, name)
    known = find(session, tenant_id, journey.slug, journey.version)
    if known is not None:
        return known
    row = JourneyRow(
        id=new_id(),
        tenant_id=tenant_id,
        slug=journey.slug,
        version=journey.version,
        title=journey.title,
        source=source,
        created=now,
        by=by,
    )
    session.add(row)
    session.flush()
    return row


def ids(session: Session, tenant_id: str) -> list[str]:
    """Of all versions: as long as these are the same, so is what they say."""
    return list(session.scalars(select(JourneyRow.id).where(JourneyRow.tenant_id == tenant_id)))


def find(session: Session, tenant_id: str, slug: str, version: int) -> JourneyRow | None:
    return session.scalar(
        select(JourneyRow).where(
            JourneyRow.tenant_id == tenant_id, JourneyRow.slug == slug, JourneyRow.version == version
        )
    )


def versions(session: Session, tenant_id: str, slug: str) -> list[JourneyRow]:
    """All of one journey, the newest first."""
    wanted = JourneyRow.tenant_id == tenant_id, JourneyRow.slug == slug
    return list(session.scalars(select(JourneyRow).where(*wanted).order_by(JourneyRow.version.desc())))


def get_journey(session: Session, tenant_id: str, journey_id: str) -> JourneyRow | None:
    return session.scalar(select(JourneyRow).where(JourneyRow.tenant_id == tenant_id, JourneyRow.id == journey_id))


def installed(session: Session, tenant_id: str) -> list[JourneyRow]:
    """All versions, newest of each slug first."""
    return list(
        session.scalars(
            select(JourneyRow)
            .where(JourneyRow.tenant_id == tenant_id)
            .order_by(JourneyRow.slug, JourneyRow.version.desc())
        )
    )
