"""Runs on the command line: found by id, or listed."""

from __future__ import annotations

import click
from sqlalchemy.orm import Session

from lrs_bridge.store.runs import RunRow, all_runs, get_run
from lrs_bridge.store.tenants import UnknownTenantError, tenant_named


def run_named(session: Session, tenant: str, run_id: str) -> RunRow:
    """The run with this id in this tenant, or a clear line and exit 1."""
    run = get_run(session, tenant_id(session, tenant), run_id.strip())
    if run is None:
        raise click.ClickException(f"There is no run {run_id.strip()!r}. `lrs-bridge people runs` lists them.")
    return run


def tenant_id(session: Session, tenant: str) -> str:
    try:
        return tenant_named(session, tenant).id
    except UnknownTenantError as problem:
        raise click.ClickException(str(problem)) from problem


def lines(session: Session, tenant: str) -> list[str]:
    """A line for each run: id, kick-off, journey, course."""
    return [
        f"{run.id}  {run.day_zero}  {run.journey_row.slug} version {run.journey_row.version}"
        f"  {run.course.title or run.course.context_id}{'  closed' if run.closed else ''}"
        for run in all_runs(session, tenant_id(session, tenant))
    ]
