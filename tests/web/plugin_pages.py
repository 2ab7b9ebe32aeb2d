"""A plugin of somebody else's in the house, and Ada at its pages: the form, its effect, saving, the log."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from types import MappingProxyType
from typing import Any

import pytest
from marshmallow import fields, validate
from sqlalchemy import event

from lrs_bridge.domain.evaluators import Evaluator, Level, Posting
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.indicators import Outcome
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.switching import Place, Word
from lrs_bridge.hooks.evaluator_settings import EvaluatorSettings, Weights
from lrs_bridge.store import (
    enrolments,
    people,
    plugin_changes,
    plugin_settings,
)
from lrs_bridge.store.plugin_changes import Search
from tests.flows.world import ISSUER
from tests.personas import AdminTab, House, Page

KEY = "team_pulse"


class _Shares(Weights):
    deeds = fields.Float(load_default=0.5, validate=validate.Range(min=0, max=1), metadata={"help": "What is done."})
    words = fields.Float(load_default=0.5, validate=validate.Range(min=0, max=1), metadata={"help": "What is said."})


class _Settings(EvaluatorSettings):
    each = fields.Float(
        load_default=10.0, validate=validate.Range(min=1, max=50), metadata={"help": "Points for each."}
    )
    days = fields.Integer(load_default=14, validate=validate.Range(min=1), metadata={"help": "How long it counts."})
    strict = fields.Boolean(load_default=False, metadata={"help": "Count nothing twice."})
    mode = fields.String(load_default="all", validate=validate.OneOf(["all", "own"]), metadata={"help": "What counts."})
    targets = fields.Dict(keys=fields.String(), values=fields.Float(), load_default=dict)
    names = fields.List(fields.String(), load_default=list)
    shares = fields.Nested(_Shares, load_default=lambda: dict(_Shares().load({})), metadata={"help": "Of the value."})


def _pulse(_journey: object, evidence: Any, settings: Any, _as_of: object) -> Outcome:
    """So many points for each step done."""
    done = sum(fact.kind is Kind.COMPLETED for fact in evidence.facts)
    return Outcome(min(100.0, settings["each"] * done), n=done)


PULSE = Evaluator(
    key=KEY,
    title="Team pulse",
    version="0.3.0",
    functions={Level.PERSON: _pulse},
    schema=_Settings,
    posting=Posting.DEFAULT,
    audience={Role.PARTICIPANT: "own", Role.FACILITATOR: "named"},
    distribution="northpeak 0.3.0",
)


@pytest.fixture
def house(house: House) -> House:
    """The house with a stranger's plugin installed, which nobody has switched on."""
    return installed(house, PULSE)


def installed(house: House, *more: Evaluator) -> House:
    evaluators = {**house.bridge.registry.evaluators, **{one.key: one for one in more}}
    registry = replace(house.bridge.registry, evaluators=MappingProxyType(dict(sorted(evaluators.items()))))
    object.__setattr__(house.bridge, "registry", registry)
    return house


@pytest.fixture
def ada(house: House) -> AdminTab:
    return house.ada().come_in()


def course(house: House, key: str = KEY) -> str:
    return f"evaluators/{key}/course/{house.world.course.id}"


def lms(house: House, key: str = KEY) -> str:
    return f"evaluators/{key}/platform/{house.world.platform_id}"


def journey(house: House, key: str = KEY) -> str:
    return f"evaluators/{key}/journey/{house.world.run.journey.slug}"


def look(ada: AdminTab, where: str, **typed: str) -> Page:
    """Fill in the form and ask for the effect."""
    return ada.fill(where, **{"do": "look", **typed})


def confirm(ada: AdminTab, where: str, effect: Page, **more: str) -> Page:
    """Save what an effect page shows."""
    assert "What it would do" in effect.text, effect.text
    return ada.send(where, **{**hidden(effect), "do": "save", **more})


def hidden(page: Page) -> dict[str, str]:
    """The hidden fields of the page's form, those of settings too."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.html)
    return {name: unescape(text) for name, text in found}


def save(ada: AdminTab, where: str, **typed: str) -> Page:
    saved = confirm(ada, where, look(ada, where, **typed))
    assert saved.status == 303, saved.text
    return saved


def said(house: House, key: str = KEY) -> dict[Place, Word]:
    with house.bridge.sessions.read() as session:
        return plugin_settings.words(session, house.world.tenant.id).get(key, {})


def log(house: House) -> list[plugin_changes.PluginChange]:
    with house.bridge.sessions.read() as session:
        return plugin_changes.newest(session, house.world.tenant.id, Search(), 100)


def more_people(house: House, count: int) -> None:
    now = house.bridge.clock()
    with house.bridge.sessions.write() as session:
        for number in range(count):
            person = people.ensure_person(session, house.world.tenant.id, ISSUER, f"p{number}", now)
            run = house.world.run
            row, _ = enrolments.enrol(
                session, run.tenant_id, run.id, person.id, datetime(2026, 2, 10, tzinfo=UTC).date()
            )
            house.people[f"p{number}"], house.enrolments[f"p{number}"] = person, row


def again(house: House) -> None:
    """What the worker does about runs that are to be computed again."""
    house.evaluate()


def rows(page: Page) -> str:
    return " ".join(re.findall(r"<tr role=\"row\" id=\"c\d+\">.*?</tr>", page.html, re.DOTALL))


def asked(house: House, ada: AdminTab, where: str, **form: str) -> int:
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1

    event.listen(house.bridge.engine, "before_cursor_execute", note)
    page = ada.send(where, **form) if form else ada.open(where)
    event.remove(house.bridge.engine, "before_cursor_execute", note)
    assert page.status == 200, page.text
    return count
