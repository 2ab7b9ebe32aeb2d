"""The plugin door: everything an evaluator's author imports."""

from __future__ import annotations

from lrs_bridge.domain import applications, completion, record, routing, sponsoring, support, surveys
from lrs_bridge.domain.evaluation import Evaluator, Evidence, Level, Member, Posting
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact, ids_in_order
from lrs_bridge.domain.groups import mean, mean_of
from lrs_bridge.domain.indicators import Outcome, Status, Subject
from lrs_bridge.domain.journey import Capability, Journey, Step, Survey, SurveyItem
from lrs_bridge.domain.people import Cohort, Person, Role, Run
from lrs_bridge.hooks.evaluator_settings import EvaluatorSettings, Weights
from lrs_bridge.hooks.spec import declares, hookimpl

__all__ = [
    "Capability",
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
    "SurveyItem",
    "Weights",
    "applications",
    "completion",
    "declares",
    "hookimpl",
    "ids_in_order",
    "mean",
    "mean_of",
    "record",
    "routing",
    "sponsoring",
    "support",
    "surveys",
]
