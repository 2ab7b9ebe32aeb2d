"""Registrations and deployments, in a real database."""

from __future__ import annotations

import pytest

from lrs_bridge.store import tenants
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.platforms import (
    Deployment,
    Platform,
    PlatformTakenError,
    Standing,
    UnknownPlatformError,
    add_platform,
    all_platforms,
    approve,
    await_approval,
    deployments_of,
    find_deployment,
    platforms_of_issuer,
)
from tests.fakes.launching import NOON


def _add(sessions: Sessions, client_id: str = "tool-1", tenant: str = tenants.MAIN, **changes: object) -> Platform:
    with sessions.write() as session:
        given: dict[str, object] = {
            "tenant_id": tenants.ensure_tenant(session, tenant, "https://tool.example", NOON).id,
            "name": "The academy's LMS",
            "issuer": "https://lms.example",
            "client_id": client_id,
            "auth_url": "https://lms.example/auth",
            "token_url": "https://lms.example/token",
            "jwks_url": "https://lms.example/jwks",
            "now": NOON,
        }
        return add_platform(session, **(given | changes))  # type: ignore[arg-type]


def test_a_registration_is_found_by_issuer_and_client_id(sessions: Sessions) -> None:
    """By the issuer alone, all that have it are candidates."""
    first, second = _add(sessions), _add(sessions, "tool-2")
    with sessions.read() as session:
        assert [one.id for one in platforms_of_issuer(session, "https://lms.example", "tool-2")] == [second.id]
        assert {one.id for one in platforms_of_issuer(session, "https://lms.example", None)} == {first.id, second.id}
        assert platforms_of_issuer(session, "https://lms.example", "TOOL-1") == []
        assert platforms_of_issuer(session, "https://lms.example/", "tool-1") == []


def test_the_same_registration_is_not_made_twice(sessions: Sessions) -> None:
    """Not even for another tenant: a launch could not say which of them it means."""
    first = _add(sessions)
    with pytest.raises(PlatformTakenError, match=first.id):
        _add(sessions, tenant="other")


def test_registrations_are_listed_by_tenant(sessions: Sessions) -> None:
    """Or all of them, for whoever runs the installation."""
    first, second = _add(sessions), _add(sessions, "tool-2", tenant="other")
    with sessions.read() as session:
        assert [one.id for one in all_platforms(session, second.tenant_id)] == [second.id]
        assert {one.id for one in all_platforms(session)} == {first.id, second.id}


def test_deployments_named_at_registration_are_let_in_at_once(sessions: Sessions) -> None:
    """Each once, in the tenant of their registration."""
    platform = _add(sessions, deployment_ids=["1", "2", "1"])
    with sessions.read() as session:
        found = deployments_of(session, platform.id)
        assert {(one.deployment_id, one.standing, one.tenant_id) for one in found} == {
            ("1", Standing.APPROVED, platform.tenant_id),
            ("2", Standing.APPROVED, platform.tenant_id),
        }


def test_an_unknown_deployment_waits_until_it_is_approved(sessions: Sessions) -> None:
    """Noted once, however often it comes; ids differ by case."""
    platform = _add(sessions)
    for _ in range(2):
        with sessions.write() as session:
            waiting = await_approval(session, platform, "Branch", NOON)
    with sessions.write() as session:
        assert [one.deployment_id for one in deployments_of(session, platform.id)] == ["Branch"]
        assert find_deployment(session, platform.id, "branch") is None
        for _ in range(2):
            approved = approve(session, waiting.id)
        assert isinstance(approved, Deployment)
    with sessions.read() as session:
        known = find_deployment(session, platform.id, "Branch")
        assert known is not None
        assert known.standing == Standing.APPROVED


def test_a_waiting_registration_is_approved_by_its_own_id(sessions: Sessions) -> None:
    """And an id of nothing is told."""
    platform = _add(sessions, standing=Standing.WAITING)
    with sessions.write() as session:
        approved = approve(session, platform.id)
        assert isinstance(approved, Platform)
        assert approved.standing == Standing.APPROVED
        with pytest.raises(UnknownPlatformError, match="platform list"):
            approve(session, "nobody")
