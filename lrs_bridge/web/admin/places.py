"""An evaluator in one place: switch and settings, what they would do to a run, and saving what was looked at.

One form, sent to one address: `do` says whether to show the effect, to save it, or to go back and change it. Saving
takes the seal of an effect that was shown, so that nothing else than what was looked at is saved.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.domain.evaluators import Posting
from lrs_bridge.domain.switching import PLACES, Place, Scope, Word
from lrs_bridge.flows import previewing, switching
from lrs_bridge.flows.switching import CannotSwitch, Ground, Stale
from lrs_bridge.hooks.settings import Fault
from lrs_bridge.store import plugin_changes
from lrs_bridge.store.plugin_changes import PluginChange, Who
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.sessions import hashed
from lrs_bridge.web.admin import effect_words, inheritance, schema_form
from lrs_bridge.web.admin.changes import lines_of, told
from lrs_bridge.web.admin.evaluators import SCOPE_NAMES, find, names_of
from lrs_bridge.web.admin.place_form import SWITCHES, Filled, Sent, beside, read_sent, seal, wrong_fields
from lrs_bridge.web.admin.visit import current, page
from lrs_bridge.web.forms import Form
from lrs_bridge.web.words import full_day, listed, plural, sentence
from lrs_bridge.wiring import Bridge

_NOTHING_NEW = "This is how it is already. Change something, or go back."


def add_pages(rooms: Blueprint, bridge: Bridge) -> None:
    """Add the form, with its three ways on, to the administrator's blueprint."""

    @rooms.get("/evaluators/<key>/<scope>/<path:place_id>")
    def place(key: str, scope: str, place_id: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            return _Room(bridge, session, key, scope, place_id).fresh()

    @rooms.post("/evaluators/<key>/<scope>/<path:place_id>")
    def place_sent(key: str, scope: str, place_id: str) -> ResponseReturnValue:
        sent = read_sent()
        with bridge.sessions.read() as session:
            room = _Room(bridge, session, key, scope, place_id)
            answer = room.looked_at(sent)
        if answer is not None:
            return answer
        return _save(bridge, room, sent)


def _save(bridge: Bridge, room: _Room, sent: Sent) -> ResponseReturnValue:
    admin = current()
    try:
        with bridge.sessions.write() as session:
            switching.change(
                session,
                admin.tenant_id,
                room.evaluator,
                room.ground.at,
                room.word(sent),
                seen=sent.seen,
                act=sent.act,
                who=Who(admin.name, hashed(g.token)),
                now=admin.now,
                undoes=sent.undoes,
            )
    except (Stale, CannotSwitch) as problem:
        with bridge.sessions.read() as session:
            again = _Room(bridge, session, room.evaluator.key, str(room.ground.place.scope), room.ground.place.id)
            return again.stale(problem.changes) if isinstance(problem, Stale) else again.wrong(problem.faults)
    bridge.poke()
    return redirect(url_for("admin.evaluator", key=room.evaluator.key, saved="switched"), 303)


class _Room:
    """The pages of one evaluator in one place. 404 where there is no such evaluator or place."""

    def __init__(self, bridge: Bridge, session: Session, key: str, scope: str, place_id: str) -> None:
        self._bridge, self._session, self._admin = bridge, session, current()
        self.evaluator = find(bridge, key)
        if scope not in [str(one) for one in PLACES]:
            abort(404)
        at = switching.find_place(session, self._admin.tenant_id, Place(Scope(scope), place_id))
        if at is None:
            abort(404)
        self.ground: Ground = switching.ground(session, self._admin.tenant_id, self.evaluator, at)
        self.groups = schema_form.groups(self.evaluator)
        self._names = names_of(session, self._admin.tenant_id)

    # what was sent

    def word(self, sent: Sent) -> Word:
        return sent.word(self.evaluator)

    def looked_at(self, sent: Sent) -> ResponseReturnValue | None:
        """The page that answers; None where what was sent is to be saved."""
        if sent.do == "edit":
            return self.form(Filled(act=sent.act, data=request.form), sent.seen)
        word = self.word(sent)
        done = plugin_changes.made_by(self._session, self._admin.tenant_id, sent.act)
        if done is not None:  # sent twice: the first time was enough
            return redirect(url_for("admin.evaluator", key=self.evaluator.key, saved="switched"), 303)
        wrong = wrong_fields(self.evaluator, self.ground, self.groups, sent)
        if wrong:
            return self.form(Filled(act=sent.act, data=request.form, errors=wrong), sent.seen), 422
        meanwhile = plugin_changes.since(self._session, self._admin.tenant_id, self.evaluator.key, sent.seen)
        if meanwhile:
            return self.stale(meanwhile)
        if word == self.ground.word:
            errors = {"enabled": _NOTHING_NEW}
            return self.form(Filled(act=sent.act, data=request.form, errors=errors), sent.seen), 422
        if sent.do == "save" and hmac.compare_digest(sent.seal, self._seal(sent)):
            return None
        return self._effect(sent, word)

    def _seal(self, sent: Sent) -> str:
        return seal(self._bridge.settings.secret_key, self.evaluator, self.ground.place, sent, g.token)

    @property
    def _may_post(self) -> bool:
        return self.evaluator.posting is not Posting.NEVER

    # pages

    def fresh(self) -> ResponseReturnValue:
        """The form as it stands, or filled with what stood before the change that is to be undone."""
        undo = request.args.get("undo", type=int)
        change = plugin_changes.get(self._session, self._admin.tenant_id, undo) if undo else None
        if change is not None and (change.evaluator, change.place) != (self.evaluator.key, self.ground.place):
            change = None
        word = change.words[0] if change is not None else self.ground.word
        switches = {"enabled": self._switch_of(word.enabled), "column": self._switch_of(word.column)}
        start = {**switches, **schema_form.typed_of(self.groups, word.settings)}
        return self.form(Form(start=start), self._latest(), change)

    def stale(self, meanwhile: Sequence[PluginChange]) -> ResponseReturnValue:
        """What was typed, with what others did; sent again, it goes over theirs."""
        form = Filled(act=request.form["act"], data=request.form)
        return self.form(form, self._latest(), meanwhile=meanwhile), 409

    def wrong(self, faults: Sequence[Fault]) -> ResponseReturnValue:
        form = Filled(act=request.form["act"], data=request.form, errors=beside(self.groups, faults))
        return self.form(form, self._latest()), 422

    def form(
        self, form: Form, seen: int, undone: PluginChange | None = None, meanwhile: Sequence[PluginChange] = ()
    ) -> str:
        undoes = undone.id if undone is not None else form.typed("undoes")
        return page(
            "admin/place.html",
            "evaluators",
            None,
            **self._head(),
            form=form,
            seen=seen,
            undoes=undoes,
            undone=told(undone, self._names) if undone is not None else None,
            later=self._later(undone),
            meanwhile=[told(one, self._names) for one in meanwhile],
            switches=inheritance.switches(self.evaluator, self.ground, self._names),
            columns=inheritance.columns(self.evaluator, self.ground, self._names) if self._may_post else [],
            groups=[(group, [self._line(line) for line in group.lines]) for group in self.groups],
            gone=schema_form.unknown_names(self.evaluator, self.ground.word.settings),
            runs=self._run_options(),
            says_something=not self.ground.word.says_nothing,
        )

    def _line(self, line: schema_form.Line) -> dict[str, Any]:
        return {
            "field": line,
            "inherited": inheritance.of_setting(line, self.ground, self._names),
            "here": inheritance.value_here(line, self.ground),
        }

    def _effect(self, sent: Sent, word: Word) -> str:
        run = self._run(sent.run_id)
        found = None
        if run is not None:
            bridge, now = self._bridge, self._admin.now
            found = previewing.preview(
                self._session, bridge.registry, run, self.evaluator, self.ground.place, word, now
            )
        titles = {key: one.title for key, one in self._bridge.registry.evaluators.items()}
        return page(
            "admin/effect.html",
            "evaluators",
            None,
            **self._head(),
            sent=sent,
            typed={} if sent.do == "clear" else sent.typed,
            enabled="" if sent.do == "clear" else sent.enabled,
            column="" if sent.do == "clear" else sent.column,
            seal=self._seal(sent),
            lines=lines_of(self.ground.word, word),
            run=self._run_name(run) if run is not None else None,
            runs=self._run_options(),
            chosen=run.id if run is not None else "",
            told=effect_words.tell(found, self.evaluator, titles, self._admin.now) if found is not None else None,
            reach=self._reach(word),
        )

    def _head(self) -> dict[str, Any]:
        place = self.ground.place
        return {
            "evaluator": self.evaluator,
            "place": self.ground.at,
            "place_called": sentence(f"for the {SCOPE_NAMES[place.scope]} {self.ground.at.name}."),
            "scope": place.scope,
            "address": url_for("admin.place", key=self.evaluator.key, scope=str(place.scope), place_id=place.id),
            "back": {
                "href": url_for("admin.evaluator", key=self.evaluator.key),
                "text": self.evaluator.title,
            },
        }

    def _reach(self, word: Word) -> str:
        reached = switching.reached(self.evaluator, self.ground, word)
        of = len(self.ground.runs)
        if not of:
            return "There is no run here yet. It will hold for those to come."
        if not reached:
            return "It reaches no run here: narrower places or the journey say otherwise."
        count = sum(run.closed is None for run in reached)
        closed = len(reached) - count
        many = f"{count} of {of} runs" if of > 1 else "the one run"
        text = f"It reaches {many} here, which {'is' if count == 1 else 'are'} computed again."
        return text + (f" {sentence(plural(closed, 'closed run'))} keep their values." if closed else "")

    def _later(self, undone: PluginChange | None) -> str | None:
        """What undoing would take back besides."""
        if undone is None:
            return None
        since = plugin_changes.since(self._session, self._admin.tenant_id, self.evaluator.key, undone.id)
        here = [one for one in since if one.place == self.ground.place]
        if not here:
            return None
        who = listed(sorted({one.who for one in here}))
        return f"It was changed again since, {plural(len(here), 'time')} by {who}. This takes that back too."

    def _latest(self) -> int:
        return plugin_changes.latest(self._session, self._admin.tenant_id, self.evaluator.key)

    @staticmethod
    def _switch_of(said: bool | None) -> str:
        return next(name for name, value in SWITCHES.items() if value is said)

    def _runs(self) -> list[RunRow]:
        """Open ones first, the newest first."""
        return sorted(self.ground.runs, key=lambda run: (run.closed is None, run.created), reverse=True)

    def _run(self, wanted: str) -> RunRow | None:
        found = self._runs()
        return next((run for run in found if run.id == wanted), found[0] if found else None)

    def _run_options(self) -> list[tuple[str, str]]:
        return [(run.id, self._run_name(run)) for run in self._runs()]

    @staticmethod
    def _run_name(run: RunRow) -> str:
        where, closed = run.course.title or run.course.context_id, ", closed" if run.closed is not None else ""
        return f"{where}: {run.journey_row.title}, from {full_day(run.day_zero)}{closed}"
