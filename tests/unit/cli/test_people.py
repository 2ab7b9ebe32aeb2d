"""`lrs-bridge people` and `lrs-bridge roster` on a database of their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lrs_bridge.cli import main
from lrs_bridge.cli.opening import opened
from lrs_bridge.domain.delivery import Unavailable
from lrs_bridge.flows.enrol import enrol
from lrs_bridge.store import journeys, people, platforms, runs, tenants
from lrs_bridge.wiring import Bridge
from tests.fakes.roster import FakeRoster, learner

LMS = "https://lms.example"
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def run_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A run with Petra in it."""
    monkeypatch.setenv("LRS_BRIDGE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LRS_BRIDGE_SECRET_KEY", "a secret for tests")
    bridge = opened()
    with bridge.sessions.write() as session:
        tenant = tenants.tenant_named(session, tenants.MAIN)
        urls = {name: f"{LMS}/{name}" for name in ("auth_url", "token_url", "jwks_url")}
        platform = platforms.add_platform(
            session, tenant_id=tenant.id, name="LMS", issuer=LMS, client_id="tool", now=NOW, **urls
        )
        course = runs.ensure_course(session, tenant.id, platform.id, "1", "course-1")
        course.title, course.memberships_url = "Sales academy", f"{LMS}/members"
        journey = journeys.installed(session, tenant.id)[0]
        run = runs.add_run(session, course, journey, date(2026, 3, 2), "Europe/Berlin", NOW)
        petra = people.ensure_person(session, tenant.id, LMS, "petra", NOW, name="Petra Novak", email="p@x.example")
        enrol(session, run, petra, NOW)
        found = run.id
    bridge.engine.dispose()
    return found


@pytest.fixture
def call(run_id: str) -> Callable[..., Result]:
    def call(*words: str) -> Result:
        return CliRunner().invoke(main, list(words), catch_exceptions=False)

    return call


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "managers.csv"
    path.write_text("participant;manager;from\np@x.example;boss@x.example;2026-03-01\n", encoding="utf-8-sig")
    return path


def test_runs_are_listed_with_their_id_first(call: Callable[..., Result], run_id: str) -> None:
    """To copy."""
    assert call("people", "runs").stdout == f"{run_id}  2026-03-02  field-coaching-90 version 1  Sales academy\n"


def test_a_dry_run_says_what_an_import_then_does(call: Callable[..., Result], run_id: str, file: Path) -> None:
    """Once; afterwards it is so already."""
    change = "line 2: Petra Novak: manager boss@x.example begins, from 2026-03-01\n"
    for _ in range(2):
        tried = call("people", "import", str(file), "--run", run_id, "--dry-run")
        assert tried.stdout == change + "would change: 1, as it is already: 0\n"
        assert "nobody has come with boss@x.example yet" in tried.stderr
    assert call("people", "import", str(file), "--run", run_id).stdout == change + "changed: 1, as it is already: 0\n"
    again = call("people", "import", str(file), "--run", run_id)
    assert (again.exit_code, again.stdout) == (0, "changed: 0, as it is already: 1\n")


def test_every_problem_is_named_by_line(call: Callable[..., Result], run_id: str, file: Path) -> None:
    """And nothing is changed."""
    file.write_text(
        "participant,manager,role\np@x.example,boss@x.example,\nghost,boss@x.example,\np@x.example,b,king\n"
    )
    for more in ((), ("--dry-run",)):
        done = call("people", "import", str(file), "--run", run_id, *more)
        assert (done.exit_code, done.stdout) == (2, "")
        lines = done.stderr.splitlines()
        assert [line.partition(": ")[0] for line in lines] == [f"{file}:3", f"{file}:4"]
    assert "boss" not in call("people", "template", "--run", run_id).stdout


def test_the_template_is_printed(call: Callable[..., Result], run_id: str) -> None:
    """To fill in."""
    lines = call("people", "template", "--run", run_id).stdout.splitlines()
    assert lines == ["participant,name,manager,manager_name,role,from,to", "p@x.example,Petra Novak,,,manager,,"]


@pytest.mark.parametrize(
    "words",
    [
        ("people", "template"),
        ("roster", "sync"),
        ("people", "import", "FILE"),
        ("people", "import", "FILE", "--dry-run"),
    ],
)
def test_a_run_that_is_not_there_is_said_so(call: Callable[..., Result], file: Path, words: tuple[str, ...]) -> None:
    """With where to look."""
    done = call(*(str(file) if word == "FILE" else word for word in words), "--run", "nothing")
    assert done.exit_code == 1
    assert "There is no run 'nothing'. `lrs-bridge people runs` lists them." in done.stderr
    other = call("people", "runs", "--tenant", "nobody")
    assert (other.exit_code, "no tenant named" in other.stderr) == (1, True)


def test_the_people_of_the_course_are_fetched(
    call: Callable[..., Result], run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one waits; what came of it is told, and why nothing did."""
    roster = FakeRoster([learner("omar"), learner("nina"), learner("jonas")])
    monkeypatch.setattr(Bridge, "roster", roster)
    done = call("roster", "sync", "--run", run_id)
    assert (done.exit_code, done.stdout) == (0, "3 people on 2 pages.\njoined: 3\nleft: 1\n")
    roster.trouble = Unavailable("The LMS answers 503.")
    failed = call("roster", "sync", "--run", run_id)
    assert (failed.exit_code, failed.stdout) == (1, "")
    assert "The LMS answers 503." in failed.stderr
