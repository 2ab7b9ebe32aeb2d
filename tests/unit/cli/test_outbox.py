"""`lrs-bridge outbox`: what has not arrived, sent again, and handed out."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lrs_bridge.cli import main
from lrs_bridge.cli.opening import opened
from lrs_bridge.store import outbox, record_pauses, tenants
from lrs_bridge.store.outbox import Waiting
from lrs_bridge.wiring import Bridge
from tests.fakes.statements import statement, uuid


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["outbox", *words])


@pytest.fixture
def bridge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bridge:
    """An outbox with a dead letter (1), one that failed (2), a fresh one (3) and one that arrived (4)."""
    monkeypatch.setenv("LRS_BRIDGE_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("LRS_BRIDGE_DATABASE_URL", raising=False)
    bridge = opened()
    now = bridge.clock()
    with bridge.sessions.write() as session:
        tenant = tenants.tenant_named(session, tenants.MAIN).id
        for number in range(1, 5):
            outbox.put(session, tenant, statement(number), now + timedelta(milliseconds=number))
        outbox.bury(session, uuid(1), "the verb is wrong")
        outbox.postpone(session, [uuid(2)], "the store is busy", now + timedelta(hours=1))
        outbox.delivered(session, [uuid(4)], now)
        record_pauses.pause(session, tenant, "the store is busy", now, now + timedelta(hours=1))
    return bridge


def summary(bridge: Bridge) -> Waiting:
    with bridge.sessions.read() as session:
        return outbox.summary(session, tenants.tenant_named(session, tenants.MAIN).id)


def test_what_has_not_arrived_is_listed_with_state_reason_and_next_attempt(bridge: Bridge) -> None:
    """The oldest first; a dead letter makes the command end with 1."""
    result = run("list")
    first, second, third = result.stdout.splitlines()
    assert first.startswith(f"{uuid(1)}  dead  ")
    assert first.endswith("attempts 1: the verb is wrong")
    assert second.startswith(f"{uuid(2)}  waiting  ")
    assert ", next " in second
    assert second.endswith("the store is busy")
    assert third.endswith("not tried yet")
    assert "nothing is sent before" in result.stderr
    assert result.exit_code == 1
    assert run("list", "--state", "waiting", "--limit", "1").stdout.count("\n") == 1


def test_a_dead_letter_is_sent_again_by_its_id(bridge: Bridge) -> None:
    """And whoever says so ends the pause of the store."""
    result = run("replay", uuid(1))
    assert result.stdout == "to be sent: 1\n"
    assert (summary(bridge).waiting, summary(bridge).dead) == (3, 0)
    with bridge.sessions.read() as session:
        assert record_pauses.pause_of(session, tenants.tenant_named(session, tenants.MAIN).id) is None


def test_all_are_sent_again_at_a_word(bridge: Bridge) -> None:
    """Those that arrived are not among them."""
    assert run("replay", "--all").stdout == "to be sent: 3\n"
    assert summary(bridge).dead == 0


@pytest.mark.usefixtures("bridge")
def test_what_is_not_there_is_not_replayed_and_that_is_said() -> None:
    """Nothing is sent twice because of a typing mistake."""
    result = run("replay", uuid(4), uuid(9))
    assert result.stdout == "to be sent: 0\n"
    assert "not known" in result.stderr


@pytest.mark.usefixtures("bridge")
def test_dead_letters_are_exported_as_json(tmp_path: Path) -> None:
    """With the statement, its reason, and when it would be tried next."""
    assert run("export", "--state", "dead", "--output", str(tmp_path / "dead.json")).exit_code == 0
    (dead,) = json.loads((tmp_path / "dead.json").read_text())
    assert dead["statement"] == statement(1)
    assert (dead["state"], dead["reason"], dead["next_at"]) == ("dead", "the verb is wrong", None)
    assert [one["id"] for one in json.loads(run("export").stdout)] == [uuid(1), uuid(2), uuid(3)]


@pytest.mark.usefixtures("bridge")
@pytest.mark.parametrize("words", [("replay",), ("replay", "--all", "x"), ("list", "--tenant", "nobody")])
def test_what_cannot_be_done_is_said_in_one_line(words: tuple[str, ...]) -> None:
    """No stack trace, and an exit status that is not success."""
    result = run(*words)
    assert result.exit_code in {1, 2}
    assert result.output.strip().splitlines()[-1].startswith("Error: ")


def test_a_dead_letter_is_set_aside_and_taken_up_again(bridge: Bridge) -> None:
    """The list ends with 0 again; only what was given up can be set aside, and a reason and a name are needed."""
    assert run("set-aside", uuid(1), "--why", " ", "--by", "Ada").exit_code == 2
    assert run("set-aside", uuid(1), "--why", "Retired").exit_code == 2
    assert summary(bridge).dead == 1
    done = run("set-aside", uuid(1), uuid(2), "--why", "Retired", "--by", "Ada")
    assert done.stdout == "set aside: 1\n"
    assert "not given up" in done.stderr
    result = run("list")
    assert result.exit_code == 0
    assert uuid(1) not in result.stdout
    assert "given up: 0, set aside: 1" in result.stderr
    assert "set aside by Ada on " in run("list", "--state", "aside").stdout
    (told,) = json.loads(run("export", "--state", "aside").stdout)
    assert (told["id"], told["set_aside"]["by"], told["statement"]) == (uuid(1), "Ada", statement(1))
    assert run("replay", uuid(1)).stdout == "to be sent: 1\n"
    assert (summary(bridge).waiting, summary(bridge).aside) == (3, 0)
