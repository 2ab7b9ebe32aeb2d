"""Indicators: what an evaluator says of one subject. null is never zero."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

_EMPTY: Mapping[str, Any] = MappingProxyType({})


class Status(StrEnum):
    """Why a value is there or is not."""

    OK = "ok"
    NOT_STARTED = "not_started"
    NOT_APPLICABLE = "not_applicable"
    INSUFFICIENT_DATA = "insufficient_data"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True)
class Subject:
    """A person (by account) or a cohort (a run, or one area of it)."""

    kind: str
    account: str | None = None
    run: str | None = None
    area: str | None = None

    @classmethod
    def person(cls, account: str) -> Subject:
        return cls("person", account=account)

    @classmethod
    def cohort(cls, run: str, area: str | None = None) -> Subject:
        return cls("cohort", run=run, area=area)

    def as_dict(self) -> dict[str, str]:
        parts = {"kind": self.kind, "account": self.account, "run": self.run, "area": self.area}
        return {key: value for key, value in parts.items() if value is not None}

    @property
    def sort_key(self) -> tuple[str, ...]:
        return (self.kind, self.account or "", self.run or "", self.area or "")


@dataclass(frozen=True)
class Outcome:
    """What an evaluator's function returns for one subject: `value` 0-100 unless its page says otherwise.

    `evidence`: ids of the statements that made the value. `n`: how many facts or people stand behind it;
    `coverage`: fraction of the people in scope (cohorts only).
    """

    value: float | None
    status: Status = Status.OK
    n: int = 0
    coverage: float | None = None
    components: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)
    evidence: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.value is None) == (self.status is Status.OK):
            raise ValueError(f"a value goes with status ok and only with it, not {self.value!r}, {self.status}")

    @property
    def posted(self) -> float | None:
        """What a gradebook may be told, 0-100: the value, unless the evaluator put another figure, or null for
        nothing, into the component `posted`. Nothing while the value is null."""
        if self.value is None:
            return None
        posted: float | None = self.components.get("posted", self.value)
        return posted

    @classmethod
    def none(cls, status: Status, **components: Any) -> Outcome:
        return cls(None, status, components=components)


@dataclass(frozen=True)
class Result:
    """An outcome with everything needed to repeat it: the row of `lrs-bridge evaluate` and of the store."""

    indicator: str
    subject: Subject
    as_of: datetime
    outcome: Outcome
    params: Mapping[str, Any]
    evaluator: str
    version: str
    distribution: str
    inputs_hash: str

    @property
    def value(self) -> float | None:
        return self.outcome.value

    @property
    def status(self) -> Status:
        return self.outcome.status

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready, full precision, in the order the contract gives."""
        out = self.outcome
        return {
            "indicator": self.indicator,
            "subject": self.subject.as_dict(),
            "as_of": self.as_of.isoformat(),
            "value": out.value,
            "status": str(out.status),
            "n": out.n,
            "coverage": out.coverage,
            "components": dict(out.components),
            "params": dict(self.params),
            "evaluator": {"key": self.evaluator, "version": self.version, "distribution": self.distribution},
            "inputs_hash": self.inputs_hash,
            "evidence": list(out.evidence),
        }
