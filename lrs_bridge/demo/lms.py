"""A small LMS on its own origin: one course, one link to the tool, a gradebook, "launch as" for everybody in the demo.

An LTI 1.3 platform in little, for the first run and for tests. It has no logins: whoever opens it may be anyone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, jsonify, render_template, request

from lrs_bridge.demo.activities import activity_pages
from lrs_bridge.demo.mailbox import Mailbox, mail_pages
from lrs_bridge.demo.platform import gradebook, launching, roster
from lrs_bridge.demo.platform.course import Course, User
from lrs_bridge.demo.platform.keeping import Column, Grade, Keeping
from lrs_bridge.demo.platform.launching import LaunchRefused
from lrs_bridge.demo.platform.placing import Placing
from lrs_bridge.demo.platform.registering import Registrar
from lrs_bridge.demo.platform.storage import Storage
from lrs_bridge.demo.platform.tokens import Clock, FetchKeys, Issuer, TokenRefused, fetch_keys
from lrs_bridge.demo.tools import tool_pages

SECONDS_BETWEEN_LOOKS = 2


def create_lms(
    course: Course,
    keeping: Keeping,
    clock: Clock | None = None,
    fetch: FetchKeys = fetch_keys,
    storage: Storage = Storage.PARENT,
    mailbox: Mailbox | None = None,
) -> Flask:
    """The LMS as a Flask app. `fetch` gets the tool's key set; `clock` answers aware datetimes.

    `storage` is looked up anew for every page, as `config["STORAGE"]`, so that it can be switched while running.
    `mailbox`: what the tool would send to people by e-mail, where the LMS shows it.
    """
    clock = clock or _now
    registrar = Registrar(course, keeping, clock)
    issuer = Issuer(course, keeping.signing_key(), clock, fetch, registrar.tool_of)
    keeping.couple(course.link_title, course.link_id)
    app = Flask(__name__, static_folder="static", template_folder="templates")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    _pages(app, course, keeping)
    app.config["STORAGE"] = storage
    placing = Placing(course, keeping, clock, fetch)
    _launches(app, course, issuer, registrar, placing)
    app.register_blueprint(activity_pages(course, keeping, placing))
    app.register_blueprint(tool_pages(course, registrar))
    app.register_blueprint(gradebook.blueprint(course, keeping, issuer, clock))
    app.register_blueprint(roster.blueprint(course, issuer))
    if mailbox is not None:
        app.register_blueprint(mail_pages(mailbox))

    @app.context_processor
    def everywhere() -> dict[str, Any]:
        return {
            "course": course,
            "seconds": SECONDS_BETWEEN_LOOKS,
            "storage": app.config["STORAGE"],
            "has_mail": mailbox is not None,
        }

    @app.after_request
    def guard(response: Response) -> Response:
        return _guarded(response, course)

    return app


def _now() -> datetime:
    return datetime.now(UTC)


def _guarded(response: Response, course: Course) -> Response:
    """No script or style but our own files; frames and forms only to ourselves and the tool."""
    tool = urlsplit(course.tool.login_url)
    there = f"{tool.scheme}://{tool.netloc}"
    response.headers["Content-Security-Policy"] = (
        f"default-src 'self'; frame-src 'self' {there}; form-action 'self' {there}; "
        "frame-ancestors 'self'; base-uri 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    if "static" not in request.path:
        response.headers["Cache-Control"] = "no-store"
    return response


def _pages(app: Flask, course: Course, keeping: Keeping) -> None:
    @app.get("/")
    def home() -> str:
        return render_template("lms/home.html", groups=_groups(course.users))

    @app.get("/as/<key>")
    def activity(key: str) -> str:
        user = _user(course, key)
        columns = keeping.columns()
        return render_template(
            "lms/activity.html",
            user=user,
            columns=columns,
            cells=_cells(keeping.grades(), columns),
            faces=_faces(course),
        )

    @app.get("/gradebook")
    def grades() -> str:
        columns = keeping.columns()
        return render_template("lms/gradebook.html", columns=columns, cells=_cells(keeping.grades(), columns))

    @app.get("/gradebook.json")
    def grades_now() -> Response:
        columns = keeping.columns()
        return jsonify(columns=[column.number for column in columns], cells=_cells(keeping.grades(), columns))


def _launches(app: Flask, course: Course, issuer: Issuer, registrar: Registrar, placing: Placing) -> None:
    @app.get("/launch/<key>")
    def launch(key: str) -> str:
        fields = launching.login_initiation(course, _user(course, key), app.config["STORAGE"])
        return render_template("lms/post.html", action=course.tool.login_url, fields=fields)

    @app.route("/lti/auth", methods=["GET", "POST"])
    def authenticate() -> tuple[str, int] | str:
        asked = request.values.to_dict()
        there = registrar.course_of(asked.get("client_id", "")) or course
        there = placing.seen_through(there, asked.get("lti_message_hint", ""))
        try:
            user = launching.check_request(there, asked)
        except LaunchRefused as refusal:
            return render_template("lms/refused.html", reason=str(refusal)), 400
        claims = placing.claims(there, user, asked["nonce"])
        fields = {"id_token": issuer.sign(claims, there.tool.client_id)}
        if asked.get("state"):
            fields["state"] = asked["state"]
        return render_template("lms/post.html", action=asked["redirect_uri"], fields=fields)

    @app.get("/lti/storage")
    def storage_frame() -> str:
        return render_template("lms/storage.html")

    @app.get("/lti/certs")
    def certs() -> Response:
        return jsonify(issuer.key_set())

    @app.post("/lti/token")
    def token() -> Response | tuple[Response, int]:
        try:
            return jsonify(issuer.grant(request.form.to_dict()))
        except TokenRefused as refusal:
            return jsonify(error=refusal.error, error_description=refusal.reason), 400


def _user(course: Course, key: str) -> User:
    user = course.by_key.get(key)
    if user is None:
        abort(404)
    return user


def _groups(users: Sequence[User]) -> dict[str, list[User]]:
    """By what people are, in the order of the course's list."""
    groups: dict[str, list[User]] = {}
    for user in users:
        groups.setdefault(user.group, []).append(user)
    return groups


def _faces(course: Course) -> list[User]:
    """Those offered first: everybody with something said about them."""
    return [user for user in course.users if user.hint]


def _cells(grades: Sequence[Grade], columns: Sequence[Column]) -> dict[str, dict[str, str]]:
    """`column:user` to points and the time of the last change, as shown."""
    known = {column.number for column in columns}
    return {
        f"{grade.number}:{grade.user_id}": {
            "points": f"{grade.points:.2f}",
            "changed": grade.changed.astimezone().strftime("%H:%M:%S"),
        }
        for grade in grades
        if grade.points is not None and grade.number in known
    }
