"""The demo LMS's gradebook over AGS 2.0, with the manners of the LMS it plays (`personality`).

As Moodle it is as strict as a Moodle 4.2 was seen to be: exact media types (400), missing scope (401), a score not
later than the last change (409), unknown users (400); anything but FullyGraded, or no scoreGiven, erases the grade with
200; points over the maximum are capped, negative ones are zero.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, jsonify, request

from lrs_bridge.demo.platform import tokens
from lrs_bridge.demo.platform.course import Course
from lrs_bridge.demo.platform.keeping import Column, Grade, Keeping
from lrs_bridge.demo.platform.personality import Effect
from lrs_bridge.demo.platform.tokens import Clock, Issuer

CONTAINER = "application/vnd.ims.lis.v2.lineitemcontainer+json"
LINE_ITEM = "application/vnd.ims.lis.v2.lineitem+json"
SCORE = "application/vnd.ims.lis.v1.score+json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"


def blueprint(course: Course, keeping: Keeping, issuer: Issuer, clock: Clock) -> Blueprint:
    """Line items, scores and results under `/services/<course>/`."""
    routes = Blueprint("gradebook", __name__, url_prefix=f"/services/{course.id}")
    scores_seen = count(1)

    def needs(*scopes: str) -> None:
        if not issuer.scopes_of(request.headers.get("Authorization")) & set(scopes):
            abort(_problem(401, "Unauthorized"))

    def found(number: int) -> Column:
        column = keeping.column(number)
        if column is None:
            abort(_problem(404, f"Not Found: line item {number} doesn't exist"))
        return column

    @routes.get("/lineitems")
    def line_items() -> Response:
        _accepts(course, CONTAINER)
        needs(tokens.SCOPE_LINE_ITEM, tokens.SCOPE_LINE_ITEM_READ)
        columns = [column for column in keeping.columns() if _fits(column)]
        return _page([_spelled(course, column) for column in columns], CONTAINER)

    @routes.post("/lineitems")
    def add_line_item() -> Response:
        _sends(course, LINE_ITEM)
        needs(tokens.SCOPE_LINE_ITEM)
        given = _line_item(course, request.get_json(force=True, silent=True))
        return _answer(_spelled(course, keeping.add(given)), LINE_ITEM, 201)

    @routes.get("/lineitems/<int:number>/lineitem")
    def line_item(number: int) -> Response:
        _accepts(course, LINE_ITEM)
        needs(tokens.SCOPE_LINE_ITEM, tokens.SCOPE_LINE_ITEM_READ)
        return _answer(_spelled(course, found(number)), LINE_ITEM)

    @routes.put("/lineitems/<int:number>/lineitem")
    def change_line_item(number: int) -> Response:
        _sends(course, LINE_ITEM)
        needs(tokens.SCOPE_LINE_ITEM)
        known = found(number)
        given = _line_item(course, request.get_json(force=True, silent=True))
        changed = replace(given, number=number, coupled=known.coupled)
        keeping.change(changed)
        return _answer(_spelled(course, changed), LINE_ITEM)

    @routes.delete("/lineitems/<int:number>/lineitem")
    def remove_line_item(number: int) -> Response:
        needs(tokens.SCOPE_LINE_ITEM)
        keeping.remove(found(number).number)
        return Response(status=204)

    @routes.post("/lineitems/<int:number>/lineitem/scores")
    def add_score(number: int) -> Response:
        _sends(course, SCORE)
        needs(tokens.SCOPE_SCORE)
        throttle = course.lms.throttle
        if throttle is not None and next(scores_seen) % throttle.every == 0:
            return Response(throttle.says, throttle.status, throttle.header(clock()))
        column = found(number)
        sent: Any = request.get_json(force=True, silent=True)
        grade, comment = _score(course, column, sent, clock())
        effect = course.lms.effect(sent["gradingProgress"], grade.points is not None)
        if effect is Effect.KEEP:
            return Response(status=200, content_type=SCORE)
        if effect is Effect.CLEAR:
            grade = replace(grade, points=None)
        if not keeping.put(grade, comment, any_stamp=course.lms.stale is None):
            return _stale(course)
        if column.coupled and course.lms.own_clock:
            keeping.restamp(number, grade.user_id, int(grade.changed.timestamp()))
        return Response(status=200, content_type=SCORE)

    @routes.get("/lineitems/<int:number>/lineitem/results")
    def results(number: int) -> Response:
        _accepts(course, RESULTS)
        needs(tokens.SCOPE_RESULT)
        column, user_id = found(number), request.args.get("user_id")
        grades = [grade for grade in keeping.grades() if grade.number == number and user_id in (None, grade.user_id)]
        return _page([_result(course, column, grade) for grade in grades if grade.points is not None], RESULTS)

    return routes


def _stale(course: Course) -> Response:
    """Each in its own words: Open edX as a validation error of the field."""
    reason = "Refusing score with an earlier timestamp for item and user"
    if course.lms.stale == 400:
        answer = jsonify(timestamp=[reason])
        answer.status_code = 400
        return answer
    return _problem(409, reason)


def _problem(status: int, reason: str) -> Response:
    answer = jsonify(status=status, reason=reason, request={"method": request.method, "url": request.full_path})
    answer.status_code = status
    return answer


def _accepts(course: Course, media_type: str) -> None:
    """One type in Accept, exactly: Moodle answers 400 to `application/json`, `*/*` and lists."""
    if course.lms.exact_types and request.headers.get("Accept", "").split(";")[0].strip() != media_type:
        abort(_problem(400, f"No handler found for {request.path} {request.headers.get('Accept', '')}"))


def _sends(course: Course, media_type: str) -> None:
    if course.lms.exact_types and request.mimetype != media_type:
        abort(_problem(400, f"No handler found for {request.path} {request.content_type}"))


def _answer(body: Any, media_type: str, status: int = 200) -> Response:
    answer = jsonify(body)
    answer.status_code = status
    answer.content_type = f"{media_type}; charset=utf-8"
    return answer


def _page(rows: list[Any], media_type: str) -> Response:
    """`limit` rows from `from` on, with a `next` link (AGS 2.0, 3.2.4); without a limit all of them."""
    start, limit = request.args.get("from", 0, int), request.args.get("limit", 0, int)
    if limit <= 0:
        return _answer(rows, media_type)
    answer = _answer(rows[start : start + limit], media_type)
    if start + limit < len(rows):
        query = urlencode({**request.args, "limit": limit, "from": start + limit})
        answer.headers["Link"] = f'<{request.base_url}?{query}>; rel="next"'
    return answer


def _fits(column: Column) -> bool:
    asked = {"tag": column.tag, "resource_id": column.resource_id, "resource_link_id": column.link_id or ""}
    return all(request.args[name] == own for name, own in asked.items() if name in request.args)


def _spelled(course: Course, column: Column) -> dict[str, Any]:
    link = {"resourceLinkId": column.link_id} if column.link_id else {}
    return {
        "id": course.line_item_url(column.number),
        "label": column.label,
        "scoreMaximum": column.maximum,
        "resourceId": column.resource_id,
        "tag": column.tag,
        **link,
    }


def _line_item(course: Course, sent: Any) -> Column:
    if not isinstance(sent, dict) or not sent.get("label") or not _is_number(sent.get("scoreMaximum")):
        abort(_problem(400, "No label or Score Maximum"))
    if len(str(sent["label"])) > 255:
        abort(_problem(400, "The label is longer than 255 characters"))
    link_id = sent.get("resourceLinkId")
    if link_id not in (None, course.link_id):
        abort(_problem(403, "Forbidden"))
    return Column(
        0,
        str(sent["label"]),
        float(sent["scoreMaximum"]),
        str(sent.get("resourceId") or ""),
        str(sent.get("tag") or ""),
        link_id,
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _score(course: Course, column: Column, sent: Any, now: datetime) -> tuple[Grade, str | None]:
    """Read a score (AGS 2.0, 3.4): who, when, how far, how many points of how many."""
    required = ("userId", "timestamp", "activityProgress", "gradingProgress")
    if not isinstance(sent, dict) or not all(sent.get(name) for name in required):
        abort(_problem(400, f"A score needs {', '.join(required)}"))
    user = course.by_id.get(str(sent["userId"]))
    if user is None or not user.learns:
        abort(_problem(course.lms.unknown_user, "The user is unknown or cannot be graded in this course"))
    grade = Grade(
        column.number,
        user.id,
        _points(column, sent, course.lms.capped),
        str(sent["activityProgress"]),
        int(_timestamp(sent["timestamp"]).timestamp()),
        now,
    )
    return grade, sent.get("comment")


def _points(column: Column, sent: dict[str, Any], capped: bool) -> float | None:
    given, maximum = sent.get("scoreGiven"), sent.get("scoreMaximum")
    if given is not None and not (_is_number(given) and _is_number(maximum)):
        abort(_problem(400, "scoreGiven and scoreMaximum must be numbers and come together"))
    if given is None:
        return None
    if float(str(maximum)) <= 0:
        abort(_problem(400, "scoreMaximum must be more than zero"))
    share = max(float(given) / float(str(maximum)), 0.0)
    return (min(share, 1.0) if capped else share) * column.maximum


def _timestamp(sent: Any) -> datetime:
    try:
        stamp = datetime.fromisoformat(str(sent).replace("Z", "+00:00"))
    except ValueError:
        abort(_problem(400, "timestamp is not an ISO 8601 date and time"))
    if stamp.tzinfo is None:
        abort(_problem(400, "timestamp has no time zone"))
    return stamp.astimezone(UTC)


def _result(course: Course, column: Column, grade: Grade) -> dict[str, Any]:
    item = course.line_item_url(column.number)
    path, _, query = item.partition("?")
    return {
        "id": f"{path}/results/{grade.user_id}{'?' if query else ''}{query}",
        "scoreOf": item,
        "userId": grade.user_id,
        "resultScore": grade.points,
        "resultMaximum": column.maximum,
    }
