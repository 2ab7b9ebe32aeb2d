"""Platforms: our registrations with LMSs, and the deployments of each that may launch us.

A registration is an issuer and a client id (LTI 1.3 Core, 3.1.2): Canvas has one issuer for all its customers.
A deployment (3.1.3) is one installation of the tool under that registration; on Blackboard, where issuer and
client id are the same for everybody, the deployment alone tells customers apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import ForeignKey, String, UniqueConstraint, bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, UtcDateTime, Values, core, new_id, table_of
from lrs_bridge.store.prepared import Prepared


class Standing(StrEnum):
    """Whether the admin of this tool has let a registration or deployment in, or has shut it out again."""

    APPROVED = "approved"
    WAITING = "waiting"
    SUSPENDED = "suspended"


class Source(StrEnum):
    """On whose word a registration rests: an admin typed it in, or the LMS registered itself."""

    ADMIN = "admin"
    LMS = "lms"


class Platform(Base):
    """A registration. `audience`: what a token request's assertion is addressed to; None means the token URL.

    `source` tells whose word the URLs are (`Source`): requests go into private networks on an admin's word only.
    """

    __tablename__ = "platform"
    __table_args__ = (UniqueConstraint("issuer", "client_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    issuer: Mapped[str] = mapped_column(String(400))
    client_id: Mapped[str] = mapped_column(String(255))
    auth_url: Mapped[str] = mapped_column(String(1000))
    token_url: Mapped[str] = mapped_column(String(1000))
    jwks_url: Mapped[str] = mapped_column(String(1000))
    audience: Mapped[str | None] = mapped_column(String(1000))
    standing: Mapped[str] = mapped_column(String(20))
    created: Mapped[datetime] = mapped_column(UtcDateTime)
    source: Mapped[str] = mapped_column(String(10), server_default=Source.ADMIN)


class Deployment(Base):
    """An installation of the tool in an LMS; one that nobody told us of waits for approval."""

    __tablename__ = "deployment"
    __table_args__ = (UniqueConstraint("platform_id", "deployment_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"), index=True)
    platform_id: Mapped[str] = mapped_column(ForeignKey("platform.id"))
    deployment_id: Mapped[str] = mapped_column(String(255))
    standing: Mapped[str] = mapped_column(String(20))
    created: Mapped[datetime] = mapped_column(UtcDateTime)


class Registration(NamedTuple):
    """A platform as it was read, for logins, launches and scores. Read anew for each, since it can be suspended."""

    id: str
    tenant_id: str
    name: str
    issuer: str
    client_id: str
    auth_url: str
    token_url: str
    jwks_url: str
    audience: str | None
    standing: str


REGISTRATION = tuple(table_of(Platform).c[name] for name in Registration._fields)
"""The columns of a `Registration`, in its order."""


class PlatformTakenError(ValueError):
    """This issuer and client id are registered already; the message names the id."""


class UnknownPlatformError(LookupError):
    """Neither a registration nor a deployment has this id."""


def add_platform(
    session: Session,
    *,
    tenant_id: str,
    name: str,
    issuer: str,
    client_id: str,
    auth_url: str,
    token_url: str,
    jwks_url: str,
    now: datetime,
    audience: str | None = None,
    deployment_ids: Iterable[str] = (),
    standing: Standing = Standing.APPROVED,
    source: Source = Source.ADMIN,
) -> Platform:
    """Register a platform with the deployments that may launch at once. Raises PlatformTakenError."""
    known = _registered(session, issuer, client_id)
    if known is not None:
        raise PlatformTakenError(f"{issuer} with client id {client_id} is registered already, as {known.id}.")
    platform = Platform(
        id=new_id(),
        tenant_id=tenant_id,
        name=name,
        issuer=issuer,
        client_id=client_id,
        auth_url=auth_url,
        token_url=token_url,
        jwks_url=jwks_url,
        audience=audience,
        standing=standing,
        source=source,
        created=now,
    )
    session.add(platform)
    session.flush()
    for deployment_id in dict.fromkeys(deployment_ids):
        session.add(_deployment(platform, deployment_id, Standing.APPROVED, now))
    session.flush()
    return platform


def _deployment(platform: Platform | Registration, deployment_id: str, standing: Standing, now: datetime) -> Deployment:
    return Deployment(
        id=new_id(),
        tenant_id=platform.tenant_id,
        platform_id=platform.id,
        deployment_id=deployment_id,
        standing=standing,
        created=now,
    )


def _registered(session: Session, issuer: str, client_id: str) -> Platform | None:
    return session.scalar(select(Platform).where(Platform.issuer == issuer, Platform.client_id == client_id))


def platforms_of_issuer(session: Session, issuer: str, client_id: str | None) -> list[Platform]:
    """The registrations a login may mean: none, one, or several where the LMS left out the client id."""
    wanted = select(Platform).where(Platform.issuer == issuer)
    if client_id is not None:
        wanted = wanted.where(Platform.client_id == client_id)
    return list(session.scalars(wanted.limit(2)))


_BY_ID = Prepared(select(*REGISTRATION).where(table_of(Platform).c.id == bindparam("id")))
_ISSUER = select(*REGISTRATION).where(table_of(Platform).c.issuer == bindparam("issuer")).limit(2)
_OF_ISSUER = Prepared(_ISSUER)
_OF_CLIENT = Prepared(_ISSUER.where(table_of(Platform).c.client_id == bindparam("client_id")))


def registrations_of(session: Session, issuer: str, client_id: str | None) -> list[Registration]:
    """The same, to be looked at only: every login asks."""
    wanted = _OF_ISSUER if client_id is None else _OF_CLIENT
    rows = wanted.rows(core(session), {"issuer": issuer, "client_id": client_id})
    return [Registration._make(row) for row in rows]


def registration(session: Values, platform_id: str) -> Registration | None:
    """The same as `get_platform`, to be looked at only: every score asks."""
    row = _BY_ID.row(core(session), {"id": platform_id})
    return None if row is None else Registration._make(row)


def get_platform(session: Session, platform_id: str) -> Platform | None:
    return session.get(Platform, platform_id)


def all_platforms(session: Session, tenant_id: str | None = None) -> list[Platform]:
    """Registrations of a tenant, or of all, oldest first."""
    wanted = select(Platform).order_by(Platform.created, Platform.id)
    if tenant_id is not None:
        wanted = wanted.where(Platform.tenant_id == tenant_id)
    return list(session.scalars(wanted))


def named_by_admins(session: Session) -> list[str]:
    """The URLs that an admin of this tool typed in: where we go on an admin's word."""
    found = session.scalars(select(Platform).where(Platform.source == Source.ADMIN))
    return [url for one in found for url in (one.issuer, one.auth_url, one.token_url, one.jwks_url)]


