"""Why is it this number: from every score to what it is made of, and on to the statements for those who may."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import orjson
from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.domain import looking_back
from lrs_bridge.domain.evaluation import Active, evaluate_person
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.indicators import Result
from lrs_bridge.domain.journey import LineItemPlan
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.switching import Layer
from lrs_bridge.flows import viewing
from lrs_bridge.flows.activation import Decision, decide_all
from lrs_bridge.flows.asking import Asking
from lrs_bridge.flows.grade import posted_indicators
from lrs_bridge.flows.naming import known_of
from lrs_bridge.flows.own import PAGE_SECONDS
from lrs_bridge.flows.viewing import Eyes
from lrs_bridge.store import enrolments, publications, result_history, result_viewing, results, scores, tenants
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.store.record_accesses import Looked, Viewer
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import charts, doors, evidence, run_explanations, sights, situations, tiles
from lrs_bridge.web.aggregates import aggregate, tells_more_than_posted
from lrs_bridge.web.charts import Chart
from lrs_bridge.web.evidence import Act
from lrs_bridge.web.explanations import Explanation, Reader, explain
from lrs_bridge.web.record_looks import Notebook
from lrs_bridge.web.record_words import Teller
from lrs_bridge.web.run_explanations import Story
from lrs_bridge.web.sights import Sight
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.visits import Visit, current, needs
from lrs_bridge.web.words import short_day, when
from lrs_bridge.wiring import Bridge


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the pages behind every score to the blueprint of the visit."""

    @pages.get("/why/<indicator>")
    def why(indicator: str) -> ResponseReturnValue:
        """The participant's own."""
        visit, run = _in_a_run(Role.PARTICIPANT)
        if visit.enrolment is None:
            raise doors.door_for(404)
        with bridge.sessions.read() as session:
            decisions = decide_all(session, bridge.registry, run)
            active = [found.active for found in decisions if found.active]
            one, layers = _one(decisions, indicator)
            plans = posted_indicators(run.journey, active)
            if not sights.of_self(one.evaluator, plans):
                raise _no_indicator()
            situation = situations.of_one(session, run, visit.enrolment, visit.now)
            score = scores.scores_of_enrolment(session, visit.tenant_id, visit.enrolment.id).get(indicator)
        name = _name(one, plans)
        result = _fresh(active, one, situation)
        if result is None:
            return _failed(visit, name, url_for("visit.journey"))
        explanation = explain(result, name, one, situation, Reader.OWN, layers, link=_to_own)
        sent = evidence.sent_line(score, situation) if indicator in plans else "Never posted."
        explanation = replace(explanation, chart=past_chart(active, one, name, situation, "You"), sent=sent)
        back = {"href": url_for("visit.journey"), "text": "Your journey"}
        return _page(visit, explanation, back, "")

    @pages.get("/people/<enrolment>/why/<indicator>")
    def why_of(enrolment: str, indicator: str) -> ResponseReturnValue:
        """One participant's, for somebody else who may see it by name."""
        visit, run = _in_a_run(Role.FACILITATOR, Role.EVALUATOR, Role.COACH)
        with bridge.sessions.read() as session:
            row = enrolments.get_enrolment(session, visit.tenant_id, enrolment)
            if row is None or row.run_id != run.id:
                raise _no_indicator()
            decisions = decide_all(session, bridge.registry, run)
            active = [found.active for found in decisions if found.active]
            one, layers = _one(decisions, indicator)
            situation = situations.of_one(session, run, row, visit.now)
            reader = sights.of_person(one.evaluator, visit.roles, _coaches(visit, situation))
            if reader is None:
                raise doors.not_yours(
                    "You do not see this figure of one person.", "not in the audience of the indicator"
                )
            found = results.person_results(session, visit.tenant_id, run.id, situation.person.account).get(indicator)
            score = scores.scores_of_enrolment(session, visit.tenant_id, row.id).get(indicator)
        plans = posted_indicators(run.journey, active)
        name = _name(one, plans)
        if found is None:
            return _failed(visit, name, _back(visit, row))
        is_evaluator = Role.EVALUATOR in visit.roles
        link = _to_statement if is_evaluator else _nowhere
        explanation = explain(found.result, name, one, situation, reader, layers, is_evaluator, link)
        if is_evaluator:
            _note(bridge, visit, run, situation, indicator, len(explanation.acts))
        chart = past_chart(active, one, name, situation, situation.name) if reader is Reader.NAMED else None
        sent = evidence.sent_line(score, situation) if indicator in plans else "Not for the gradebook."
        old = tiles.old_value(found.old_since, situation.run.zone)
        back = {"href": _back(visit, row), "text": situation.name if Role.FACILITATOR in visit.roles else "Numbers"}
        return _page(visit, replace(explanation, chart=chart, sent=sent, old=old), back, situation.name)

    @pages.get("/run/why/<indicator>")
    def why_run(indicator: str) -> ResponseReturnValue:
        """That of the whole run."""
        visit, run = _in_a_run(*Role)
        with bridge.sessions.read() as session:
            decisions = decide_all(session, bridge.registry, run)
            active = [found.active for found in decisions if found.active]
            one, layers = _one(decisions, indicator)
            sight = sights.of_run(one.evaluator, visit.roles)
            if sight is None:
                raise doors.not_yours("You do not see this figure of the run.", "not in the audience of the indicator")
            name = _name(one, posted_indicators(run.journey, active))
            story = _story(session, visit, run, one, name, sight, layers)
        if story is None:
            return _failed(visit, one.evaluator.title, visit.home)
        return render_template(
            "why_run.html", visit=visit, story=story, back={"href": visit.home, "text": "Back"}, who_link=None
        )

    @pages.get("/why/statements/<id_>")
    def own_statement(id_: str) -> ResponseReturnValue:
        """One of the participant's own statements, whole, as the record has it."""
        visit, run = _in_a_run(Role.PARTICIPANT)
        with bridge.sessions.read() as session:
            home_page = tenants.get_tenant(session, visit.tenant_id).iri_base
            eyes = Eyes(visit.tenant_id, home_page, run.id, content=True, remote=bridge.endpoint() is not None)
            seen = viewing.find(session, eyes, id_)
            if seen is None or seen.fact is None or not _is_own(visit, seen.fact):
                raise doors.door_for(404)
            known = known_of(session, visit.tenant_id, [seen.fact], run.id)
        json = orjson.dumps(viewing.shown(eyes, seen)[0], option=orjson.OPT_INDENT_2).decode()
        return render_template(
            "own_statement.html",
            visit=visit,
            sentence=Teller(known, run.run.zone).sentence(seen),
            happened=when(seen.fact.at, run.run.zone),
            id=seen.id,
            json=json,
            lines=min(json.count("\n") + 1, 40),
            elsewhere=eyes.remote,
            back={"href": url_for("visit.journey"), "text": "Your journey"},
            who_link=None,
        )


