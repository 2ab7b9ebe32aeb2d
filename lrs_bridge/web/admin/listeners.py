"""Listeners: plugins that tell other systems what took place; which are on, how each is doing, who switched it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.domain.listeners import Heard, Listener
from lrs_bridge.flows import switching_listeners
from lrs_bridge.flows.switching_listeners import Meanwhile
from lrs_bridge.hooks.settings import SettingsError
from lrs_bridge.store import listener_changes, listeners
from lrs_bridge.store.listener_changes import Did, ListenerChange
from lrs_bridge.store.listeners import ListenerRow, Waiting
from lrs_bridge.store.plugin_changes import Who
from lrs_bridge.store.sessions import hashed
from lrs_bridge.web import doors
from lrs_bridge.web.admin import schema_form
from lrs_bridge.web.admin.changes import at
from lrs_bridge.web.admin.place_form import Filled, beside, too_large
from lrs_bridge.web.admin.schema_form import PREFIX, Line
from lrs_bridge.web.admin.visit import current, page
from lrs_bridge.web.forms import Form
from lrs_bridge.web.words import listed, plural, sentence
from lrs_bridge.wiring import Bridge

CHANGES_AT_ONCE = 30
_HEARS = {
    Heard.STATEMENTS: "what people did, without answers, ratings and words",
    Heard.INDICATORS: "figures that the gradebook is told, when they change",
}
_DID = {Did.ON: "Switched on", Did.SET: "Set anew", Did.OFF: "Switched off"}


def add_pages(rooms: Blueprint, bridge: Bridge) -> None:
    """Add the list and the form of each listener to the administrator's blueprint."""

    @rooms.get("/listeners", endpoint="listeners")
    def show() -> ResponseReturnValue:
        tenant_id = current().tenant_id
        with bridge.sessions.read() as session:
            on = {row.key: row for row in listeners.switched_on(session, tenant_id)}
            waiting = listeners.waiting(session, tenant_id)
            changes = listener_changes.newest(session, tenant_id, CHANGES_AT_ONCE)
        installed = bridge.registry.listeners
        return page(
            "admin/listeners.html",
            "listeners",
            request.args.get("saved"),
            failures=bridge.registry.failures,
            rows=[_row(installed.get(key), key, on.get(key), waiting.get(key)) for key in sorted({*installed, *on})],
            changes=[_told(one, installed) for one in changes],
        )

    @rooms.get("/listeners/<key>")
    def listener(key: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            return _Room(bridge, session, key).fresh()

    @rooms.post("/listeners/<key>")
    def listener_sent(key: str) -> ResponseReturnValue:
        act, seen = _act_and_seen()
        with bridge.sessions.read() as session:
            room = _Room(bridge, session, key)
        try:
            with bridge.sessions.write() as session:
                room.save(session, act, seen)
        except (Meanwhile, SettingsError) as problem:
            with bridge.sessions.read() as session:
                return _Room(bridge, session, key).again(problem, act, seen)
        bridge.poke()
        saved = "listener_off" if request.form.get("do") == "off" else "listener_on"
        return redirect(url_for("admin.listeners", saved=saved), 303)


def _act_and_seen() -> tuple[str, int]:
    """Raises Door where the form is none of ours."""
    try:
        return str(UUID(request.form.get("act", ""))), int(request.form.get("seen", ""))
    except ValueError:
        raise doors.reload_first() from None


class _Room:
    """The page of one listener. 404 where it is neither installed nor switched on."""

    def __init__(self, bridge: Bridge, session: Session, key: str) -> None:
        self._bridge, self._session, self._admin, self._key = bridge, session, current(), key
        tenant_id = self._admin.tenant_id
        self._listener = bridge.registry.listeners.get(key)
        self._row = listeners.find(session, tenant_id, key)
        if self._listener is None and self._row is None:
            abort(404)
        self._given = switching_listeners.given_of(bridge.telling.seal, self._row)
        self._groups = schema_form.groups(self._listener) if self._listener is not None else []
        self._lines = [line for group in self._groups for line in group.lines]
        self._waiting = listeners.waiting(session, tenant_id).get(key)

    def save(self, session: Session, act: str, seen: int) -> None:
        """Raises Meanwhile, SettingsError."""
        admin = self._admin
        who = Who(admin.name, hashed(g.token))
        if request.form.get("do") == "off":
            switching_listeners.switch_off(
                session, admin.tenant_id, self._key, act=act, who=who, now=admin.now, seen=seen
            )
            return
        if self._listener is None:
            abort(404)
        settings, seal = self._settings(self._listener), self._bridge.telling.seal
        switching_listeners.switch_on(
            session, seal, admin.tenant_id, self._listener, settings, act=act, who=who, now=admin.now, seen=seen
        )

    def _settings(self, listener: Listener) -> dict[str, Any]:
        """As typed, and secrets that were left empty as they are. Raises SettingsError."""
        typed = {name: text for name, text in request.form.items() if name.startswith(PREFIX)}
        settings = schema_form.settings_of(listener, typed)
        faults = too_large(typed, settings)
        if faults:
            raise SettingsError(listener.key, tuple(faults))
        kept = {line.path for line in self._lines if line.kind == "secret"} - set(settings)
        return {**{name: self._given[name] for name in kept if name in self._given}, **settings}

    def fresh(self) -> str:
        return self._form(Form(start=schema_form.typed_of(self._groups, self._given)), self._latest())

    def again(self, problem: Meanwhile | SettingsError, act: str, seen: int) -> ResponseReturnValue:
        """What was typed, with what is wrong with it, or with what others did meanwhile."""
        if isinstance(problem, SettingsError):
            wrong = beside(self._groups, problem.faults)
            return self._form(Filled(act=act, data=request.form, errors=wrong), seen), 422
        return self._form(Filled(act=act, data=request.form), self._latest(), problem.changes), 409

    def _form(self, form: Form, seen: int, meanwhile: Sequence[ListenerChange] = ()) -> str:
        installed = self._bridge.registry.listeners
        return page(
            "admin/listener.html",
            "listeners",
            None,
            one=_row(self._listener, self._key, self._row, self._waiting),
            installed=self._listener is not None,
            groups=[(group, [self._line(line) for line in group.lines]) for group in self._groups],
            form=form,
            seen=seen,
            meanwhile=[_told(one, installed) for one in meanwhile],
        )

    def _line(self, line: Line) -> dict[str, Any]:
        kept = line.kind == "secret" and line.path in self._given
        said = f"Usually {line.usual}." if line.usual else "Has to be given."
        field = replace(line, help=sentence(line.help))
        return {
            "field": field,
            "inherited": "Leave it empty to keep the one that is set." if kept else said,
            "here": "",
        }

    def _latest(self) -> int:
        found = listener_changes.newest(self._session, self._admin.tenant_id, 1, self._key)
        return found[0].id if found else 0


def _row(listener: Listener | None, key: str, row: ListenerRow | None, waiting: Waiting | None) -> dict[str, Any]:
    """What is installed, and how it is doing where it is on."""
    hears = listener.hears if listener is not None else [Heard(one) for one in (row.hears if row else ())]
    return {
        "key": key,
        "title": listener.title if listener is not None else key,
        "version": listener.version if listener is not None else "",
        "distribution": listener.distribution if listener is not None else "",
        "hears": sentence(f"hears {listed([_HEARS[one] for one in hears])}"),
        "chip": _chip(row),
        "on": row is not None,
        "doing": _doing(row, waiting or Waiting()) if row is not None else [],
        "fails": f"Since {at(row.since)}: {row.reason}" if row is not None and row.since and row.reason else "",
        "next": at(row.next_at) if row is not None else "",
        "gone": listener is None,
        "href": url_for("admin.listener", key=key),
    }


def _chip(row: ListenerRow | None) -> dict[str, str]:
    if row is None:
        return {"text": "Off", "kind": "hollow", "sign": "minus"}
    if row.reason:
        return {"text": "On, and fails", "kind": "", "sign": "alert"}
    return {"text": "On", "kind": "done", "sign": "check"}


def _doing(row: ListenerRow, waiting: Waiting) -> list[str]:
    told = f"Last told {at(row.told_at)}, in {row.seconds:g} s" if row.told_at else "Not told anything yet"
    news = f"{sentence(plural(waiting.number, 'thing'))} {'waits' if waiting.number == 1 else 'wait'} for it"
    since = f", the oldest since {at(waiting.oldest)}" if waiting.oldest else ""
    found = [f"{told}.", f"{news}{since}." if waiting.number else "Nothing waits for it."]
    if row.dropped:
        found.append(f"Never taken, and dropped: {row.dropped}.")
    return found


def _told(one: ListenerChange, installed: Mapping[str, Listener]) -> dict[str, Any]:
    """A change in words, without any value."""
    known = installed.get(one.listener)
    return {
        "id": one.id,
        "title": known.title if known is not None else one.listener,
        "what": _DID[Did(one.did)],
        "names": listed([schema_form.readable(name) for name in one.names]),
        "who": one.who,
        "visit": one.visit[:8],
        "when": at(one.at),
    }
