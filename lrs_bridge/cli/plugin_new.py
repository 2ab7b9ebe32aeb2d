"""`lrs-bridge plugins new`: the files of a plugin that works and passes its tests, to be changed into one's own."""

from __future__ import annotations

import keyword
import re
import sys
from importlib.metadata import packages_distributions
from importlib.resources import files
from pathlib import Path
from string import Template

import click

from lrs_bridge import __version__
from lrs_bridge.hooks.registry import load

FILES = {
    "pyproject.toml": "pyproject.toml.txt",
    "README.md": "README.md.txt",
    "$package/__init__.py": "package/__init__.py.txt",
    "tests/test_$package.py": "tests/test_package.py.txt",
    "try/journey.yaml": "try/journey.yaml.txt",
    "try/people.yaml": "try/people.yaml.txt",
    "try/statements.json": "try/statements.json.txt",
}
"""Place in the new folder, and the template that is filled."""
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", re.ASCII)
LONGEST = 64
_TAKEN_NAMES = {"tests", "test", "try", "plugins", "lrs"}


def skeleton(name: str) -> dict[str, str]:
    """The files by their place, for a name that `why_not` has nothing against."""
    package = name.replace("-", "_")
    title = name.replace("-", " ").capitalize()
    known = {"name": name, "package": package, "title": title, "version": __version__}
    folder = files("lrs_bridge.cli") / "skeleton"
    return {
        Template(place).substitute(known): Template((folder / source).read_text(encoding="utf-8")).substitute(known)
        for place, source in FILES.items()
    }


def why_not(name: str) -> str | None:
    """Why a plugin cannot be called this, and what to do; None where it can."""
    if not _NAME.fullmatch(name):
        better = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        hint = f" Try {better!r}." if _NAME.fullmatch(better) else ""
        return f"{name!r} is no name for a plugin: small letters and digits, in words joined by hyphens.{hint}"
    if len(name) > LONGEST:
        return f"The name has {len(name)} characters; {LONGEST} are the most."
    package = name.replace("-", "_")
    if keyword.iskeyword(package) or package in sys.stdlib_module_names or package in _TAKEN_NAMES:
        return f"{package!r} is a word of Python or of this tool, so no package can have it. Choose another name."
    registry = load()
    taken = registry.evaluators.get(package) or registry.listeners.get(package)
    if taken is not None:
        return f"There is an indicator or listener {package!r} already, of {taken.distribution}. Choose another name."
    if package in packages_distributions():
        return f"A package {package!r} is installed here already. Choose another name."
    return None


@click.command("new")
@click.argument("name")
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), help="Where to; a new folder NAME, if not given."
)
def new(name: str, folder: Path | None) -> None:
    """Write the skeleton of a plugin with one evaluator, its tests, and files to try it on.

    NAME is that of the distribution, such as practice-breadth; with underscores it names package and indicator.
    """
    reason = why_not(name)
    if reason:
        raise click.BadParameter(reason, param_hint="NAME")
    folder = folder or Path(name)
    if folder.exists():
        raise click.BadParameter(
            f"{folder} is there already, and nothing in it was touched. Name another with --folder.",
            param_hint="--folder",
        )
    written = skeleton(name)
    try:
        for place, text in written.items():
            path = folder / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be written: {error.strerror}.") from error
    for place in written:
        click.echo(folder / place)
    click.echo(f"Next: cd {folder} && python -m pytest && pip install .", err=True)
