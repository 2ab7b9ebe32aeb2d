"""`lrs-bridge runs`: runs that are over, listed and archived."""

from __future__ import annotations

from datetime import timedelta

import click

from lrs_bridge.cli.opening import with_bridge
from lrs_bridge.cli.runs import run_named, tenant_id
from lrs_bridge.flows import archiving, running
from lrs_bridge.flows.publishing import is_over
from lrs_bridge.flows.running import CannotRun, Who
from lrs_bridge.store.runs import RunRow, all_kept, all_runs
from lrs_bridge.store.tenants import MAIN
from lrs_bridge.wiring import Bridge

_TENANT = click.option("--tenant", default=MAIN, show_default=True)
_BY = "Command line"


@click.group()
def runs() -> None:
    """Runs that are over: list and archive them."""


@runs.command("list")
@click.option("--archived", is_flag=True, help="Also those that are archived.")
@_TENANT
@with_bridge
def list_(bridge: Bridge, archived: bool, tenant: str) -> None:
    """Show runs, each with its id, kick-off, journey, course and state."""
    with bridge.sessions.read() as session:
        found = (all_runs if archived else all_kept)(session, tenant_id(session, tenant))
        for run in found:
            state = "archived" if run.archived else "closed" if run.closed else "open"
            over = ", over" if state == "open" and is_over(run, bridge.clock()) else ""
            click.echo(f"{_named(run)}  {state}{over}")


@runs.command()
@click.argument("run_ids", nargs=-1, metavar="[RUN]...")
@click.option("--days", default=30, show_default=True, type=click.IntRange(0), help="Those closed so long ago.")
@click.option("--close-over", is_flag=True, help="First close runs that have been over for so long and are open.")
@click.option("--dry-run", is_flag=True, help="Only say which ones.")
@_TENANT
@with_bridge
def archive(bridge: Bridge, run_ids: tuple[str, ...], days: int, close_over: bool, dry_run: bool, tenant: str) -> None:
    """Take closed runs out of what works all day: these, or all that were closed --days ago.

    Nothing is lost: statements, results and pages stay, and a run that is opened again is as before. Exits 1 where a
    run cannot be archived yet.
    """
    who, left = Who(_BY, bridge.clock()), 0
    with bridge.sessions.write() as session:
        if close_over:
            for run in all_kept(session, tenant_id(session, tenant)):
                if run.closed is None and is_over(run, who.now - timedelta(days=days)):
                    click.echo(f"{_named(run)}  is over: {'would be ' if dry_run else ''}closed")
                    if not dry_run:
                        running.close(session, Who(_BY, who.now), run)
    with bridge.sessions.read() as session:
        ready = archiving.ready(session, tenant_id(session, tenant), who, timedelta(days=days))
        wanted = list(run_ids) or [run.id for run in ready]
    for run_id in wanted:
        with bridge.sessions.write() as session:
            run = run_named(session, tenant, run_id)
            if dry_run:
                click.echo(f"{_named(run)}  would be archived")
                continue
            try:
                gone = archiving.archive(session, Who(_BY, bridge.clock()), run)
            except CannotRun as problem:
                left += 1
                click.echo(f"{_named(run)}  not archived: {problem}")
                continue
            click.echo(f"{_named(run)}  archived: {gone.delivered} proofs of delivery and {gone.due} due dates went")
    if left:
        raise SystemExit(1)


def _named(run: RunRow) -> str:
    course = run.course.title or run.course.context_id
    return f"{run.id}  {run.day_zero}  {run.journey_row.slug} version {run.journey_row.version}  {course}"
