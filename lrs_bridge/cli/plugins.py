"""`lrs-bridge plugins`: what is installed, what is installed but not used, listeners, and a plugin of one's own."""

from __future__ import annotations

import sys

import click

from lrs_bridge.cli.plugin_listeners import state, switch_off, switch_on
from lrs_bridge.cli.plugin_new import new
from lrs_bridge.hooks.registry import load


@click.group()
def plugins() -> None:
    """The plugins that are installed: evaluators and listeners."""


for command in (new, switch_on, switch_off, state):
    plugins.add_command(command)


@plugins.command("list")
def list_plugins() -> None:
    """List evaluators, then listeners, with version and distribution. Exits 1 where a plugin could not be used."""
    registry = load()
    for key, one in registry.evaluators.items():
        levels = ", ".join(str(level) for level in one.levels)
        click.echo(f"{key}  {one.version}  {one.distribution}  {one.title} ({levels})")
    if not registry.evaluators:
        click.echo("No evaluator is installed.")
    for key, listener in registry.listeners.items():
        hears = ", ".join(listener.hears)
        click.echo(f"{key}  {listener.version}  {listener.distribution}  {listener.title} (hears {hears})")
    for failure in registry.failures:
        click.echo(f"not used: {failure.name} ({failure.distribution}): {failure.reason}", err=True)
    if registry.failures:
        sys.exit(1)
