"""What of a record counts."""

from __future__ import annotations

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
        (FACT._replace(stored=FACT.at), [FACT._replace(stored=AS_OF, step="S2"), FACT._replace(step="S0")]),
        (FACT, [FACT._replace(at=datetime(2026, 3, 4, tzinfo=UTC)), FACT]),
        (FACT, [FACT._replace(step="S2"), FACT._replace(step="S3")]),
    ],
    ids=["first stored", "none stored, first done", "nothing to tell them apart by but what they say"],
)
def test_of_contradictions_under_one_id_the_same_stands_in_any_order(standing, others):
    """A record read twice, page by page, may come in another order."""
    for order in permutations([standing, *others]):
        assert settle(order, AS_OF) == [standing]
