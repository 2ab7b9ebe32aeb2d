"""`lrs-bridge lrs`: the record store that is not ours, put to the test."""

from __future__ import annotations

from typing import Any

import click
import orjson

from lrs_bridge.cli.opening import with_bridge
from lrs_bridge.domain.probing import Finding, Probed, Verdict
from lrs_bridge.flows.probe import probe_record
from lrs_bridge.lrs.endpoint import Endpoint
from lrs_bridge.store.tenants import MAIN, UnknownTenantError, tenant_named
from lrs_bridge.wiring import TEST_SECONDS, Bridge

_SIGNS = {Verdict.OK: "fine", Verdict.CARE: "look", Verdict.BAD: "BAD", Verdict.LEFT_OUT: "-"}


@click.group()
def lrs() -> None:
    """A record store of yours: what it can and cannot do."""


@lrs.command()
@click.option("--url", help="Another one than that of the settings: its endpoint, the part before /statements.")
@click.option("--key", help="The key it gave you, where --url is given.")
@click.option("--secret", envvar="LRS_BRIDGE_LRS_SECRET", help="Its secret; asked for where it is not in the settings.")
@click.option("--read-only", is_flag=True, help="Write nothing, and so find out less.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--tenant", default=MAIN, show_default=True, help="Whose record it is.")
@with_bridge
def test(bridge: Bridge, read_only: bool, format_: str, tenant: str, **given: Any) -> None:
    """Test a record store, and say what it can do. Writes a few statements of nobody and voids them.

    What a whole test of the store of the settings finds is kept, and delivery and reading go by it. Exits 1 if the
    store cannot hold the record.
    """
    with bridge.sessions.read() as session:
        try:
            tenant_id = tenant_named(session, tenant).id
        except UnknownTenantError as problem:
            raise click.ClickException(str(problem)) from problem
    endpoint = _named(bridge, **given)
    if endpoint is not None:
        probed = bridge.probe(endpoint, tenant_id).run(not read_only)
    else:
        endpoint = bridge.endpoint(TEST_SECONDS)
        if endpoint is None:
            raise click.ClickException(
                "The record is in the embedded store, which needs no test. Give --url, or set LRS_BRIDGE_LRS_URL."
            )
        probed = probe_record(bridge.sessions, bridge.probe(endpoint, tenant_id), tenant_id, not read_only)
    _say(probed, format_)
    if probed.verdict == Verdict.BAD:
        raise SystemExit(1)


def _named(bridge: Bridge, url: str | None, key: str | None, secret: str | None) -> Endpoint | None:
    if url is None:
        return None
    if not url.startswith(("http://", "https://")):
        raise click.BadParameter("it begins with https:// (or http://).", param_hint="--url")
    key = key or click.prompt("Key", err=True)
    secret = secret or click.prompt("Secret", hide_input=True, err=True)
    return bridge.endpoint_at(url, key, secret)


def _say(probed: Probed, format_: str) -> None:
    if format_ == "json":
        click.echo(orjson.dumps({**probed.as_dict(), "conclusion": probed.conclusion}, option=orjson.OPT_INDENT_2))
        return
    for finding in probed.findings:
        click.echo(_line(finding))
    click.echo(probed.conclusion)


def _line(finding: Finding) -> str:
    line = f"{_SIGNS[finding.verdict]:4}  {finding.about}: {finding.text}"
    return f"{line}\n      {finding.advice}" if finding.advice else line
