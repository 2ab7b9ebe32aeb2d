"""The second record store: statements as xAPI has them, with the ids of the originals."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lrs_bridge_forwarding import second_record

from lrs_bridge.hooks import Refused, Unavailable
from lrs_bridge.hooks.testing import Sent, check_plugin, recorded, tell

SETTINGS = {"url": "https://lrs.example.org/xapi/", "key": "k", "secret": "s"}


def told(*news: Any, answers: Any = (200,)) -> list[Sent]:
    return tell(second_record.LISTENER, *news, settings=SETTINGS, answers=answers)


def test_it_keeps_the_contract() -> None:
    check_plugin(second_record)


def test_statements_are_written_together() -> None:
    """At the address, by the version and with the key that xAPI asks for."""
    first, second = recorded(), recorded(day=4)
    (sent,) = told(first, second)
    assert (sent.method, sent.url) == ("POST", "https://lrs.example.org/xapi/statements")
    assert sent.more["headers"]["X-Experience-API-Version"] == "1.0.3"
    assert sent.more["auth"] == ("k", "s")
    assert [one["id"] for one in json.loads(sent.more["data"])] == [first.id, second.id]


def test_what_a_store_says_itself_is_left_to_the_other_store() -> None:
    (sent,) = told(recorded(stored="2026-03-05T09:00:00Z", authority={"mbox": "mailto:x@example.org"}))
    (one,) = json.loads(sent.more["data"])
    assert not {"stored", "authority"} & set(one)


def test_a_statement_that_is_there_already_is_told_apart_from_the_others() -> None:
    """Together it is refused, so that each comes by itself; alone it is done with."""
    with pytest.raises(Refused):
        told(recorded(), recorded(), answers=(409,))
    told(recorded(), answers=(409,))


def test_a_wrong_key_is_a_matter_of_time() -> None:
    with pytest.raises(Unavailable, match=r"lrs\.example\.org answered 403"):
        told(recorded(), answers=(403,))