def deployments_of(session: Session, platform_id: str) -> list[Deployment]:
    wanted = select(Deployment).where(Deployment.platform_id == platform_id)
    return list(session.scalars(wanted.order_by(Deployment.created, Deployment.deployment_id)))


def find_deployment(session: Session, platform_id: str, deployment_id: str) -> Deployment | None:
    """Deployment ids are case-sensitive (Core 3.1.3), as `=` is on both databases."""
    return session.scalar(
        select(Deployment).where(Deployment.platform_id == platform_id, Deployment.deployment_id == deployment_id)
    )


def await_approval(
    session: Session, platform: Platform | Registration, deployment_id: str, now: datetime
) -> Deployment:
    """Note an unknown deployment for the admin; the one that is there already, also if two launches arrive together."""
    known = find_deployment(session, platform.id, deployment_id)
    if known is not None:
        return known
    try:
        with session.begin_nested():
            waiting = _deployment(platform, deployment_id, Standing.WAITING, now)
            session.add(waiting)
    except IntegrityError:
        known = find_deployment(session, platform.id, deployment_id)
        if known is None:
            raise
        return known
    return waiting


def approve(session: Session, id_: str) -> Platform | Deployment:
    """Let in the registration or deployment with this id of ours. Doing it twice is the same as once."""
    found = session.get(Platform, id_) or session.get(Deployment, id_)
    if found is None:
        raise UnknownPlatformError(
            f"No registration and no deployment has the id {id_!r}. `lrs-bridge platform list` shows them."
        )
    found.standing = Standing.APPROVED
    session.flush()
    return found
