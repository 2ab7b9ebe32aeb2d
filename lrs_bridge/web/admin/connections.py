"""Connections: platforms and deployments, the record store, this installation; shape, word and one sentence each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lrs_bridge import __version__
from lrs_bridge.flows.administer import State, state_of
from lrs_bridge.store import platforms
from lrs_bridge.store.platforms import Deployment, Platform, Standing
from lrs_bridge.web.admin.record import sending
from lrs_bridge.web.admin.visit import Health, current, page
from lrs_bridge.web.words import number, plural, sentence, when
from lrs_bridge.wiring import Bridge

_UTC = ZoneInfo("UTC")
_ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True)
class Group:
    """`look`: the id of the registration whose page says more."""

    title: str
    aside: str
    rows: Sequence[Health]
    look: str | None = None


def add_pages(rooms: Blueprint, bridge: Bridge) -> None:
    """Add the page and its approval to the administrator's blueprint."""

    @rooms.get("/", endpoint="connections")
    def show() -> ResponseReturnValue:
        admin = current()
        with bridge.sessions.read() as session:
            known = platforms.all_platforms(session, admin.tenant_id)
            lms = [_platform(one, platforms.deployments_of(session, one.id)) for one in known]
            state = state_of(session, admin.tenant_id, admin.now)
        groups = [*lms, _record(bridge, state), _installation(bridge, state)]
        rows = [row for group in groups for row in group.rows]
        return page(
            "admin/connections.html",
            "connections",
            request.args.get("saved"),
            lede=_lede(rows),
            groups=groups,
            no_platform=not known,
        )

    @rooms.post("/approve/<id_>")
    def approve(id_: str) -> ResponseReturnValue:
        admin = current()
        with bridge.sessions.write() as session:
            known = platforms.all_platforms(session, admin.tenant_id)
            ids = {one.id for one in known} | {d.id for one in known for d in platforms.deployments_of(session, one.id)}
            if id_ not in ids:
                abort(404)
            platforms.approve(session, id_)
        return redirect(url_for("admin.connections", saved="approved"), 303)


def _lede(rows: Sequence[Health]) -> str:
    fine = sum(row.shape == "ok" for row in rows)
    start = (
        f"All {number(len(rows))} are fine."
        if fine == len(rows)
        else f"{sentence(number(fine))} of {number(len(rows))} are fine."
    )
    return f"{start} Nothing is lost: what cannot be delivered waits and goes out later."


def _platform(platform: Platform, deployments: Sequence[Deployment]) -> Group:
    rows = [_registration(platform), *(_deployment(one) for one in deployments)]
    if not deployments:
        rows.append(Health("Deployment", "care", "None yet. The first launch brings one, which waits for you."))
    host = urlsplit(platform.issuer).netloc or platform.issuer
    return Group(f"LMS: {platform.name}", f"{host}, client {platform.client_id}", rows, platform.id)


def _registration(platform: Platform) -> Health:
    if platform.standing == Standing.WAITING:
        text = "Asks to be let in. Nobody can launch from it until you approve."
        return Health("Registration", "care", text, platform.id)
    if platform.standing == Standing.SUSPENDED:
        return Health("Registration", "care", "Suspended. Nobody gets in until you approve it again.", platform.id)
    return Health("Registration", "ok", f"Approved. Here since {when(platform.created, _UTC)} UTC.")


def _deployment(one: Deployment) -> Health:
    if one.standing == Standing.WAITING:
        text = f"A launch came on {when(one.created, _UTC)} UTC. Nobody gets in by it until you approve."
        return Health(f"Deployment {one.deployment_id}", "care", text, one.id)
    return Health(f"Deployment {one.deployment_id}", "ok", "Approved.")


def _record(bridge: Bridge, state: State) -> Group:
    rows = [sending(state), _reading(state)]
    if state.unreadable:
        rows.append(
            Health(
                "Understanding", "care", f"{plural(state.unreadable, 'statement')} cannot be read. See What came in."
            )
        )
    endpoint = bridge.endpoint()
    return Group("Learning record store", endpoint.name if endpoint else "Embedded, in this database", rows)


def _reading(state: State) -> Health:
    if state.ingest_reason:
        return Health("Reading", "bad", state.ingest_reason)
    if state.caught_up is None:
        return Health("Reading", "care", "Not read yet. Is the background work running?")
    return Health("Reading", "ok", f"Read to its end {when(state.caught_up, _UTC)} UTC.")


def _installation(bridge: Bridge, state: State) -> Group:
    refused = state.scores.get("refused", 0)
    posted = state.scores.get("posted", 0)
    broken = len(bridge.registry.failures)
    loaded = plural(len(bridge.registry.plugins), "plugin")
    rows = [
        Health("Gradebooks", "bad", f"{sentence(plural(refused, 'score'))} refused. They wait for you.")
        if refused
        else Health("Gradebooks", "ok", f"{posted} posted, {state.scores.get('waiting', 0)} waiting."),
        Health("Evaluators", "bad", f"{sentence(plural(broken, 'plugin'))} could not be loaded. The others work.")
        if broken
        else Health("Evaluators", "ok", f"{sentence(loaded)} loaded."),
        Health(
            "Database", "ok", f"{_ENGINES.get(bridge.engine.dialect.name, bridge.engine.dialect.name)}. It answers."
        ),
    ]
    return Group("This installation", f"lrs-bridge {__version__}", rows)
