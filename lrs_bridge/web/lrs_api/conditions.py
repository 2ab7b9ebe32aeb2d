"""ETags of requests and answers: what a client expects to find, and what it has already (RFC 9110, 13)."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha1

from flask import Response, request
from werkzeug.datastructures import ETags
from werkzeug.http import http_date

from lrs_bridge.lrs.documents import ANY, OTHER_STATE, Conditions, PreconditionFailed


def conditions() -> Conditions:
    """Those of this request. An empty or garbled header is a condition that nothing meets."""
    return Conditions(
        _etags(request.if_match) if "If-Match" in request.headers else None,
        _etags(request.if_none_match) if "If-None-Match" in request.headers else None,
    )


def settle(response: Response, updated: datetime | None = None, etag: str | None = None) -> Response:
    """Give the answer its ETag and time; 304 where the client has it. Raises PreconditionFailed.

    `etag` is the SHA-1 of the content, where it is known (Communication 3.1). Not left to werkzeug, which takes the
    asterisk of If-Match for an ETag.
    """
    etag = etag or sha1(response.get_data(), usedforsecurity=False).hexdigest()
    response.set_etag(etag)
    if updated is not None:
        response.headers["Last-Modified"] = http_date(updated)
    wanted = conditions()
    if wanted.match is not None and wanted.match != ANY and etag not in wanted.match:
        raise PreconditionFailed(OTHER_STATE)
    if _is_known(wanted, etag, updated):
        response.status_code = 304
    return response


def _is_known(wanted: Conditions, etag: str, updated: datetime | None) -> bool:
    if wanted.none_match is not None:
        return wanted.none_match == ANY or etag in wanted.none_match
    since = request.if_modified_since
    return updated is not None and since is not None and updated.replace(microsecond=0) <= since


def _etags(given: ETags) -> frozenset[str]:
    """Weak ones too: a proxy that compresses makes ours weak, and the content's SHA-1 is as good as strong."""
    return ANY if given.star_tag else frozenset(given.as_set(include_weak=True))
