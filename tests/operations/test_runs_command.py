"""`lrs-bridge runs`: what is over is shown and archived, and what cannot be says why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from lrs_bridge.cli import main
from lrs_bridge.demo.cohort import cast
from lrs_bridge.flows import running
from lrs_bridge.flows.running import Who
from lrs_bridge.store import runs, tenants
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.scores import ScoreRow, ScoreState
from lrs_bridge.worker.tick import tick
from tests.filled import opened

RUN = cast().run_id
pytestmark = pytest.mark.xdist_group("operations")  # it takes a while to fill an installation
Command = Callable[..., Result]


@pytest.fixture
def command(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("LRS_BRIDGE_DATA_DIR", str(folder))
    monkeypatch.delenv("LRS_BRIDGE_DATABASE_URL", raising=False)
    return lambda *words: CliRunner().invoke(main, ["runs", *words], catch_exceptions=False)


def close(folder: Path, days_ago: int) -> None:
    """And have everything computed that there is to compute."""
    bridge = opened(folder)
    then = bridge.clock() - timedelta(days=days_ago)
    with bridge.sessions.write() as session:
        tenant_id = tenants.tenant_named(session, tenants.MAIN).id
        run = runs.get_run(session, tenant_id, RUN)
        assert run is not None
        running.close(session, Who("Dario", then), run)
    while tick(bridge, send=lambda: 0, sync=lambda: 0):
        pass
    bridge.engine.dispose()


def line_of(told: Result) -> str:
    (line,) = [line for line in told.stdout.splitlines() if line.startswith(RUN)]
    return line


def test_an_open_run_is_shown_and_not_archived(command: Command):
    assert line_of(command("list")).endswith("open")
    refused = command("archive", RUN)
    assert refused.exit_code == 1
    assert line_of(refused).endswith("not archived: It is open. Close it first, on its page.")
    assert command("archive", "no-such-run").exit_code == 1


def test_a_closed_run_is_archived_when_its_scores_have_arrived(command: Command, folder: Path):
    """First told what would be done, then why not, then done."""
    close(folder, days_ago=31)
    assert line_of(command("list")).endswith("closed")
    assert line_of(command("archive", "--dry-run")).endswith("would be archived")
    refused = command("archive")
    assert refused.exit_code == 1
    assert "scores have not arrived in the gradebook" in line_of(refused)
    bridge = opened(folder)
    with bridge.engine.begin() as connection:
        connection.execute(update(ScoreRow).values(state=ScoreState.POSTED, next_at=None))
    bridge.engine.dispose()
    done = command("archive")
    assert done.exit_code == 0
    assert "proofs of delivery" in line_of(done)
    assert RUN not in command("list").stdout
    assert line_of(command("list", "--archived")).endswith("archived")
    assert RUN not in command("archive").stdout


def test_one_that_was_closed_lately_waits(command: Command, folder: Path):
    close(folder, days_ago=29)
    assert RUN not in command("archive").stdout
    assert RUN in command("archive", "--days", "29").stdout


def test_runs_that_are_over_are_closed_on_demand(command: Command, folder: Path):
    """Long after their last day, and not before."""
    bridge = opened(folder)
    assert "closed" not in command("archive", "--close-over", "--days", "0").stdout
    with bridge.engine.begin() as connection:
        connection.execute(
            update(RunRow).where(RunRow.id == RUN).values(day_zero=bridge.clock().date() - timedelta(days=400))
        )
    assert line_of(command("list")).endswith("open, over")
    assert "would be closed" in line_of(command("archive", "--close-over", "--dry-run"))
    assert line_of(command("list")).endswith("open, over")
    assert line_of(command("archive", "--close-over")).endswith("is over: closed")
    assert line_of(command("list")).endswith("closed")
    bridge.engine.dispose()
