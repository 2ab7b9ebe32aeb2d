"""How values are spread, so that nobody stands out."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lrs_bridge.domain.spread import Band, bands, coarse

VALUES = st.lists(st.floats(-100, 200), max_size=60)


def test_bands_are_of_equal_width_and_the_last_has_its_end():
    assert [band.people for band in bands([0, 19.99, 20, 99, 100])] == [2, 1, 0, 0, 2]
    assert next((band.low, band.high) for band in bands([], (-100, 100))) == (-100, -60)


def test_a_band_with_few_people_goes_together_with_its_neighbour():
    assert coarse([10] * 6 + [30] * 2 + [90] * 5, 5) == [Band(0, 20, 6), Band(20, 100, 7)]


def test_what_would_be_one_band_is_none():
    assert coarse([50] * 20, 5) == []
    assert coarse([10] * 4 + [90] * 4, 5) == []


@given(VALUES)
def test_everybody_is_counted_once(values):
    assert sum(band.people for band in bands(values)) == len(values)


@given(VALUES, st.integers(5, 15))
def test_no_band_is_about_fewer_than_k_or_a_twentieth(values, k):
    """So neither is what is left of the total without it."""
    found = coarse(values, k)
    assert not found or sum(band.people for band in found) == len(values)
    assert all(band.people >= max(k, len(values) / 20) for band in found)
    assert len(found) != 1
    assert all(one.high == other.low for one, other in pairwise(found))
