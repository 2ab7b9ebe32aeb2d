"""Everything that the page of a run's results, and its files, tell one reader. Pure.

Put together once (`flows.insights`) and read by page, CSV and Excel alike, so that none of them can say more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from lrs_bridge.domain.chain import ChainStep
from lrs_bridge.domain.insights.funnel import Row
from lrs_bridge.domain.insights.matrix import Matrix
from lrs_bridge.domain.insights.pair import Pair
from lrs_bridge.domain.insights.shares import AreaShare, Share, Why
from lrs_bridge.domain.performance import Performance


@dataclass(frozen=True)
class Mean:
    """The mean of an indicator over a run; None where it is not told, and `why`."""

    value: float | None
    people: int | None = None
    why: Why | None = None


@dataclass(frozen=True)
class RunLine:
    """A run beside others. `means` by indicator; `impact` None: the reader is told of none.

    `this`: it is the run itself.
    """

    course: str
    day_zero: date
    version: int
    pilot: bool
    closed: bool
    people: int | None
    means: Mapping[str, Mean]
    impact: Share | None
    this: bool = False


@dataclass(frozen=True)
class Made:
    """With what an indicator was worked out: title, version and settings by name."""

    title: str
    version: str
    settings: Mapping[str, object]


@dataclass(frozen=True)
class Figures:
    """What one reader sees. None, or nothing in a sequence: it is not for them, or the journey has nothing of it.

    `frozen_at`: when the publication behind the impact rate was cut. `target`: the run's own, in percent. `own_chain`:
    the chain is that of the reader's managers, not of the run. `titles` of the indicators of `runs`. `unknown`: of how
    many no more is known than that they are enrolled.
    """

    as_of: datetime
    people: int
    target: float | None = None
    impact: Share | None = None
    frozen_at: datetime | None = None
    areas: Sequence[AreaShare] = ()
    funnel: Sequence[Row] = ()
    matrix: Matrix | None = None
    chain: Sequence[ChainStep] = ()
    own_chain: bool = False
    chain_told: bool = False
    pair: Pair | None = None
    performance: Performance | None = None
    performance_told: bool = False
    runs: Sequence[RunLine] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    made: Sequence[Made] = ()
    k: int = 5
    unknown: int = 0
