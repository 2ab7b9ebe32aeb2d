"""The demo LMS's pages for deep linking: a teacher adds an activity, and everybody opens what was placed."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, abort, current_app, render_template, request

from lrs_bridge.demo.platform import launching
from lrs_bridge.demo.platform.course import INSTRUCTOR, Course, User
from lrs_bridge.demo.platform.keeping import Keeping, Link
from lrs_bridge.demo.platform.placing import AnswerRefused, Placing


def activity_pages(course: Course, keeping: Keeping, placing: Placing) -> Blueprint:
    """Adding, the answer of the tool, and one page per placed link."""
    pages = Blueprint("activities", __name__)

    @pages.app_context_processor
    def everywhere() -> dict[str, Sequence[Link]]:
        return {"placed": keeping.links()}

    @pages.get("/as/<key>/add")
    def add(key: str) -> str:
        return render_template("lms/add.html", user=_teacher(course, key))

    @pages.get("/choose/<key>")
    def choose(key: str) -> str:
        """What the frame of the page above opens."""
        return _login(placing.ask(_teacher(course, key)), course.by_key[key])

    @pages.get("/as/<key>/link/<link_id>")
    def placed(key: str, link_id: str) -> str:
        user, link = _user(course, key), _link(keeping, link_id)
        return render_template("lms/placed.html", user=user, link=link)

    @pages.get("/launch/<key>/link/<link_id>")
    def launch(key: str, link_id: str) -> str:
        user, link = _user(course, key), _link(keeping, link_id)
        return _login(placing.seen_through(course, link.id), user)

    @pages.post("/deep-linking/return")
    def take() -> tuple[str, int] | str:
        try:
            user, links, said = placing.accept(request.form.get("JWT", ""))
        except AnswerRefused as refusal:
            return render_template("lms/refused.html", reason=str(refusal)), 400
        return render_template("lms/added.html", user=user, links=links, said=said)

    def _login(seen: Course, user: User) -> str:
        fields = launching.login_initiation(seen, user, current_app.config["STORAGE"])
        return render_template("lms/post.html", action=course.tool.login_url, fields=fields)

    return pages


def _user(course: Course, key: str) -> User:
    return course.by_key.get(key) or abort(404)


def _teacher(course: Course, key: str) -> User:
    user = _user(course, key)
    return user if user.role == INSTRUCTOR else abort(403)


def _link(keeping: Keeping, link_id: str) -> Link:
    return next((link for link in keeping.links() if link.id == link_id), None) or abort(404)
