"""A fresh installation on a SQLite file, as `lrs-bridge serve` would have it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from lrs_bridge.config import Settings
from lrs_bridge.store import tenants
from lrs_bridge.store.tenants import Tenant
from lrs_bridge.wiring import Bridge, build, prepare

SECRET_KEY = "a secret that guards nothing but a benchmark"


def installed(folder: Path, base_url: str, now: datetime) -> tuple[Bridge, Tenant]:
    """The wired bridge with its tables and the main tenant, its clock standing still."""
    settings = Settings(
        data_dir=folder, database_url=f"sqlite:///{folder / 'lrs_bridge.db'}", base_url=base_url, secret_key=SECRET_KEY
    )
    bridge = build(settings, clock=lambda: now)
    prepare(bridge)
    with bridge.sessions.read() as session:
        tenant = tenants.tenant_named(session, tenants.MAIN)
    return bridge, tenant
