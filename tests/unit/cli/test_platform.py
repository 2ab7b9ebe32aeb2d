"""`lrs-bridge platform`: what an admin does to connect an LMS."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lrs_bridge.cli import main
from lrs_bridge.config import from_environment
from lrs_bridge.store.engine import Sessions, connect
from lrs_bridge.store.platforms import all_platforms, await_approval
from tests.fakes.launching import NOON

ADD = (
    *("add", "--name", "Academy", "--issuer", "https://lms.example", "--client-id", "tool-1"),
    *("--auth-url", "https://lms.example/auth", "--token-url", "https://lms.example/token"),
    *("--jwks-url", "https://lms.example/jwks"),
)

Run = Callable[..., Result]


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command, on an installation of its own."""
    monkeypatch.setenv("LRS_BRIDGE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LRS_BRIDGE_BASE_URL", "https://tool.example")
    monkeypatch.delenv("LRS_BRIDGE_DATABASE_URL", raising=False)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["platform", *arguments], catch_exceptions=False)

    return run


def test_an_lms_is_registered_and_told_our_addresses(platform: Run) -> None:
    """The deployments named are let in at once; each line of the list begins with an id."""
    added = platform(*ADD, "--deployment-id", "1", "--deployment-id", "2", "--audience", "https://api.example/token")
    assert added.exit_code == 0, added.output
    assert "https://tool.example/lti/login" in added.stdout
    assert "https://tool.example/lti/launch" in added.stdout
    assert "https://tool.example/lti/jwks.json" in added.stdout
    lines = platform("list").stdout.splitlines()
    assert [line.split("  ")[1:] for line in lines] == [
        ["approved", "Academy: https://lms.example, client id tool-1"],
        ["approved", "deployment 1 of Academy"],
        ["approved", "deployment 2 of Academy"],
    ]
    assert all(len(line.split()[0]) == 36 for line in lines)


def test_a_waiting_deployment_is_seen_and_approved(platform: Run) -> None:
    """By the id at the beginning of its line; once more is the same as once."""
    assert platform(*ADD).exit_code == 0
    sessions = Sessions(connect(from_environment().database_url))
    with sessions.write() as session:
        await_approval(session, all_platforms(session)[0], "branch", NOON)
    waiting = platform("list").stdout.splitlines()[1]
    assert waiting.endswith("  waiting  deployment branch of Academy")
    for _ in range(2):
        approved = platform("approve", waiting.split()[0])
        assert approved.exit_code == 0
        assert approved.stdout.strip().endswith("  approved  deployment branch of Academy")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("approve", "nobody"), "No registration and no deployment has the id 'nobody'"),
        ((*ADD, "--jwks-url", "lms.example/jwks"), "'lms.example/jwks' is not a web address"),
        ((*ADD, "--name", " "), "it is empty"),
        ((*ADD, "--tenant", "nobody"), "There is no tenant named 'nobody'"),
        (ADD[:-2], "--jwks-url"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_registered(arguments: tuple[str, ...], words: str, platform: Run) -> None:
    """What, where, and without a trace."""
    result = platform(*arguments)
    assert result.exit_code in {1, 2}
    assert words in result.stderr
    assert platform("list").stdout == ""


def test_the_same_registration_is_refused_a_second_time(platform: Run) -> None:
    """With the id of the first."""
    first = platform(*ADD).stdout.split()[0]
    again = platform(*ADD)
    assert again.exit_code == 1
    assert first in again.stderr
