"""What a success case study is made from: the run, its people, their answers and what they said about interviews."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lrs_bridge.domain.casework.acts import Consent
from lrs_bridge.domain.casework.sampling import Sizes
from lrs_bridge.domain.casework.sorting import Answered, usual_rule
from lrs_bridge.domain.casework.sources import About, Sources, Start, Survey
from lrs_bridge.domain.casework.worth import Money
from lrs_bridge.domain.journey import Journey, Step
from lrs_bridge.domain.journey import Survey as Asked
from lrs_bridge.flows.evaluate import active_evaluators
from lrs_bridge.flows.publishing import is_over
from lrs_bridge.hooks.registry import Registry
from lrs_bridge.store import consents, folk, people, study_reading
from lrs_bridge.store.anonymous_answers import AnswerBox
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.study_reading import Answer, Enrolled

KIND = "success_case"
POINTS = range(4)


def read(session: Session, registry: Registry, run: RunRow, as_of: datetime) -> tuple[Sources, dict[str, str]]:
    """The sources of a study as they were at `as_of`, and the names of everybody in the run."""
    journey, day = run.journey, run.run.local_day(as_of)
    everybody = study_reading.everybody(session, run)
    inside = [one for one in everybody if one.in_scope(day)]
    step, asked = _survey(journey)
    answers: tuple[Answered, ...] = ()
    own: dict[str, Consent] = {}
    marks: frozenset[str] = frozenset()
    if step and asked and asked.confidentiality == "anonymous":
        marks = _marks(session, run, step)
    elif asked:
        given = _answers(session, run, inside, asked, as_of)
        answers = tuple(_answered(one, _items(journey, asked)) for one in given)
        own = _said_no(session, run, given)
    own |= _own_words(session, run, as_of)
    names = _names(session, run, everybody)
    return (
        Sources(
            about=_about(run, as_of),
            survey=_asked(run, step, asked),
            people={one.registration: one.area for one in inside},
            everybody=frozenset(one.registration for one in everybody),
            answers=answers,
            marks=marks,
            own=own,
            start=_start(session, registry, run, asked),
            path=_path(journey),
            names=names,
        ),
        names,
    )


def _survey(journey: Journey) -> tuple[Step | None, Asked | None]:
    """The step that asks the success case survey: the latest that opens, by name before anonymous ones."""
    named = [(step, journey.surveys.get(step.survey or "")) for step in journey.steps]
    found = [(step, asked) for step, asked in named if asked is not None and asked.kind == KIND]
    if not found:
        return None, None
    return max(found, key=lambda pair: (pair[1].confidentiality != "anonymous", pair[0].opens_day))


def _items(journey: Journey, asked: Asked) -> tuple[tuple[str, str], ...]:
    """The items of use, 0-3: the survey's own, else one per moment."""
    own = tuple((item.id, item.title) for item in asked.items if item.scale == "use")
    return own or tuple((moment.id, moment.title) for moment in journey.moments)


def _asked(run: RunRow, step: Step | None, asked: Asked | None) -> Survey | None:
    if step is None or asked is None:
        return None
    window = step.window(run.day_zero, None)
    items = _items(run.journey, asked)
    return Survey(step.id, step.title, asked.confidentiality, items, window.opens, window.due)


def _answers(session: Session, run: RunRow, inside: Sequence[Enrolled], asked: Asked, as_of: datetime) -> list[Answer]:
    """Everybody's latest answer, by registration."""
    steps = [step.id for step in run.journey.steps if step.survey == asked.name]
    accounts = {one.registration: one.account for one in inside}
    found: dict[str, Answer] = {}
    for one in study_reading.answers(session, run, steps, as_of):  # in order of time
        if accounts.get(one.registration) == one.actor and one.body.get("completion") is not False:
            found[one.registration] = one
    return [one for _, one in sorted(found.items())]


def _answered(one: Answer, items: Sequence[tuple[str, str]]) -> Answered:
    said = one.data.get("answers")
    given = said if isinstance(said, Mapping) else {}
    factors = one.data.get("factors")
    known = factors if isinstance(factors, Mapping) else {}
    kept = {code: word for code, word in known.items() if word in ("helped", "hindered")}
    return Answered(one.registration, tuple(_point(given.get(id_)) for id_, _ in items), kept, one.at)


def _point(answer: object) -> int | None:
    return next((point for point in POINTS if not isinstance(answer, bool) and answer == point), None)


def _said_no(session: Session, run: RunRow, given: Sequence[Answer]) -> dict[str, Consent]:
    """Those who said with their answer that they would rather not talk."""
    said = study_reading.said_no(session, run, [one.id for one in given])
    return {one.registration: Consent(False, "not", one.at, own=True) for one in given if one.id in said}


def _own_words(session: Session, run: RunRow, as_of: datetime) -> dict[str, Consent]:
    """What people said on the page of the interview: the latest of each."""
    rows = [row for row in consents.of_run(session, run.tenant_id, run.id) if row.decided <= as_of]
    rows.sort(key=lambda row: row.decided)
    return {row.enrolment_id: Consent(row.agreed, row.quoting or "not", row.decided, own=True) for row in rows}


def _marks(session: Session, run: RunRow, step: Step) -> frozenset[str]:
    mine = AnswerBox.tenant_id == run.tenant_id, AnswerBox.run_id == run.id, AnswerBox.step == step.id
    return frozenset(session.scalar(select(AnswerBox.marks).where(*mine)) or ())


def _names(session: Session, run: RunRow, known: Sequence[Enrolled]) -> dict[str, str]:
    """Participants' names by registration; of everybody else who is something in the run by account."""
    called = {one.account: people.shown_name(one.name, one.account) for one in folk.everybody(session, run)}
    found = {one.registration: called.pop(one.account, "") for one in known}
    return found | dict(sorted(called.items()))


def _about(run: RunRow, as_of: datetime) -> About:
    journey = run.journey
    return About(
        run_id=run.id,
        journey=journey.title,
        slug=journey.slug,
        version=journey.version,
        digest=journey.digest,
        course=run.course.title,
        day_zero=run.day_zero,
        time_zone=run.time_zone,
        pilot=run.is_pilot,
        over=is_over(run, as_of),
    )


def _start(session: Session, registry: Registry, run: RunRow, asked: Asked | None) -> Start:
    """The journey's and the installation's settings of the success case indicator."""
    found = [one.settings for one in active_evaluators(session, registry, run) if one.evaluator.key == KIND]
    settings: Mapping[str, Any] = found[0] if found else {}
    items = len(_items(run.journey, asked)) if asked else 0
    target = settings.get("target_share")
    return Start(
        rule=usual_rule(items, settings.get("high_items", 2), settings.get("min_answered", 0.6667)),
        sizes=Sizes(**settings.get("sample", {})),
        seed=settings.get("seed", 1),
        money=Money(
            cost=settings.get("cost"),
            target=target if target is not None else run.journey.targets.impact_share,
            target_source="The journey’s target" if target is None and run.journey.targets.impact_share else "",
        ),
    )


def _path(journey: Journey) -> dict[str, str]:
    """The impact model as the journey has it."""
    path = dict(journey.performance_path)
    path["behaviours"] = "\n".join(one.title for one in journey.behaviours)
    path["moments"] = "\n".join(one.title for one in journey.moments)
    return path
