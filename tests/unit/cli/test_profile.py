"""`lrs-bridge profile check`: what is wrong, where, how to mend it; the exit status says whether anything is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lrs_bridge.cli import main
from tests.unit.xapi.profiles import BASE, PROFILE, changed


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def check(document: Any, *options: str) -> Result:
    text = document if isinstance(document, str) else json.dumps(document, indent=1)
    Path("p.jsonld").write_text(text, encoding="utf-8")
    return CliRunner().invoke(main, ["profile", "check", "p.jsonld", *options], catch_exceptions=False)


def test_a_profile_in_order_is_told_in_a_line():
    """With what is in it."""
    result = check(PROFILE)
    assert result.exit_code == 0
    assert result.stdout == (f"p.jsonld: {BASE}, version {BASE}/v2, 7 concepts, 4 templates, 3 patterns: in order.\n")


def test_an_error_is_told_with_line_place_value_and_way_to_mend():
    """And exits 1."""
    result = check(changed("templates.0.rules.0.location", "$.timestamp[?(@)]"))
    assert result.exit_code == 1
    (line,) = [n for n, text in enumerate(Path("p.jsonld").read_text().splitlines(), 1) if "[?(@)]" in text]
    assert result.stdout.splitlines()[:3] == [
        f"p.jsonld:{line}: error: has a filter or script expression, which profiles must not use  [location]",
        '    /templates/0/rules/0/location: "$.timestamp[?(@)]"',
        "    Write $.context.extensions['https://...'] and the like.",
    ]
    assert result.stdout.endswith("3 patterns: 1 error, 0 warnings.\n")


def test_warnings_alone_are_no_failure_unless_asked_for():
    """Published profiles are full of them."""
    dirty = changed("templates.0.rules.0.location", "timestamp")
    assert check(dirty).exit_code == 0
    strict = check(dirty, "--strict")
    assert strict.exit_code == 1
    assert "does not begin with `$`; it is read as $.timestamp  [location-dirty]" in strict.stdout


def test_the_same_finding_in_many_places_is_told_once():
    """With the lines of the others."""
    dirty: Any = PROFILE
    for index in range(7):
        dirty = changed(f"concepts.{index}.inScheme", f"{BASE}/v3", dirty)
    result = check(dirty)
    assert result.stdout.count("[in-scheme]") == 1
    assert "    also line " in result.stdout
    assert " and 1 more\n" in result.stdout
    assert result.stdout.endswith("7 errors, 0 warnings.\n")


def test_json_has_every_finding():
    """For machines."""
    result = check(changed("versions.1.id", BASE), "--format", "json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert {key: found[key] for key in ("file", "id", "version", "concepts", "errors", "warnings")} == {
        "file": "p.jsonld",
        "id": BASE,
        "version": f"{BASE}/v2",
        "concepts": 7,
        "errors": 1,
        "warnings": 0,
    }
    (finding,) = found["findings"]
    assert (finding["rule"], finding["pointer"], finding["value"]) == ("version-id", "/versions/1/id", BASE)
    assert finding["line"] > 1


def test_a_profile_without_an_id_is_a_profile_with_an_error():
    """Not something else."""
    result = check(changed("id", ...))
    assert result.exit_code == 1
    assert "id is missing" in result.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{\n  oops", "p.jsonld:2: this is no JSON"),
        ("[]", "p.jsonld: this is no profile"),
        ('{"id": "https://x.example"}', "p.jsonld: this is no profile"),
    ],
)
def test_what_is_no_profile_is_refused(text, said):
    """With exit 2 and a line on stderr."""
    result = check(text)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_a_byte_order_mark_does_no_harm():
    """Some editors write one."""
    assert check("\ufeff" + json.dumps(PROFILE)).exit_code == 0


def test_references_are_followed_into_profiles_that_are_given():
    """A file, a folder, or one that is shipped."""
    there = "https://w3id.org/xapi/learning-journey/templates/applied"
    borrowing = changed("patterns.1.zeroOrMore", there)
    assert "[not-checked]" in check(borrowing).stdout
    for name in ("learning_journey", "https://w3id.org/xapi/learning-journey/v1.0"):
        assert "in order" in check(borrowing, "--with", name).stdout


def test_a_folder_gives_all_its_profiles_and_names_what_is_none():
    """A README in JSON is left out."""
    Path("more/v1").mkdir(parents=True)
    Path("more/v1/games.jsonld").write_text(json.dumps(PROFILE).replace(BASE, "https://profiles.example/games"))
    Path("more/readme.json").write_text("hello")
    Path("more/other.json").write_text("[1]")
    result = check(
        changed("patterns.1.zeroOrMore", "https://profiles.example/games/templates/passed"), "--with", "more"
    )
    assert (result.exit_code, "in order" in result.stdout) == (0, True)
    assert result.stderr.splitlines() == [
        "left out: more/other.json: is no profile: it has no id",
        "left out: more/readme.json:1: Expecting value",
    ]


@pytest.mark.parametrize("name", ["no-such-file.jsonld", "https://w3id.org/xapi/video", "empty"])
def test_a_profile_that_is_not_there_is_refused(name):
    """Nothing is fetched from elsewhere."""
    Path("empty").mkdir()
    result = check(PROFILE, "--with", name)
    assert (result.exit_code, result.stdout) == (2, "")
    assert name in result.stderr
