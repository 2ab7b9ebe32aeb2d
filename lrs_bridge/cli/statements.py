"""`lrs-bridge statements`: check statements against xAPI profiles."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

import click

from lrs_bridge.cli.files import FILE, refuse
from lrs_bridge.cli.findings import FORMAT, STRICT, as_json, count, echo_findings, exit_status, number
from lrs_bridge.cli.profile_sources import profiles_of
from lrs_bridge.journeyfile import JourneyFileError, read_statements
from lrs_bridge.xapi.checking.findings import Finding, errors, warnings
from lrs_bridge.xapi.checking.statements import Checker, Naming, Report
from lrs_bridge.xapi.patterns import Outcome


@click.group()
def statements() -> None:
    """xAPI statements in files."""


@statements.command()
@click.argument("file", type=FILE)
@click.option(
    "--profile", "names", multiple=True, required=True, metavar="P", help="A file, a folder, a shipped profile's IRI."
)
@click.option(
    "--naming",
    type=click.Choice([str(one) for one in Naming]),
    default=str(Naming.ANY),
    show_default=True,
    help="Of statements that name no given profile: any, check templates; named, nothing; assumed, patterns too.",
)
@FORMAT
@STRICT
def check(file: Path, names: tuple[str, ...], naming: str, form: str, strict: bool) -> None:
    """Hold statements against the templates and patterns of profiles.

    FILE is a JSON array, one statement, JSON lines, or pages as an LRS returns them. Exits 0 if all is well, 1 for
    findings (warnings alone do not count without --strict), 2 for files that cannot be read.
    """
    profiles = profiles_of(names)
    try:
        given = read_statements(file.read_bytes(), str(file))
    except JourneyFileError as error:
        refuse(str(error))
    report = Checker(profiles, Naming(naming)).check(given)
    if form == "json":
        told = {"errors": len(errors(report.findings)), "warnings": len(warnings(report.findings))}
        findings = [as_json(one) for one in report.findings]
        everything = {"file": str(file), **report.as_dict(), **told, "findings": findings}
        click.echo(json.dumps(everything, indent=2, ensure_ascii=False))
    else:
        echo_findings(report.findings, lambda one: f"{file}: {_place(one)}", _short)
        has_patterns = any(pattern.primary for profile in profiles for pattern in profile.patterns)
        for line in _summary(report, has_patterns):
            click.echo(f"{file}: {line}")
    sys.exit(exit_status(report.findings, strict))


def _place(finding: Finding) -> str:
    if "number" not in finding.about:
        return f"profile {finding.about.get('profile')}"
    iri = finding.about.get("statement")
    return f"statement {finding.about['number']}{f' ({iri})' if iri else ''}"


def _short(finding: Finding) -> str:
    return f"statement {finding.about.get('number')}"


def _summary(report: Report, has_patterns: bool) -> list[str]:
    meant = report.statements - report.unmatched
    lines = [f"{number(report.statements, 'statement')}, {meant} of them meant for a template."]
    if report.outside:
        lines.append(f"{number(report.outside, 'reference')} to statements outside this file: not judged.")
    if report.followings:
        outcomes = Counter(following.outcome for following in report.followings)
        lines.append(f"patterns: {', '.join(f'{outcomes[outcome]} {outcome}' for outcome in Outcome)}.")
    elif has_patterns and report.statements:
        lines.append("no statement names a profile as category, so no patterns were matched: see --naming.")
    lines.append(f"{count(report.findings) if report.findings else 'in order'}.")
    return lines
