"""The documentation is held to the code: keys, commands, variables, settings and addresses are those of both."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import unquote

import click
import pytest
import yaml
from flask import Flask

from lrs_bridge.cli import main
from lrs_bridge.config import PREFIX, from_environment
from lrs_bridge.domain.evaluators import Evaluator, Level
from lrs_bridge.domain.indicators import Outcome, Result, Status, Subject
from lrs_bridge.domain.journey import STEP_TYPES
from lrs_bridge.domain.people import Role
from lrs_bridge.hooks import rehearsal
from lrs_bridge.hooks.evaluator_settings import EvaluatorSettings
from lrs_bridge.hooks.registry import load
from lrs_bridge.hooks.settings import resolve
from lrs_bridge.hooks.testing import evidence, group_outcome, on
from lrs_bridge.journeyfile import load_journey, load_people
from lrs_bridge.journeyfile.section import Section
from lrs_bridge.lti.refusals import Reason
from lrs_bridge.store import tables
from lrs_bridge.web import create_app
from lrs_bridge.wiring import build
from tests import pages
from tests.pages import DOCS, ROOT

PAGES = pages.pages()
BUILT_IN = sorted(one.key for one in load().evaluators.values() if one.distribution.startswith("lrs-bridge "))


# Links


@pytest.mark.parametrize("page", PAGES, ids=pages.named)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link names a file that is there, and a heading on it."""
    broken = []
    for target in pages.links(pages.text_of(page)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = unquote(target).partition("#")
        file = (page.parent / name).resolve() if name else page
        if not file.exists() or (anchor and anchor not in pages.anchors(pages.text_of(file))):
            broken.append(target)
    assert not broken


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=pages.named)
def test_every_page_can_be_found_from_the_readme(page: Path) -> None:
    """The README is the way in for each of the four readers."""
    assert f"docs/{page.name}" in pages.links(pages.text_of(ROOT / "README.md"))


