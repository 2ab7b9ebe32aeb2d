"""The demo LMS's page of external tools: what an LMS's administrator sees when a tool is to be connected."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lrs_bridge.demo.platform import launching
from lrs_bridge.demo.platform.course import Course
from lrs_bridge.demo.platform.registering import Registrar, RegistrationRefused
from lrs_bridge.demo.platform.storage import Storage


def tool_pages(course: Course, registrar: Registrar) -> Blueprint:
    """The page, the frame in which a tool registers, and the two addresses that the tool asks."""
    pages = Blueprint("tools", __name__)
    here = urlsplit(course.tool.login_url)
    proposed = f"{here.scheme}://{here.netloc}/lti/register"

    @pages.get("/tools")
    def tools() -> str:
        return render_template("lms/tools.html", proposed=proposed, tools=registrar.tools(), teacher=_teacher(course))

    @pages.post("/tools")
    def register() -> ResponseReturnValue:
        url = request.form.get("url", "").strip()
        if (urlsplit(url).scheme, urlsplit(url).netloc) != (here.scheme, here.netloc):
            return render_template(
                "lms/refused.html", reason=f"This LMS registers tools of {here.netloc} only, not {url}."
            ), 400
        client_id = request.form.get("client_id") or None
        if client_id is not None and registrar.tool_of(client_id) is None:
            abort(404)
        return render_template(
            "lms/registering.html", src=registrar.opening(url, client_id), done=url_for("tools.tools")
        )

    @pages.get("/tools/<client_id>/launch/<key>")
    def launch(client_id: str, key: str) -> str:
        there = registrar.course_of(client_id)
        user = course.by_key.get(key)
        if there is None or user is None:
            abort(404)
        fields = launching.login_initiation(there, user, Storage.NONE)
        return render_template("lms/post.html", action=there.tool.login_url, fields=fields)

    @pages.get("/lti/openid-configuration")
    def configuration() -> Response:
        return jsonify(registrar.configuration())

    @pages.post("/lti/registrations")
    def registrations() -> ResponseReturnValue:
        try:
            return jsonify(registrar.register(request.headers.get("Authorization"), request.get_json(silent=True)))
        except RegistrationRefused as refusal:
            return str(refusal), refusal.status

    return pages


def _teacher(course: Course) -> str:
    """Whoever may start a journey in a course that has none yet."""
    return next(user.key for user in course.users if user.role.endswith("#Instructor"))
