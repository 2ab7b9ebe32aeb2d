"""`lrs-bridge plugins list`: what is installed, and what is installed but not used."""

from __future__ import annotations

import sys

import click

from lrs_bridge.hooks.registry import load


@click.group()
def plugins() -> None:
    """The evaluators that are installed."""


@plugins.command("list")
def list_plugins() -> None:
    """List evaluators with version and distribution. Exits 1 where a plugin could not be used."""
    registry = load()
    for key, one in registry.evaluators.items():
        levels = ", ".join(str(level) for level in one.levels)
        click.echo(f"{key}  {one.version}  {one.distribution}  {one.title} ({levels})")
    if not registry.evaluators:
        click.echo("No evaluator is installed.")
    for failure in registry.failures:
        click.echo(f"not used: {failure.name} ({failure.distribution}): {failure.reason}", err=True)
    if registry.failures:
        sys.exit(1)
