"""What came in: the places statements come from, what could not be read, whose they are, and keys of forwarders."""

from __future__ import annotations

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import marshmallow as ma
from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import validate
from sqlalchemy.orm import Session

from lrs_bridge.flows import watching
from lrs_bridge.flows.read_again import read_again
from lrs_bridge.lrs.forwarding import why_refused
from lrs_bridge.store import cursors, ingest_keys, unreadable
from lrs_bridge.store.arrivals import Arrived
from lrs_bridge.store.tenants import get_tenant
from lrs_bridge.store.unreadable import UnreadableStatement
from lrs_bridge.web.admin.visit import AdminVisit, current, page
from lrs_bridge.web.forms import Form, Trimmed, WrongForm, read
from lrs_bridge.web.words import plural, sentence, when
from lrs_bridge.wiring import EMBEDDED, Bridge

_UTC = ZoneInfo("UTC")
_NO_NAME = "Give it a name, so that you know whose key it is."


class _NewKey(ma.Schema):
    name = Trimmed(
        required=True,
        validate=[
            validate.Length(min=1, error=_NO_NAME),
            validate.Length(max=200, error="That is longer than 200 characters."),
            validate.Predicate("isprintable", error="There is a character in it that cannot be printed."),
        ],
        error_messages=dict.fromkeys(("required", "null", "invalid"), _NO_NAME),
    )


def add_pages(rooms: Blueprint, bridge: Bridge) -> None:
    """Add the page and its buttons to the administrator's blueprint."""

    @rooms.get("/arrivals")
    def arrivals() -> ResponseReturnValue:
        return _page(bridge, Form())

    @rooms.post("/arrivals/again")
    def read_everything() -> ResponseReturnValue:
        admin = current()
        with bridge.sessions.write() as session:
            cursors.read_again(session, admin.tenant_id, admin.now)
        return _looked("rescan")

    @rooms.post("/arrivals/unreadable")
    def read_unreadable() -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            tenant = get_tenant(session, current().tenant_id)
        done = read_again(bridge.sessions, tenant, why_refused, bridge.clock())
        return _looked("read" if done.read else "not_read")

    @rooms.post("/arrivals/aside")
    def set_aside() -> ResponseReturnValue:
        admin = current()
        with bridge.sessions.write() as session:
            unreadable.set_aside(session, admin.tenant_id, admin.now, request.form.get("id") or None)
        return _looked("aside")

    @rooms.post("/arrivals/keys")
    def add_key() -> ResponseReturnValue:
        admin = current()
        try:
            name = read(_NewKey())["name"]
        except WrongForm as wrong:
            return _page(bridge, wrong.form), 422
        with bridge.sessions.write() as session:
            _, token = ingest_keys.add_key(session, admin.tenant_id, name, bridge.settings.secret_key, admin.now)
        return _page(bridge, Form(), new=(name, token))

    @rooms.post("/arrivals/keys/<id_>/revoke")
    def revoke_key(id_: str) -> ResponseReturnValue:
        admin = current()
        with bridge.sessions.write() as session:
            if not ingest_keys.revoke_key(session, admin.tenant_id, id_, admin.now):
                abort(404)
        return _looked("revoked")

    def _looked(saved: str) -> ResponseReturnValue:
        bridge.poke()
        return redirect(url_for("admin.arrivals", saved=saved), 303)


def _page(bridge: Bridge, form: Form, new: tuple[str, str] | None = None) -> str:
    admin = current()
    with bridge.sessions.read() as session:
        content = {
            "sources": _sources(session, admin),
            "keys": _keys(session, admin),
            "unreadable": [_wrong(row) for row in unreadable.listed(session, admin.tenant_id)],
            "unreadable_count": unreadable.count(session, admin.tenant_id),
            "strangers": [_stranger(one) for one in watching.strangers(session, admin.tenant_id)],
            "passed": watching.passed_over(session, admin.tenant_id),
        }
    address = f"{bridge.settings.base_url}/ingest/statements"
    return page(
        "admin/arrivals.html", "arrivals", request.args.get("saved"), form=form, new=new, address=address, **content
    )


def _sources(session: Session, admin: AdminVisit) -> list[dict[str, str]]:
    return [_source(one) for one in watching.readings(session, admin.tenant_id, admin.now)]


def _source(one: watching.Reading) -> dict[str, str]:
    row = one.cursor
    shape, text = "ok", f"Read to its end on {_at(row.caught_up)}."
    if row.reason is not None:
        shape, text = "bad", f"{row.reason} Next try {_at(row.next_at)}."
    elif row.more is not None or row.caught_up is None:
        shape, text = "care", f"Being read, so far up to {_at(row.place)}."
    if one.again:
        text += " It is also being read again from its beginning."
    name = "The built-in record store" if one.name == EMBEDDED else one.name
    return {"name": name, "shape": shape, "text": text, "week": _week(one.week)}


def _week(arrived: Arrived) -> str:
    """What came in seven days, in a sentence."""
    if arrived == Arrived():
        return "In seven days nothing came in."
    wrong = f", {plural(arrived.unreadable, 'statement')} could not be read" if arrived.unreadable else ""
    return (
        f"In seven days: {arrived.taken} taken, {arrived.confirmed} of our own back, "
        f"{arrived.skipped} that no journey needs{wrong}."
    )


def _keys(session: Session, admin: AdminVisit) -> list[dict[str, str]]:
    return [
        {
            "id": "" if one.key.revoked else one.key.id,
            "name": one.key.name,
            "text": f"Revoked on {_at(one.key.revoked)}."
            if one.key.revoked
            else f"Last used {_at(one.key.used)}."
            if one.key.used
            else f"Never used. Made {_at(one.key.created)}.",
            "week": _week(one.week),
        }
        for one in watching.forwarders(session, admin.tenant_id, admin.now)
    ]


def _wrong(row: UnreadableStatement) -> dict[str, str]:
    return {
        "id": row.id,
        "seen": _at(row.seen),
        "source": _from(row.source),
        "reason": sentence(row.reason),
        "body": json.dumps(row.body, indent=2, ensure_ascii=False),
    }


def _from(source: str) -> str:
    if source == EMBEDDED:
        return "the built-in record store"
    return "a forwarder" if source.startswith("key ") else source


def _stranger(one: watching.Stranger) -> dict[str, str]:
    """`account|https://lms.example|7` in words."""
    kind, _, rest = one.actor.partition("|")
    home, _, name = rest.partition("|")
    who = {"account": f"{name} at {home}", "mbox": rest.removeprefix("mailto:")}.get(kind, one.actor)
    return {"who": who, "times": str(one.times), "latest": _at(one.latest)}


def _at(moment: datetime | None) -> str:
    return f"{when(moment, _UTC)} UTC" if moment else "the beginning"
