"""Is everything arriving? Workers, record, gradebooks, rosters, messages, listeners and plugins at a glance.

The worst stands in the first sentence; each row says how old the oldest is and why, and where to go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.flows import watching
from lrs_bridge.flows.administer import STUCK_AFTER, State, in_time, state_of
from lrs_bridge.store import backlog, evaluator_watch, listeners, messages, worker_signs
from lrs_bridge.store.backlog import ScoresOf
from lrs_bridge.store.listeners import ListenerRow, Waiting
from lrs_bridge.store.messages import MessageState
from lrs_bridge.store.worker_signs import LATE_AFTER, WorkerSign
from lrs_bridge.web.admin.record import sending
from lrs_bridge.web.admin.visit import AdminVisit, Health, current, page
from lrs_bridge.web.words import plural, sentence, when
from lrs_bridge.wiring import EMBEDDED, Bridge

_UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class Group:
    """Rows about one thing; `more`: the page that shows all of it."""

    key: str
    title: str
    rows: Sequence[Health]
    more: str | None = None
    more_text: str = ""


def add_pages(rooms: Blueprint, bridge: Bridge) -> None:
    """Add the page to the administrator's blueprint. Its buttons lead to those of other pages."""

    @rooms.get("/arriving")
    def arriving() -> ResponseReturnValue:
        admin = current()
        with bridge.sessions.read() as session:
            groups = _groups(session, bridge, admin)
            statement_reasons = _reasons(backlog.undelivered_for(session, admin.tenant_id))
            score_reasons = _reasons(backlog.refused_for(session, admin.tenant_id))
        return page(
            "admin/arriving.html",
            "arriving",
            request.args.get("saved"),
            groups=groups,
            lede=conclusion([row for group in groups for row in group.rows]),
            statement_reasons=statement_reasons,
            score_reasons=score_reasons,
        )


def conclusion(rows: Sequence[Health]) -> str:
    """All rows in a sentence."""
    bad, care = ([row.name for row in rows if row.shape == shape] for shape in ("bad", "care"))
    if bad:
        return f"No: {', '.join(bad)}. Nothing is lost meanwhile."
    if care:
        return f"Yes, with something to look at: {', '.join(care)}."
    return "Yes, all of it."


def _groups(session: Session, bridge: Bridge, admin: AdminVisit) -> list[Group]:
    tenant_id, now = admin.tenant_id, admin.now
    state = state_of(session, tenant_id, now)
    reading = [_reading(one) for one in watching.readings(session, tenant_id, now)]
    gradebooks = [gradebook(one, now) for one in backlog.scores_by_platform(session, tenant_id)]
    hearing = listeners.waiting(session, tenant_id)
    heard = [listener(row, hearing.get(row.key), now) for row in listeners.switched_on(session, tenant_id)]
    none = [Health("Gradebooks", "care", "No LMS is connected.")]
    return [
        Group("workers", "Background work", [worker(worker_signs.signs(session), now), _evaluating(state)]),
        Group("record", "Record", [_sending(state), *reading], "admin.record", "Record store"),
        Group("gradebooks", "Gradebooks", gradebooks or none, "admin.waiting", "What waits"),
        Group(
            "people",
            "Rosters and messages",
            [_rosters(session, admin), _letters(session, bridge, admin)],
            "admin.messages_",
            "Messages",
        ),
        Group(
            "plugins", "Plugins", [*_plugins(session, bridge, tenant_id, state), *heard], "admin.evaluations", "At work"
        ),
    ]


def worker(signs: Sequence[WorkerSign], now: datetime) -> Health:
    """Whether anybody does the background work; workers of several versions at once are worth a look."""
    alive = [sign for sign in signs if now - sign.seen < LATE_AFTER]
    if not alive:
        since = f"None was seen since {_at(signs[0].seen)}." if signs else "None was seen within a day."
        return Health("Workers", "bad", f"{since} Start one: lrs-bridge worker.")
    versions = sorted({sign.version for sign in alive})
    text = f"{sentence(plural(len(alive), 'worker'))} at work, last seen {_at(alive[0].seen)}."
    if len(versions) > 1:
        return Health(
            "Workers", "care", f"{text} Their versions differ: {', '.join(versions)}. Restart the older ones."
        )
    return Health("Workers", "ok", text)


