"""A WSGI application as the other side of requests, in this process: no port, no thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from werkzeug.test import Client

from tests.fakes.endpoints import reply_to


class WsgiAdapter(BaseAdapter):
    """Mount it on a session: what is sent to the mounted address is answered by `application`."""

    def __init__(self, application: Callable[..., Any]) -> None:
        super().__init__()
        self.client = Client(application, use_cookies=False)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        where = urlsplit(str(request.url))
        answer = self.client.open(
            where.path,
            base_url=f"{where.scheme}://{where.netloc}",
            query_string=where.query,
            method=str(request.method),
            headers=dict(request.headers),
            data=request.body or b"",
        )
        return reply_to(request, (answer.status_code, dict(answer.headers), answer.data))

    def close(self) -> None:
        """Nothing is open."""
