"""What is handed on: the wheel, built from the sources and used in an environment that has never seen the checkout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ("lrs_bridge", "plugins", "xapi_profiles", "wsgi.py", "setup.cfg", "pyproject.toml", "README.md", "LICENSE")
OURS = ("lrs_bridge", "lrs-bridge", "__editable__", "xapi_profiles", "wsgi")
BUILT_IN = {
    "capability_progress",
    "coaching_reach",
    "journey_completion",
    "line_of_sight",
    "manager_engagement",
    "mtm_application",
    "reaction",
    "skill_gain",
    "sponsor_engagement",
    "success_case",
    "transfer_climate",
}

pytestmark = [pytest.mark.wheel, pytest.mark.xdist_group("wheel")]

JOURNEY = """
journey: two-talks
version: 1
title: Two talks
steps:
  - {id: S1, phase: before, type: acknowledge, owner: participant, opens_day: -7, due_day: 0}
  - {id: S2, phase: after, type: reflection, owner: participant, opens_day: 7, due_day: 14}
evaluators: {journey_completion: {}}
"""
RUN = "6a2f1f0a-62fb-4a5c-9a53-70c4b3a2b0c1"
PETRA = "0c9d8a7e-1b2c-4d3e-8f40-a1b2c3d4e5f6"
REGISTRATION = "b7e8c1d2-3f40-4a51-8b62-c3d4e5f60718"
PEOPLE = f"""
run: {{id: {RUN}, journey: two-talks, version: 1, day_zero: 2026-03-02, time_zone: UTC}}
home_page: https://bridge.example/tenants/1
people:
  - {{account: {PETRA}, role: participant, registration: {REGISTRATION}, enrolled: 2026-02-20}}
