"""People: the identity map between an LMS's user and the pseudonym of the statements."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, bindparam, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, Shown, UtcDateTime, new_id


class PersonRow(Base):
    """`account` is the xAPI account name: random, and all that a statement ever says of somebody.

    No index by tenant: SQLite would prefer it to the ids of a few people, and read everybody. The e-mail of somebody
    whom no LMS has sent yet is kept in lower case.
    """

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    account: Mapped[str] = mapped_column(Id, unique=True)
    name: Mapped[str | None] = mapped_column(Shown(200))
    email: Mapped[str | None] = mapped_column(String(320), index=True)
    created: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def shown_name(self) -> str:
        """What pages call a person whose LMS sends no name."""
        return self.name or f"Person {self.account[:4]}"


class Identity(Base):
    """How an LMS names a person: `sub` is unique per issuer (OIDC Core 2)."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("issuer", "sub", "tenant_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    issuer: Mapped[str] = mapped_column(String(400))
    sub: Mapped[str] = mapped_column(String(255))


_BY_IDENTITY = (  # built once: every launch asks it
    select(PersonRow)
    .join(Identity, Identity.person_id == PersonRow.id)
    .where(
        Identity.tenant_id == bindparam("tenant_id"),
        Identity.issuer == bindparam("issuer"),
        Identity.sub == bindparam("sub"),
    )
)


def person_by_identity(session: Session, tenant_id: str, issuer: str, sub: str) -> PersonRow | None:
    return session.scalar(_BY_IDENTITY, {"tenant_id": tenant_id, "issuer": issuer, "sub": sub})


def ensure_person(
    session: Session,
    tenant_id: str,
    issuer: str,
    sub: str,
    now: datetime,
    name: str | None = None,
    email: str | None = None,
    account: str | None = None,
) -> PersonRow:
    """The person behind this identity, made on first sight; a name or e-mail that came along is kept."""
    person = person_by_identity(session, tenant_id, issuer, sub)
    if person is None:
        person = add_person(session, tenant_id, now, account=account)
        session.add(Identity(id=new_id(), tenant_id=tenant_id, person_id=person.id, issuer=issuer, sub=sub))
    keep_contact(person, name, email)
    session.flush()
    return person


def keep_contact(person: PersonRow, name: str | None, email: str | None) -> None:
    """What an LMS calls somebody now; what it leaves out stays as it was."""
    person.name = name or person.name
    person.email = email or person.email


def add_person(
    session: Session,
    tenant_id: str,
    now: datetime,
    name: str | None = None,
    email: str | None = None,
    account: str | None = None,
) -> PersonRow:
    """A person no LMS has sent yet, a manager named by import for one."""
    id_ = new_id()
    person = PersonRow(id=id_, tenant_id=tenant_id, account=account or new_id(), name=name, email=email, created=now)
    session.add(person)
    session.flush()
    return person


def get_person(session: Session, tenant_id: str, person_id: str) -> PersonRow | None:
    return session.scalar(select(PersonRow).where(PersonRow.tenant_id == tenant_id, PersonRow.id == person_id))


def people_by_id(session: Session, tenant_id: str, ids: Iterable[str]) -> dict[str, PersonRow]:
    rows = session.scalars(select(PersonRow).where(PersonRow.tenant_id == tenant_id, PersonRow.id.in_(set(ids))))
    return {row.id: row for row in rows}


def identities_of(session: Session, tenant_id: str, ids: Iterable[str]) -> dict[str, list[Identity]]:
    """Identities by person id."""
    found: dict[str, list[Identity]] = {}
    rows = session.scalars(select(Identity).where(Identity.tenant_id == tenant_id, Identity.person_id.in_(set(ids))))
    for row in rows:
        found.setdefault(row.person_id, []).append(row)
    return found


def sub_at(session: Session, tenant_id: str, person_id: str, issuer: str) -> str | None:
    """What the LMS of that issuer calls the person: the `userId` of a score."""
    return session.scalar(
        select(Identity.sub).where(
            Identity.tenant_id == tenant_id, Identity.person_id == person_id, Identity.issuer == issuer
        )
    )


def person_by_agent(session: Session, tenant_id: str, agent: str) -> PersonRow | None:
    """The person behind a fact's actor: our account name, `account|<issuer>|<sub>`, or `mbox|mailto:<e-mail>`."""
    kind, _, rest = agent.partition("|")
    if not rest:
        return session.scalar(select(PersonRow).where(PersonRow.tenant_id == tenant_id, PersonRow.account == agent))
    if kind == "account":
        issuer, _, sub = rest.rpartition("|")
        return person_by_identity(session, tenant_id, issuer, sub)
    if kind == "mbox":
        email = rest.removeprefix("mailto:").lower()
        return session.scalar(
            select(PersonRow).where(PersonRow.tenant_id == tenant_id, func.lower(PersonRow.email) == email)
        )
    return None


def names(session: Session, tenant_id: str, accounts: Iterable[str]) -> dict[str, str]:
    """What pages call people, by account."""
    rows = session.scalars(
        select(PersonRow).where(PersonRow.tenant_id == tenant_id, PersonRow.account.in_(set(accounts)))
    )
    return {row.account: row.shown_name for row in rows}
