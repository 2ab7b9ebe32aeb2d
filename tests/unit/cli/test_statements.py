"""`lrs-bridge statements check`: any form of file, any profile; findings, what fits, the exit status."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lrs_bridge.cli import main
from tests.unit.xapi.golden import PAIRS
from tests.unit.xapi.profiles import BASE, PROFILE, statement

RACE = [statement(what, number) for number, what in enumerate(["started", "passed", "finished", "confirmed"])]
BROKEN = statement("finished", 2, result={"extensions": {f"{BASE}/extensions/place": 9}})


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sport.jsonld").write_text(json.dumps(PROFILE))


def check(statements: Any, *options: str) -> Result:
    Path("s.json").write_text(statements if isinstance(statements, str) else json.dumps(statements))
    profile = () if "--profile" in options else ("--profile", "sport.jsonld")
    return CliRunner().invoke(main, ["statements", "check", "s.json", *profile, *options], catch_exceptions=False)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(RACE),
        json.dumps(RACE, indent=2),
        json.dumps({"statements": RACE, "more": ""}),
        "\n".join(json.dumps(one) for one in RACE),
        "\n".join(json.dumps({"statements": [one]}) for one in RACE),
    ],
    ids=["array", "indented", "page", "lines", "pages"],
)
def test_every_form_of_file_is_read(text):
    """And what is in order is told in three lines."""
    result = check(text)
    assert (result.exit_code, result.stdout.splitlines()) == (
        0,
        [
            "s.json: 4 statements, 4 of them meant for a template.",
            "s.json: patterns: 1 success, 0 partial, 0 failure.",
            "s.json: in order.",
        ],
    )


def test_a_single_statement_is_a_file_too():
    """Its race is under way, which is no finding."""
    result = check(RACE[0])
    assert result.exit_code == 0
    assert "patterns: 0 success, 1 partial, 0 failure." in result.stdout


def test_a_broken_rule_is_told_with_statement_location_and_value():
    """And exits 1."""
    result = check([*RACE[:2], BROKEN])
    assert result.exit_code == 1
    assert result.stdout.splitlines()[:2] == [
        f"s.json: statement 3 ({BROKEN['id']}): error: $.result.extensions['{BASE}/extensions/place']: "
        "must be one of [1, 2, 3]; found [9]  [template-rule]",
        f"    template {BASE}/templates/finished, rule 1",
    ]


def test_a_registration_that_follows_no_pattern_is_told_with_it():
    """At the statement that does not fit."""
    result = check(RACE[1:])
    assert result.exit_code == 1
    assert "does not go on with the pattern after 0 statements" in result.stdout
    assert f"    registration {RACE[0]['context']['registration']}" in result.stdout
    assert "patterns: 0 success, 0 partial, 1 failure." in result.stdout


def test_the_same_finding_of_many_statements_is_told_once():
    """With the numbers of the others."""
    result = check([{**BROKEN, "id": f"00000000-0000-4000-8000-00000000010{n}"} for n in range(8)])
    assert result.stdout.count("[template-rule]") == 1
    assert "    also statement 2, statement 3, statement 4, statement 5, statement 6 and 2 more" in result.stdout


def test_warnings_alone_are_no_failure_unless_asked_for():
    """A statement that stands twice, for example."""
    assert check([*RACE, RACE[0]]).exit_code == 0
    assert check([*RACE, RACE[0]], "--strict").exit_code == 1


def test_without_the_category_patterns_are_not_matched_unless_assumed():
    """And that is said, lest silence be taken for success."""
    bare = [{**one, "context": {"registration": one["context"]["registration"]}} for one in RACE[1:]]
    result = check(bare)
    assert result.exit_code == 0
    assert "no statement names a profile as category, so no patterns were matched: see --naming." in result.stdout
    assert check(bare, "--naming", "assumed").exit_code == 1
    assert "3 statements, 0 of them meant for a template." in check(bare, "--naming", "named").stdout


def test_json_has_everything():
    """Counts, registrations and findings."""
    result = check([*RACE[:2], BROKEN], "--format", "json")
    found = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (found["file"], found["statements"], found["unmatched"], found["errors"]) == ("s.json", 3, 0, 2)
    assert found["templates"][f"{BASE}/templates/finished"] == 1
    (registration,) = found["registrations"]
    assert (registration["outcome"], registration["statements"], registration["taken"]) == ("failure", [1, 2, 3], 2)
    assert [finding["rule"] for finding in found["findings"]] == ["template-rule", "pattern"]


def test_our_statements_are_checked_against_the_shipped_profile():
    """By its IRI or its name; the reference leads outside the file."""
    written = [PAIRS[name]["statement"] for name in ("registered", "verified")]
    for name in ("https://w3id.org/xapi/learning-journey", "learning_journey"):
        result = check(written, "--profile", name)
        assert result.exit_code == 0
        assert "1 reference to statements outside this file: not judged." in result.stdout


@pytest.mark.parametrize("text", ["nonsense", "[1]", '{"statements": 7}x'])
def test_a_file_that_holds_no_statements_is_refused(text):
    """With exit 2 and a line on stderr."""
    result = check(text)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("s.json:1: ")


def test_a_profile_that_cannot_be_read_is_refused():
    """With its line."""
    Path("broken.jsonld").write_text('{\n"id": }')
    result = check(RACE, "--profile", "broken.jsonld")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "broken.jsonld:2: Expecting value\n"


def test_a_value_too_deep_to_show_is_no_obstacle():
    """A stranger's statement may hold anything."""
    deep: Any = 1
    for _ in range(900):
        deep = [deep]
    made = statement("finished", 1, result={"extensions": {f"{BASE}/extensions/place": deep}})
    for form in ("text", "json"):
        result = check(made, "--format", form)
        assert result.exit_code == 1
        assert "must be one of [1, 2, 3]" in result.stdout
