"""Strangers at the plugin door: distributions of their own in an environment of their own, whole ones and broken."""

from __future__ import annotations

import inspect
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType

import pytest

from lrs_bridge import __version__
from lrs_bridge.domain.listeners import Heard
from lrs_bridge.hooks import registry, spec
from tests import pages

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "examples" / "early-application"

pytestmark = pytest.mark.xdist_group("plugin door")


@dataclass(frozen=True)
class House:
    """An environment with the tool in it, where others may be installed; `work` holds the example's files to try."""

    python: Path
    site: Path
    work: Path

    def run(self, *words: str, fails: bool = False) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "LC_ALL"}}
        done = subprocess.run(
            [str(self.python), *words],
            cwd=self.work,
            env={**kept, "HOME": str(self.work), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return done

    def lrs_bridge(self, *words: str, fails: bool = False) -> subprocess.CompletedProcess[str]:
        return self.run("-c", "from lrs_bridge.cli import main; main()", *words, fails=fails)

    def evaluate(self, *more: str) -> subprocess.CompletedProcess[str]:
        files = ("--journey", "try/journey.yaml", "--people", "try/people.yaml", "--statements", "try/statements.json")
        return self.lrs_bridge("evaluate", *files, "--as-of", "2026-04-30", "--format", "table", *more)

    @contextmanager
    def with_plugin(self, name: str, code: str, requires: str = "lrs-bridge") -> Iterator[None]:
        """A distribution whose one module holds this code, laid down as pip would lay it down."""
        module = name.replace("-", "_")
        info = self.site / f"{module}-2.0.dist-info"
        info.mkdir()
        (self.site / f"{module}.py").write_text(code)
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: 2.0\nRequires-Dist: {requires}\n"
        )
        (info / "entry_points.txt").write_text(f"[lrs_bridge]\n{module} = {module}\n")
        try:
            yield
        finally:
            shutil.rmtree(info)
            (self.site / f"{module}.py").unlink()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """The example installed by pip into an environment of its own, without a network."""
    env, work = tmp_path_factory.mktemp("env"), tmp_path_factory.mktemp("work")
    venv.create(env, with_pip=False)
    (site,) = env.glob("lib/python*/site-packages")
    ours = dict.fromkeys([ROOT, ROOT / "plugins", *map(sysconfig.get_path, ("purelib", "platlib"))])
    (site / "tool.pth").write_text("".join(f"{path}\n" for path in ours))
    python = env / "bin" / "python"
    shutil.copytree(EXAMPLE, work, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", ".*", "*.egg-info"))
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check", "--quiet", "install"]
    done = subprocess.run(
        [*pip, "--no-deps", "--no-index", "--no-build-isolation", str(work)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    shutil.rmtree(work / "early_application")  # what is found from here on is what was installed
    return House(python, site, work)


# The example


def test_the_example_is_a_distribution_of_its_own(house: House) -> None:
    """Installed beside the tool, not with it."""
    where = house.run("-c", "import early_application; print(early_application.__file__)").stdout
    assert Path(where.strip()).is_relative_to(house.site)
    listed = house.lrs_bridge("plugins", "list").stdout.splitlines()
    assert "early_application  1.2.0  early-application 1.2.0  Early application (person, cohort)" in listed


def test_the_example_passes_its_own_tests_where_it_is_installed(house: House) -> None:
    told = house.run("-m", "pytest", "-p", "no:cacheprovider", "-q", "tests").stdout
    assert " passed" in told
    assert "failed" not in told


def test_the_example_computes_by_the_settings_of_the_journey(house: House) -> None:
    """Petra after 3 days, Paul after 20, Pia never: by hand (30 - 20) / (30 - 5) is 0.4."""
    rows = [line.split()[1:4] for line in house.evaluate().stdout.splitlines()[1:]]
    assert rows[1:] == [["person", "paul", "40.00"], ["person", "petra", "100.00"], ["person", "pia", "0.00"]]
    assert rows[0][0] == "cohort"


def test_the_readme_of_the_example_shows_commands_that_work(house: House) -> None:
    """Those of `lrs-bridge`, word by word."""
    (command,) = pages.commands(pages.text_of(EXAMPLE / "README.md"), "lrs-bridge")
    assert "petra" in house.lrs_bridge(*command).stdout


# Those that cannot be used


TWIN = """
from lrs_bridge.hooks import Evaluator, Level, Outcome, declares
register_evaluators = declares(Evaluator("early_application", "Twin", "1", {Level.PERSON: lambda *asked: Outcome(1.0)}))
"""


def test_two_distributions_with_one_key_are_both_refused_by_name(house: House) -> None:
    """And both are there again, or one of them, when the other is gone."""
    with house.with_plugin("twin-application", TWIN):
        said = house.lrs_bridge("plugins", "list", fails=True)
        told = [line for line in said.stderr.splitlines() if line.startswith("not used: ")]
        assert [line.split()[2] for line in told] == ["early_application", "twin_application"]
        assert "twin_application of twin-application 2.0" in told[0]
        assert "early_application of early-application 1.2.0" in told[1]
        assert all("Uninstall all but one." in line for line in told)
        assert "early_application  " not in said.stdout
    assert "early_application  " in house.lrs_bridge("plugins", "list").stdout


@pytest.mark.parametrize(
    ("code", "requires", "said"),
    [
        ("1 / 0", "lrs-bridge", "could not be loaded: ZeroDivisionError: division by zero"),
        ("import no_such_module", "lrs-bridge", "could not be loaded: ModuleNotFoundError: No module named"),
        ("this is no python", "lrs-bridge", "could not be loaded: SyntaxError"),
        ("raise SystemExit", "lrs-bridge", "could not be loaded: SystemExit"),
        ("", "lrs-bridge", "registers no evaluator and no listener"),
        (
            TWIN,
            "lrs-bridge>=9,<10",
            f"is made for lrs-bridge <10,>=9, and this is {__version__}: update lrs-bridge, or install",
        ),
        (
            "from lrs_bridge.hooks import Oracle",
            "lrs-bridge",
            f"imports 'Oracle' from lrs_bridge.hooks, which the plugin door of lrs-bridge {__version__} does not have",
        ),
        (
            "import lrs_bridge.hooks.oracles",
            "lrs-bridge",
            "imports lrs_bridge.hooks.oracles, which the plugin door of lrs-bridge",
        ),
        (
            "from lrs_bridge.hooks import hookimpl\n@hookimpl\ndef register_oracles(): return []",
            "lrs-bridge",
            f"does not fit the hooks of lrs-bridge {__version__}: unknown hook 'register_oracles'",
        ),
        (TWIN.replace('"early_application"', '"Early!"'), "lrs-bridge", "the evaluator 'Early!': key must be lower"),
    ],
)
def test_a_plugin_that_cannot_be_used_says_why_and_takes_nothing_down(
    house: House, code: str, requires: str, said: str
) -> None:
    """Its line names distribution and version; the others go on computing."""
    with house.with_plugin("stranger", code, requires):
        listed = house.lrs_bridge("plugins", "list", fails=True)
        (line,) = listed.stderr.splitlines()
        assert line.startswith("not used: stranger (stranger 2.0): ")
        assert said in line
        assert "early_application  1.2.0" in listed.stdout
        assert "journey_completion  " in listed.stdout


def test_beside_a_broken_plugin_everything_is_computed(house: House) -> None:
    """With a warning."""
    with house.with_plugin("stranger", "1 / 0"):
        done = house.evaluate()
    assert "warning: plugin stranger (stranger 2.0) could not be loaded" in done.stderr
    assert "petra" in done.stdout


@pytest.mark.parametrize(
    "requires", ["lrs-bridge>=0.0.1", 'lrs-bridge>=9; extra == "later"', "Lrs_Bridge<99", "other>9"]
)
def test_a_requirement_that_fits_is_no_trouble(house: House, requires: str) -> None:
    """Spelt as pip lets one spell it; those of extras and of others are not ours to judge."""
    with house.with_plugin("stranger", TWIN.replace("early_application", "stranger"), requires):
        assert "stranger  1  stranger 2.0" in house.lrs_bridge("plugins", "list").stdout


# The hooks


HOOKS = sorted(name for name, one in inspect.getmembers(spec) if hasattr(one, f"{spec.PROJECT}_spec"))
BUILT_IN = [one for one in registry.load().plugins if one.distribution.startswith("lrs-bridge ")]


def documented(heading: str) -> dict[str, list[str]]:
    """The rows of the table under a heading of docs/evaluators.md, by their first cell."""
    return {row[0].strip("`"): row for row in pages.rows(pages.sections(pages.page("evaluators.md"), 2)[heading])}


def test_there_are_hooks() -> None:
    """The tests below look at some."""
    assert HOOKS == ["register_evaluators", "register_listeners"]


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_explained(hook: str) -> None:
    """In its docstring and on the page."""
    assert inspect.getdoc(getattr(spec, hook))
    assert len(documented("Hooks")[hook]) == 4


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_has_a_user_in_this_repository_that_the_page_names(hook: str) -> None:
    """Of a built-in plugin; a hook waits for its user."""
    users = [plugin for plugin in BUILT_IN if getattr(plugin, hook.removeprefix("register_"))]
    assert users
    told = documented("Hooks")[hook][3]
    assert "built-in" in told or {plugin.name for plugin in users} == set(pages.codes(told))


@pytest.mark.parametrize("heard", Heard)
def test_everything_that_can_be_heard_has_a_listener_and_is_explained(heard: Heard) -> None:
    """The same for what listeners hear."""
    listeners = registry.load().listeners.values()
    assert [one for one in listeners if heard in one.hears and isinstance(one.functions[heard], FunctionType)]
    assert heard.name in documented("Listeners")


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_tested(hook: str) -> None:
    """Beside this file: in the tests of the registry, by name."""
    text = "".join(path.read_text() for path in (ROOT / "tests" / "unit" / "hooks").glob("test_*.py"))
    assert hook in text
