"""Asked before the start: what will get in the way? Every role answers, the designer sees groups of five or more."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import marshmallow as ma
from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields

from lrs_bridge.domain import small_groups
from lrs_bridge.domain.coaching import THEMES
from lrs_bridge.domain.insights import matrix
from lrs_bridge.domain.people import Role
from lrs_bridge.store import tensions as kept
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.tensions import TensionRequest
from lrs_bridge.web import doors
from lrs_bridge.web.forms import Acting, Form, WrongForm, read, some_of
from lrs_bridge.web.step_forms import FACTORS, Option
from lrs_bridge.web.visits import Visit, current, needs
from lrs_bridge.web.words import day_words, full_day, listed
from lrs_bridge.wiring import Bridge

ROLES = {
    Role.PARTICIPANT: "Participants",
    Role.MANAGER: "Managers",
    Role.SPONSOR: "Their managers",
    Role.GOAL_OWNER: "Goal owners",
    Role.COACH: "Coaches",
    Role.MENTOR: "Mentors",
    Role.ASSESSOR: "Assessors",
    Role.FACILITATOR: "Teachers",
}
"""Who is asked, by the role in which they answer: the first of these that somebody has."""
_MOST = 3


class _Answer(Acting):
    factors = some_of(THEMES, "Choose at least one.")

    @ma.validates_schema(skip_on_field_errors=True)
    def few(self, data: Mapping[str, Any], **_: Any) -> None:
        if len(set(data["factors"])) > _MOST:
            raise ma.ValidationError("Choose three at most: those that weigh most.", "factors")


class _Ask(Acting):
    until = fields.Date(
        required=True, error_messages=dict.fromkeys(("required", "null", "invalid"), "Give the last day for answers.")
    )


@dataclass(frozen=True)
class Group:
    """A role, or everybody: `cells` by factor are numbers or bands, empty where the group is hidden."""

    name: str
    size: str
    cells: list[str]


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the question and what came of it to the blueprint of the visit."""

    @pages.get("/tensions")
    def tensions() -> ResponseReturnValue:
        visit, run = _asked()
        with bridge.sessions.read() as session:
            asked = kept.latest_request(session, visit.tenant_id, run.id)
            given = kept.answer_of(session, visit.tenant_id, asked.id, _mark(bridge, visit, asked)) if asked else None
        return _answer_page(visit, asked, Form(start={"factors": given.factors if given else ()}), given is not None)

    @pages.post("/tensions")
    def answer_tensions() -> ResponseReturnValue:
        visit, run = _asked()
        with bridge.sessions.read() as session:
            asked = kept.latest_request(session, visit.tenant_id, run.id)
        if asked is None or asked.until < visit.today:
            raise doors.Door(
                403,
                "Nobody is asked now",
                f"The last day for answers was {full_day(asked.until)}." if asked else "The question is not open.",
                (("Go back", "to your first page."), doors.HELP_DESK),
                reason="no open request for tensions",
            )
        try:
            data = read(_Answer())
        except WrongForm as wrong:
            return _answer_page(visit, asked, wrong.form, False), 422
        factors = [code for code in THEMES if code in data["factors"]]
        with bridge.sessions.write() as session:
            mark = _mark(bridge, visit, asked)
            kept.answer(session, visit.tenant_id, asked.id, mark, str(_role(visit)), factors)
        return redirect(url_for("visit.tensions", saved="answer"), 303)

    @pages.get("/tensions/all")
    def all_tensions() -> ResponseReturnValue:
        visit, run = _designing()
        start = {"until": max(run.day_zero - timedelta(days=1), visit.today + timedelta(days=7))}
        return _all_page(bridge, visit, run, Form(start=start))

    @pages.post("/tensions/all")
    def ask_for_tensions() -> ResponseReturnValue:
        visit, run = _designing()
        try:
            data = read(_Ask())
            if data["until"] < visit.today:
                raise WrongForm({"until": "That day is over. Give a day to come."})
        except WrongForm as wrong:
            return _all_page(bridge, visit, run, wrong.form), 422
        with bridge.sessions.write() as session:
            asked = kept.latest_request(session, visit.tenant_id, run.id)
            if asked is None or asked.until < visit.today:
                kept.ask(session, visit.tenant_id, run.id, visit.person_id, data["until"], visit.now)
        return redirect(url_for("visit.all_tensions", saved="asked"), 303)


def _asked() -> tuple[Visit, RunRow]:
    visit = current()
    needs(visit, *ROLES)
    if visit.run_row is None:
        abort(404)
    return visit, visit.run_row


def _designing() -> tuple[Visit, RunRow]:
    visit = current()
    needs(visit, Role.DESIGNER)
    if visit.run_row is None:
        abort(404)
    return visit, visit.run_row


def _role(visit: Visit) -> Role:
    return next(role for role in ROLES if role in visit.roles)


def _mark(bridge: Bridge, visit: Visit, asked: TensionRequest) -> str:
    """Who gave an answer, for whoever has the secret of the installation only."""
    told = f"tension {asked.id} {visit.person_id}".encode()
    return hmac.new(bridge.settings.secret_key.encode(), told, hashlib.sha256).hexdigest()


def _answer_page(visit: Visit, asked: TensionRequest | None, form: Form, given: bool) -> str:
    return render_template(
        "sponsor/tensions.html",
        visit=visit,
        form=form,
        until=day_words(asked.until) if asked and asked.until >= visit.today else None,
        given=given,
        saved="You can change it until the last day." if request.args.get("saved") else None,
        factors=[Option(code, FACTORS[code]) for code in THEMES],
        who_link=None,
    )


def _all_page(bridge: Bridge, visit: Visit, run: RunRow, form: Form) -> str:
    with bridge.sessions.read() as session:
        asked = kept.latest_request(session, visit.tenant_id, run.id)
        over = asked is not None and asked.until < visit.today
        answers = kept.answers(session, visit.tenant_id, asked.id) if asked and over else []
    hidden, groups = grouped(answers)
    return render_template(
        "sponsor/all_tensions.html",
        visit=visit,
        form=form,
        saved="Everybody finds the question at the foot of their first page." if request.args.get("saved") else None,
        open_until=day_words(asked.until) if asked and not over else None,
        over=over,
        few=over and len(answers) < small_groups.K,
        groups=groups,
        hidden=listed(hidden),
        factors=[FACTORS[code] for code in THEMES],
        who_link=None,
    )


def grouped(answers: list[tuple[str, frozenset[str]]]) -> tuple[list[str], list[Group]]:
    """Names of the roles that are hidden, and the groups that are shown, everybody last; nothing under five answers."""
    if len(answers) < small_groups.K:
        return [], []
    by_role = {group.key: group for group in matrix.by_role(answers)[0]}
    order = [role for role in ROLES if role in by_role]
    groups = [_group(ROLES[role], by_role[role]) for role in order if by_role[role].rule is None]
    groups.append(_group("Everybody", matrix.counted("", [factors for _, factors in answers])))
    return [ROLES[role].lower() for role in order if by_role[role].rule is not None], groups


def _group(name: str, found: matrix.Group) -> Group:
    return Group(name, str(found.size), [one.band or str(one.number) for one in found.counts.values()])