"""
STATEMENT = {
    "id": "5f0c7a52-5d1f-4a0b-9e56-0c1d2e3f4a5b",
    "timestamp": "2026-02-27T09:00:00.000Z",
    "actor": {"account": {"homePage": "https://bridge.example/tenants/1", "name": PETRA}},
    "verb": {"id": "https://w3id.org/xapi/learning-journey/verbs/acknowledged"},
    "object": {"id": "https://bridge.example/tenants/1/journeys/two-talks/v/1/steps/S1"},
    "context": {
        "registration": REGISTRATION,
        "extensions": {"https://w3id.org/xapi/learning-journey/extensions/step": "S1"},
    },
}


@dataclass(frozen=True)
class Installed:
    """A clean environment with the wheel in it, and an empty folder to work in."""

    wheel: Path
    bin: Path
    folder: Path

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "LC_ALL"}}
        return subprocess.run(
            [str(self.bin / command[0]), *command[1:]],
            cwd=self.folder,
            env={**kept, "HOME": str(self.folder), "PYTHONSAFEPATH": "1"},
            capture_output=True,
            text=True,
            timeout=120,
        )

    def python(self, code: str) -> str:
        done = self.run("python", "-c", code)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    wheel = build_wheel(tmp_path_factory.mktemp("sources"))
    clean = tmp_path_factory.mktemp("clean") / "env"
    venv.create(clean, with_pip=False)
    site = next(clean.glob("lib/python*/site-packages"))
    (site / "dependencies.pth").write_text(str(dependencies(tmp_path_factory.mktemp("dependencies"))) + "\n")
    python = str(clean / "bin" / "python")
    pip("--python", python, "install", "--no-deps", "--no-index", str(wheel))
    return Installed(wheel, clean / "bin", tmp_path_factory.mktemp("folder"))


def build_wheel(folder: Path) -> Path:
    """Built from a copy, so that nothing left over from an earlier build gets in."""
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        elif source.exists():
            shutil.copy(source, folder / name)
    pip("wheel", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", str(folder / "dist"), str(folder))
    (wheel,) = (folder / "dist").glob("*.whl")
    return wheel


def pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def dependencies(folder: Path) -> Path:
    """All that is installed here but ourselves, by links: nothing is downloaded, and the checkout stays out."""
    for site in {Path(sysconfig.get_path(name)) for name in ("purelib", "platlib")}:
        for item in site.iterdir():
            if not item.name.startswith(OURS) and not (folder / item.name).exists():
                (folder / item.name).symlink_to(item)
    return folder


def test_the_wheel_holds_what_is_not_python(installed: Installed) -> None:
    """Templates, static files, the profile, migrations, samples and the skeleton of a plugin; tests are not in it."""
    names = set(zipfile.ZipFile(installed.wheel).namelist())
    here = {
        path.relative_to(ROOT).as_posix()
        for pattern in (
            "lrs_bridge/**/templates/**/*",
            "lrs_bridge/**/static/**/*",
            "lrs_bridge/**/samples/*.yaml",
            "lrs_bridge/cli/skeleton/**/*",
        )
        for path in ROOT.glob(pattern)
        if path.is_file()
    }
    here |= {path.relative_to(ROOT).as_posix() for path in ROOT.glob("xapi_profiles/*/profile.jsonld")}
    here |= {"lrs_bridge/store/migrations/env.py", "lrs_bridge/store/migrations/versions/0001_initial.py"}
    here |= {"lrs_bridge/store/migrations/script.py.mako", "wsgi.py"}
    assert here - names == set()
    assert not {name for name in names if name.startswith(("tests/", "bench/", "docs/"))}


def test_the_wheel_holds_every_package(installed: Installed) -> None:
    """A new package is listed in setup.cfg by hand: this is what notices that it was forgotten."""
    names = set(zipfile.ZipFile(installed.wheel).namelist())
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "lrs_bridge").rglob("*.py")}
    modules |= {path.relative_to(ROOT / "plugins").as_posix() for path in (ROOT / "plugins").rglob("*.py")}
    assert modules - names == set()


def test_the_wheel_names_its_licence(installed: Installed) -> None:
    """Whoever has only the wheel finds the licence in it."""
    assert [name for name in zipfile.ZipFile(installed.wheel).namelist() if name.endswith("LICENSE")]


def test_the_checkout_is_out_of_sight(installed: Installed) -> None:
    """Everything below is about the installed files: no import comes from the sources."""
    found = installed.python("import lrs_bridge, lrs_bridge_evaluators as e; print(lrs_bridge.__file__, e.__file__)")
    assert str(ROOT) + os.sep + "lrs_bridge" not in found
    assert all("site-packages" in path for path in found.split())


def test_the_built_in_evaluators_are_found(installed: Installed) -> None:
    """They come through the entry points of the installed distribution, each loading."""
    done = installed.run("lrs-bridge", "plugins", "list")
    assert done.returncode == 0, done.stderr
    assert {key for key in BUILT_IN if key in done.stdout} == BUILT_IN
    assert "lrs-bridge 0.1.0" in done.stdout


def test_the_database_is_made_in_an_empty_folder(installed: Installed) -> None:
    """`db upgrade` runs the migrations from inside the package."""
    done = installed.run("lrs-bridge", "db", "upgrade")
    assert done.returncode == 0, done.stderr
    assert "up to date" in done.stdout
    assert (installed.folder / "var" / "lrs_bridge.db").exists()


def test_a_plugin_can_be_begun(installed: Installed) -> None:
    """The skeleton is written from what is inside the package."""
    done = installed.run("lrs-bridge", "plugins", "new", "follow-through")
    assert done.returncode == 0, done.stderr
    assert (installed.folder / "follow-through" / "follow_through" / "__init__.py").exists()


def test_indicators_are_computed_offline(installed: Installed) -> None:
    """`evaluate` reads the profile and finds the evaluators: one of two steps is done."""
    for name, text in (("journey.yaml", JOURNEY), ("people.yaml", PEOPLE), ("all.json", json.dumps([STATEMENT]))):
        (installed.folder / name).write_text(text)
    files = ("--journey", "journey.yaml", "--people", "people.yaml", "--statements", "all.json")
    done = installed.run("lrs-bridge", "evaluate", *files, "--as-of", "2026-03-30T00:00:00Z", "--format", "json")
    assert done.returncode == 0, done.stderr
    person = next(row for row in json.loads(done.stdout) if row["subject"]["kind"] == "person")
    assert (person["indicator"], person["value"], person["status"]) == ("journey_completion", 50.0, "ok")
    assert person["evaluator"]["distribution"] == "lrs-bridge 0.1.0"


def test_a_production_server_finds_the_application(installed: Installed) -> None:
    """`gunicorn wsgi:app` has an application, with its pages and their files."""
    code = (
        "import wsgi; client = wsgi.app.test_client();"
        "print(client.get('/health/live').status_code, client.get('/static/look.css').status_code)"
    )
    assert installed.python(code).splitlines()[-1] == "200 200"


def test_the_demo_brings_its_pages(installed: Installed) -> None:
    """The small LMS's templates are inside as well."""
    code = (
        "from importlib.resources import files;"
        "print((files('lrs_bridge.demo') / 'templates' / 'lms' / 'home.html').is_file())"
    )
    assert installed.python(code) == "True"
