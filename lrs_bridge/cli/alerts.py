"""`lrs-bridge alerts`: what is on at present, and whether alerts reach anybody."""

from __future__ import annotations

import click

from lrs_bridge.cli.opening import with_bridge
from lrs_bridge.flows.administer import in_time
from lrs_bridge.flows.alerting import trial, trouble_with
from lrs_bridge.store import alerts as rows
from lrs_bridge.store.tenants import MAIN, tenant_named
from lrs_bridge.wiring import Bridge

_NONE = "No way is set: LRS_BRIDGE_ALERT_MAIL or LRS_BRIDGE_ALERT_WEBHOOK. docs/operating.md says more."


@click.group()
def alerts() -> None:
    """Alerts: try them, and see which are on."""


@alerts.command()
@with_bridge
def test(bridge: Bridge) -> None:
    """Tell a test by every way that is set. Exits 1 where one does not work, or none is set."""
    channels = bridge.alerting.channels
    if not channels:
        raise click.ClickException(_NONE)
    failed = 0
    for name, channel in channels.items():
        reason = trouble_with(channel, trial(MAIN, bridge.clock()))
        failed += reason is not None
        click.echo(f"{name}: {reason or 'told'}")
    if failed:
        raise SystemExit(1)


@alerts.command("list")
@click.option("--tenant", default=MAIN, show_default=True)
@with_bridge
def list_(bridge: Bridge, tenant: str) -> None:
    """Show the alerts that are on, and by which way they were told. Exits 1 if any is."""
    with bridge.sessions.read() as session:
        found = rows.all_on(session, tenant_named(session, tenant).id)
    for row in found:
        state = "over, to be told" if row.ended else "told" if row.told else "to be told"
        why = f" ({row.reason})" if row.reason else ""
        click.echo(f"{row.key}  {row.channel}  for {in_time(bridge.clock() - row.began)}  {state}{why}: {row.text}")
    if not found:
        click.echo("None is on." if bridge.alerting.channels else _NONE, err=True)
    if found:
        raise SystemExit(1)
