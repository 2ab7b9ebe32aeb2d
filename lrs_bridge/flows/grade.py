"""Indicators into the gradebook: what each column should hold. `flows.send` sees to it that the LMS has it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from lrs_bridge.domain.evaluation import Active, Posting
from lrs_bridge.domain.indicators import Result
from lrs_bridge.domain.journey import Journey, LineItemPlan
from lrs_bridge.domain.scores import ActivityProgress, points
from lrs_bridge.store import scores
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.store.runs import RunRow


def posted_indicators(journey: Journey, active: Sequence[Active]) -> dict[str, LineItemPlan]:
    """Which indicators have a column in this run, and how: the journey's choice, else the default set; and over both
    what an administrator says.

    In the order in which the journey names them, then that of their keys.
    """
    plans: dict[str, LineItemPlan] = {}
    named = list(journey.gradebook or journey.evaluators or ())
    for one in sorted(active, key=lambda one: (named.index(one.key) if one.key in named else len(named), one.key)):
        declared = one.evaluator
        if declared.posting is Posting.NEVER:
            continue
        chosen = (journey.gradebook or {}).get(declared.key)
        if journey.gradebook is None and declared.posting is Posting.DEFAULT:
            chosen = LineItemPlan()
        if one.column is not None:
            chosen = (chosen or LineItemPlan()) if one.column else None
        if chosen is not None:
            plans[declared.key] = LineItemPlan(chosen.maximum, chosen.label or declared.title)
    return plans


def want_scores(
    session: Session,
    run: RunRow,
    enrolment: Enrolment,
    active: Sequence[Active],
    computed: Sequence[Result],
    now: datetime,
) -> None:
    """Say what the person's columns should hold now; what differs from the LMS waits to be sent.

    A column is InProgress until the result itself says that it is complete, or until the run is over.
    """
    over = run.closed is not None or (run.run.local_day(now) - run.day_zero).days > run.journey.last_day
    plans = posted_indicators(run.journey, active)
    columns = [(key, plan.label or key, plan.maximum) for key, plan in plans.items()]
    scores.plan_line_items(session, run.tenant_id, run.id, columns)
    for result in computed:
        plan = plans.get(result.indicator)
        if plan is None:
            continue
        value = result.outcome.posted
        complete = result.outcome.components.get("complete", over)
        scores.want(
            session,
            run.tenant_id,
            run.id,
            enrolment.id,
            result.indicator,
            plan.label or result.indicator,
            None if value is None else points(value, plan.maximum),
            plan.maximum,
            ActivityProgress.COMPLETED if complete else ActivityProgress.IN_PROGRESS,
            now,
        )
