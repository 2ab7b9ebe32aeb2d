"""How the installation is set up and runs: nothing about people."""

from __future__ import annotations

from collections.abc import Mapping

from lrs_bridge.domain.data_map.holding import Holding, Kept

_COLUMNS: Mapping[str, str] = {
    "alert": "tenant_id key channel text began told ended attempts next_at lease_until reason",
    "arrival_count": "tenant_id source day taken confirmed skipped unreadable",
    "course": "id tenant_id platform_id deployment_id context_id title lineitems_url memberships_url groups_url",
    "deployment": "id tenant_id platform_id deployment_id standing created",
    "evaluator_watch": (
        "tenant_id evaluator made_by first last calls seconds worst worst_at failures last_failure "
        "last_reason in_a_row subjects slow slow_since state since why trial"
    ),
    "gradebook_pause": "platform_id until failures reason",
    "ingest_key": "id tenant_id name token_hash created used revoked",
    "key_set": "platform_id keys fetched tried trouble",
    "line_item": "run_id indicator tenant_id url given lease_until position label maximum",
    "listener": "tenant_id key hears sealed changed next_at failures since reason told_at seconds dropped",
    "lrs_key": "id tenant_id name key secret_hash scopes created revoked",
    "message_round": "tenant_id next_at",
    "platform": "id tenant_id name issuer client_id auth_url token_url jwks_url audience standing created source",
    "plugin_setting": "tenant_id evaluator scope scope_id enabled settings changed posted",
    "record_pause": "tenant_id until since failures reason",
    "record_probe": "tenant_id url found",
    "roster_sync": (
        "run_id tenant_id state pages members joined left_run started finished whole_at reason attempts "
        "next_at lease_until"
    ),
    "signing_key": "kid public private created signs_from",
    "source_cursor": "tenant_id source lap place more next_at caught_up looked_for failures reason",
    "statement_term": "term stored",
    "tally": "name label number",
    "tenant": "id name iri_base created",
    "worker_sign": "id host called_by version started seen",
}
_HOLDS = "How the installation is set up and runs. Nothing about people."
HOLDINGS: Mapping[str, Holding] = {
    name: Holding(_HOLDS, "Administrators", Kept.ALWAYS, plain=columns) for name, columns in _COLUMNS.items()
}
