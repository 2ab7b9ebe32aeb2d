"""What of a record counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations

import pytest

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact, settle

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
FACT = Fact("one", Kind.COMPLETED, datetime(2026, 3, 3, tzinfo=UTC), "petra", "v", step="S1")


@pytest.mark.parametrize(
    ("standing", "others"),
    [
        (replace(FACT, stored=FACT.at), [replace(FACT, stored=AS_OF, step="S2"), replace(FACT, step="S0")]),
        (FACT, [replace(FACT, at=datetime(2026, 3, 4, tzinfo=UTC)), FACT]),
        (FACT, [replace(FACT, step="S2"), replace(FACT, step="S3")]),
    ],
    ids=["first stored", "none stored, first done", "nothing to tell them apart by but what they say"],
)
def test_of_contradictions_under_one_id_the_same_stands_in_any_order(standing, others):
    """A record read twice, page by page, may come in another order."""
    for order in permutations([standing, *others]):
        assert settle(order, AS_OF) == [standing]
