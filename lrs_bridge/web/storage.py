"""Pages that speak with the LMS's own storage in the browser, for frames that cookies are kept out of.

The first gives a login's proof to the storage and goes on to the LMS; the second, after the LMS's answer, asks for it
and hands it in. Both rest on one static script, and both lead on without it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime

from flask import Request, Response, g, make_response, render_template

from lrs_bridge.lti.launch import Begun
from lrs_bridge.lti.storage import PlatformStorage
from lrs_bridge.web import security
from lrs_bridge.web.doors import Door, show
from lrs_bridge.web.marks import marks_of

_FRAMES = {"iframe", "frame", "embed", "object"}
_LONGEST_ORIGIN = 300


def opened_from(request: Request) -> str | None:
    """The origin of the page that sent the browser here, as far as the browser tells."""
    for name in ("Origin", "Referer"):
        origin = security.origin_of(request.headers.get(name))
        if origin and len(origin) <= _LONGEST_ORIGIN:
            return origin
    return None


def is_wanted(request: Request) -> bool:
    """Whether a login should give its proof to the LMS's storage: in a frame from which no cookie of ours came.

    With a cookie, or at the top of a window, where cookies are our own, one redirect is enough. So it is where the
    browser keeps back who opened the frame: a page that the LMS's site may not frame would end the launch.
    """
    if marks_of(request.cookies) or opened_from(request) is None:
        return False
    destination = request.headers.get("Sec-Fetch-Dest")  # not sent by Safari before 16.4
    return destination is None or destination in _FRAMES


def put_page(begun: Begun) -> Response:
    """The page between login and authentication request that gives the proof to the storage."""
    answer = make_response(render_template("put_proof.html", begun=begun, storage=begun.storage))
    framed_by = security.origins_of(begun.framed_by)
    answer.headers["Content-Security-Policy"] = security.policy(framed_by, script=True)
    return answer


def get_page(
    door: Door, storage: PlatformStorage, form: Mapping[str, str], now: datetime, logger: logging.Logger
) -> Response:
    """The closed door, with a script that first asks the storage for the proof and sends it with the LMS's answer."""
    answer = show(door, now, logger, "get_proof.html", storage=storage, form=form)
    answer.headers["Content-Security-Policy"] = security.policy(g.frame_ancestors, script=True)
    return answer
