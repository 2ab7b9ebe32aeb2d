"""The pages: one module per audience, a factory that puts them together.

Views ask `flows` and `store`, hand what they get to pure functions (`paths`, `rows`, `tiles`, ...) and render what
comes back.
"""

from __future__ import annotations

from flask import Blueprint, Flask
from flask_bootstrap import Bootstrap5
from sqlalchemy.exc import SQLAlchemyError

from lrs_bridge.store import platforms
from lrs_bridge.web import (
    admin,
    assessing,
    calendars,
    choosing,
    coach,
    designer,
    doors,
    evaluator,
    export,
    facilitator,
    health,
    home,
    ingest_api,
    insights,
    led_steps,
    manager,
    metrics,
    nominated,
    nominating,
    notice,
    numbers,
    overview,
    participant,
    peers,
    people,
    person,
    remarks,
    reports,
    requests_log,
    roster,
    security,
    shared_work,
    sponsor,
    visits,
    why,
    wishes,
    words,
)
from lrs_bridge.web.launch import launch_pages
from lrs_bridge.web.link import link_pages
from lrs_bridge.web.lrs_api import lrs_api
from lrs_bridge.web.registration import registration_pages
from lrs_bridge.wiring import Bridge

FORM_LIMIT = 1_000_000  # bytes; the embedded record store sets its own on its requests


def create_app(bridge: Bridge) -> Flask:
    """The WSGI application for one installation.

    It has no SECRET_KEY: nothing uses Flask's own sessions, and with a key each request would open and sign one.
    """
    app = Flask(__name__)
    app.config.update(
        MAX_CONTENT_LENGTH=FORM_LIMIT,
        BOOTSTRAP_SERVE_LOCAL=True,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    Bootstrap5(app)
    words.install(app)
    app.jinja_env.tests["dated"] = calendars.has_dates
    requests_log.install(app, bridge)
    doors.install(app, bridge.clock)
    security.install(app, lambda: _platform_origins(bridge))
    for blueprint in (
        health.pages(bridge),
        metrics.pages(bridge),
        lrs_api(bridge),
        ingest_api.pages(bridge),
        launch_pages(bridge),
        registration_pages(bridge),
        link_pages(bridge),
        wishes.wish_pages(bridge),
        _visit_pages(bridge),
        *admin.pages(bridge),
    ):
        app.register_blueprint(blueprint)
    return app


def _visit_pages(bridge: Bridge) -> Blueprint:
    """Everything under a visit's token."""
    pages = Blueprint("visit", __name__, url_prefix="/s/<token>")
    visits.guard(pages, bridge)
    rooms = (
        home,
        participant,
        led_steps,
        manager,
        coach,
        sponsor,
        overview,
        person,
        roster,
        people,
        nominated,
        nominating,
        choosing,
        designer,
        evaluator,
        facilitator,
        assessing,
        why,
        numbers,
        insights,
        reports,
    )
    for module in (*rooms, calendars, wishes, notice, export, peers, remarks, shared_work):
        module.add_pages(pages, bridge)
    return pages


def _platform_origins(bridge: Bridge) -> set[str]:
    """Who may frame a page that belongs to no visit, a refused launch for one; nobody while the database is away."""
    try:
        with bridge.sessions.read() as session:
            known = platforms.all_platforms(session)
    except SQLAlchemyError:
        return set()
    urls = [url for one in known for url in (one.issuer, one.auth_url)]
    return {origin for url in urls if (origin := security.origin_of(url))}
