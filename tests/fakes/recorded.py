"""A recorded LMS: answers a request as it answered the same request when the traffic was taken."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import BaseAdapter

from tests.fakes.endpoints import reply_to

Exchange = Mapping[str, Any]
_FILTERS = {"resource_id", "tag"}


class RecordedPlatform(BaseAdapter):
    """Requests are the same if method, path, query (but for the line item filters) and media type are.

    `fits` narrows it further; a request that was never recorded is an error of the test.
    """

    def __init__(self, exchanges: list[Exchange], fits: Callable[[Exchange], bool] = lambda _: True) -> None:
        super().__init__()
        self.exchanges = [exchange for exchange in exchanges if fits(exchange)]
        self.asked: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self.asked.append(request)
        for exchange in self.exchanges:
            if _signature(exchange["request"]) == _signature_of(request):
                return _answer(request, exchange["response"])
        raise AssertionError(f"never recorded: {_signature_of(request)}")

    def close(self) -> None:
        """Nothing is open."""


def _signature(recorded: Mapping[str, Any]) -> tuple[Any, ...]:
    return _parts(recorded["method"], recorded["url"], recorded["headers"])


def _signature_of(request: requests.PreparedRequest) -> tuple[Any, ...]:
    return _parts(str(request.method), str(request.url), request.headers)


def _parts(method: str, url: str, headers: Mapping[str, str]) -> tuple[Any, ...]:
    where = urlsplit(url)
    query = sorted(pair for pair in parse_qsl(where.query) if pair[0] not in _FILTERS)
    media_type = headers.get("Accept" if method == "GET" else "Content-Type")
    return method, where.netloc, where.path, query, media_type


def _answer(request: requests.PreparedRequest, recorded: Mapping[str, Any]) -> requests.Response:
    body = recorded["body"]
    text = body if isinstance(body, str) else json.dumps(body)
    return reply_to(request, (recorded["status"], recorded["headers"], text))
