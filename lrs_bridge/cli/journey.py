"""`lrs-bridge journey`: check a journey file, install it, list what is installed."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from lrs_bridge.cli.files import FILE, text_of
from lrs_bridge.cli.opening import with_bridge
from lrs_bridge.domain.evaluators import Evaluator, Posting
from lrs_bridge.domain.journey import Journey
from lrs_bridge.hooks.registry import Registry, load
from lrs_bridge.hooks.settings import SettingsError, resolve
from lrs_bridge.journeyfile import JourneyFileError, design_check, line_of, load_journey
from lrs_bridge.store import journeys, tenants
from lrs_bridge.wiring import Bridge


@click.group()
def journey() -> None:
    """Journey files."""


@journey.command()
@click.argument("file", type=FILE)
def check(file: Path) -> None:
    """Check a journey file. Problems exit 1; remarks on the design do not."""
    text = text_of(file)
    try:
        found = load_journey(text, str(file))
    except JourneyFileError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    registry = load()
    problems = [
        f"{file}:{line_of(text, str(file), *path)}: {'.'.join(path)}: {message}"
        for path, message in _wrong_settings(found, registry)
    ]
    for problem in problems:
        click.echo(problem, err=True)
    for topic, remark in [*_not_installed(found, registry), *((r.topic, r.text) for r in design_check(found))]:
        click.echo(f"remark ({topic}): {remark}")
    if problems:
        sys.exit(1)
    count = len(found.steps)
    click.echo(f"{file}: {found.slug} version {found.version} is in order: {count} step{'' if count == 1 else 's'}.")


@journey.command()
@click.argument("file", type=FILE)
@click.option("--tenant", default=tenants.MAIN, show_default=True)
@with_bridge
def install(bridge: Bridge, file: Path, tenant: str) -> None:
    """Install a version of a journey, so that teachers can start runs of it. A version never changes afterwards."""
    text = text_of(file)
    try:
        found = load_journey(text, str(file))
    except JourneyFileError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    with bridge.sessions.write() as session:
        owner = tenants.tenant_named(session, tenant)
        known = journeys.find(session, owner.id, found.slug, found.version)
        journeys.install(session, owner.id, text, str(file), bridge.clock())
    if known is not None and known.journey.digest != found.digest:
        raise click.ClickException(
            f"{found.slug} version {found.version} is installed already, with another content. "
            f"Give the changed journey the version {found.version + 1}."
        )
    click.echo(f"{found.slug} version {found.version} is {'installed' if known is None else 'installed already'}.")


@journey.command("list")
@click.option("--tenant", default=tenants.MAIN, show_default=True)
@with_bridge
def list_(bridge: Bridge, tenant: str) -> None:
    """The journeys that are installed."""
    with bridge.sessions.read() as session:
        for row in journeys.installed(session, tenants.tenant_named(session, tenant).id):
            click.echo(f"{row.slug}  version {row.version}  {row.title}")


def _wrong_settings(found: Journey, registry: Registry) -> list[tuple[tuple[str, ...], str]]:
    """Settings that the installed evaluators refuse, and line items that may never stand in a gradebook."""
    wrong: list[tuple[tuple[str, ...], str]] = []
    for key, settings in (found.evaluators or {}).items():
        if key in registry.evaluators:
            wrong += _refused(registry.evaluators[key], settings)
    for key in found.gradebook or {}:
        one = registry.evaluators.get(key)
        if one is not None and one.posting is Posting.NEVER:
            wrong.append((("gradebook", key), "is never posted, whatever the setting: take it out."))
    return wrong


def _refused(one: Evaluator, settings: Mapping[str, Any]) -> list[tuple[tuple[str, ...], str]]:
    try:
        resolve(one, settings)
    except SettingsError as error:
        return [
            (("evaluators", one.key, *(part for part in fault.key.split(".") if part)), fault.message)
            for fault in error.faults
        ]
    return []


def _not_installed(found: Journey, registry: Registry) -> list[tuple[str, str]]:
    named = {**(found.evaluators or {}), **(found.gradebook or {})}
    return [
        ("plugin", f"No installed plugin provides {key}.") for key in sorted(named) if key not in registry.evaluators
    ]
