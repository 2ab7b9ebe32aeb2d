"""The data map and the tables are the same: what is not classified cannot be added."""

from __future__ import annotations

import pytest

from lrs_bridge.domain.data_map import DATA_MAP, Blank, Kept
from lrs_bridge.store.tables import METADATA

MEANT = "classify it in lrs_bridge/domain/data_map: who somebody is, what they said, what they did, or nobody's"


def test_every_table_is_in_the_map_and_nothing_else():
    assert METADATA.tables.keys() - DATA_MAP.keys() == set(), MEANT
    assert DATA_MAP.keys() - METADATA.tables.keys() == set()


@pytest.mark.parametrize("name", sorted(METADATA.tables))
def test_every_column_is_classified_once(name: str):
    assert sorted(DATA_MAP[name].columns) == sorted(METADATA.tables[name].c.keys()), MEANT


@pytest.mark.parametrize("name", sorted(DATA_MAP))
def test_steps_are_about_columns_that_are_there(name: str):
    table, one = METADATA.tables[name], DATA_MAP[name]
    for step in (*one.erased, *one.over):
        assert step.by in table.c
        assert step.only is None or "kind" in table.c
        assert not isinstance(step, Blank) or set(step.columns.split()) <= set(table.c.keys())


@pytest.mark.parametrize("name", sorted(name for name, one in DATA_MAP.items() if one.kept is Kept.WORDS))
def test_what_people_write_goes_when_its_time_is_over(name: str):
    assert DATA_MAP[name].over


def test_whatever_says_who_a_participant_is_goes_when_they_are_erased():
    """Columns with names, addresses and names at an LMS; those of administrators who set something up stay."""
    by_hand = {
        "admin_act",
        "admin_link",
        "admin_visit",
        "plugin_change",
        "listener_change",
        "run_change",
        "draft",
        "journey",
        "recomputation",
        "outbox_statement",  # who set a dead letter aside
    }
    sent_in = {"fact", "document", "login", "erasure_request"}  # seen to by the flow, gone in minutes, settled
    telling = {name for name, one in DATA_MAP.items() if one.identity} - by_hand - sent_in
    assert {name for name in telling if not DATA_MAP[name].erased} == set()
