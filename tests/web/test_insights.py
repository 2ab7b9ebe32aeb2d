"""What came of a run: one page, two files, for those who decide about it and for nobody else."""

from __future__ import annotations

import pytest

from tests.personas import House

PATHS = ["results", "results.csv", "results.xlsx"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", ["petra", "mark", "nina", "carl", "irene", "stan"])
def test_nobody_below_opens_the_results(house: House, name: str, path: str) -> None:
    """Sponsors, evaluators and whoever designs or teaches the journey do."""
    for reader in (house.sofia, house.eva, house.dario):
        assert reader.open(path).status == 200
    assert getattr(house, name).open(path).status in (403, 404)
