"""Every way in which an LMS's services were seen, or are known, to misbehave: trips for `endpoints.FakeServices`.

`PASSING`: trouble with the moment, after which everything has to arrive. `NONSENSE`: 200 with something that is no
answer. `LOST`: the LMS did it, and nobody heard.
"""

from __future__ import annotations

from types import MappingProxyType

import requests

from tests.fakes.endpoints import Trip

ELSEWHERE = "https://elsewhere.example"
PAGE = "<!doctype html><html><body><h1>Sign in</h1><form action='/login'></form></body></html>"
RETRY_SECONDS = 120

PASSING = MappingProxyType(
    {
        "429 with seconds": Trip((429, {"Retry-After": str(RETRY_SECONDS)}, "")),
        "429 without a word": Trip((429, {}, "")),
        "429 with nonsense to wait": Trip((429, {"Retry-After": "soon²"}, "")),
        "503 with a date": Trip((503, {"Retry-After": "Thu, 26 Mar 2026 09:02:00 GMT"}, PAGE)),
        "503 with a date gone by": Trip((503, {"Retry-After": "Thu, 26 Mar 2020 09:02:00 GMT"}, "")),
        "Canvas throttles": Trip((403, {"X-Rate-Limit-Remaining": "0.0"}, "403 Forbidden (Rate Limit Exceeded)\n")),
        "408": Trip((408, {}, "")),
        "500 in HTML": Trip((500, {"Content-Type": "text/html"}, PAGE)),
        "502 of a gateway": Trip((502, {}, PAGE)),
        "504 of a gateway": Trip((504, {}, PAGE)),
        "no connection": Trip(requests.ConnectionError("refused")),
        "no answer in time": Trip(requests.ReadTimeout("slow")),
        "an answer that breaks off": Trip(requests.exceptions.ChunkedEncodingError("broken off")),
        "a redirect to a login": Trip((302, {"Location": "/login"}, "")),
        "a redirect elsewhere": Trip((307, {"Location": f"{ELSEWHERE}/here"}, "")),
        "a redirect elsewhere for good": Trip((308, {"Location": f"{ELSEWHERE}/here"}, "")),
    }
)
NONSENSE = MappingProxyType(
    {
        "a page of a proxy": Trip((200, {"Content-Type": "text/html"}, PAGE)),
        "nothing at all": Trip((200, {}, "")),
        "JSON of another kind": Trip((200, {}, "42")),
        "the error in JSON": Trip((200, {}, {"error": "something"})),
        "too much": Trip((200, {}, b" " * 21_000_000)),
        "JSON too deep": Trip((200, {}, "[" * 200_000)),
        "a number too long": Trip((200, {}, "9" * 100_000)),
        "no text": Trip((200, {}, b"\xff\xfe\x00")),
        "a list of nothing": Trip((200, {}, "null")),
    }
)
LOST = MappingProxyType(
    {
        "does it and hangs up": Trip(requests.ConnectionError("reset"), done=True),
        "does it and takes too long": Trip(requests.ReadTimeout("slow"), done=True),
        "does it and fails": Trip((500, {}, PAGE), done=True),
        "does it behind a gateway that gives up": Trip((504, {}, PAGE), done=True),
    }
)
ENDED = Trip((401, {}, {"reason": "Unauthorized"}))
