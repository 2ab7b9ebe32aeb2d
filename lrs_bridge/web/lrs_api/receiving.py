"""The body of a POST or PUT of statements: JSON, or JSON and the data of attachments (Communication 1.5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, BinaryIO, cast

import orjson
from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from lrs_bridge.lrs.attachments import Received
from lrs_bridge.lrs.multipart import read_parts
from lrs_bridge.lrs.problems import Invalid

_JSON = "application/json"


def read_body(received: Received, largest: int) -> Any:
    """The decoded JSON; attachments go to `received`. More than `largest` bytes of JSON are too much for our memory."""
    if request.mimetype == _JSON:
        return _decoded(request.get_data(), largest)
    if request.mimetype != "multipart/mixed":
        raise Invalid("Content-Type", f"must be {_JSON} or multipart/mixed")
    parts = read_parts(cast(BinaryIO, request.stream), request.mimetype_params.get("boundary"))
    for headers, content in parts:
        if headers.get("content-type", "").partition(";")[0].strip().lower() != _JSON:
            raise Invalid("body", f"must begin with a part that is {_JSON}")
        body = _decoded(_joined(content, largest), largest)
        break
    else:
        raise Invalid("body", "has no part")
    for headers, content in parts:
        received.take(headers, content)
    return body


def _joined(content: Iterable[bytes], largest: int) -> bytes:
    joined = bytearray()
    for chunk in content:
        joined += chunk
        if len(joined) > largest:
            break
    return bytes(joined)


def _decoded(data: bytes, largest: int) -> Any:
    if len(data) > largest:
        raise RequestEntityTooLarge(f"the JSON of statements may have {largest} bytes; send them in smaller batches")
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as problem:
        raise Invalid("body", f"is not JSON: {problem}") from None
