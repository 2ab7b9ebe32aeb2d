"""What happens to a registration after it was made: an LMS registers itself again, an admin changes or ends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lrs_bridge.store.keys import forget_key_set
from lrs_bridge.store.logins import Login
from lrs_bridge.store.platforms import (
    Deployment,
    Platform,
    PlatformTakenError,
    Source,
    Standing,
    add_platform,
    await_approval,
    find_deployment,
    platforms_of_issuer,
)
from lrs_bridge.store.runs import Course
from lrs_bridge.store.sessions import VisitRow

MOST_WAITING = 100


class TooManyWaitingError(RuntimeError):
    """So many registrations wait that the next one could only be another stranger's."""


class PlatformInUseError(ValueError):
    """Courses have been launched by this registration: it can be suspended, not removed."""


@dataclass(frozen=True)
class Registered:
    """What an LMS says of itself. `deployment_id` is there where the LMS has deployed the tool at once."""

    name: str
    issuer: str
    client_id: str
    auth_url: str
    token_url: str
    jwks_url: str
    audience: str | None = None
    deployment_id: str | None = None


def keep_registered(
    session: Session, tenant_id: str, told: Registered, standing: Standing, now: datetime
) -> tuple[Platform, bool]:
    """Keep what an LMS registered; answers the registration, and whether it was known before.

    Raises PlatformTakenError where the issuer and client id belong to somebody who publishes other keys, has other
    servers, or was registered by hand: who merely says the same names must not take over. TooManyWaitingError.
    """
    known = platforms_of_issuer(session, told.issuer, told.client_id)
    if known:
        return _updated(session, known[0], tenant_id, told, standing, now), True
    _want_room(session)
    deployments = [] if told.deployment_id is None else [told.deployment_id]
    try:
        with session.begin_nested():
            return (
                add_platform(
                    session,
                    tenant_id=tenant_id,
                    name=told.name,
                    issuer=told.issuer,
                    client_id=told.client_id,
                    auth_url=told.auth_url,
                    token_url=told.token_url,
                    jwks_url=told.jwks_url,
                    audience=told.audience,
                    deployment_ids=deployments,
                    standing=standing,
                    source=Source.LMS,
                    now=now,
                ),
                False,
            )
    except IntegrityError as error:
        raise PlatformTakenError(f"{told.issuer} registers client id {told.client_id} twice at this moment.") from error


def _updated(
    session: Session, known: Platform, tenant_id: str, told: Registered, standing: Standing, now: datetime
) -> Platform:
    """The name stays: the admin may have given it another. A deployment that is new waits, unless nothing has to."""
    if known.source != Source.LMS or known.tenant_id != tenant_id:
        raise PlatformTakenError(
            f"{told.issuer} with client id {told.client_id} is registered already, by hand. An admin can change it."
        )
    if known.jwks_url != told.jwks_url:
        raise PlatformTakenError(f"{told.issuer} with client id {told.client_id} is registered with other keys.")
    pairs = ((known.auth_url, told.auth_url), (known.token_url, told.token_url))
    if any(_server(before) != _server(after) for before, after in pairs):
        raise PlatformTakenError(f"{told.issuer} with client id {told.client_id} is registered with other servers.")
    known.auth_url, known.token_url, known.audience = told.auth_url, told.token_url, told.audience
    if told.deployment_id is not None and find_deployment(session, known.id, told.deployment_id) is None:
        deployment = await_approval(session, known, told.deployment_id, now)
        if standing == Standing.APPROVED or known.standing == Standing.WAITING:
            deployment.standing = Standing.APPROVED
    session.flush()
    return known


def _server(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


def _want_room(session: Session) -> None:
    """Anybody can ask to be let in, so that what waits has an end."""
    of_strangers = (Platform.source == Source.LMS, Platform.standing == Standing.WAITING)
    waiting = session.scalar(select(func.count()).select_from(Platform).where(*of_strangers)) or 0
    if waiting >= MOST_WAITING:
        raise TooManyWaitingError(f"{waiting} registrations wait for approval already.")


def change_platform(
    session: Session,
    platform: Platform,
    *,
    name: str,
    auth_url: str,
    token_url: str,
    jwks_url: str,
    audience: str | None,
) -> None:
    """Write an admin's correction. It is their word from now on; keys of another address are not trusted any more."""
    if platform.jwks_url != jwks_url:
        forget_key_set(session, platform.id)
    if (platform.auth_url, platform.token_url, platform.jwks_url) != (auth_url, token_url, jwks_url):
        platform.source = Source.ADMIN
    platform.name, platform.audience = name, audience
    platform.auth_url, platform.token_url, platform.jwks_url = auth_url, token_url, jwks_url
    session.flush()


def suspend(session: Session, platform: Platform) -> None:
    """Nobody gets in by it, and nothing is sent there, until it is approved again."""
    platform.standing = Standing.SUSPENDED
    session.flush()


def is_used(session: Session, platform_id: str) -> bool:
    """Whether anybody ever came in by it."""
    course = select(Course.id).where(Course.platform_id == platform_id).limit(1)
    visit = select(VisitRow.token_hash).where(VisitRow.platform_id == platform_id).limit(1)
    return session.scalar(course) is not None or session.scalar(visit) is not None


def remove_platform(session: Session, platform: Platform) -> None:
    """Forget a registration that nobody ever came in by. Raises PlatformInUseError."""
    if is_used(session, platform.id):
        raise PlatformInUseError(f"{platform.name} has courses here; suspend it instead.")
    forget_key_set(session, platform.id)
    session.execute(delete(Login).where(Login.platform_id == platform.id))
    session.execute(delete(Deployment).where(Deployment.platform_id == platform.id))
    session.delete(platform)
    session.flush()
