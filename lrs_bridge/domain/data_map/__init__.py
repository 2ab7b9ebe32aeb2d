"""The data map: of every table of the database what it holds about people, for whom, how long.

Erasing somebody and retention go by it, the page for administrators is made from it, and a test compares it with the
tables: what is not in here cannot be added.
"""

from __future__ import annotations

from collections.abc import Mapping

from lrs_bridge.domain.data_map import comings, figures, installation, people, record, words
from lrs_bridge.domain.data_map.holding import Blank, Drop, Holding, Kept, Key, Step

__all__ = ["DATA_MAP", "Blank", "Drop", "Holding", "Kept", "Key", "Step"]

DATA_MAP: Mapping[str, Holding] = {
    **people.HOLDINGS,
    **record.HOLDINGS,
    **words.HOLDINGS,
    **figures.HOLDINGS,
    **comings.HOLDINGS,
    **installation.HOLDINGS,
}
