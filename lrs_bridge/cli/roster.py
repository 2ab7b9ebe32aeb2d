"""`lrs-bridge roster`: fetch the people of a run's course from its LMS."""

from __future__ import annotations

import click

from lrs_bridge.cli.opening import with_bridge
from lrs_bridge.cli.runs import run_named
from lrs_bridge.flows.roster import sync_due
from lrs_bridge.store import rosters
from lrs_bridge.store.rosters import SyncState
from lrs_bridge.store.tenants import MAIN
from lrs_bridge.wiring import Bridge


@click.group()
def roster() -> None:
    """The people of courses, as their LMSs list them."""


@roster.command()
@click.option("--run", "run_id", required=True, help="The id of the run; `lrs-bridge people runs` lists them.")
@click.option("--tenant", default=MAIN, show_default=True)
@with_bridge
def sync(bridge: Bridge, run_id: str, tenant: str) -> None:
    """Fetch the people of the course now: enrol learners, mark those who left. Afterwards it is done once a day.

    Exits 1 when it came to nothing, with the reason.
    """
    with bridge.sessions.write() as session:
        run = run_named(session, tenant, run_id)
        rosters.ask_for(session, run.tenant_id, run.id, bridge.clock())
    sync_due(bridge.sessions, bridge.roster, bridge.clock, bridge.chance, run.id)
    with bridge.sessions.read() as session:
        row = rosters.sync_of(session, run.tenant_id, run.id)
    if row is None or row.state == SyncState.RUNNING:
        raise click.ClickException("Another process fetches these people just now.")
    if row.state != SyncState.DONE:
        raise click.ClickException(row.reason or "The list could not be fetched.")
    click.echo(f"{row.members} people on {row.pages} page{'' if row.pages == 1 else 's'}.")
    click.echo(f"joined: {row.joined}")
    click.echo(f"left: {row.left_run}")
