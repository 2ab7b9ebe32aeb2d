"""`lrs-bridge status` and `admin`: what whoever runs an installation needs at hand."""

from __future__ import annotations

import click

from lrs_bridge.cli.opening import with_bridge
from lrs_bridge.flows.administer import state_of
from lrs_bridge.store import admins, tenants
from lrs_bridge.wiring import Bridge


@click.command()
@click.option("--tenant", default=tenants.MAIN, show_default=True)
@with_bridge
def status(bridge: Bridge, tenant: str) -> None:
    """Whether everything arrives: what waits, since when, and what was refused. Exits 1 if something is stuck."""
    with bridge.sessions.read() as session:
        state = state_of(session, tenants.tenant_named(session, tenant).id, bridge.clock())
    for name, value in state.lines():
        click.echo(f"{name}: {value}")
    for alarm in state.alarms():
        click.echo(f"ALARM: {alarm}")
    for failure in bridge.registry.failures:
        click.echo(f"plugin {failure.name} did not load: {failure.reason}")
    if state.stuck or bridge.registry.failures:
        raise SystemExit(1)


@click.group()
def admin() -> None:
    """Signing in as admin."""


@admin.command()
@click.option("--tenant", default=tenants.MAIN, show_default=True)
@click.option("--for", "name", help="Whom the link is for: the name that stands in the log of what they change.")
@with_bridge
def link(bridge: Bridge, tenant: str, name: str | None) -> None:
    """Print a link that opens the admin pages once, within 15 minutes."""
    with bridge.sessions.write() as session:
        tenant_id = tenants.tenant_named(session, tenant).id
        token = admins.make_link(session, tenant_id, bridge.clock(), (name or "").strip() or None)
    click.echo(f"{bridge.settings.base_url}/admin/enter/{token}")
    click.echo("It works once, within 15 minutes.", err=True)
