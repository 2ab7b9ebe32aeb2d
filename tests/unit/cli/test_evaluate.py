"""`lrs-bridge evaluate`: files in, a JSON list of results out, and every complaint with its place."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import click
import pytest

from lrs_bridge.cli import evaluate as command
from lrs_bridge.cli.evaluate import parse_as_of
from lrs_bridge.domain.evaluation import Evaluator, Level
from lrs_bridge.domain.people import Run
from lrs_bridge.hooks.registry import Registry
from tests.unit.cli.conftest import MARK, PAUL, PETRA, RUN, STATEMENTS

BERLIN = Run("r", "j", 1, date(2026, 3, 2), "Europe/Berlin")


def test_results_are_a_sorted_json_list(evaluate):
    """One result for each indicator and subject; warnings stay off stdout."""
    result = evaluate()
    assert result.exit_code == 0
    rows = json.loads(result.stdout)
    assert [(row["indicator"], *row["subject"].values(), row["value"]) for row in rows] == [
        ("journey_completion", "cohort", RUN, 87.5),
        ("journey_completion", "cohort", RUN, "north", 100.0),
        ("journey_completion", "person", PETRA, 100.0),
        ("journey_completion", "person", PAUL, 75.0),
        ("manager_engagement", "cohort", RUN, pytest.approx(40.0)),
        ("manager_engagement", "cohort", RUN, "north", pytest.approx(40.0)),
        ("manager_engagement", "person", PETRA, pytest.approx(40.0)),
        ("manager_engagement", "person", PAUL, None),
        ("manager_engagement", "person", MARK, pytest.approx(40.0)),
    ]
    petra = rows[2]
    assert petra["as_of"] == "2026-04-01T21:59:59.999999+00:00"
    assert petra["evidence"] == [STATEMENTS[0]["id"], STATEMENTS[1]["id"]]
    assert petra["evaluator"]["key"] == "journey_completion"
    assert petra["evaluator"]["distribution"].startswith("lrs-bridge ")
    assert rows[6]["params"]["late"] == 0.4
    assert result.stderr == (
        "warning: journey.yaml:7: evaluators.not_installed: no installed plugin provides it; no result.\n"
    )


def test_the_order_of_statements_does_not_matter(evaluate, files):
    """JSON lines in reverse, one of them twice, give the same bytes."""
    first = evaluate().stdout
    lines = "\n".join(json.dumps(one) for one in [*reversed(STATEMENTS), STATEMENTS[2]])
    (files / "statements.json").write_text(lines)
    assert evaluate().stdout == first


def test_a_statement_that_cannot_be_read_is_told_and_left_out(evaluate, files):
    """Position, id and reason stand on stderr; the rest is computed."""
    first = evaluate().stdout
    broken = {"id": "bad", "verb": {"id": "http://v"}}
    (files / "statements.json").write_text(json.dumps([STATEMENTS[0], broken, *STATEMENTS[1:]]))
    result = evaluate()
    assert (result.exit_code, result.stdout) == (0, first)
    assert "warning: statements.json: statement 2 (bad) is left out: actor: " in result.stderr


def test_the_settings_file_goes_before_the_journey(evaluate, files):
    """And what it sets stands in the results."""
    (files / "settings.yaml").write_text("manager_engagement: {late: 1}\nunheard_of: {}\n")
    result = evaluate("--settings", "settings.yaml", "--indicator", "manager_engagement")
    (mark,) = [row for row in json.loads(result.stdout) if row["subject"].get("account") == MARK]
    assert (mark["value"], mark["params"]["late"]) == (100.0, 1.0)
    assert mark["params"]["claimed"] == 0.7
    assert "warning: settings.yaml: unheard_of: there is no such evaluator." in result.stderr


def test_indicators_can_be_chosen(evaluate):
    """Only those named are printed."""
    rows = json.loads(evaluate("--indicator", "journey_completion").stdout)
    assert {row["indicator"] for row in rows} == {"journey_completion"}
    assert json.loads(evaluate("--indicator", "not_installed").stdout) == []
    result = evaluate("--indicator", "mtm_application")
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])
    assert "warning: mtm_application is not enabled in this journey; no result." in result.stderr


def test_an_indicator_nobody_knows_is_refused(evaluate):
    """A misspelt key would otherwise look like no result."""
    result = evaluate("--indicator", "completion")
    assert result.exit_code == 2
    assert "there is no indicator 'completion'. Installed: capability_progress" in result.stderr


def test_the_table_is_for_people(evaluate):
    """Rounded half up to two decimals, a dash for null."""
    lines = evaluate("--format", "table").stdout.splitlines()
    assert lines[0].split() == ["indicator", "subject", "value", "status", "n", "coverage"]
    assert lines[1].split() == ["journey_completion", "cohort", RUN, "87.50", "ok", "2", "1.00"]
    assert [line.split()[3] for line in lines if "manager_engagement" in line and PAUL in line] == ["-"]


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("journey.yaml", "weight: 3", "wieght: 3", "journey.yaml:9: steps[0].wieght: is not a key here. Did you mean"),
        ("journey.yaml", "late: 0.4", "late: 4", "journey.yaml:6: evaluators.manager_engagement.late: Must be"),
        (
            "journey.yaml",
            "late: 0.4",
            "lat: 4",
            "journey.yaml:6: evaluators.manager_engagement.lat: is no setting here",
        ),
        ("journey.yaml", "version: 1", "version: 2", "people.yaml:5: run.version: is 1, but the journey file says 2."),
        ("people.yaml", '"small"', '"other"', "people.yaml:4: run.journey: is other, but the journey file says small."),
        ("people.yaml", '"participant"', '"learner"', "people.yaml:13: people[0].role: 'learner' is none of what can"),
        ("people.yaml", "2026-03-02", "2.3.2026", "people.yaml:6: run.day_zero: must be a day such as 2026-03-02"),
        ("statements.json", '"verb"', "verb", "statements.json:1: this is not JSON:"),
    ],
)
def test_bad_input_ends_with_its_place_and_exit_2(evaluate, files, name, old, new, said):
    """File, line and key on stderr, nothing on stdout, no stack trace."""
    file = files / name
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new, 1))
    result = evaluate()
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_wrong_settings_in_the_settings_file_are_placed_there(evaluate, files):
    """The file that set the value is named, not the one it went before."""
    (files / "settings.yaml").write_text("journey_completion: {}\nmanager_engagement:\n  late: -1\n")
    result = evaluate("--settings", "settings.yaml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("settings.yaml:3: manager_engagement.late: Must be")


def test_a_file_that_is_not_utf8_is_refused(evaluate, files):
    """The line with the first bad byte is named."""
    (files / "journey.yaml").write_bytes(b"journey: x\ntitle: \xff\n")
    result = evaluate()
    assert result.exit_code == 2
    assert result.stderr == "journey.yaml:2: this is not UTF-8 text: save the file as UTF-8.\n"


def test_a_file_that_is_not_there_is_refused(evaluate, files):
    """Before anything else is done."""
    (files / "people.yaml").unlink()
    result = evaluate()
    assert result.exit_code == 2
    assert "people.yaml" in result.stderr


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2026-06-01", datetime(2026, 6, 1, 21, 59, 59, 999999, tzinfo=UTC)),
        ("2026-03-29", datetime(2026, 3, 29, 21, 59, 59, 999999, tzinfo=UTC)),
        ("2026-06-01T12:00:00+02:00", datetime(2026, 6, 1, 10, tzinfo=UTC)),
        ("2026-06-01T12:00:00Z", datetime(2026, 6, 1, 12, tzinfo=UTC)),
        ("2026-06-01T12:00:00.123456-05:30", datetime(2026, 6, 1, 17, 30, 0, 123456, tzinfo=UTC)),
    ],
)
def test_as_of_is_a_time_or_a_local_day(given, expected):
    """A bare date is the end of that day where the run is."""
    assert parse_as_of(given, BERLIN) == expected


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("2026-06-01T12:00:00", "has no offset from UTC: add Z"),
        ("2026-02-30", "is no time: write 2026-06-01"),
        ("9999-12-31", "is no time"),
        ("0001-01-01T00:00:00+14:00", "is no time"),
        ("yesterday", "is no time"),
        ("20260601", "has no offset"),
        ("", "is no time"),
    ],
)
def test_other_times_are_refused(given, said):
    """Without an offset nobody knows which moment is meant."""
    with pytest.raises(click.BadParameter, match=said):
        parse_as_of(given, BERLIN)


def test_a_bad_as_of_exits_2(evaluate):
    """The option is named."""
    result = evaluate(as_of="2026-06-01T12:00")
    assert result.exit_code == 2
    assert "--as-of" in result.stderr
    assert "has no offset" in result.stderr


def test_an_evaluator_that_fails_costs_exit_1_and_nothing_else(evaluate, monkeypatch):
    """The other results are printed; the failure stands on stderr."""
    real = command.load()
    broken = Evaluator("manager_engagement", "Broken", "1", {Level.PERSON: lambda *_: 1 / 0})
    registry = Registry(evaluators={**real.evaluators, "manager_engagement": broken})
    monkeypatch.setattr(command, "load", lambda: registry)
    Path("journey.yaml").write_text(Path("journey.yaml").read_text().replace("{late: 0.4}", "{}"))
    result = evaluate()
    assert result.exit_code == 1
    assert [r["value"] for r in json.loads(result.stdout) if r["indicator"] == "journey_completion"] == [
        87.5,
        100.0,
        100.0,
        75.0,
    ]
    assert (
        f"evaluator manager_engagement failed for person {PAUL}: ZeroDivisionError: division by zero" in result.stderr
    )
