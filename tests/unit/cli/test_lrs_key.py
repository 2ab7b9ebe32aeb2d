"""`lrs-bridge lrs-key`: what it prints opens `/xapi`, until it is revoked."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lrs_bridge.cli import main
from lrs_bridge.cli.opening import opened
from lrs_bridge.web import create_app
from tests.fakes.statements import statement


@pytest.fixture(autouse=True)
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new data folder, and the settings that go with it."""
    monkeypatch.setenv("LRS_BRIDGE_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("LRS_BRIDGE_DATABASE_URL", raising=False)


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["lrs-key", *words])


def added(*scopes: str) -> dict[str, str]:
    """What `add` prints, by the word before the colon."""
    result = run("add", "--name", "forwarder", *(word for scope in scopes for word in ("--scope", scope)))
    assert result.exit_code == 0, result.output
    return dict(line.split(": ", 1) for line in result.stdout.splitlines())


def posted(key: dict[str, str]) -> int:
    client = create_app(opened()).test_client()
    headers = {"X-Experience-API-Version": "1.0.3"}
    answer = client.post("/xapi/statements", json=statement(1), auth=(key["key"], key["secret"]), headers=headers)
    return answer.status_code


def test_a_new_key_opens_the_record_store_until_it_is_revoked() -> None:
    """`add` prints key, secret and where to; `list` shows the key and never the secret."""
    key = added("all")
    assert key["endpoint"].endswith("/xapi/")
    assert posted(key) == 200
    listed = run("list").output
    assert f"{key['key']}  active  forwarder: all" in listed
    assert key["secret"] not in listed
    assert run("revoke", key["key"]).exit_code == 0
    assert posted(key) == 401
    assert "revoked" in run("list").output


def test_a_key_for_reading_does_not_write() -> None:
    """Scopes are those given, not more."""
    assert posted(added("statements/read")) == 403


@pytest.mark.parametrize(
    "words",
    [
        ("add", "--name", " "),
        ("add", "--name", "x", "--scope", "y"),
        ("revoke", "nokey"),
        ("list", "--tenant", "no"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(words: tuple[str, ...]) -> None:
    """No stack trace, and an exit status that is not success."""
    result = run(*words)
    assert result.exit_code in {1, 2}
    assert result.output.strip().splitlines()[-1].startswith("Error: ")
