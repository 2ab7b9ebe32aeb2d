"""The alternate request syntax of xAPI 1.0 (Communication 1.3): any request as a POST of form fields.

For browsers and networks that let nothing else through. The method is the only parameter of the query; the form holds
the other parameters, some headers, and the content. Version 2.0 has none of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, urlencode

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wsgi import get_input_stream

from lrs_bridge.lrs.problems import Invalid
from lrs_bridge.web.lrs_api.versions import VERSION_HEADER

PROBLEM = "lrs_bridge.alternate_syntax"
"""Where in the environment of a request it stands why it cannot be unpacked."""

_METHODS = frozenset({"GET", "HEAD", "PUT", "POST", "DELETE"})
_HEADERS = {
    "authorization": "HTTP_AUTHORIZATION",
    "x-experience-api-version": "HTTP_X_EXPERIENCE_API_VERSION",
    "if-match": "HTTP_IF_MATCH",
    "if-none-match": "HTTP_IF_NONE_MATCH",
    "content-type": "CONTENT_TYPE",
}
_MOST_FIELDS = 100

Environment = dict[str, Any]
Application = Callable[[Environment, Callable[..., Any]], Iterable[bytes]]


class AlternateSyntax:
    """Unpacks requests to paths under `prefix` before they are routed; `largest` is the most bytes of a form."""

    def __init__(self, application: Application, prefix: str, largest: int) -> None:
        self._application, self._prefix, self._largest = application, f"{prefix}/", largest

    def __call__(self, environ: Environment, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST" and "method=" in environ.get("QUERY_STRING", ""):
            self._unpack(environ)
        return self._application(environ, start_response)

    def _unpack(self, environ: Environment) -> None:
        query = parse_qsl(environ["QUERY_STRING"], keep_blank_values=True)
        version = environ.get("HTTP_" + VERSION_HEADER.upper().replace("-", "_"), "")
        ours = environ.get("PATH_INFO", "").startswith(self._prefix)
        if not ours or version.startswith("2.") or "method" not in dict(query):
            return
        try:
            form = _read_form(environ, self._largest)
            if dict(form).get(VERSION_HEADER, "").startswith("2."):
                raise Invalid("method", "the alternate request syntax is not a part of version 2.0")
            rewrite(environ, query, form)
        except (Invalid, RequestEntityTooLarge) as problem:
            environ[PROBLEM] = problem


def rewrite(environ: Environment, query: list[tuple[str, str]], form: list[tuple[str, str]]) -> None:
    """Make the environment that of the request that is meant. Raises Invalid."""
    method = query[0][1].upper()
    if len(query) > 1 or method not in _METHODS:
        raise Invalid("method", f"must be the only parameter of the query, and one of {', '.join(sorted(_METHODS))}")
    content: str | None = None
    parameters: list[tuple[str, str]] = []
    headers = {"CONTENT_TYPE": "application/json"}
    for name, value in form:
        if name == "content":
            content = value
        elif name.lower() in _HEADERS:
            headers[_HEADERS[name.lower()]] = value
        elif name.lower() != "content-length":  # of the content, whose length is plain
            parameters.append((name, value))
    if content is None and method in {"PUT", "POST"}:
        raise Invalid("content", "is missing from the form")
    body = (content or "").encode()
    environ |= headers
    environ |= {
        "REQUEST_METHOD": method,
        "QUERY_STRING": urlencode(parameters),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
    }
    environ.pop("HTTP_TRANSFER_ENCODING", None)


def _read_form(environ: Environment, largest: int) -> list[tuple[str, str]]:
    text = get_input_stream(environ, max_content_length=largest).read()
    if len(text) > largest:
        raise RequestEntityTooLarge
    try:
        return parse_qsl(
            text.decode(), keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        raise Invalid("form", "must be form fields, URL-encoded UTF-8") from None
