"""Copies statements into a second record store, such as the one in which a company collects those of all its tools.

Over xAPI 1.0.3 (Communication, 2.1.2). The copies have the ids of the originals and none of their content; the
record, from which indicators can be computed again, is the first store alone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from marshmallow import Schema, fields, validate

from lrs_bridge.hooks import Call, Heard, Listener, Recorded, Refused, listens
from lrs_bridge_forwarding.answers import post

_ITS_OWN = {"stored", "authority"}
"""What a record store says itself of a statement it takes in."""


class Settings(Schema):
    """The store, and a key of it that may write."""

    url = fields.Url(
        required=True,
        schemes={"http", "https"},
        require_tld=False,
        metadata={"help": "The store's xAPI endpoint, such as https://lrs.example.org/xapi/."},
    )
    key = fields.String(required=True, validate=validate.Length(min=1), metadata={"help": "The key's name."})
    secret = fields.String(
        required=True, validate=validate.Length(min=1), metadata={"help": "The key's secret.", "secret": True}
    )


def statements(news: Sequence[Recorded], call: Call) -> None:
    """Send them together. A store that has one of them already answers 409, and then each goes by itself."""
    told = [{name: value for name, value in one.statement.items() if name not in _ITS_OWN} for one in news]
    url = call.settings["url"].rstrip("/") + "/statements"
    headers = {"Content-Type": "application/json", "X-Experience-API-Version": "1.0.3"}
    key = call.settings["key"], call.settings["secret"]
    if post(call, url, json.dumps(told, ensure_ascii=False).encode(), headers, auth=key) == 409 and len(news) > 1:
        raise Refused("The store has one of these statements with other content.")


LISTENER = Listener(
    key="second_record",
    title="Copies to a second record store",
    version="1.0.0",
    functions={Heard.STATEMENTS: statements},
    schema=Settings,
)
register_listeners = listens(LISTENER)