def past_chart(active: Sequence[Active], one: Active, name: str, situation: Situation, whose: str) -> Chart | None:
    """How one participant's indicator moved, week by week; None while there is too little to draw."""
    days = looking_back.days_between(
        looking_back.first_day(situation.journey, situation.run, situation.person), situation.today
    )
    with Asking(PAGE_SECONDS) as ask:
        values = looking_back.values_on(
            active,
            [one.key],
            situation.journey,
            situation.cohort,
            situation.person,
            situation.facts,
            days,
            situation.now,
            ask,
        )[one.key]
    points = [(short_day(day), value) for day, value in zip(days, values, strict=True)]
    return charts.over_time(f"{name}, week by week", f"{whose}, by today’s rules", points, one.evaluator.bounds)


def _in_a_run(*roles: Role) -> tuple[Visit, RunRow]:
    visit = current()
    needs(visit, *roles)
    if visit.run_row is None:
        raise doors.door_for(404)
    return visit, visit.run_row


def _one(decisions: Iterable[Decision], indicator: str) -> tuple[Active, Sequence[Layer]]:
    for found in decisions:
        if found.key == indicator and found.active is not None:
            return found.active, found.layers
    raise _no_indicator()


def _no_indicator() -> doors.Door:
    return doors.Door(
        404,
        "There is no such figure here",
        "It may have been switched off, or belong to another journey or person.",
        (("Go back", "to the page you came from."), doors.HELP_DESK),
        reason="no such indicator or person for this visit",
    )


