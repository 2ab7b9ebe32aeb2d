"""Tenants: whose people, runs and statements these are. Every other table names one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, UtcDateTime, new_id

MAIN = "main"


class Tenant(Base):
    """`iri_base` begins every IRI of the tenant's statements and never changes, whatever BASE_URL becomes."""

    __tablename__ = "tenant"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    iri_base: Mapped[str] = mapped_column(String(400))
    created: Mapped[datetime] = mapped_column(UtcDateTime)


class UnknownTenantError(LookupError):
    """No tenant of that name; the message says how to make it."""


def ensure_tenant(session: Session, name: str, base_url: str, now: datetime) -> Tenant:
    """The tenant of that name, made on first use with an IRI base under `base_url`."""
    known = session.scalar(select(Tenant).where(Tenant.name == name))
    if known is not None:
        return known
    id_ = new_id()
    tenant = Tenant(id=id_, name=name, iri_base=f"{base_url}/tenants/{id_}", created=now)
    session.add(tenant)
    session.flush()
    return tenant


def tenant_named(session: Session, name: str) -> Tenant:
    known = session.scalar(select(Tenant).where(Tenant.name == name))
    if known is None:
        raise UnknownTenantError(f"There is no tenant named {name!r}. `lrs-bridge db upgrade` makes {MAIN!r}.")
    return known


def all_tenants(session: Session) -> list[Tenant]:
    return list(session.scalars(select(Tenant).order_by(Tenant.created, Tenant.id)))


def get_tenant(session: Session, tenant_id: str) -> Tenant:
    return session.get_one(Tenant, tenant_id)


def lock(session: Session, tenant_id: str) -> None:
    """Wait for whoever else holds it, until the transaction ends; others may go on adding to the tenant's things."""
    session.execute(select(Tenant.id).where(Tenant.id == tenant_id).with_for_update(key_share=True))
