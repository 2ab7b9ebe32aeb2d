"""`lrs-bridge evaluate` and a naive reading of the reference agree on whatever is put before them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from math import isclose
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lrs_bridge.cli import main
from tests.conformance.oracle import results
from tests.conformance.oracle.cases import Case, case

evaluate = import_module("lrs_bridge.cli.evaluate")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the files go. Plugins are looked up once, which halves the time of a run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluate, "load", cache(evaluate.load))
        yield tmp_path_factory.mktemp("evaluate")


def of_the_product(given_case: Case, folder: Path) -> dict:
    """What the command prints, keyed as the oracle keys it."""
    options = ["evaluate", "--as-of", given_case.as_of_given]
    for name in ("journey", "people", "statements", "settings"):
        (folder / f"{name}.json").write_text(json.dumps(getattr(given_case, name)))
        options += [f"--{name}", str(folder / f"{name}.json")]
    outcome = CliRunner().invoke(main, options, catch_exceptions=False)
    assert outcome.exit_code == 0, outcome.output
    return {(one["indicator"], tuple(one["subject"].values())): one for one in json.loads(outcome.stdout)}


def differences(expected: object, actual: object, path: str = "") -> list[str]:
    """Where `actual` is not what was expected; keys nobody expected are free."""
    if expected == "absent":
        return [] if actual == "absent" else [f"{path}: printed {actual!r}, which has no business there"]
    if isinstance(expected, dict) and isinstance(actual, dict):
        return [
            line
            for key, value in expected.items()
            for line in differences(value, actual.get(key, "absent"), f"{path}/{key}")
        ]
    if isinstance(expected, float | int) and isinstance(actual, float | int):
        same = isclose(expected, actual, rel_tol=1e-9, abs_tol=1e-9)
    elif isinstance(expected, list | tuple) and isinstance(actual, list) and len(expected) == len(actual):
        return [
            line
            for place, (one, other) in enumerate(zip(expected, actual, strict=True))
            for line in differences(one, other, f"{path}/{place}")
        ]
    else:
        same = expected == actual
    return [] if same else [f"{path}: expected {expected!r}, printed {actual!r}"]


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6))
def test_the_product_prints_what_the_reference_says(seed: int, folder: Path) -> None:
    """Value, status, n, coverage and the named components agree to 1e-9 for every subject, and nobody is left out."""
    given_case = case(seed)
    expected = results(
        given_case.journey, given_case.people, given_case.statements, given_case.as_of, given_case.settings
    )
    printed = of_the_product(given_case, folder)
    assert sorted(map(str, printed)) == sorted(map(str, expected))
    found = [
        line
        for key, value in expected.items()
        for line in differences(value, printed[key], " ".join((key[0], *key[1])))
    ]
    assert not found, "\n".join(found)
