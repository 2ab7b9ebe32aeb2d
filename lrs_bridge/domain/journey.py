"""The journey: a versioned design of the weeks before, during and after a course.

The words and keys are those of `docs/journey-file.md`; `journeyfile` makes these values from YAML.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property, wraps
from types import MappingProxyType
from typing import Any, TypeVar

from lrs_bridge.domain.people import Role

_EMPTY: Mapping[str, Any] = MappingProxyType({})

STEP_TYPES = frozenset(
    """acknowledge impact_map approval conversation sponsor_message content_request self_study live_event practice
    assessment assessment_360 route menu action_plan coaching_group coaching_2_1 mentor_session mtm_application
    observation reflection peer_forum survey interview recognition check_in artefact report""".split()
)


class Phase(StrEnum):
    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


@dataclass(frozen=True)
class Titled:
    """A behaviour, or anything else that is an id with a title."""

    id: str
    title: str


@dataclass(frozen=True)
class Moment:
    """A moment that matters, with the ids of the behaviours that belong to it."""

    id: str
    title: str
    behaviours: tuple[str, ...] = ()


@dataclass(frozen=True)
class Capability:
    """A behavioural progression: `levels` are anchor texts, lowest first."""

    id: str
    title: str
    levels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Targets:
    """What mtm_application and reports measure against; None where the journey does not say."""

    applications: int | None = None
    moments: int | None = None
    periods: int | None = None
    period_days: int | None = None
    impact_share: float | None = None


@dataclass(frozen=True)
class Late:
    """Credit for a late completion: `full` is 1; `decay` is max(floor, 1 - rate x days late)."""

    policy: str = "full"
    rate: float = 0.0
    floor: float = 0.0

    def credit(self, days_late: int) -> float:
        if self.policy == "full" or days_late <= 0:
            return 1.0
        return max(self.floor, 1.0 - self.rate * days_late)


@dataclass(frozen=True)
class SurveyItem:
    id: str
    title: str
    scale: str
    factor: str | None = None
    reversed: bool = False


@dataclass(frozen=True)
class Survey:
    """`items` are complete here: the loader has put in the built-in ones of the kind."""

    name: str
    kind: str
    confidentiality: str = "confidential"
    items: tuple[SurveyItem, ...] = ()


@dataclass(frozen=True)
class Criterion:
    id: str
    title: str
    max: float


@dataclass(frozen=True)
class Assessment:
    name: str
    rubric_version: int
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True)
class RouteRule:
    """One of `at_least` and `below` is set; percent of the assessment."""

    route: str
    at_least: float | None = None
    below: float | None = None

    def fits(self, percent: float) -> bool:
        if self.at_least is not None:
            return percent >= self.at_least
        return self.below is not None and percent < self.below


@dataclass(frozen=True)
class Routes:
    """Branching at `step` on the percent of the assessment step `source` (key `from` in the file)."""

    step: str
    source: str
    rules: tuple[RouteRule, ...]
    missing: str = "ask_coach"


@dataclass(frozen=True)
class Choice:
    """A menu: of `steps` the `choose` best-credited count."""

    id: str
    choose: int
    steps: tuple[str, ...]


@dataclass(frozen=True)
class LineItemPlan:
    """How an indicator stands in the gradebook."""

    maximum: float = 100.0
    label: str | None = None


@dataclass(frozen=True)
class Matches:
    """A statement of another system that completes a step: verb and activity IRI."""

    verb: str
    activity: str


@dataclass(frozen=True)
class Step:
    """One thing one role has to do. Days count from day zero, or from enrolment where `from_enrolment`.

    `template`: name and version of the template that a work is to be written on.
    """

    id: str
    phase: Phase
    type: str
    owner: Role
    title: str
    counterpart: str | None = None
    guide: tuple[str, ...] = ()
    required: bool = True
    weight: float = 1.0
    opens_day: int = 0
    due_day: int = 0
    from_enrolment: bool = False
    grace_days: int = 0
    expected: int = 1
    route: str | None = None
    level: int | None = None
    assessment: str | None = None
    survey: str | None = None
    corroborated_by: Role | None = None
    template: str | None = None
    matches: Matches | None = None

    def window(self, day_zero: date, enrolled: date | None) -> Window:
        """The local days in which the step counts as in time."""
        start = enrolled if self.from_enrolment and enrolled else day_zero
        return Window(
            opens=start + timedelta(days=self.opens_day),
            due=start + timedelta(days=self.due_day),
            last=start + timedelta(days=self.due_day + self.grace_days),
        )


@dataclass(frozen=True, slots=True)
class Window:
    """`opens` to `last`, both included; `due` is shown to people, `last` has the grace days in it."""

    opens: date
    due: date
    last: date

    def contains(self, day: date) -> bool:
        return self.opens <= day <= self.last

    def is_over(self, day: date) -> bool:
        return day > self.last

    def days_late(self, day: date) -> int:
        return (day - self.last).days if day > self.last else 0


@dataclass(frozen=True)
class Journey:
    """One version of a journey file, validated. Optional parts are empty, never None, but for `evaluators`
    (None: every built-in evaluator that has a step or survey) and `gradebook` (None: the default set)."""

    slug: str
    version: int
    title: str
    steps: tuple[Step, ...]
    purpose: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    goal_owner: str | None = None
    performance_path: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    behaviours: tuple[Titled, ...] = ()
    moments: tuple[Moment, ...] = ()
    capabilities: tuple[Capability, ...] = ()
    targets: Targets = field(default_factory=Targets)
    late: Late = field(default_factory=Late)
    routes: Routes | None = None
    choices: tuple[Choice, ...] = ()
    surveys: Mapping[str, Survey] = field(default_factory=lambda: _EMPTY)
    assessments: Mapping[str, Assessment] = field(default_factory=lambda: _EMPTY)
    evaluators: Mapping[str, Mapping[str, Any]] | None = None
    gradebook: Mapping[str, LineItemPlan] | None = None
    pilot: bool = False
    digest: str = ""  # sha256 of the canonical content; part of every inputs hash

    @cached_property
    def step_by_id(self) -> dict[str, Step]:
        return {step.id: step for step in self.steps}

    @cached_property
    def moment_by_id(self) -> dict[str, Moment]:
        return {moment.id: moment for moment in self.moments}

    @cached_property
    def behaviour_ids(self) -> frozenset[str]:
        return frozenset(behaviour.id for behaviour in self.behaviours)

    @cached_property
    def matched_steps(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """Ids of the participant's steps that a statement of another system completes, by its verb and activity."""
        found: dict[tuple[str, str], tuple[str, ...]] = {}
        for step in self.owned_by(Role.PARTICIPANT):
            if step.matches is not None:
                key = (step.matches.verb, step.matches.activity)
                found[key] = (*found.get(key, ()), step.id)
        return found

    def windows(self, day_zero: date, enrolled: date | None) -> Mapping[str, Window]:
        """The window of every step by its id; made once per day zero and, where a step needs it, per enrolment."""
        key = (day_zero, enrolled if self._follows_enrolment else None)
        known = self._windows.get(key)
        if known is None:
            known = self._windows[key] = {step.id: step.window(*key) for step in self.steps}
        return known

    @cached_property
    def _follows_enrolment(self) -> bool:
        return any(step.from_enrolment for step in self.steps)

    @cached_property
    def remembered(self) -> dict[Callable[[Journey], Any], Any]:
        """What was found out about this journey, by the function that did (`once_per_journey`)."""
        return {}

    @cached_property
    def _windows(self) -> dict[tuple[date, date | None], Mapping[str, Window]]:
        return {}

    def owned_by(self, role: Role) -> tuple[Step, ...]:
        return self._by_owner.get(role, ())

    @cached_property
    def _by_owner(self) -> dict[Role, tuple[Step, ...]]:
        return {role: tuple(step for step in self.steps if step.owner is role) for role in Role}

    def of_type(self, *types: str) -> tuple[Step, ...]:
        found = self._by_types.get(types)
        if found is None:
            found = self._by_types[types] = tuple(step for step in self.steps if step.type in types)
        return found

    @cached_property
    def _by_types(self) -> dict[tuple[str, ...], tuple[Step, ...]]:
        return {}

    def surveys_of_kind(self, kind: str) -> tuple[Survey, ...]:
        return tuple(survey for survey in self.surveys.values() if survey.kind == kind)

    @property
    def last_day(self) -> int:
        """Days from day zero to the end of the last required step that counts from day zero."""
        return max((s.due_day + s.grace_days for s in self.steps if s.required), default=0)


_Found = TypeVar("_Found")


def once_per_journey(function: Callable[[Journey], _Found]) -> Callable[[Journey], _Found]:
    """For what depends on the journey alone and is asked for each of its people: answered once, then remembered."""

    @wraps(function)
    def answer(journey: Journey) -> _Found:
        known = journey.remembered
        if function not in known:
            known[function] = function(journey)
        found: _Found = known[function]
        return found

    return answer
