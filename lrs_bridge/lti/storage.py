"""The LMS's own storage in the browser: where a login's proof waits if cookies are kept out of the LMS's frame.

1EdTech, LTI OIDC Login with LTI Client Side postMessages 0.1: the tool puts a value with `lti.put_data` before the
authentication request and gets it back with `lti.get_data` after it. The LMS keeps values by the origin of the window
that put them, so that only this tool's pages in this browser can read what they put.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from lrs_bridge.store.logins import digest
from lrs_bridge.store.platforms import Registration

STORAGE_TARGET = "lti_storage_target"
_LONGEST_NAME = 200


@dataclass(frozen=True)
class PlatformStorage:
    """Where a proof is put, and where it is asked for.

    `origin` is that of the LMS's authentication URL: nobody else is told the proof, and nobody else's answer counts.
    `frame` is the name of the LMS's frame that stores, or `_parent`; None where the LMS did not say at login, and
    has to be asked for its capabilities.
    """

    key: str
    origin: str
    frame: str | None


def storage_of(platform: Registration, params: Mapping[str, str], state: str) -> PlatformStorage:
    """The storage of the LMS that began a login with these parameters."""
    frame = params.get(STORAGE_TARGET) or None
    auth = urlsplit(platform.auth_url)
    return PlatformStorage(
        key=f"state_{digest(state)[:16]}",
        origin=f"{auth.scheme}://{auth.netloc.rpartition('@')[2]}",
        frame=frame if frame and len(frame) <= _LONGEST_NAME else None,
    )