# Files


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The paths of all keys that the readers of files ask for, while the test reads one."""
    found: set[str] = set()
    node = Section.node

    def ask(self: Section, key: str, needed: bool = False) -> Any:
        found.add(pattern(self.at(key)))
        return node(self, key, needed)

    monkeypatch.setattr(Section, "node", ask)
    return found


def pattern(path: str) -> str:
    """`surveys.used.items[0].id` as pages write it: `surveys.*.items[].id`."""
    path = re.sub(r"\[\d+\]", "[]", path)
    path = re.sub(r"^(surveys|assessments|evaluators|gradebook)\.[^.\[]+", r"\1.*", path)
    return re.sub(r"^people\[\]\.(coaches|sponsors)\[", "people[].managers[", path)


def keys_in(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from (where := f"{path}.{key}" if path else str(key), *keys_in(inner, where))
    elif isinstance(value, list):
        for inner in value:
            yield from keys_in(inner, f"{path}[]")


def undocumented(asked: set[str], documented: set[str]) -> set[str]:
    """A key is also documented where the keys inside it are."""
    return {key for key in asked if not any(one == key or one.startswith((f"{key}.", f"{key}[")) for one in documented)}


@pytest.mark.parametrize(("name", "read"), [("journey-file.md", load_journey), ("people-file.md", load_people)])
def test_every_key_of_a_file_is_documented(name: str, read: Any, asked: set[str]) -> None:
    """The example on the page can be read and shows every key; the tables describe these and no others."""
    (example,) = pages.fenced(pages.page(name), "yaml")
    read(example, name)
    shown = {pattern(key) for key in keys_in(yaml.safe_load(example))}
    documented = {code for code in pages.first_cells(pages.page(name)) if code.split(".")[0].split("[")[0] in shown}
    assert undocumented(asked, shown) == set()
    assert undocumented(asked, documented) == set()
    assert documented - asked == set()


def test_step_types_and_roles_are_listed() -> None:
    """The words that may stand in a step are all on the page."""
    listed = set(pages.codes(pages.sections(pages.page("journey-file.md"), 2)["Steps"]))
    assert {*STEP_TYPES, *(role.value for role in Role)} - listed == set()


def test_results_are_described() -> None:
    """Each key that `lrs-bridge evaluate` prints is explained."""
    result = Result("i", Subject.person("a"), on(0), Outcome(1.0), {}, "e", "1", "d", "h")
    described = pages.first_cells(pages.sections(pages.page("people-file.md"), 2)["Results"])
    assert described == set(result.as_dict())


# Command line


def all_commands(group: click.Command = main, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], click.Command]:
    if not isinstance(group, click.Group):
        return {path: group}
    context = click.Context(group)
    found: dict[tuple[str, ...], click.Command] = {}
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found |= all_commands(command, (*path, name))
    return found


COMMANDS = all_commands()


def options_of(command: click.Command) -> set[str]:
    options = {
        opt for one in command.params if isinstance(one, click.Option) for opt in (*one.opts, *one.secondary_opts)
    }
    return {option for option in options if option.startswith("--")} | {"--help"}


def test_every_command_is_documented() -> None:
    """Each command has its heading in docs/command-line.md, with all of its options and no others."""
    found = {}
    for heading, body in pages.sections(pages.page("command-line.md"), 3).items():
        words = heading.strip("`").split()[1:]
        path = tuple(word for word in words if word == word.lower())
        found[path] = set(re.findall(r"--[a-z][a-z-]*", body)) | {"--help"}
    assert found == {path: options_of(command) for path, command in COMMANDS.items()}


@pytest.mark.parametrize("page", PAGES, ids=pages.named)
def test_commands_on_a_page_exist(page: Path) -> None:
    """Whoever copies a command from a page gets no usage error for its name or its options."""
    wrong = []
    for words in pages.commands(pages.text_of(page), "lrs-bridge"):
        known = next((path for n in range(len(words), 0, -1) if (path := tuple(words[:n])) in COMMANDS), None)
        group = any(path[: len(words)] == tuple(words) for path in COMMANDS)
        if words == ["--help"] or group:
            continue
        options = {word.split("=")[0] for word in words if word.startswith("--")}
        if known is None or options - options_of(COMMANDS[known]):
            wrong.append(" ".join(words))
    assert not wrong


@pytest.mark.parametrize("page", PAGES, ids=pages.named)
def test_make_targets_on_a_page_exist(page: Path) -> None:
    """The same for `make`."""
    targets = set(re.findall(r"^([a-z]+):", pages.text_of(ROOT / "Makefile"), re.M))
    assert {words[0] for words in pages.commands(pages.text_of(page), "make")} <= targets


# Environment


class Recording(dict[str, str]):
    """An environment that remembers what was asked of it."""

    def __init__(self, **values: str) -> None:
        super().__init__(**values)
        self.asked: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return super().get(key, default)


def test_every_variable_is_documented(tmp_path: Path) -> None:
    """docs/running.md lists the variables that are read, and no page names another."""
    env = Recording(LRS_BRIDGE_DATA_DIR=str(tmp_path))
    from_environment(env)
    everywhere = " ".join(pages.text_of(page) for page in PAGES)
    named = {name.rstrip("_") for name in re.findall(rf"{PREFIX}[A-Z_]+", everywhere)}
    assert {name for name in pages.first_cells(pages.page("running.md")) if name.startswith(PREFIX)} == env.asked
    assert {name for name in named if not name.startswith(f"{PREFIX}TEST_")} <= env.asked


# Indicators


def section_of(key: str) -> str:
    """What docs/indicators.md says of an indicator."""
    found = [body for body in pages.sections(pages.page("indicators.md"), 2).values() if f"`{key}` is " in body]
    assert len(found) == 1, f"one section begins with what `{key}` is"
    return found[0]


@pytest.mark.parametrize("key", BUILT_IN)
def test_settings_are_documented_with_their_defaults(key: str) -> None:
    """The tables of settings hold the names and defaults of the schema."""
    evaluator = load().evaluators[key]
    defaults = {name: value for name, value in resolve(evaluator).items() if name not in EvaluatorSettings().fields}
    tables = [row for row in pages.rows(section_of(key)) if len(row) == 3]
    told = {row[0].strip("`"): row[1].strip("`") for row in tables if row[0] != "setting"}
    assert set(told) == set(defaults)
    for name, value in defaults.items():
        shown = None if told[name] == "none" else yaml.safe_load(told[name])
        assert shown == (value or None if isinstance(value, list | dict) else value), name


def nothing(*asked: object) -> Outcome:
    """The outcome of a participant by an evaluator that asks nothing of participants."""
    return Outcome.none(Status.NOT_APPLICABLE)


def components_of(evaluator: Evaluator) -> set[str]:
    """The names of the components over a good many made-up records."""
    found: set[str] = set()
    settings = resolve(evaluator)
    for seed in range(25):
        random = Random(seed)
        members = []
        for person in rehearsal.PEOPLE:
            asked = evidence(rehearsal.facts(rehearsal.JOURNEY, person, random), on(60), person)
            outcome = evaluator.functions.get(Level.PERSON, nothing)(rehearsal.JOURNEY, asked, settings, on(60))
            members.append((person, outcome))
            found |= set(outcome.components)
        shared = rehearsal.shared_facts(rehearsal.JOURNEY, random)
        for sponsor in (None, "sofia") if Level.SPONSOR in evaluator.functions else (None,):
            group = group_outcome(evaluator, rehearsal.JOURNEY, members, day=60, sponsor=sponsor, facts=shared)
            found |= set(group.components)
    return found


@pytest.mark.parametrize("key", BUILT_IN)
def test_components_are_explained(key: str) -> None:
    """Whatever stands in a result's components is on the page."""
    assert components_of(load().evaluators[key]) - pages.first_cells(section_of(key)) == set()


# Addresses, codes, tables


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return create_app(build(from_environment({f"{PREFIX}DATA_DIR": str(tmp_path_factory.mktemp("data"))})))


@pytest.mark.parametrize("page", PAGES, ids=pages.named)
def test_addresses_on_a_page_exist(page: Path, app: Flask) -> None:
    """A path of the tool that a page names is one that it answers."""
    known = [re.sub(r"<[^>]+>", "x", rule.rule) for rule in app.url_map.iter_rules()]
    found = [
        re.fullmatch(r"(?:<base>)?(/(?:lti|xapi|health)/[\w./]*)", code) for code in pages.codes(pages.text_of(page))
    ]
    told = {match[1] for match in found if match}
    assert not {path for path in told if not any(rule.startswith(path) for rule in known)}


def test_the_codes_of_refused_launches_exist() -> None:
    """Whoever looks up a code from the log finds the one that is really there."""
    told = pages.codes(pages.sections(pages.page("connecting-an-lms.md"), 2)["When a launch is refused"])
    assert told
    assert set(told) <= {str(reason) for reason in Reason}


def test_every_table_has_its_place_in_the_description() -> None:
    """docs/how-it-works.md names each file of store/ that holds a table."""
    told = pages.first_cells(pages.sections(pages.page("how-it-works.md"), 2)["Tables"])
    assert {noun.__name__.rpartition(".")[2] for noun in tables.NOUNS} == told
