"""Findings of a check as text: each once, with the places where it stands again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click

from lrs_bridge.xapi.checking.findings import NO_VALUE, Finding, errors, warnings

FORMAT = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print it."
)
STRICT = click.option("--strict", is_flag=True, help="Let warnings count as findings too.")
_PLACES, _WIDTH = 5, 160
_ONE_OF_MANY = ("number", "statement", "registration", "subregistration")


def echo_findings(
    findings: Iterable[Finding], place: Callable[[Finding], str], short: Callable[[Finding], str]
) -> None:
    """One paragraph for each thing found. `place` begins it; `short` names the other places, as in `lines 3, 7`."""
    for group in _alike(findings):
        first, *more = group
        click.echo(f"{place(first)}: {first.severity}: {_sentence(first)}  [{first.rule}]")
        for line in (*_details(first), first.mend):
            if line:
                click.echo(f"    {line}")
        if more:
            click.echo(f"    {_again([short(one) for one in more])}")


def count(findings: Sequence[Finding]) -> str:
    """`2 errors, 1 warning`."""
    return f"{number(len(errors(findings)), 'error')}, {number(len(warnings(findings)), 'warning')}"


def exit_status(findings: Sequence[Finding], strict: bool) -> int:
    """1 where there are findings that count, else 0."""
    return 1 if errors(findings) or (strict and findings) else 0


def number(how_many: int, noun: str) -> str:
    return f"{how_many} {noun}{'' if how_many == 1 else 's'}"


def printable(value: Any) -> Any:
    """The value, unless it is nested deeper than the encoder follows."""
    try:
        json.dumps(value)
    except RecursionError:
        return "(nested too deep to show)"
    return value


def as_json(finding: Finding) -> dict[str, Any]:
    return {key: printable(value) for key, value in finding.as_dict().items()}


def _alike(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Findings that say the same of different places; those of the same template, location and value stay together."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        about = {key: value for key, value in finding.about.items() if key not in _ONE_OF_MANY}
        value = _value(finding) if finding.line is not None else ""
        key = repr((finding.severity, finding.rule, finding.message, sorted(about.items()), value))
        groups.setdefault(key, []).append(finding)
    return list(groups.values())


def _sentence(finding: Finding) -> str:
    location = finding.about.get("location")
    said = f"{location}: {finding.message}" if location else finding.message
    value = _value(finding)
    return f"{said}; found {value}" if value and finding.line is None else said


def _details(finding: Finding) -> list[str]:
    if finding.line is not None:
        value = _value(finding)
        return [f"{finding.pointer}: {value}" if value else finding.pointer]
    about = finding.about
    lines = []
    if "template" in about:
        index = f", rule {about['rule_index']}" if "rule_index" in about else ""
        selector = f", selector {about['selector']}" if "selector" in about else ""
        lines.append(f"template {about['template']}{index}{selector}")
    lines += [f"{name} {about[name]}" for name in ("pattern", "registration", "subregistration") if name in about]
    return lines


def _value(finding: Finding) -> str:
    if finding.value is NO_VALUE:
        return ""
    shown = json.dumps(printable(finding.value), ensure_ascii=False)
    return shown if len(shown) <= _WIDTH else f"{shown[:_WIDTH]}..."


def _again(places: list[str]) -> str:
    rest = len(places) - _PLACES
    return f"also {', '.join(places[:_PLACES])}{f' and {rest} more' if rest > 0 else ''}"
