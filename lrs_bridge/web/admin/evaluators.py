"""Evaluators: which plugins are installed, what each does and where it is on, and which could not be loaded and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.domain.evaluators import Evaluator, Posting
from lrs_bridge.domain.failing import Standing
from lrs_bridge.domain.making import made_by
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.switching import NOTHING_SAID, PLACES, Place, Scope, Word
from lrs_bridge.flows import switching
from lrs_bridge.flows.activation import Words, is_on, layers_of, places_of
from lrs_bridge.flows.switching import Named
from lrs_bridge.hooks.registry import Registry
from lrs_bridge.store import evaluator_watch, plugin_settings, runs
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web.admin.visit import current, page
from lrs_bridge.web.words import listed, plural, sentence
from lrs_bridge.wiring import Bridge

COURSES_AT_ONCE = 50
SCOPE_NAMES = {Scope.PLATFORM: "LMS", Scope.FILE: "journey file", Scope.JOURNEY: "journey", Scope.COURSE: "course"}
_LEVELS = {"person": "participant", "manager": "manager", "sponsor": "sponsor", "cohort": "run and area"}
_ROLES = {
    Role.PARTICIPANT: "participants",
    Role.MANAGER: "managers",
    Role.SPONSOR: "sponsors",
    Role.COACH: "coaches",
    Role.FACILITATOR: "course teachers",
    Role.EVALUATOR: "evaluators",
}
_SEES = {
    "own": "their own",
    "named": "by name",
    "process": "what took place",
    "aggregate": "groups",
    "posted": "what is posted",
}
_POSTING = {
    Posting.DEFAULT: "In the gradebook, unless a journey’s file names other columns",
    Posting.CHOSEN: "In the gradebook where a journey’s file names it",
    Posting.NEVER: "Never in the gradebook",
}


def add_pages(rooms: Blueprint, bridge: Bridge) -> None:
    """Add the list and the page of each evaluator to the administrator's blueprint."""

    @rooms.get("/evaluators")
    def evaluators() -> ResponseReturnValue:
        admin = current()
        with bridge.sessions.read() as session:
            words = plugin_settings.words(session, admin.tenant_id)
            known = runs.all_runs(session, admin.tenant_id)
            stopped = _stopped(bridge.registry, session, admin.tenant_id)
        open_runs = [run for run in known if run.closed is None]
        every = sorted(bridge.registry.evaluators.values(), key=lambda one: one.title)
        rows = [(one, _row(one, open_runs, words, stopped)) for one in every]
        return page(
            "admin/evaluators.html",
            "evaluators",
            request.args.get("saved"),
            failures=bridge.registry.failures,
            missing=_missing(bridge.registry, open_runs, words),
            posted=[row for one, row in rows if one.posting is not Posting.NEVER],
            shown=[row for one, row in rows if one.posting is Posting.NEVER],
        )

    @rooms.get("/evaluators/<key>")
    def evaluator(key: str) -> ResponseReturnValue:
        admin = current()
        one = find(bridge, key)
        with bridge.sessions.read() as session:
            named = switching.places(session, admin.tenant_id)
            words = plugin_settings.words(session, admin.tenant_id)
            known = [run for run in runs.all_runs(session, admin.tenant_id) if run.closed is None]
            stopped = _stopped(bridge.registry, session, admin.tenant_id)
        return page(
            "admin/evaluator.html",
            "evaluators",
            request.args.get("saved"),
            one=_row(one, known, words, stopped),
            **_places(one, named, known, words),
        )


def find(bridge: Bridge, key: str) -> Evaluator:
    """The installed evaluator of this key. 404 where there is none."""
    found = bridge.registry.evaluators.get(key)
    if found is None:
        abort(404)
    return found


def names_of(session: Session, tenant_id: str) -> dict[Place, str]:
    """What every place is called."""
    return {one.place: one.name for one in switching.places(session, tenant_id)}


def called(place: Place, names: Mapping[Place, str]) -> str:
    """the LMS Academy Moodle"""
    if place.scope is Scope.FILE:
        return "the journey’s file"
    return f"the {SCOPE_NAMES[place.scope]} {names.get(place, '(gone)')}"


def stand(word: Word) -> dict[str, str]:
    """What is said in a place itself, as a chip."""
    if word.enabled is None:
        return {"text": "Own settings" if word.settings else "As inherited", "kind": "hollow", "sign": "minus"}
    return {"text": "On", "kind": "done", "sign": "check"} if word.enabled else {"text": "Off", "kind": "", "sign": "x"}


