"""`lrs-bridge journey check`: problems exit 1, remarks do not."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lrs_bridge.cli import main
from lrs_bridge.journeyfile import sample_text
from tests.unit.cli.conftest import JOURNEY


def check(file: Path, text: str) -> Result:
    file.write_text(text)
    return CliRunner().invoke(main, ["journey", "check", str(file)], catch_exceptions=False)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path("j.yaml")


def test_the_sample_is_in_order(file):
    """Its only remarks are about evaluators that are not installed here."""
    result = check(file, sample_text("field-coaching-90"))
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "j.yaml: field-coaching-90 version 1 is in order: 30 steps."
    assert all(line.startswith("remark (plugin): ") for line in result.stdout.splitlines()[:-1])


def test_remarks_do_not_refuse(file):
    """A thin journey is told what it lacks, and may run."""
    result = check(file, JOURNEY)
    assert result.exit_code == 0
    assert "remark (plugin): No installed plugin provides not_installed." in result.stdout
    assert "remark (manager): No manager step before the course" in result.stdout
    assert "remark (success_case): No step asks the success case survey" in result.stdout


def test_problems_refuse(file):
    """All of them are told, with their lines."""
    result = check(file, JOURNEY.replace("weight: 3", "weight: much").replace("id: C", "id: B"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        "j.yaml:9: steps[0].weight: must be a number from 0 to 1000, not 'much'.",
        "j.yaml:11: steps[2].id: the step 'B' stands already on line 10: names are given once.",
    ]


def test_a_required_anonymous_survey_refuses(file):
    """It could never be credited."""
    survey = "  - {id: S, phase: after, type: survey, owner: participant, survey: r}\n"
    result = check(file, JOURNEY + survey + "surveys: {r: {kind: reaction, confidentiality: anonymous}}\n")
    assert result.exit_code == 1
    assert "j.yaml:12: steps[3].survey: 'r' is anonymous, so a required step can never be credited" in result.stderr


def test_settings_that_an_evaluator_refuses_are_problems(file):
    """The installed evaluators' schemas are asked."""
    result = check(file, JOURNEY.replace("late: 0.4", "late: 4"))
    assert result.exit_code == 1
    assert result.stderr.startswith("j.yaml:6: evaluators.manager_engagement.late: Must be")
