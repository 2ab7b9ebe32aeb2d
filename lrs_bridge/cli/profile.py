"""`lrs-bridge profile`: check an xAPI profile."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from lrs_bridge.cli.files import FILE, refuse
from lrs_bridge.cli.findings import FORMAT, STRICT, as_json, count, echo_findings, exit_status, number
from lrs_bridge.cli.profile_sources import profile_text, profiles_of
from lrs_bridge.xapi.checking.findings import Finding, errors, warnings
from lrs_bridge.xapi.checking.lines import NotJson, decode
from lrs_bridge.xapi.checking.profile_check import check_text
from lrs_bridge.xapi.profile import looks_like_one, newest_first

_PARTS = ("concept", "template", "pattern")


@click.group()
def profile() -> None:
    """xAPI profiles."""


@profile.command()
@click.argument("file", type=FILE)
@click.option("--with", "others", multiple=True, metavar="P", help="A profile that this one may refer to; may repeat.")
@FORMAT
@STRICT
def check(file: Path, others: tuple[str, ...], form: str, strict: bool) -> None:
    """Hold a profile against xAPI Profiles 1.0.

    Exits 0 if it is in order, 1 for findings (warnings alone do not count without --strict), 2 for what is no profile.
    """
    text = profile_text(file)
    known = profiles_of(others)
    try:
        document, _ = decode(text)
    except NotJson as error:
        refuse(f"{file}:{error.line}: this is no JSON: {error.why}.")
    if not looks_like_one(document):
        refuse(f"{file}: this is no profile: it has neither versions nor concepts, templates or patterns.")
    findings = check_text(text, known)
    if form == "json":
        click.echo(_json(file, document, findings))
    else:
        echo_findings(findings, lambda one: f"{file}:{one.line}", lambda one: f"line {one.line}")
        parts = ", ".join(number(_count(document, part), part) for part in _PARTS)
        verdict = count(findings) if findings else "in order"
        click.echo(f"{file}: {document.get('id')}, version {_version(document)}, {parts}: {verdict}.")
    sys.exit(exit_status(findings, strict))


def _count(document: dict[str, Any], part: str) -> int:
    listed = document.get(f"{part}s")
    return len(listed) if isinstance(listed, list) else 0


def _version(document: dict[str, Any]) -> str | None:
    return next(iter(newest_first(document.get("versions"))), None)


def _json(file: Path, document: dict[str, Any], findings: Sequence[Finding]) -> str:
    found = {
        "file": str(file),
        "id": document.get("id"),
        "version": _version(document),
        **{f"{part}s": _count(document, part) for part in _PARTS},
        "errors": len(errors(findings)),
        "warnings": len(warnings(findings)),
        "findings": [as_json(one) for one in findings],
    }
    return json.dumps(found, indent=2, ensure_ascii=False)
