"""The demo LMS's side of a launch: login initiation, the OIDC authentication answer, the claims of the message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lrs_bridge.demo.platform.course import INSTRUCTOR, MENTOR, Course, User
from lrs_bridge.demo.platform.keeping import Keeping
from lrs_bridge.demo.platform.storage import Storage
from lrs_bridge.demo.platform.tokens import SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ, SCOPE_RESULT, SCOPE_SCORE

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
_LIS = "http://purl.imsglobal.org/vocab/lis/v2/"


class LaunchRefused(Exception):
    """The tool's authentication request cannot be answered; the text is shown to a person."""


def login_initiation(course: Course, user: User, storage: Storage = Storage.NONE) -> dict[str, str]:
    """Fields of the form that starts a launch (LTI 1.3 Core, 5.1.1.1; OpenID Connect third-party login)."""
    fields = {
        "iss": course.url,
        "target_link_uri": course.tool.target_link_uri if course.lms.target_at_login else course.tool.redirect_uris[0],
        "login_hint": user.id,
        "lti_message_hint": course.link_id,
        "client_id": course.tool.client_id,
        "lti_deployment_id": course.deployment_id,
    }
    return fields | ({"lti_storage_target": storage.target} if storage.target else {})


def check_request(course: Course, asked: Mapping[str, str]) -> User:
    """Check an authentication request and answer who is launching. Raises LaunchRefused.

    An unregistered redirect_uri must never get an answer (LTI 1.3 Core, 5.1.1.2).
    """
    fixed = {"scope": "openid", "response_type": "id_token", "response_mode": "form_post", "prompt": "none"}
    for name, value in fixed.items():
        if asked.get(name) != value:
            raise LaunchRefused(f"The tool sent {name}={asked.get(name)!r}; LTI asks for {value!r}.")
    if asked.get("client_id") != course.tool.client_id:
        raise LaunchRefused("This LMS has no tool with that client id.")
    if asked.get("redirect_uri") not in course.tool.redirect_uris:
        raise LaunchRefused("The tool asked to be answered at an address that is not registered for it.")
    if not asked.get("nonce"):
        raise LaunchRefused("The tool sent no nonce.")
    if asked.get("lti_message_hint") != course.link_id:
        raise LaunchRefused("The tool did not return the message hint.")
    user = course.by_id.get(asked.get("login_hint", ""))
    if user is None:
        raise LaunchRefused("The login hint names nobody in this course.")
    return user


def claims(course: Course, keeping: Keeping, user: User, nonce: str) -> dict[str, Any]:
    """A resource link request for this user (LTI 1.3 Core, 4.5 and appendix A)."""
    mentees = {CLAIM + "role_scope_mentor": list(user.observes)} if course.lms.names_observed and user.observes else {}
    return mentees | {
        "nonce": nonce,
        "sub": user.id,
        "name": user.name,
        "given_name": user.given_name,
        "family_name": user.family_name,
        "email": user.email,
        CLAIM + "message_type": "LtiResourceLinkRequest",
        CLAIM + "version": "1.3.0",
        CLAIM + "deployment_id": course.deployment_id,
        CLAIM + "target_link_uri": course.tool.target_link_uri,
        CLAIM + "roles": _roles(course, user),
        CLAIM + "context": {
            "id": course.id,
            "label": course.label,
            "title": course.title,
            "type": ["http://purl.imsglobal.org/vocab/lis/v2/course#CourseSection"],
        },
        CLAIM + "resource_link": {"id": course.link_id, "title": course.link_title},
        CLAIM + "launch_presentation": {
            "document_target": "iframe",
            "locale": "en",
            "return_url": f"{course.url}/",
        },
        CLAIM + "tool_platform": {
            "guid": course.deployment_id,
            "name": "Larkfield Learning",
            "product_family_code": course.lms.family,
        },
        CLAIM + "custom": dict(course.tool.custom),
        "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": _gradebook_claim(course, keeping),
        "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice": {
            "context_memberships_url": course.memberships_url,
            "service_versions": ["2.0"],
        },
    }


def _roles(course: Course, user: User) -> list[str]:
    """The role in the course; Canvas says besides what somebody is in its institution and in the system."""
    if not course.lms.all_roles:
        return [user.role]
    there = {INSTRUCTOR: "Instructor", MENTOR: "Observer"}.get(user.role, "Student")
    return [f"{_LIS}institution/person#{there}", user.role, f"{_LIS}system/person#User"]


def _gradebook_claim(course: Course, keeping: Keeping) -> dict[str, Any]:
    """`lineitem` only while the link has exactly one (AGS 2.0, 3.1)."""
    own = [column for column in keeping.columns() if column.link_id == course.link_id]
    claim: dict[str, Any] = {
        "scope": [SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ, SCOPE_RESULT, SCOPE_SCORE],
        "lineitems": course.lineitems_url,
    }
    if len(own) == 1:
        claim["lineitem"] = course.line_item_url(own[0].number)
    return claim
