"""Findings on a profile while they are gathered, and the names of the rules behind them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from lrs_bridge.xapi.checking.findings import NO_VALUE, Finding, Severity, pointer

Path = tuple[str | int, ...]

RULES: Mapping[str, str] = MappingProxyType(
    {
        "required": "a property that every part of this sort has to have is missing or empty",
        "value": "a value is not of the kind that the property takes",
        "iri": "an IRI is needed, with its scheme, and no spaces",
        "one-for-list": "one value where a list belongs; read as a list of one",
        "empty-value": "an empty object, list or text, or null",
        "unknown-property": "a property that the specification does not know here and that is no IRI",
        "duplicate-key": "a key stands twice in one object; the last one counts",
        "duplicate-id": "two parts have one id",
        "context": "the JSON-LD context is not that of the specification",
        "type": "the type is none that may stand here",
        "conforms-to": "the profile follows another version of the specification than 1.0",
        "time": "a time is not written as 2026-01-15T00:00:00Z",
        "language": "a key of a language map is no language tag",
        "version-id": "the version's id is the profile's",
        "revision": "a version that succeeds others does not say which",
        "in-scheme": "inScheme is not the profile's newest version",
        "schema": "a JSON Schema cannot be read, or is given twice",
        "related": "related is for deprecated concepts",
        "unknown-reference": "an IRI leads to nothing in this profile or in those given with it",
        "wrong-reference": "an IRI leads to something of another type",
        "not-checked": "an IRI leads to a profile that was not given",
        "object-twice": "a template has both objectStatementRefTemplate and objectActivityType",
        "location": "a location or selector cannot be evaluated",
        "location-dirty": "a location or selector is not written as the specification wants; read as meant",
        "location-nowhere": "a location leads where no statement has anything",
        "presence": "presence is none of included, excluded, recommended",
        "rule-empty": "a rule has none of presence, any, all, none",
        "rule-contradiction": "a rule cannot be kept, or part of it is never looked at",
        "pattern-choice": "a pattern has not exactly one of sequence, alternates, optional, oneOrMore, zeroOrMore",
        "pattern-members": "a sequence or alternates has fewer than two members",
        "pattern-alternates": "an optional or zeroOrMore stands directly inside alternates",
        "pattern-cycle": "a pattern contains itself",
        "pattern-primary": "no pattern is primary, so none is ever matched",
        "pattern-unused": "a pattern is neither primary nor part of a primary one",
        "pattern-greedy": "greedy matching refuses statements that the pattern describes",
    }
)


class Notes:
    """Findings as they come; `path` is the way to the value from the root of the document."""

    def __init__(self) -> None:
        self.found: list[Finding] = []

    def error(self, rule: str, path: Path, message: str, value: Any = NO_VALUE, mend: str = "") -> None:
        self._add(Severity.ERROR, rule, path, message, value, mend)

    def warn(self, rule: str, path: Path, message: str, value: Any = NO_VALUE, mend: str = "") -> None:
        self._add(Severity.WARNING, rule, path, message, value, mend)

    def _add(self, severity: Severity, rule: str, path: Path, message: str, value: Any, mend: str) -> None:
        assert rule in RULES
        self.found.append(Finding(severity, rule, pointer(*path), message, value, mend))
