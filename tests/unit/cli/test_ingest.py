"""`lrs-bridge ingest`: keys that open one door, and what could not be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lrs_bridge.cli import main
from lrs_bridge.cli.opening import opened
from lrs_bridge.store import lrs_keys, tenants
from lrs_bridge.web import create_app
from lrs_bridge.worker.tick import tick
from tests.fakes.statements import statement


@pytest.fixture(autouse=True)
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new data folder, and the settings that go with it."""
    monkeypatch.setenv("LRS_BRIDGE_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("LRS_BRIDGE_DATABASE_URL", raising=False)


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["ingest", *words])


def status() -> dict[str, str]:
    shown = CliRunner().invoke(main, ["status"]).stdout
    return dict(line.split(": ", 1) for line in shown.splitlines())


def added() -> str:
    result = run("key", "add", "--name", "Content platform")
    assert result.exit_code == 0, result.output
    printed = dict(line.split(": ", 1) for line in result.stdout.splitlines())
    assert printed["address"].endswith("/ingest/statements")
    return printed["key"]


def post(token: str, body: Any) -> int:
    client = create_app(opened()).test_client()
    return client.post("/ingest/statements", json=body, headers={"Authorization": f"Bearer {token}"}).status_code


def test_a_new_key_opens_the_door_until_it_is_revoked() -> None:
    """`add` shows it once; `list` shows its id and never the key."""
    token = added()
    assert post(token, statement(1)) == 200
    listed = run("key", "list").stdout
    assert "active, last used" in listed
    assert token not in listed
    assert run("key", "revoke", listed.split()[0]).exit_code == 0
    assert post(token, statement(1)) == 401
    assert "revoked" in run("key", "list").stdout


def test_what_cannot_be_read_is_listed_until_it_is_set_aside() -> None:
    """With its reason, and with itself where that is asked for."""
    assert run("unreadable").exit_code == 0
    bad = statement(1, verb={"id": 7})
    post(added(), bad)
    listed = run("unreadable")
    assert listed.exit_code == 1
    assert listed.stdout.startswith(bad["id"])
    assert "verb.id" in listed.stdout
    assert '"alice"' not in listed.stdout
    assert '"alice"' in run("unreadable", "--body").stdout
    assert run("read-again").stdout == "read: 0, left: 1\n"
    assert run("set-aside", bad["id"]).stdout == "set aside: 1\n"
    assert run("unreadable").exit_code == 0


def test_everything_listed_is_set_aside_at_once() -> None:
    """For whoever has looked."""
    token = added()
    post(token, [statement(n, verb={"id": n}) for n in range(1, 4)])
    assert run("set-aside", "--all").stdout == "set aside: 3\n"
    assert status()["statements that cannot be read"] == "0"


def test_a_record_that_was_read_is_read_again() -> None:
    """By the background work, in its own time."""
    assert "to come" in run("rescan").stdout
    assert status()["record read to its end"] == "not yet"
    tick(opened())
    assert run("rescan").stdout.startswith("record stores to be read again: 1.")


def test_status_says_how_far_the_record_was_read_and_what_came_in_today() -> None:
    """Written straight into the built-in store by another system, it comes in as from any store."""
    bridge = opened()
    with bridge.sessions.write() as session:
        tenant = tenants.tenant_named(session, tenants.MAIN).id
        made, secret = lrs_keys.add_key(session, tenant, "x", ["all"], bridge.settings.secret_key, bridge.clock())
        auth = (made.key, secret)
    headers = {"X-Experience-API-Version": "1.0.3"}
    answer = create_app(bridge).test_client().post("/xapi/statements", json=statement(1), auth=auth, headers=headers)
    assert answer.status_code == 200
    tick(bridge)
    shown = status()
    assert shown["record read to its end"].endswith("seconds ago")
    assert shown["came in today"] == "0 taken, 0 of ours confirmed, 1 skipped, 0 unreadable"


@pytest.mark.parametrize(
    "words",
    [
        ("key", "add", "--name", " "),
        ("key", "revoke", "no"),
        ("key", "list", "--tenant", "no"),
        ("set-aside",),
        ("set-aside", "no"),
        ("set-aside", "no", "--all"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(words: tuple[str, ...]) -> None:
    """No stack trace, and an exit status that is not success."""
    result = run(*words)
    assert result.exit_code in {1, 2}
    assert result.output.strip().splitlines()[-1].startswith("Error: ")
