"""What testing a record store found out: for an admin in words, for the rest of the product as traits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """`care`: it works, with something to know or to mend. `left_out`: not tried, the text says why."""

    OK = "ok"
    CARE = "care"
    BAD = "bad"
    LEFT_OUT = "left_out"


@dataclass(frozen=True)
class Finding:
    """One thing that was tried. `about` in a few words; `text`: what came of it, and what that means; `advice`: what to
    do, where there is something to be done."""

    about: str
    verdict: Verdict
    text: str
    advice: str = ""


@dataclass(frozen=True)
class Traits:
    """What we go by when we speak with the store; None where it was not found out.

    `by_stored`: `since` and ascending order go by `stored`, as the specification says, and not by `timestamp`.
    `through`: X-Experience-API-Consistent-Through can be relied on.
    """

    version: str | None = None
    compress: bool = False
    by_stored: bool | None = None
    through: bool | None = None
    voids: bool | None = None


@dataclass(frozen=True)
class Probed:
    """A test of the store at `url`."""

    url: str
    at: datetime
    findings: tuple[Finding, ...]
    traits: Traits

    @property
    def verdict(self) -> Verdict:
        """The worst of all."""
        found = {finding.verdict for finding in self.findings}
        return next((one for one in (Verdict.BAD, Verdict.CARE) if one in found), Verdict.OK)

    @property
    def conclusion(self) -> str:
        return {
            Verdict.BAD: "This store cannot hold the record like this.",
            Verdict.CARE: "This store can hold the record. Some of it is worth knowing.",
        }.get(self.verdict, "This store can hold the record.")

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "at": self.at.isoformat()}

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Probed:
        findings = (Finding(**{**one, "verdict": Verdict(one["verdict"])}) for one in found["findings"])
        return cls(found["url"], datetime.fromisoformat(found["at"]), tuple(findings), Traits(**found["traits"]))