def gradebook(one: ScoresOf, now: datetime) -> Health:
    """How the scores of one LMS get on."""
    paused = one.until is not None and one.until > now
    age = now - one.oldest if one.oldest else None
    parts = []
    if one.waiting:
        oldest = f", the oldest for {in_time(age)}" if age else ""
        parts.append(f"{sentence(plural(one.waiting, 'score'))} waiting{oldest}.")
    if one.refused:
        parts.append(f"{sentence(plural(one.refused, 'score'))} refused.")
    if paused and one.until is not None:
        parts.append(f"{sentence(one.reason or '')} Nothing is sent before {_at(one.until)}.")
    late = one.refused or paused or (age is not None and age > STUCK_AFTER)
    shape = "bad" if late else "care" if one.waiting else "ok"
    return Health(one.name, shape, " ".join(parts) or "All scores have arrived.")


def listener(row: ListenerRow, waits: Waiting | None, now: datetime) -> Health:
    """How one listener gets on."""
    name = f"Listener {row.key}"
    oldest = waits.oldest if waits else None
    waiting = ""
    if waits and oldest:
        waiting = f" {sentence(plural(waits.number, 'piece'))} of news waiting, the oldest for {in_time(now - oldest)}."
    if row.reason is not None:
        return Health(name, "bad", f"{sentence(row.reason)}{waiting}")
    late = oldest is not None and now - oldest > STUCK_AFTER
    told = f"Last heard something {_at(row.told_at)}." if row.told_at else "Has heard nothing yet."
    return Health(name, "care" if late else "ok", f"{told}{waiting}")


def _sending(state: State) -> Health:
    """As on the page of the record, with the age of the oldest also in a pause."""
    row = sending(state)
    if state.oldest_statement is None or "the oldest" in row.text:
        return row
    age = in_time(state.now - state.oldest_statement)
    waiting = f"{sentence(plural(state.statements_waiting, 'statement'))} waiting, the oldest for {age}."
    return replace(row, text=f"{row.text} {waiting}")


def _evaluating(state: State) -> Health:
    if not state.evaluations_due:
        return Health("Evaluating", "ok", "Nobody waits to be evaluated.")
    return Health("Evaluating", "ok", f"{sentence(plural(state.evaluations_due, 'evaluation'))} due.")


def _reading(one: watching.Reading) -> Health:
    row = one.cursor
    name = "Reading the built-in record store" if one.name == EMBEDDED else f"Reading {one.name}"
    if row.reason is not None:
        later = f" Next try {_at(row.next_at)}." if row.next_at else ""
        return Health(name, "bad", f"{row.reason}{later}")
    if row.caught_up is None:
        return Health(name, "care", "It has not been read to its end yet.")
    return Health(name, "ok", f"Read to its end {_at(row.caught_up)}.")


def _rosters(session: Session, admin: AdminVisit) -> Health:
    last, failed, reason = backlog.rosters(session, admin.tenant_id)
    text = f"The last was read whole {_at(last)}." if last else "None has been read yet."
    if failed:
        return Health("Rosters", "bad", f"{sentence(plural(failed, 'roster'))} could not be read: {reason} {text}")
    return Health("Rosters", "ok", text)


def _letters(session: Session, bridge: Bridge, admin: AdminVisit) -> Health:
    counts = messages.counts(session, admin.tenant_id)
    refused = counts.get(MessageState.REFUSED, 0) + counts.get(MessageState.UNSURE, 0)
    waiting = counts.get(MessageState.WAITING, 0)
    sent = f"{sentence(plural(counts.get(MessageState.SENT, 0), 'message'))} sent, {waiting} waiting."
    if refused:
        return Health("Messages", "bad", f"{sentence(plural(refused, 'message'))} refused or in doubt. {sent}")
    if waiting and bridge.settings.smtp is None:
        return Health("Messages", "care", f"{sent} No mail server is set: they are passed on by hand.")
    return Health("Messages", "ok", sent)


def _plugins(session: Session, bridge: Bridge, tenant_id: str, state: State) -> list[Health]:
    rows = [Health(f"Plugin {one.name}", "bad", f"It did not load: {one.reason}") for one in bridge.registry.failures]
    rows += [Health(f"Evaluator {key}", "bad", "Switched off after failures.") for key in state.evaluators_off]
    for key, number in evaluator_watch.failing_count(session, tenant_id).items():
        if key not in state.evaluators_off:
            rows.append(
                Health(
                    f"Evaluator {key}",
                    "care",
                    f"It fails about {plural(number, 'person or group', 'people or groups')}.",
                )
            )
    return rows or [Health("Evaluators", "ok", "None fails.")]


def _reasons(found: Sequence[tuple[str, int]]) -> list[dict[str, object]]:
    return [{"reason": reason, "number": number} for reason, number in found]


def _at(moment: datetime) -> str:
    return f"{when(moment, _UTC)} UTC"
