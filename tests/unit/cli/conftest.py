"""A small run in files: two participants, a manager, four statements."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lrs_bridge.cli import main

RUN = "11111111-1111-4111-8111-111111111111"
PETRA, PAUL, MARK = (f"{n}{n}{n}{n}{n}{n}{n}{n}-aaaa-4aaa-8aaa-aaaaaaaaaaaa" for n in (1, 2, 3))
REG_PETRA, REG_PAUL = (f"{n}{n}{n}{n}{n}{n}{n}{n}-bbbb-4bbb-8bbb-bbbbbbbbbbbb" for n in (1, 2))
HOME = "https://bridge.example/tenants/t"

JOURNEY = """\
journey: small
version: 1
title: A small journey
evaluators:
  journey_completion: {}
  manager_engagement: {late: 0.4}
  not_installed: {}
steps:
  - {id: A, phase: before, type: self_study, owner: participant, title: Read, weight: 3, opens_day: -7, due_day: 0}
  - {id: B, phase: after, type: reflection, owner: participant, title: Reflect, opens_day: 1, due_day: 9}
  - {id: C, phase: after, type: conversation, owner: manager, title: Talk, opens_day: 1, due_day: 9}
"""


def statement(number: int, actor: str, verb: str, step: str, registration: str, day: str) -> dict[str, Any]:
    return {
        "id": f"{number:08d}-cccc-4ccc-8ccc-cccccccccccc",
        "actor": {"account": {"homePage": HOME, "name": actor}},
        "verb": {"id": verb},
        "object": {"id": f"{HOME}/journeys/small/v/1/steps/{step}"},
        "context": {"registration": registration},
        "timestamp": f"{day}T09:00:00.000Z",
        "stored": f"{day}T09:00:01.000Z",
    }


COMPLETED = "http://adlnet.gov/expapi/verbs/completed"
STATEMENTS = [
    statement(1, PETRA, COMPLETED, "A", REG_PETRA, "2026-03-01"),
    statement(2, PETRA, COMPLETED, "B", REG_PETRA, "2026-03-05"),
    statement(3, PAUL, COMPLETED, "A", REG_PAUL, "2026-03-01"),
    statement(4, MARK, "http://id.tincanapi.com/verb/talked-with", "C", REG_PETRA, "2026-03-20"),
]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """The folder with journey.yaml, people.yaml and statements.json."""
    managers = [{"account": MARK}]
    people = {
        "run": {"id": RUN, "journey": "small", "version": 1, "day_zero": "2026-03-02", "time_zone": "Europe/Berlin"},
        "home_page": HOME,
        "people": [
            {"account": PETRA, "role": "participant", "registration": REG_PETRA, "area": "north", "managers": managers},
            {"account": PAUL, "role": "participant", "registration": REG_PAUL},
        ],
    }
    (tmp_path / "journey.yaml").write_text(JOURNEY)
    (tmp_path / "people.yaml").write_text(json.dumps(people, indent=1))
    (tmp_path / "statements.json").write_text(json.dumps(STATEMENTS))
    return tmp_path


@pytest.fixture
def evaluate(files: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """`lrs-bridge evaluate` on the files, with more arguments; paths are relative to the folder."""
    monkeypatch.chdir(files)

    def run(*more: str, as_of: str = "2026-04-01") -> Result:
        names = ["--journey", "journey.yaml", "--people", "people.yaml", "--statements", "statements.json"]
        return CliRunner().invoke(main, ["evaluate", *names, "--as-of", as_of, *more], catch_exceptions=False)

    return run
