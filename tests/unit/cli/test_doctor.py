"""`lrs-bridge doctor` names each fault of a broken set-up, and what to do about it."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lrs_bridge.cli import main
from lrs_bridge.cli.opening import opened
from lrs_bridge.lti.signing import SigningKeys
from lrs_bridge.store import platforms, tenants, worker_signs
from lrs_bridge.store.worker_signs import Me
from tests.fakes.mail_server import mail_server


@pytest.fixture(autouse=True)
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LRS_BRIDGE_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("LRS_BRIDGE_DATABASE_URL", raising=False)


def doctor(*words: str) -> Result:
    return CliRunner().invoke(main, ["doctor", *words])


def found() -> dict[str, list[tuple[str, str, str]]]:
    """(verdict, text, advice) by what it is about."""
    everything: dict[str, list[tuple[str, str, str]]] = {}
    for one in json.loads(doctor("--json").stdout):
        everything.setdefault(one["about"], []).append((one["verdict"], one["text"], one["advice"]))
    return everything


def at_work() -> None:
    bridge = opened()
    me = Me("11111111-1111-1111-1111-111111111111", "here", "loop", "1", bridge.clock())
    with bridge.sessions.write() as session:
        worker_signs.sign(session, me, bridge.clock())


def nobody() -> int:
    """A port at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_an_installation_that_works_is_well() -> None:
    at_work()
    result = doctor()
    assert result.exit_code == 0, result.output
    assert "BAD" not in result.output
    assert "ok    Tables: Up to date." in result.output


def test_it_changes_nothing() -> None:
    """The database of a new folder stays without tables, and that is said."""
    said = found()
    assert said["Tables"][0][0] == "bad"
    assert "lrs-bridge db upgrade" in said["Tables"][0][2]
    assert "The rest" in said


@pytest.mark.parametrize(
    ("setting", "value", "about", "says", "advice"),
    [
        ("BASE_URL", "learning.example.org", "Settings", "LRS_BRIDGE_BASE_URL must start with", "Mend it"),
        ("BASE_URL", "http://learning.example.org", "Address", "is not https", "LRS_BRIDGE_BASE_URL"),
        ("LRS_URL", "https://lrs.example.org/xapi", "Settings", "LRS_BRIDGE_LRS_KEY", "Mend it"),
        ("LOGLEVEL", "INFO", "Settings", "LRS_BRIDGE_LOGLEVEL is set", "LRS_BRIDGE_LOG_LEVEL"),
        ("DATABASE_URL", "oracle9://x", "Database", "oracle9", "LRS_BRIDGE_DATABASE_URL"),
        ("BROKER_URL", "kafka://x", "Settings", "LRS_BRIDGE_BROKER_URL must be", "Mend it"),
    ],
)
def test_a_setting_that_is_wrong_is_named(
    setting: str, value: str, about: str, says: str, advice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"LRS_BRIDGE_{setting}", value)
    _, text, todo = next(one for one in found()[about] if one[0] != "ok")
    assert says in text
    assert advice in todo


def test_a_database_that_is_away_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LRS_BRIDGE_DATABASE_URL", f"postgresql://me:s3cret@127.0.0.1:{nobody()}/x")
    result = doctor()
    assert result.exit_code == 1
    assert "does not answer" in result.output
    assert "LRS_BRIDGE_DATABASE_URL" in result.output
    assert "s3cret" not in result.output


def test_a_secret_that_others_can_read_or_that_was_changed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work()
    bridge = opened()
    SigningKeys(bridge.sessions, bridge.settings.secret_key).published(bridge.clock())
    assert found()["Keys"][0][0] == "ok"
    (tmp_path / "secret_key").chmod(0o644)
    assert (found()["Files"][0][0], found()["Files"][0][2][:9]) == ("bad", "chmod 600")
    monkeypatch.setenv("LRS_BRIDGE_SECRET_KEY", "another")
    assert found()["Keys"][0][0] == "bad"
    assert "LRS_BRIDGE_SECRET_KEY" in found()["Keys"][0][2]


def test_servers_that_do_not_answer_are_named_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """Record store, LMS, mail server, broker, and no worker."""
    opened()
    port = nobody()
    bridge = opened()
    with bridge.sessions.write() as session:
        platforms.add_platform(
            session,
            tenant_id=tenants.tenant_named(session, tenants.MAIN).id,
            name="The academy",
            issuer="http://localhost",
            client_id="c",
            auth_url="http://localhost/auth",
            token_url="http://localhost/token",
            jwks_url=f"http://127.0.0.1:{port}/jwks",
            deployment_ids=["1"],
            now=bridge.clock(),
        )
    settings: dict[str, Any] = {
        "LRS_URL": f"http://127.0.0.1:{port}/xapi",
        "LRS_KEY": "key",
        "LRS_SECRET": "hidden-1",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": port,
        "SMTP_SECURITY": "off",
        "SMTP_FROM": "us@example.org",
        "BROKER_URL": f"redis://:hidden-2@127.0.0.1:{port}/0",
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"LRS_BRIDGE_{name}", str(value))
    said = found()
    bad = {about for about, rows in said.items() if any(row[0] == "bad" for row in rows)}
    assert bad == {"Record store, address", "LMS The academy", "Mail", "Broker", "Worker"}
    assert all(row[2] for about in bad for row in said[about] if row[0] == "bad")
    assert "hidden-" not in doctor().output


def test_a_mail_server_that_lets_us_in_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    at_work()
    monkeypatch.setenv("LRS_BRIDGE_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("LRS_BRIDGE_SMTP_FROM", "us@example.org")
    monkeypatch.setenv("LRS_BRIDGE_SMTP_SECURITY", "off")
    with mail_server() as server:
        monkeypatch.setenv("LRS_BRIDGE_SMTP_PORT", str(server.port))
        assert found()["Mail"][0][0] == "ok"


def test_whether_anybody_is_told_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the address, which may hold a secret."""
    at_work()
    assert found()["Alerts"][0][0] == "care"
    monkeypatch.setenv("LRS_BRIDGE_ALERT_WEBHOOK", "https://chat.example.org/hooks/secret-1")
    assert found()["Alerts"][0][:2] == ("ok", "Told by webhook. lrs-bridge alerts test tries them.")
    assert "secret-1" not in doctor().output
