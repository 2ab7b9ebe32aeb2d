"""Durations that say the same are the same, however a store writes them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs_bridge.lrs.batches import is_same
from lrs_bridge.lrs.durations import length_of
from tests.fakes.statements import statement

SAME = [
    ("PT30M00.00S", "PT30M0.00S"),  # as ADL LRS gives it back
    ("PT30M00.00S", "PT30M"),
    ("PT90M", "PT1H30M"),
    ("P1W", "P7D"),
    ("P1Y", "P12M"),
    ("PT1.239S", "PT1.23S"),
    ("PT0,5S", "PT0.5S"),
]
DIFFERENT = [("PT30M", "PT31M"), ("P1M", "PT1M"), ("P1M", "P30D"), ("PT1.23S", "PT1.24S")]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_takes_as_long_is_the_same(one: str, other: str) -> None:
    """To a hundredth of a second, which is all that stores have to keep (Data 4.6)."""
    assert length_of(one) == length_of(other) is not None


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_takes_longer_is_not(one: str, other: str) -> None:
    """And a month has no length in days."""
    assert length_of(one) != length_of(other)


@given(st.timedeltas(timedelta(0), timedelta(days=1000)))
def test_a_length_is_that_of_its_parts(span: timedelta) -> None:
    """Days, hours, minutes and seconds add up."""
    minutes, seconds = divmod(span.seconds, 60)
    text = f"P{span.days}DT{minutes // 60}H{minutes % 60}M{seconds}.{span.microseconds:06d}S"
    found = length_of(text)
    assert found is not None
    whole = Decimal(span.days * 86_400 + span.seconds) + Decimal(span.microseconds) / 1_000_000
    assert Decimal(0) <= whole - found[1] < Decimal("0.01")


@given(st.text("PYMWDTHS0123456789.,", max_size=20))
def test_what_is_no_duration_has_no_length_and_breaks_nothing(text: str) -> None:
    """Whatever a store gives back."""
    found = length_of(text)
    assert found is None or all(isinstance(part, Decimal) for part in found)


def test_a_statement_whose_duration_was_written_anew_is_the_same() -> None:
    """Also inside another; one that took longer is not."""
    took = [statement(1, result={"duration": text}) for text in ("PT30M00.00S", "PT30M0.00S", "PT31M")]
    inner = [
        statement(
            1, object={"objectType": "SubStatement", **{k: one[k] for k in ("actor", "verb", "object", "result")}}
        )
        for one in took
    ]
    for sent, kept, other in (took, inner):
        assert is_same(sent, kept)
        assert not is_same(sent, other)
