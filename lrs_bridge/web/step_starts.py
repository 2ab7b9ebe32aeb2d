"""What the form of a step proposes when it is first shown: what was written last, where it can be changed."""

from __future__ import annotations

from typing import Any

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.journey import Step
from lrs_bridge.web import menus
from lrs_bridge.web.deeds import Asks, Deed
from lrs_bridge.web.forms import Form
from lrs_bridge.web.situations import Situation


def fresh(situation: Situation, step: Step, deed: Deed) -> Form:
    """A form as first shown: what can be changed starts from what was written last."""
    if deed.asks is Asks.MAP:
        return Form(start=_last_map(situation))
    start: dict[str, Any] = {"when": "today", "named": "yes"}
    if deed.asks is Asks.MENU:
        return Form(start={menus.CHOSEN: menus.chosen(situation, step)})
    if deed.asks is Asks.CONSENT:
        return Form(start=consent_start(situation, step))
    if deed.asks is Asks.FIELDS and deed.again:
        template = {"template": step.template} if step.template else {}
        return Form(start=start | (_last_texts(situation, step) or template))
    if deed.asks is Asks.SURVEY and deed.again:
        return Form(start=_last_answers(situation, step))
    return Form(start=start)


def consent_start(situation: Situation, step: Step) -> dict[str, Any]:
    known = situation.consents.get(step.id)
    return {"agreed": "yes" if known.agreed else "no", "quoting": known.quoting or ""} if known else {}


def _last(situation: Situation, step: Step) -> Fact | None:
    own = [fact for fact in situation.facts if fact.step == step.id and fact.actor == situation.person.account]
    return own[-1] if own else None


def _last_texts(situation: Situation, step: Step) -> dict[str, Any]:
    fact = _last(situation, step)
    note = situation.notes.get(fact.id) if fact else None
    return dict(note.texts) if note else {}


def _last_answers(situation: Situation, step: Step) -> dict[str, Any]:
    fact = _last(situation, step)
    if fact is None:
        return {}
    texts = {f"item_{name}": said for name, said in _last_texts(situation, step).items() if name != "talk"}
    numbers = {f"item_{id_}": value for id_, value in (fact.data.get("answers") or {}).items()}
    factors = fact.data.get("factors") or {}
    sides = {side: [code for code, said in factors.items() if said == side] for side in ("helped", "hindered")}
    return {**texts, **numbers, **sides, "talk": _last_texts(situation, step).get("talk", "")}


def _last_map(situation: Situation) -> dict[str, Any]:
    plans = situation.of_kind(Kind.PLANNED)
    if not plans:
        return {}
    note = situation.notes.get(plans[-1].id)
    start: dict[str, Any] = dict(note.texts) if note else {}
    chosen = str(start.get("moments", "")).split("\n")
    start["moments"] = [moment.id for moment in situation.journey.moments if moment.title in chosen]
    return start | {f"item_{id_}": value for id_, value in (plans[-1].data.get("answers") or {}).items()}
