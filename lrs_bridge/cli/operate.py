"""`lrs-bridge status`, `db` and `admin`: what whoever runs an installation needs at hand."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy.exc import OperationalError

from lrs_bridge.cli.opening import with_bridge
from lrs_bridge.flows.administer import state_of
from lrs_bridge.store import admins, migrate, tenants
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
def db() -> None:
    """The database."""


@db.command()
@with_bridge
def upgrade(bridge: Bridge) -> None:
    """Bring the database up to this version. Running it twice changes nothing."""
    url = bridge.engine.url.render_as_string(hide_password=True)
    try:
        current = migrate.is_current(bridge.engine)
    except OperationalError as problem:
        raise click.ClickException(f"{url} cannot be reached: {problem.orig}") from problem
    click.echo(f"{url} is up to date." if current else f"{url} could not be brought up to date.")


@db.command()
@click.argument("message")
@with_bridge
def revision(bridge: Bridge, message: str) -> None:
    """Write a migration from the difference between the tables declared and those in the database."""
    click.echo(f"Written: {Path(migrate.write_revision(bridge.engine, message)).name}")


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
