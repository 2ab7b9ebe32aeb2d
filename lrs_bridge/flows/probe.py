"""Testing the record store, and keeping what was found: delivery and ingestion go by it."""

from __future__ import annotations

import logging

from lrs_bridge.domain.probing import Probed
from lrs_bridge.flows.ports import RecordProbe
from lrs_bridge.store import record_probes
from lrs_bridge.store.engine import Sessions

log = logging.getLogger("lrs_bridge.probe")


def probe_record(sessions: Sessions, probe: RecordProbe, tenant_id: str, write: bool = True) -> Probed:
    """Run the test; what a whole one found is kept, in place of what was known before."""
    probed = probe.run(write)
    if write:
        with sessions.write() as session:
            record_probes.keep(session, tenant_id, probed)
    log.info("the record store %s was tested: %s", probed.url, probed.verdict)
    return probed
