"""People: the identity map between an LMS's user and the pseudonym of the statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ForeignKey, String, UniqueConstraint, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column, validates

from lrs_bridge.store import erased
from lrs_bridge.store.base import Base, Id, Shown, UtcDateTime, new_id


class PersonRow(Base):
    """`account` is the xAPI account name: random, and all that a statement ever says of somebody.

    No index by tenant: SQLite would prefer it to the ids of a few people, and read everybody. E-mails are kept in
    lower case, so that who is meant by one is found by the index. `locale` (BCP 47) is the LMS's word.
    """

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    account: Mapped[str] = mapped_column(Id, unique=True)
    name: Mapped[str | None] = mapped_column(Shown(200))
    email: Mapped[str | None] = mapped_column(String(320), index=True)
    created: Mapped[datetime] = mapped_column(UtcDateTime)
    locale: Mapped[str | None] = mapped_column(Shown(35))

    @validates("email")
    def _in_lower_case(self, _name: str, email: str | None) -> str | None:
        return email.lower() if email else email

    @property
    def shown_name(self) -> str:
        return shown_name(self.name, self.account)


def shown_name(name: str | None, account: str) -> str:
    """What pages call a person, also one whose LMS sends no name."""
    return name or f"Person {account[:4]}"


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
    """The person behind this identity, made on first sight; a name or e-mail that came along is kept.

    Raises `erased.ErasedPerson` for somebody who was erased here.
    """
    person = person_by_identity(session, tenant_id, issuer, sub)
    if person is None:
        erased.refuse(session, tenant_id, issuer, sub)
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


def people_by_account(session: Session, tenant_id: str, accounts: Iterable[str]) -> dict[str, PersonRow]:
    rows = session.scalars(
        select(PersonRow).where(PersonRow.tenant_id == tenant_id, PersonRow.account.in_(set(accounts)))
    )
    return {row.account: row for row in rows}


def identities_of(session: Session, tenant_id: str, ids: Iterable[str]) -> dict[str, list[Identity]]:
    """Identities by person id."""
    found: dict[str, list[Identity]] = {}
    rows = session.scalars(select(Identity).where(Identity.tenant_id == tenant_id, Identity.person_id.in_(set(ids))))
    for row in rows:
        found.setdefault(row.person_id, []).append(row)
    return found


def subs_of(session: Session, tenant_id: str, ids: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """How LMSs name them, as issuer and sub, by person id."""
    wanted = Identity.tenant_id == tenant_id, Identity.person_id.in_(set(ids))
    found: dict[str, list[tuple[str, str]]] = {}
    for id_, issuer, sub in session.execute(select(Identity.person_id, Identity.issuer, Identity.sub).where(*wanted)):
        found.setdefault(id_, []).append((issuer, sub))
    return found


def accounts_of(session: Session, tenant_id: str, ids: Iterable[str]) -> dict[str, str]:
    """By person id."""
    wanted = PersonRow.tenant_id == tenant_id, PersonRow.id.in_(set(ids))
    rows = session.execute(select(PersonRow.id, PersonRow.account).where(*wanted))
    return {row.id: row.account for row in rows}


def sub_at(session: Session, tenant_id: str, person_id: str, issuer: str) -> str | None:
    """What the LMS of that issuer calls the person: the `userId` of a score."""
    return session.scalar(
        select(Identity.sub).where(
            Identity.tenant_id == tenant_id, Identity.person_id == person_id, Identity.issuer == issuer
        )
    )


def people_by_agent(session: Session, tenant_id: str, agents: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """Ids of the people behind the actors of facts, by actor; three queries however many there are.

    Known are our account name, `account|<issuer>|<sub>` of an LMS and `mbox|mailto:<e-mail>`. Two people may have
    one e-mail, having come from two LMSs.
    """
    found: dict[str, list[str]] = defaultdict(list)
    accounts, identities, emails = _sorted_out(agents)
    persons = select(PersonRow.id, PersonRow.account, PersonRow.email).where(PersonRow.tenant_id == tenant_id)
    if accounts:
        for row in session.execute(persons.where(PersonRow.account.in_(accounts))):
            found[row.account].append(row.id)
    if emails:
        for row in session.execute(persons.where(PersonRow.email.in_(emails))):
            found[f"mbox|mailto:{row.email}"].append(row.id)
    if identities:
        issuers, subs = ({pair[place] for pair in identities} for place in (0, 1))
        asked = select(Identity).where(
            Identity.tenant_id == tenant_id, Identity.issuer.in_(issuers), Identity.sub.in_(subs)
        )
        for one in session.scalars(asked):
            if (one.issuer, one.sub) in identities:
                found[f"account|{one.issuer}|{one.sub}"].append(one.person_id)
    return found


def _sorted_out(agents: Iterable[str]) -> tuple[set[str], set[tuple[str, str]], set[str]]:
    """Our accounts, (issuer, sub), and addresses. An issuer is a URL and has no bar in it; a sub may have one."""
    accounts: set[str] = set()
    identities: set[tuple[str, str]] = set()
    emails: set[str] = set()
    for agent in agents:
        kind, _, rest = agent.partition("|")
        if not rest:
            accounts.add(agent)
        elif kind == "account":
            issuer, _, sub = rest.partition("|")
            identities.add((issuer, sub))
        elif kind == "mbox":
            emails.add(rest.removeprefix("mailto:"))
    return accounts, identities, emails


class Called(NamedTuple):
    """What a page calls somebody, and where letters reach them."""

    name: str
    email: str | None


def called(session: Session, tenant_id: str, accounts: Iterable[str]) -> dict[str, Called]:
    """By account, without the costs of rows that could be changed."""
    wanted = PersonRow.tenant_id == tenant_id, PersonRow.account.in_(set(accounts))
    rows = session.execute(select(PersonRow.account, PersonRow.name, PersonRow.email).where(*wanted))
    return {account: Called(shown_name(name, account), email) for account, name, email in rows}


def names(session: Session, tenant_id: str, accounts: Iterable[str]) -> dict[str, str]:
    """What pages call people, by account."""
    wanted = PersonRow.tenant_id == tenant_id, PersonRow.account.in_(set(accounts))
    rows = session.execute(select(PersonRow.account, PersonRow.name).where(*wanted))
    return {account: shown_name(name, account) for account, name in rows}
