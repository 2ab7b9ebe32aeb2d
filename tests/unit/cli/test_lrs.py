"""`lrs-bridge lrs test`: what a record store can do, from a terminal; what it finds is kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lrs_bridge.cli import main
from lrs_bridge.cli.opening import opened
from lrs_bridge.domain.probing import Traits
from lrs_bridge.store import record_probes, tenants
from tests.fakes.lrs_server import ENDPOINT
from tests.fakes.odd_lrs import OddLrs

OTHER = ["--url", ENDPOINT, "--key", "key", "--secret", "secret"]


@pytest.fixture
def lrs() -> OddLrs:
    lrs = OddLrs()
    lrs.start = datetime.now(UTC)
    return lrs


@pytest.fixture(autouse=True)
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lrs: OddLrs) -> None:
    """A new data folder, and that store on the network."""
    monkeypatch.setenv("LRS_BRIDGE_DATA_DIR", str(tmp_path))
    for name in ("DATABASE_URL", "LRS_URL", "LRS_KEY", "LRS_SECRET"):
        monkeypatch.delenv(f"LRS_BRIDGE_{name}", raising=False)
    monkeypatch.setattr("lrs_bridge.wiring.egress.session_within", lambda _: lrs.session())


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> None:
    """The store is that of the settings."""
    for name, value in {"URL": ENDPOINT, "KEY": "key", "SECRET": "of the store"}.items():
        monkeypatch.setenv(f"LRS_BRIDGE_LRS_{name}", value)


def run(*words: str, **more: str) -> Result:
    return CliRunner().invoke(main, ["lrs", "test", *words], **more)  # type: ignore[arg-type]


def kept() -> Traits:
    bridge = opened()
    with bridge.sessions.read() as session:
        return record_probes.traits(session, tenants.tenant_named(session, tenants.MAIN).id, ENDPOINT + "/")


@pytest.mark.usefixtures("connected")
def test_the_store_of_the_settings_is_tested_and_what_was_found_is_kept(lrs: OddLrs) -> None:
    """Delivery and reading go by it from then on. The secret is never shown."""
    lrs.oddities = {"by timestamp"}
    result = run()
    assert result.exit_code == 0, result.output
    assert "look  What is new: Asked for what is new, it goes by when things happened" in result.stdout
    assert "of the store" not in result.output
    assert kept().by_stored is False


@pytest.mark.usefixtures("connected")
def test_a_test_without_writing_is_not_kept(lrs: OddLrs) -> None:
    """It found out too little."""
    assert run("--read-only").exit_code == 0
    assert kept() == Traits()
    assert lrs.kept == []


def test_another_store_is_tested_by_its_address_and_not_kept(lrs: OddLrs) -> None:
    """Before it goes into the settings."""
    lrs.oddities = {"by timestamp"}
    assert run(*OTHER).exit_code == 0
    assert kept() == Traits()


def test_a_store_that_cannot_hold_the_record_ends_the_command_with_1(lrs: OddLrs) -> None:
    """For scripts."""
    lrs.oddities = {"no more"}
    result = run(*OTHER, "--format", "json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert found["conclusion"] == "This store cannot hold the record like this."
    assert {one["about"] for one in found["findings"] if one["verdict"] == "bad"} == {"Pages"}


def test_a_secret_that_is_not_given_is_asked_for(lrs: OddLrs) -> None:
    """So that it need not stand on the command line."""
    result = run("--url", ENDPOINT, "--key", "key", input="secret\n")
    assert result.exit_code == 0, result.output
    assert lrs.requests[-1].headers["Authorization"]


@pytest.mark.parametrize("words", [(), ("--url", "lrs.example.org"), ("--tenant", "nobody")])
def test_what_cannot_be_tested_is_said_in_one_line(words: tuple[str, ...]) -> None:
    """Such as the embedded store, which needs no test."""
    result = run(*words)
    assert result.exit_code in {1, 2}
    assert result.output.strip().splitlines()[-1].startswith("Error: ")


@pytest.mark.parametrize("address", ["lrs.example.org", "https://[::1", "https://x:99999/", "ftp://x/"])
@pytest.mark.usefixtures("connected")
def test_an_address_that_is_none_is_said_at_the_start(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not once in a while by the worker."""
    monkeypatch.setenv("LRS_BRIDGE_LRS_URL", address)
    result = run()
    assert result.exit_code == 2
    assert "LRS_BRIDGE_LRS_URL must be a web address" in result.output
