"""Connect an LMS: the address where it registers itself, the values to paste where it does not, and the form for its
own; and what is done with a registration afterwards: change, suspend, remove."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from lrs_bridge.lti.egress import place_of
from lrs_bridge.lti.registration import NAME
from lrs_bridge.lti.setup import Addresses
from lrs_bridge.store import platforms, registrations, tenants
from lrs_bridge.store.platforms import Platform, PlatformTakenError, Source, Standing
from lrs_bridge.web.admin.guides import guides
from lrs_bridge.web.admin.visit import current, page
from lrs_bridge.web.forms import Form, Trimmed, WrongForm, read
from lrs_bridge.web.words import full_day
from lrs_bridge.wiring import Bridge

_ADDRESS = "That is no web address. It begins with https://, as the LMS shows it."
_STANDING = {
    Standing.APPROVED: "Approved",
    Standing.WAITING: "Waits for you",
    Standing.SUSPENDED: "Suspended",
}


def _text(missing: str | None, longest: int) -> fields.String:
    """A line, trimmed; `missing` is the complaint where it must not be empty."""
    rules: list[validate.Validator] = [
        validate.Length(max=longest, error=f"That is longer than {longest} characters."),
        validate.Predicate("isprintable", error="There is a character in it that cannot be printed."),
    ]
    if missing is None:
        return Trimmed(load_default="", validate=[*rules])
    complaint: dict[str, Any] = dict.fromkeys(("required", "null", "invalid"), missing)
    return Trimmed(required=True, validate=[validate.Length(min=1, error=missing), *rules], error_messages=complaint)


def _url(missing: str) -> fields.String:
    field = _text(missing, 1000)
    field.validators = [*field.validators, _is_address]
    return field


def _is_address(given: str) -> None:
    if given and place_of(given) is None:
        raise ma.ValidationError(_ADDRESS)


class _Change(ma.Schema):
    """What can be changed of a registration; issuer and client id are what it is."""

    name = _text("Give it a name that you will know it by.", 200)
    auth_url = _url("Give the authentication request URL, as the LMS shows it.")
    token_url = _url("Give the access token URL, as the LMS shows it.")
    jwks_url = _url("Give the URL of the LMS's public keys, as it shows it.")
    audience = _text(None, 1000)


class _Manual(_Change):
    issuer = _text("Give the issuer. Moodle calls it platform ID.", 400)
    client_id = _text("Give the client ID that the LMS has for this tool.", 255)
    deployment_id = _text(None, 255)


def add_pages(rooms: Blueprint, bridge: Bridge) -> None:
    """Add the pages and their buttons to the administrator's blueprint."""

    @rooms.get("/connect")
    def connect() -> ResponseReturnValue:
        return _connect_page(bridge, Form())

    @rooms.post("/connect")
    def connected() -> ResponseReturnValue:
        try:
            data = read(_Manual())
            with bridge.sessions.write() as session:
                added = _add(session, bridge, data).id
        except WrongForm as wrong:
            return _connect_page(bridge, wrong.form), 422
        except PlatformTakenError as problem:
            return _connect_page(bridge, WrongForm({"client_id": str(problem)}).form), 422
        return redirect(url_for("admin.registration", id_=added, saved="added"), 303)

    @rooms.get("/platforms/<id_>")
    def registration(id_: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            return _registration_page(session, _platform(session, id_))

    @rooms.post("/platforms/<id_>")
    def change(id_: str) -> ResponseReturnValue:
        with bridge.sessions.write() as session:
            platform = _platform(session, id_)
            try:
                data = read(_Change())
            except WrongForm as wrong:
                return _registration_page(session, platform, wrong.form), 422
            registrations.change_platform(session, platform, **{**data, "audience": data["audience"] or None})
        return redirect(url_for("admin.registration", id_=id_, saved="changed"), 303)

    @rooms.post("/platforms/<id_>/suspend")
    def suspend(id_: str) -> ResponseReturnValue:
        with bridge.sessions.write() as session:
            registrations.suspend(session, _platform(session, id_))
        return redirect(url_for("admin.registration", id_=id_, saved="suspended"), 303)

    @rooms.post("/platforms/<id_>/remove")
    def remove(id_: str) -> ResponseReturnValue:
        with bridge.sessions.write() as session:
            platform = _platform(session, id_)
            if registrations.is_used(session, platform.id):
                return redirect(url_for("admin.registration", id_=id_, saved="used"), 303)
            registrations.remove_platform(session, platform)
        return redirect(url_for("admin.connections", saved="removed"), 303)


def _connect_page(bridge: Bridge, form: Form) -> str:
    ours = Addresses(bridge.settings.base_url)
    with bridge.sessions.read() as session:
        tenant = tenants.get_tenant(session, current().tenant_id).name
    return page(
        "admin/connect.html",
        "connect",
        request.args.get("saved"),
        form=form,
        ours=ours,
        tool_name=NAME,
        register_url=ours.register(None if tenant == tenants.MAIN else tenant),
        policy=bridge.settings.registration,
        guides=guides(ours),
    )


def _add(session: Session, bridge: Bridge, data: dict[str, Any]) -> Platform:
    deployment_id, audience = data.pop("deployment_id"), data.pop("audience")
    return platforms.add_platform(
        session,
        tenant_id=current().tenant_id,
        now=bridge.clock(),
        audience=audience or None,
        deployment_ids=[deployment_id] if deployment_id else [],
        **data,
    )


def _platform(session: Session, id_: str) -> Platform:
    found = platforms.get_platform(session, id_)
    if found is None or found.tenant_id != current().tenant_id:
        abort(404)
    return found


def _registration_page(session: Session, platform: Platform, form: Form | None = None) -> str:
    start = {name: getattr(platform, name) or "" for name in _Change().fields}
    return page(
        "admin/registration.html",
        "connections",
        request.args.get("saved"),
        platform=platform,
        form=form or Form(start=start),
        standing=_STANDING[Standing(platform.standing)],
        told="The LMS registered itself" if platform.source == Source.LMS else "Registered by hand",
        since=full_day(platform.created.date()),
        approved=platform.standing == Standing.APPROVED,
        used=registrations.is_used(session, platform.id),
        deployments=platforms.deployments_of(session, platform.id),
    )
