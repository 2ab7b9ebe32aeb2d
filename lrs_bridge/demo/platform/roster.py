"""The demo LMS's member list over Names and Role Provisioning Services 2.0, as Moodle with short role names."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from lrs_bridge.demo.platform import tokens
from lrs_bridge.demo.platform.course import Course, User
from lrs_bridge.demo.platform.tokens import Issuer

CONTAINER = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"


def blueprint(course: Course, issuer: Issuer) -> Blueprint:
    """`/services/<course>/memberships`, in pages where `limit` asks for them."""
    routes = Blueprint("roster", __name__, url_prefix=f"/services/{course.id}")

    @routes.get("/memberships")
    def memberships() -> Response:
        if tokens.SCOPE_ROSTER not in issuer.scopes_of(request.headers.get("Authorization")):
            abort(401)
        if course.lms.exact_types and request.headers.get("Accept", "*/*").split(";")[0].strip() not in (
            CONTAINER,
            "*/*",
        ):
            abort(400)
        users = [user for user in course.users if _fits(user, request.args.get("role"))]
        start, limit = request.args.get("from", 0, int), request.args.get("limit", 0, int)
        shown = users[start : start + limit] if limit > 0 else users
        answer = jsonify(
            id=course.memberships_url,
            context={"id": course.id, "label": course.label, "title": course.title},
            members=[_spelled(user, course.lms.short_roles) for user in shown],
        )
        answer.content_type = f"{CONTAINER}; charset=utf-8"
        if limit > 0 and start + limit < len(users):
            following = f"{course.memberships_url}?limit={limit}&from={start + limit}"
            answer.headers["Link"] = f'<{following}>; rel="next"'
        return answer

    return routes


def _short(role: str) -> str:
    return role.rpartition("#")[2]


def _fits(user: User, role: str | None) -> bool:
    return role is None or role in (user.role, _short(user.role))


def _spelled(user: User, short: bool) -> dict[str, Any]:
    return {
        "status": "Active",
        "user_id": user.id,
        "roles": [_short(user.role) if short else user.role],
        "name": user.name,
        "given_name": user.given_name,
        "family_name": user.family_name,
        "email": user.email,
    }
