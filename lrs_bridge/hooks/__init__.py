"""The plugin door: everything an evaluator's author imports."""

from __future__ import annotations

from lrs_bridge.domain import applications, completion, record, routing, sponsoring, support, surveys
from lrs_bridge.domain.delivery import Refused, Unavailable
from lrs_bridge.domain.evaluation import Evaluator, Evidence, Level, Member, Posting
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.explaining import Part, Seen, Words
from lrs_bridge.domain.facts import Fact, ids_in_order
from lrs_bridge.domain.groups import mean, mean_of
from lrs_bridge.domain.indicators import Outcome, Status, Subject
from lrs_bridge.domain.journey import Capability, Journey, Step, Survey, SurveyItem, once_per_journey
from lrs_bridge.domain.listeners import Call, Change, Heard, Listener, Recorded
from lrs_bridge.domain.people import Cohort, Person, Role, Run
from lrs_bridge.hooks.evaluator_settings import EvaluatorSettings, Weights
from lrs_bridge.hooks.spec import declares, hookimpl, listens

__all__ = [
    "Call",
    "Capability",
    "Change",
    "Cohort",
    "Evaluator",
    "EvaluatorSettings",
    "Evidence",
    "Fact",
    "Heard",
    "Journey",
    "Kind",
    "Level",
    "Listener",
    "Member",
    "Outcome",
    "Part",
    "Person",
    "Posting",
    "Recorded",
    "Refused",
    "Role",
    "Run",
    "Seen",
    "Status",
    "Step",
    "Subject",
    "Survey",
    "SurveyItem",
    "Unavailable",
    "Weights",
    "Words",
    "applications",
    "completion",
    "declares",
    "hookimpl",
    "ids_in_order",
    "listens",
    "mean",
    "mean_of",
    "once_per_journey",
    "record",
    "routing",
    "sponsoring",
    "support",
    "surveys",
]