def _row(one: Evaluator, known: Sequence[RunRow], words: Words, stopped: Mapping[str, str]) -> dict[str, Any]:
    """`stopped`: why evaluators are off by rule, by key."""
    said = words.get(one.key, {})
    on = sum(is_on(one, run.journey, layers_of(one.key, run, words))[0] for run in known)
    wrong = {switching.broken(one, layers_of(one.key, run, words)) for run in known} - {""} if said else set()
    return {
        "key": one.key,
        "title": one.title,
        "says": one.words.says,
        "version": one.version,
        "distribution": one.distribution,
        "levels": sentence(f"one value for each {listed([_LEVELS.get(level, str(level)) for level in one.levels])}"),
        "sees": _who_sees(one),
        "posting": _POSTING[one.posting],
        "needs": listed(one.needs),
        "chip": _on_chip(on, len(known)),
        "set": plural(len(said), "place") if said else "",
        "wrong": sorted(wrong),
        "stopped": stopped.get(one.key),
        "href": url_for("admin.evaluator", key=one.key),
    }


def _stopped(registry: Registry, session: Session, tenant_id: str) -> dict[str, str]:
    """Installed versions that are off by rule, since they failed or took too long, with the reason."""
    present = {(key, made_by(one)) for key, one in registry.evaluators.items()}
    return {
        row.evaluator: row.why or ""
        for row in evaluator_watch.watches(session, tenant_id)
        if row.state != Standing.ON and (row.evaluator, row.made_by) in present
    }


def _who_sees(one: Evaluator) -> str:
    told = [f"{_ROLES.get(Role(role), str(role))} ({_SEES.get(word, word)})" for role, word in one.audience.items()]
    return f"Seen by {listed(told)}" if told else "Declares nobody who sees it"


def _on_chip(on: int, of: int) -> dict[str, str]:
    if not of:
        return {"text": "No run yet", "kind": "hollow", "sign": "minus"}
    if not on:
        return {"text": "Off", "kind": "hollow", "sign": "minus"}
    text = "On in every run" if on == of else f"On in {on} of {of} runs"
    return {"text": text, "kind": "done", "sign": "check"}


def _missing(registry: Registry, known: Iterable[RunRow], words: Words) -> list[str]:
    """Evaluators that somebody wants and that are not installed."""
    told: dict[str, list[str]] = {}
    for key, said in words.items():
        if key not in registry.evaluators:
            told.setdefault(key, []).append(f"it is switched or set in {plural(len(said), 'place')}")
    for run in known:
        for key in run.journey.evaluators or ():
            text = f"the journey {run.journey.title} names it"
            if key not in registry.evaluators and text not in told.setdefault(key, []):
                told[key].append(text)
    return [f"{key}: {listed(why)}." for key, why in sorted(told.items())]


def _places(one: Evaluator, named: Sequence[Named], known: Sequence[RunRow], words: Words) -> dict[str, Any]:
    """Every LMS and journey, and those courses that say something of their own or are looked for."""
    said = words.get(one.key, {})
    asked = request.args.get("course", "").strip()
    runs_in: Counter[Place] = Counter()
    on_in: Counter[Place] = Counter()
    for run in known:
        on, _ = is_on(one, run.journey, layers_of(one.key, run, words))
        runs_in.update(places_of(run))
        on_in.update(places_of(run) if on else ())

    def rows(scope: Scope, chosen: Iterable[Named]) -> list[dict[str, Any]]:
        return [
            {
                "name": at.name,
                "chip": stand(said.get(at.place, NOTHING_SAID)),
                "settings": len(said[at.place].settings) if at.place in said else 0,
                "effect": _effect(on_in[at.place], runs_in[at.place]),
                "href": url_for("admin.place", key=one.key, scope=str(scope), place_id=at.place.id),
            }
            for at in chosen
        ]

    by_scope = {scope: [at for at in named if at.place.scope is scope] for scope in PLACES}
    fitting = [at for at in by_scope[Scope.COURSE] if asked.casefold() in at.name.casefold()]
    courses = sorted(fitting, key=lambda at: (at.place not in said, at.name))[:COURSES_AT_ONCE]
    return {
        "platforms": rows(Scope.PLATFORM, by_scope[Scope.PLATFORM]),
        "journeys": rows(Scope.JOURNEY, by_scope[Scope.JOURNEY]),
        "courses": rows(Scope.COURSE, courses),
        "course_asked": asked,
        "course_count": len(by_scope[Scope.COURSE]),
        "more_courses": len(fitting) - len(courses),
        "many_courses": len(by_scope[Scope.COURSE]) > COURSES_AT_ONCE,
    }


def _effect(on: int, of: int) -> str:
    if not of:
        return "No run yet"
    if 0 < on < of:
        return f"On in {on} of {of} runs"
    return f"{'On' if on else 'Off'} in {plural(of, 'run')}"
