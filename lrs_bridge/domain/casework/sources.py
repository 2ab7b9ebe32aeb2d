"""What a study is made from: the run with its people and answers, as far as a study needs them. No names but to look
for them in stories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from lrs_bridge.domain.casework.acts import Consent
from lrs_bridge.domain.casework.sampling import Sizes
from lrs_bridge.domain.casework.sorting import Answered, Rule
from lrs_bridge.domain.casework.worth import Money

MODEL: Mapping[str, str] = MappingProxyType(
    {
        "learning_outcome": "What people learn to do",
        "behaviours": "What they do with it",
        "moments": "In which moments that matter",
        "performance_outcome": "What comes of it at work",
        "business_rationale": "What the business has from it",
    }
)
"""The parts of an impact model, in the order in which one leads to the next, with their titles."""


@dataclass(frozen=True)
class Survey:
    """The success case survey of the run. `items`: id and title of each question of use."""

    step: str
    title: str
    confidentiality: str
    items: tuple[tuple[str, str], ...]
    opens: date
    due: date

    @property
    def anonymous(self) -> bool:
        return self.confidentiality == "anonymous"


@dataclass(frozen=True)
class Start:
    """What holds until the evaluator sets something else: from the journey's settings of `success_case`."""

    rule: Rule = field(default_factory=Rule)
    sizes: Sizes = field(default_factory=Sizes)
    seed: int = 1
    money: Money = field(default_factory=Money)


@dataclass(frozen=True)
class About:
    """The run in words, for the head of pages and reports. `over`: closed, or its last day past."""

    run_id: str
    journey: str
    slug: str
    version: int
    digest: str
    course: str | None
    day_zero: date
    time_zone: str
    pilot: bool
    over: bool

    def local_day(self, moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(self.time_zone)).date()


@dataclass(frozen=True)
class Sources:
    """`people`: area by registration of everybody in scope; `everybody`: registrations of all who ever were in the run.

    `answers`: of people in scope. `marks`: of an anonymous survey, who answered (never what). `own`: what people said
    here about being interviewed. `path`: the impact model as the journey has it. `names`: of people of the run by
    registration or account, to be looked for in stories.
    """

    about: About
    survey: Survey | None
    people: Mapping[str, str | None]
    everybody: frozenset[str]
    answers: tuple[Answered, ...] = ()
    marks: frozenset[str] = frozenset()
    own: Mapping[str, Consent] = field(default_factory=dict)
    start: Start = field(default_factory=Start)
    path: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
