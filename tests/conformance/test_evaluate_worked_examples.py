"""The worked examples of the indicators page, as files a customer would hand to `lrs-bridge evaluate`."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from lrs_bridge.cli import main

GOLDEN = Path(__file__).parents[1] / "golden" / "evaluate"


def printed(folder: Path, as_of: str, indicator: str | None) -> dict[str, Any]:
    """The results by subject: an account, "run", or "run" and an area."""
    options = ["evaluate", "--as-of", as_of, *(["--indicator", indicator] if indicator else [])]
    for file in folder.iterdir():
        if file.name != "expected.yaml":
            options += [f"--{file.stem}", str(file)]
    outcome = CliRunner().invoke(main, options, catch_exceptions=False)
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    return {_name(one["subject"]): one for one in json.loads(outcome.stdout)}


def _name(subject: dict[str, str]) -> str:
    return subject.get("account") or " ".join(["run", *([subject["area"]] if "area" in subject else [])])


def as_written(expected: Any, actual: Any) -> Any:
    """The part of `actual` that is expected, each number with as many digits as the page prints."""
    if isinstance(expected, dict):
        return {key: as_written(value, actual.get(key, "absent")) for key, value in expected.items()}
    if isinstance(expected, list) and isinstance(actual, list):
        return [as_written(one, other) for one, other in zip(expected, actual, strict=False)] + actual[len(expected) :]
    if isinstance(expected, float) and isinstance(actual, float | int) and not isinstance(actual, bool):
        digits = Decimal(repr(expected)).normalize()
        return float(Decimal(repr(actual)).quantize(Decimal(1).scaleb(digits.as_tuple().exponent), ROUND_HALF_UP))
    if isinstance(actual, float):
        return round(actual, 9)
    return actual


CASES = [
    pytest.param(folder, at["as_of"], at.get("indicator"), at["results"], id=f"{folder.name} {at['as_of']}")
    for folder in sorted(GOLDEN.iterdir())
    for at in yaml.safe_load((folder / "expected.yaml").read_text())
]


@pytest.mark.parametrize(("folder", "as_of", "indicator", "expected"), CASES)
def test_the_page_and_the_command_print_the_same_figures(
    folder: Path, as_of: str, indicator: str | None, expected: list
) -> None:
    """Rounded half up to the digits of the page. Of several indicators one is named."""
    results = printed(folder, as_of, indicator)
    for wanted in expected:
        result = results[wanted["subject"]] | {"subject": wanted["subject"]}
        assert as_written(wanted, result) == wanted