def _name(one: Active, plans: Mapping[str, LineItemPlan]) -> str:
    plan = plans.get(one.key)
    return (plan.label if plan else None) or one.evaluator.title


def _fresh(active: Sequence[Active], one: Active, situation: Situation) -> Result | None:
    """As of now, so that what the person did a moment ago is in it; None where the evaluator fails."""
    wanted = looking_back.with_needs(active, [one.key])
    with Asking(PAGE_SECONDS) as ask:
        evaluation = evaluate_person(
            wanted, situation.journey, situation.cohort, situation.person, situation.facts, situation.now, ask
        )
    return next((result for result in evaluation.results if result.indicator == one.key), None)


def _coaches(visit: Visit, situation: Situation) -> bool:
    return Role.COACH in visit.roles and any(
        relation.account == visit.account and relation.holds_on(situation.today)
        for relation in situation.person.coaches
    )


def _story(
    session: Session, visit: Visit, run: RunRow, one: Active, name: str, sight: Sight, layers: Sequence[Layer]
) -> Story | None:
    cohort = result_viewing.of_indicator(session, run.tenant_id, run.id, one.key, "cohort").get("")
    if cohort is None:
        return None
    found = result_viewing.of_indicator(session, run.tenant_id, run.id, one.key, "person")
    people = [row for row in enrolments.enrolments(session, run.tenant_id, run.id) if _in_scope(row, visit)]
    inside = [found[row.person.account] for row in people if row.person.account in found]
    asked = run_explanations.Asked(one, name, cohort, layers, run.run.zone, Role.EVALUATOR in visit.roles)
    if sight is Sight.TOTAL or tells_more_than_posted(inside, sight is Sight.POSTED):
        published = publications.shown(session, run.tenant_id, run.id).get(one.key)
        return run_explanations.in_total(asked, aggregate(one, cohort, name, published, inside, run, visit))
    past = result_history.of_run(session, run.tenant_id, run.id, one.key).get(one.key, [])
    links = [
        (row, url_for("visit.why_of", enrolment=row.id, indicator=one.key), found.get(row.person.account))
        for row in sorted(people, key=lambda row: row.person.shown_name)
    ]
    return run_explanations.by_name(asked, links, sight is Sight.POSTED, past)


def _in_scope(row: Enrolment, visit: Visit) -> bool:
    return row.enrolled <= visit.today and (row.withdrawn is None or visit.today < row.withdrawn)


def _is_own(visit: Visit, fact: Fact) -> bool:
    return fact.actor == visit.account and visit.enrolment is not None and fact.registration == visit.enrolment.id


def _to_own(act: Act) -> str | None:
    return url_for("visit.own_statement", id_=act.id) if act.by_self else None


def _nowhere(act: Act) -> str | None:
    return None


def _to_statement(act: Act) -> str | None:
    return url_for("visit.statement", id_=act.id)


def _back(visit: Visit, row: Enrolment) -> str:
    """To the page with everything about this person, for teachers; else to that of the run."""
    if Role.FACILITATOR in visit.roles:
        return url_for("visit.person", enrolment=row.id)
    return url_for("visit.numbers") if Role.EVALUATOR in visit.roles else visit.home


def _note(bridge: Bridge, visit: Visit, run: RunRow, situation: Situation, indicator: str, count: int) -> None:
    """An evaluator's look at the statements behind somebody's number is a look like any other."""
    viewer = Viewer(str(Role.EVALUATOR), account=visit.account, run_id=run.id)
    notebook = Notebook(bridge.sessions, visit.tenant_id, viewer, False, visit.now)
    notebook.note(Looked.LIST, {"person": situation.person.account, "indicator": indicator}, count)


def _page(visit: Visit, one: Explanation, back: dict[str, str], whose: str) -> str:
    return render_template("why.html", visit=visit, one=one, back=back, whose=whose, who_link=None)


def _failed(visit: Visit, name: str, back: str) -> str:
    return render_template(
        "why_failed.html", visit=visit, name=name, back={"href": back, "text": "Back"}, who_link=None
    )
