"""`lrs-bridge people`: who is what to whom in a run, from a file and into one."""

from __future__ import annotations

from pathlib import Path

import click

from lrs_bridge.cli.files import FILE, WRONG_INPUT
from lrs_bridge.cli.opening import with_bridge
from lrs_bridge.cli.runs import lines, run_named
from lrs_bridge.flows.relating import Hand
from lrs_bridge.flows.relations import SOURCE, import_relations, plan
from lrs_bridge.flows.relations_file import export_csv, export_people, read_file, template
from lrs_bridge.flows.relations_settling import Change
from lrs_bridge.store.tenants import MAIN
from lrs_bridge.wiring import Bridge

_RUN = click.option("--run", "run_id", required=True, help="The id of the run; `lrs-bridge people runs` lists them.")
_TENANT = click.option("--tenant", default=MAIN, show_default=True)


@click.group()
def people() -> None:
    """Who is what to whom in a run."""


@people.command("runs")
@_TENANT
@with_bridge
def runs_(bridge: Bridge, tenant: str) -> None:
    """List runs, each line with its id first."""
    with bridge.sessions.read() as session:
        for line in lines(session, tenant):
            click.echo(line)


@people.command("import")
@click.argument("file", type=FILE)
@_RUN
@click.option("--dry-run", is_flag=True, help="Say what the file would change, and change nothing.")
@_TENANT
@with_bridge
def import_(bridge: Bridge, file: Path, run_id: str, dry_run: bool, tenant: str) -> None:
    """Take over who is what to whom from a CSV file or a people file (YAML).

    With a problem on any line nothing is changed, and it exits 2.
    """
    content, now = file.read_bytes(), bridge.clock()
    if dry_run:
        with bridge.sessions.read() as session:
            run = run_named(session, tenant, run_id)
            sent = read_file(session, run, content)
            done = plan(session, run, sent.rows, sent.problems, run.run.local_day(now))
    else:
        with bridge.sessions.write() as session:
            run = run_named(session, tenant, run_id)
            sent = read_file(session, run, content)
            done = import_relations(session, Hand(run, now, f"{SOURCE}, command line"), sent.rows, sent.problems)
    if sent.note:
        click.echo(f"{file}: {sent.note}", err=True)
    for problem in done.problems:
        click.echo(f"{file}:{problem.line}: {problem.text}", err=True)
    if done.problems:
        raise SystemExit(WRONG_INPUT)
    for change in done.changes:
        click.echo(_line(change))
    for email in done.invited:
        click.echo(f"nobody has come with {email} yet: they are recognised when the LMS sends that e-mail", err=True)
    word = "would change" if dry_run else "changed"
    click.echo(f"{word}: {len(done.changes)}, as it is already: {done.unchanged}")


@people.command("template")
@_RUN
@_TENANT
@with_bridge
def template_(bridge: Bridge, run_id: str, tenant: str) -> None:
    """Print a CSV file with the participants of a run and who leads them now, to fill in and import."""
    with bridge.sessions.read() as session:
        run = run_named(session, tenant, run_id)
        click.echo(template(session, run, run.run.local_day(bridge.clock())), nl=False)


@people.command("export")
@_RUN
@click.option("--format", "kind", type=click.Choice(["csv", "yaml"]), default="csv", show_default=True)
@_TENANT
@with_bridge
def export_(bridge: Bridge, run_id: str, kind: str, tenant: str) -> None:
    """Print everybody who is or was something to somebody (csv), or the people file of the run (yaml)."""
    with bridge.sessions.read() as session:
        run = run_named(session, tenant, run_id)
        click.echo(export_people(session, run) if kind == "yaml" else export_csv(session, run), nl=False)


def _line(change: Change) -> str:
    days = f"from {change.start or 'the beginning'}{f' to {change.end}' if change.end else ''}"
    whom = change.participant or "the whole run"
    return f"line {change.line}: {whom}: {change.role} {change.leader} {change.what}, {days}"
