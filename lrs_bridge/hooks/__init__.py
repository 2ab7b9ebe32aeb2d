"""The plugin door: everything an evaluator's author imports."""

from __future__ import annotations

from lrs_bridge.domain import applications, completion, record, support
from lrs_bridge.domain.evaluation import Evaluator, Evidence, Level, Member, Posting
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact, ids_in_order
from lrs_bridge.domain.groups import mean, mean_of
from lrs_bridge.domain.indicators import Outcome, Status, Subject
from lrs_bridge.domain.journey import Journey, Step, Survey
from lrs_bridge.domain.people import Cohort, Person, Role, Run
from lrs_bridge.hooks.evaluator_settings import EvaluatorSettings
from lrs_bridge.hooks.spec import hookimpl

__all__ = [
    "Cohort",
    "Evaluator",
    "EvaluatorSettings",
    "Evidence",
    "Fact",
    "Journey",
    "Kind",
    "Level",
    "Member",
    "Outcome",
    "Person",
    "Posting",
    "Role",
    "Run",
    "Status",
    "Step",
    "Subject",
    "Survey",
    "applications",
    "completion",
    "hookimpl",
    "ids_in_order",
    "mean",
    "mean_of",
    "record",
    "support",
]
