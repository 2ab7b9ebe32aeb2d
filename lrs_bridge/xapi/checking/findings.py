"""What a check of a profile or of statements has found, one thing at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from lrs_bridge.xapi.checking.lines import Lines


class Severity(StrEnum):
    """An error breaks a MUST. A warning breaks a SHOULD, or a MUST in a way that leaves no doubt what is meant."""

    ERROR = "error"
    WARNING = "warning"


NO_VALUE: Any = object()


@dataclass(frozen=True)
class Finding:
    """One finding.

    `rule` is its name in docs/checking-xapi.md. `pointer` is the place in the checked document, a JSON pointer
    (RFC 6901), `line` its line where known. `about` says more of what is concerned, by name: a statement's id and
    number, the template, the location of its rule, a registration. `mend` says how to put it right.
    """

    severity: Severity
    rule: str
    pointer: str
    message: str
    value: Any = NO_VALUE
    mend: str = ""
    about: Mapping[str, str | int] = field(default_factory=dict)
    line: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """As the commands print it in JSON; what is not known is left out."""
        known: dict[str, Any] = {
            "severity": str(self.severity),
            "rule": self.rule,
            **self.about,
            "pointer": self.pointer,
            "line": self.line,
            "message": self.message,
            "mend": self.mend or None,
        }
        found = {key: value for key, value in known.items() if value is not None}
        return found if self.value is NO_VALUE else {**found, "value": self.value}


def errors(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity is Severity.ERROR]


def warnings(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity is Severity.WARNING]


def with_lines(findings: Iterable[Finding], lines: Lines) -> list[Finding]:
    """The findings with the lines of their pointers, in the order of the document."""
    placed = [
        Finding(f.severity, f.rule, f.pointer, f.message, f.value, f.mend, f.about, lines.of(f.pointer))
        for f in findings
    ]
    return sorted(placed, key=lambda finding: finding.line or 0)


def pointer(*path: str | int) -> str:
    """A JSON pointer: `pointer("rules", 0, "a/b")` is `/rules/0/a~1b`."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
