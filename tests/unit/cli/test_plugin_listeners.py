"""`lrs-bridge plugins switch-on`, `switch-off` and `state`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lrs_bridge.cli import main
from lrs_bridge.config import from_environment
from lrs_bridge.store import listeners, tenants
from lrs_bridge.wiring import build

GOOD = "webhook:\n  url: https://flows.example.org/hook\n  secret: sixteen letters and more\n"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`lrs-bridge plugins` in a database of its own, beside good.yaml."""
    monkeypatch.setenv("LRS_BRIDGE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("LRS_BRIDGE_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.yaml").write_text(GOOD)
    return lambda *arguments: CliRunner().invoke(main, ["plugins", *arguments], catch_exceptions=False)


def test_a_listener_is_switched_on_shown_and_switched_off(run: Run) -> None:
    on = run("switch-on", "webhook", "--settings", "good.yaml")
    assert (on.exit_code, on.stdout) == (0, "webhook hears: indicators\n")
    shown = run("state")
    assert (shown.exit_code, shown.stdout) == (0, "webhook  indicators  not told anything yet, waiting 0\n")
    assert run("switch-off", "webhook").stdout == "switched off: webhook\n"
    assert run("state").stdout == "No listener is switched on.\n"


def test_what_fails_is_shown_with_its_reason_and_what_waits(run: Run) -> None:
    run("switch-on", "webhook", "--settings", "good.yaml")
    with build(from_environment()).sessions.write() as session:
        tenant = tenants.tenant_named(session, tenants.MAIN).id
        listeners.add_news(session, tenant, ["webhook"], "indicators", [{"id": "1"}], NOW)
        row = listeners.find(session, tenant, "webhook")
        assert row is not None
        row.since, row.reason, row.dropped = NOW, "flows.example.org answered 502.", 2
    shown = run("state")
    assert shown.exit_code == 1
    assert "waiting 1, dropped 2; fails since 2026-03-02 09:00: flows.example.org answered 502." in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["switch-on", "webhoook"], "there is no listener 'webhoook'. Installed: second_record, webhook."),
        (["switch-on", "reaction"], "reaction is an evaluator."),
        (["switch-on", "webhook"], "webhook.url: Missing data for required field."),
        (["switch-on", "webhook", "--settings", "short.yaml"], "webhook.secret: Length must be between 16"),
        (["switch-on", "webhook", "--settings", "other.yaml"], "reaction: the file may hold settings of webhook alone"),
        (["switch-on", "webhook", "--settings", "good.yaml", "--tenant", "nobody"], "no tenant named 'nobody'"),
        (["switch-off", "webhook"], "is not switched on"),
    ],
)
def test_what_cannot_be_is_told_and_changes_nothing(arguments: list[str], said: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "short.yaml").write_text(GOOD.replace("sixteen letters and more", "short"))
    (tmp_path / "other.yaml").write_text(GOOD + "reaction: {}\n")
    refused = run(*arguments)
    assert refused.exit_code in (1, 2)
    assert said in " ".join(refused.stderr.split())
    assert "switched on" in run("state").stdout
