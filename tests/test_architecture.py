"""The tree keeps the promises that CONTRIBUTING makes: layers, sizes, names, docstrings, and nothing of one machine."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CODE = ("lrs_bridge", "plugins", "xapi_profiles")
HARD_LIMIT = 400
TEXT = {".py", ".md", ".cfg", ".toml", ".html", ".css", ".js", ".yaml", ".json", ".jsonld", ".mako", ".svg", ""}

# Words that say nothing of what is inside. `manager` alone is a person, the participant's; a `..._manager` is not.
EMPTY_WORDS = re.compile(r"(^|_)(utils?|helpers?|common|misc|services?)(_|$)|._manager$")


# A migration is written by a machine and never changed.
WRITTEN_ONCE = "lrs_bridge/store/migrations/versions/"


def modules(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_imports_go_down_only() -> None:
    """All contracts of setup.cfg hold: the layers, the pure domain, the plugin door, each framework on its floor."""
    # Its own process: the command configures logging, and thereby silences every logger that exists.
    command = [str(Path(sys.executable).with_name("lint-imports")), "--config", "setup.cfg", "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", modules(*CODE, "tests", "bench"), ids=named)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    """Every module with code in it begins with a docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not tree.body or ast.get_docstring(tree), f"{named(path)} has no docstring"


@pytest.mark.parametrize("path", modules(*CODE, "tests", "bench"), ids=named)
def test_a_file_can_be_read_at_one_sitting(path: Path) -> None:
    """No file is longer than the hard limit of 400 lines."""
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= HARD_LIMIT or named(path).startswith(WRITTEN_ONCE), (
        f"{named(path)} has {lines} lines: split it by subject"
    )


def test_a_name_says_what_is_inside() -> None:
    """No module is called after nothing in particular."""
    parts = {part for path in modules(*CODE, "tests") for part in path.relative_to(ROOT).with_suffix("").parts}
    assert not {part for part in parts if EMPTY_WORDS.search(part.removeprefix("test_"))}


def test_no_class_is_called_a_manager() -> None:
    """`SessionManager` and the like hide what a thing does; the manager of this project is a person."""
    found = [
        f"{named(path)}: {node.name}"
        for path in modules(*CODE)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and re.search(r"[a-z](Manager|Service|Helper|Utils?)$", node.name)
    ]
    assert not found


def test_unit_tests_stand_where_their_subject_stands() -> None:
    """Each folder in tests/unit has the name and the place of a package, and so a reader finds the test of a file."""
    packages = {path.parent.relative_to(ROOT / "lrs_bridge") for path in modules("lrs_bridge")}
    plugins = {path.parent.relative_to(ROOT / "plugins") for path in modules("plugins")}
    beside = {Path("bench"), Path("xapi_profiles"), Path("evaluators")}  # the built-in ones, from plugins/
    folders = {path.parent.relative_to(ROOT / "tests" / "unit") for path in modules("tests/unit")}
    astray = {folder.as_posix() for folder in folders if folder not in packages | plugins | beside}
    assert not astray


def is_imported_by_tests(package: str) -> bool:
    """Whether any test file imports from this package."""
    pattern = re.compile(rf"^\s*(from|import) lrs_bridge\.{package}\b|from lrs_bridge import .*\b{package}\b", re.M)
    return any(pattern.search(path.read_text(encoding="utf-8")) for path in modules("tests"))


@pytest.mark.parametrize("package", sorted({p.parent.name for p in (ROOT / "lrs_bridge").glob("*/__init__.py")}))
def test_every_package_is_tested(package: str) -> None:
    """Somewhere in tests/ each package of the bridge is put to the test directly."""
    assert is_imported_by_tests(package)


def templates() -> list[Path]:
    return sorted((ROOT / "lrs_bridge").rglob("*.html"))


INLINE = {
    "a script in the page": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.I),
    "a style sheet in the page": re.compile(r"<style\b", re.I),
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.I | re.S),
    "an event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.I | re.S),
    "a javascript: address": re.compile(r"(href|action|src)\s*=\s*[\"']?\s*javascript:", re.I),
    "a file from elsewhere": re.compile(r"<(script|link|img|iframe)[^>]*\s(src|href)\s*=\s*[\"']?(https?:)?//", re.I),
}


@pytest.mark.parametrize("path", templates(), ids=named)
def test_a_template_holds_up_under_the_content_security_policy(path: Path) -> None:
    """No script, style or event handler stands in a page, and nothing is fetched from another host."""
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.S)
    allowed = {"a style attribute"} if "mail" in path.parts else set()  # mail programs know no other way
    assert not [what for what, pattern in INLINE.items() if what not in allowed and pattern.search(text)]


def tracked() -> list[Path]:
    """What git keeps; nothing in an unpacked source distribution."""
    if not (ROOT / ".git").exists():
        return []
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def of_one_machine(text: str) -> Iterator[str]:
    """Paths of the machine somebody worked on, and hosts that packages came from."""
    roots = "|".join(("work", "root", "tmp", "Users", "home"))
    for found in re.finditer(rf"(?<![\w.:/>}}-])/(?:{roots})/[\w.-]+", text):
        yield found.group()
    hosts = "|".join(
        ("pypi[.]org", "pythonhosted[.]org", "registry[.]npmjs", "artifact[o]ry", "jfrog[.]io", "index[-]url")
    )
    for found in re.finditer(hosts, text):
        yield found.group()


def test_nothing_in_the_tree_belongs_to_one_machine() -> None:
    """No path of a developer's machine and no package registry's host is in what is handed on."""
    files = tracked()
    if not files:
        pytest.skip("not a git checkout")
    found = {
        named(path): hits
        for path in files
        if path.suffix in TEXT
        if (hits := sorted(set(of_one_machine(path.read_text(encoding="utf-8", errors="replace")))))
    }
    assert not found


# Put together here, so that this file needs no exception from its own rule.
FOUND = [
    f"see /{'work'}/main",
    f"PATH=/{'tmp'}/x",
    f"'/{'root'}/.cache'",
    f"--index{'-'}url",
    f"https://pypi{'.'}org/x",
]


@pytest.mark.parametrize("text", FOUND)
def test_the_search_for_machine_paths_finds_them(text: str) -> None:
    """The check above can fail."""
    assert list(of_one_machine(text))


@pytest.mark.parametrize("text", ["https://example.org/home/1", "the home/life balance", "{base}/home/x"])
def test_the_search_for_machine_paths_leaves_addresses_alone(text: str) -> None:
    """An address on a host is no path of a machine."""
    assert not list(of_one_machine(text))
