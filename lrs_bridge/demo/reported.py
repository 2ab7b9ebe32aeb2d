"""The reports of the demo's earlier run: made by the evaluator's own flow, one for each reader, and handed out."""

from __future__ import annotations

from lrs_bridge.demo.cohort import SEED, fixed_uuid
from lrs_bridge.demo.earlier import RUN_ID
from lrs_bridge.domain.reporting.audiences import Audience
from lrs_bridge.flows import reporting, studying
from lrs_bridge.store import people, runs, tenants
from lrs_bridge.web.reports import making, showing
from lrs_bridge.wiring import Bridge


def write_reports(bridge: Bridge, eva: str) -> None:
    """After the run's last totals are out, so that its results are in them. `eva`: the evaluator's account."""
    with bridge.sessions.read() as session:
        tenant_id = tenants.tenant_named(session, tenants.MAIN).id
        eva_id = people.people_by_account(session, tenant_id, [eva])[eva].id
    for audience in reversed(Audience):  # the latest stands first
        _write(bridge, tenant_id, eva_id, audience)


def _write(bridge: Bridge, tenant_id: str, eva_id: str, audience: Audience) -> None:
    now, seal = bridge.clock(), studying.seal_of(bridge.settings.secret_key)
    with bridge.sessions.write() as session:
        run, eva = runs.get_run(session, tenant_id, RUN_ID), people.get_person(session, tenant_id, eva_id)
        assert run is not None
        assert eva is not None
        study, document = making.make(session, bridge, run, audience, now)
        id_, out = (str(fixed_uuid(SEED, f"report {word}", str(audience))) for word in ("made", "handed out"))
        text = showing.written(document)
        reporting.keep(session, seal, run, eva, id_, study, audience, text, now)
        if audience is not Audience.EVALUATOR:
            made = reporting.study_for(session, seal, bridge.registry, run, audience, now)
            report = next(one for one in made.reports if one.id == id_)
            reporting.hand_out(session, seal, run, eva, out, report, now)
