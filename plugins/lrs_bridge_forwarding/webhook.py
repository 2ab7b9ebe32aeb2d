"""Tells an address of yours when a participant's posted indicator changes: a POST with JSON for some changes together.

The body is signed (HMAC-SHA256 over the bytes sent, hexadecimal, after `sha256=` in `X-Lrs-Bridge-Signature`), the way
GitHub's and many others' webhooks are, so that the receiver knows who sent it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence

from marshmallow import Schema, fields, validate

from lrs_bridge.hooks import Call, Change, Heard, Listener, Unavailable, listens
from lrs_bridge_forwarding.answers import post

SIGNATURE = "X-Lrs-Bridge-Signature"


class Settings(Schema):
    """Where to, and what the receiver checks the signature with."""

    url = fields.Url(
        required=True,
        schemes={"http", "https"},
        require_tld=False,
        metadata={"help": "The address that is told, such as https://flows.example.org/hooks/indicators."},
    )
    secret = fields.String(
        required=True,
        validate=validate.Length(min=16, max=200),
        metadata={"help": "A secret of at least 16 characters that the receiver knows, too.", "secret": True},
    )


def indicators(news: Sequence[Change], call: Call) -> None:
    """Send the changes. Whoever takes them answers 2xx within 8 seconds."""
    told = {"tenant": call.tenant, "home_page": call.home_page, "changes": [change.body for change in news]}
    body = json.dumps(told, ensure_ascii=False).encode()
    signed = hmac.new(call.settings["secret"].encode(), body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", SIGNATURE: f"sha256={signed}"}
    if post(call, call.settings["url"], body, headers) == 409:
        raise Unavailable("The receiver answered 409 Conflict.")


LISTENER = Listener(
    key="webhook",
    title="Webhook for indicators",
    version="1.0.0",
    functions={Heard.INDICATORS: indicators},
    schema=Settings,
)
register_listeners = listens(LISTENER)
