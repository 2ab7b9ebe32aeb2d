"""Verified claims as a `Launch`: spelled once, with the LMSs' differences taken out."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from lrs_bridge.domain.launch import CourseRole, Launch, MessageType, Services
from lrs_bridge.lti import claims as c
from lrs_bridge.lti.roles import course_roles
from lrs_bridge.store.platforms import Registration


def launch_from(claims: Mapping[str, Any], platform: Registration) -> Launch:
    """The launch these claims tell of. They have passed `verification.check_claims` before."""
    roles = course_roles(claims[c.ROLES])
    context, link = c.group(claims, c.CONTEXT), c.group(claims, c.RESOURCE_LINK)
    presentation = c.group(claims, c.LAUNCH_PRESENTATION)
    return Launch(
        platform_id=platform.id,
        tenant_id=platform.tenant_id,
        issuer=platform.issuer,
        client_id=platform.client_id,
        deployment_id=claims[c.DEPLOYMENT_ID],
        message_type=MessageType(claims[c.MESSAGE_TYPE]),
        sub=claims["sub"],
        roles=roles,
        target_link_uri=claims[c.TARGET_LINK_URI],
        name=_name(claims),
        given_name=c.text(claims, "given_name"),
        email=c.text(claims, "email", 320),
        locale=c.text(presentation, "locale", 35) or c.text(claims, "locale", 35),
        context_id=c.text(context, "id"),
        context_title=c.text(context, "title") or c.text(context, "label"),
        resource_link_id=c.text(link, "id"),
        resource_link_title=c.text(link, "title"),
        return_url=c.address(presentation, "return_url"),
        for_user=c.text(c.group(claims, c.FOR_USER), "user_id"),
        mentees=_mentees(claims, roles),
        services=_services(claims),
        custom=MappingProxyType(c.custom(claims)),
        claims=MappingProxyType(dict(claims)),
    )


def _name(claims: Mapping[str, Any]) -> str | None:
    """`name`, else its parts: an LMS may send any of the three, or none (Core, 5.3.6)."""
    parts = (c.text(claims, "given_name"), c.text(claims, "family_name"))
    return c.text(claims, "name") or " ".join(part for part in parts if part) or None


def _mentees(claims: Mapping[str, Any], roles: frozenset[CourseRole]) -> tuple[str, ...]:
    """Whom a mentor may see (Core, 5.4.3): a list, or a comma-separated text; only sent with the role Mentor."""
    if CourseRole.MENTOR not in roles:
        return ()
    return c.listed(claims.get(c.ROLE_SCOPE_MENTOR), ",")


def _services(claims: Mapping[str, Any]) -> Services:
    """The service claims of AGS 2.0, NRPS 2.0 and Course Groups 1.0: any of the URLs may be missing."""
    endpoint, roster = c.group(claims, c.AGS_ENDPOINT), c.group(claims, c.NRPS)
    return Services(
        lineitem=c.address(endpoint, "lineitem"),
        lineitems=c.address(endpoint, "lineitems"),
        scopes=frozenset(c.listed(endpoint.get("scope"), None)),
        memberships=c.address(roster, "context_memberships_url"),
        groups=c.address(c.group(claims, c.GROUPS), "context_groups_url"),
    )
