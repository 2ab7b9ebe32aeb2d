"""Addresses that an LMS gives us on the way: the next page of a list, and whether we go there with our token.

The Link header is that of RFC 8288, as LMSs really write it: several relations stand in one header, in any casing.
Moodle 4.2 puts typographic quotes around the relation, and writes `&amp;` in the URL.
"""

from __future__ import annotations

import html
import re
from urllib.parse import urljoin, urlsplit

from lrs_bridge.domain.delivery import Refused
from lrs_bridge.lti.refusals import short

Origin = tuple[str, str, int | None]
"""Scheme, host and port."""

_PORTS = {"http": 80, "https": 443}

_LINK = re.compile(r"<([^>]*)>((?:\s*;\s*[^,;]+)*)")
_REL = re.compile(r"rel\s*=\s*([^;]+)", re.IGNORECASE)


def next_link(header: str | None, asked: str) -> str | None:
    """The URL of the relation `next`, made absolute; None on the last page. Raises Refused where it is no address."""
    for target, parameters in _LINK.findall(header or ""):
        relation = _REL.search(parameters)
        if relation and "next" in re.findall(r"[a-z]+", relation.group(1).lower()):
            return absolute(html.unescape(target), asked)
    return None


def absolute(url: str, asked: str) -> str:
    """An address as it stood in the answer to `asked`. Raises Refused where it is none."""
    try:
        return urljoin(asked, url)
    except ValueError:
        raise Refused(f"The LMS gives us {short(url)} as an address, which is none.") from None


def origin(url: str) -> Origin:
    """In whatever casing the address is written. What is no address has one, too, at which there is nobody."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return "", "", None


def want_trusted(url: str, trusted: frozenset[Origin], for_what: str) -> str:
    """The same address, if our token may go there. Raises Refused: it would be given to strangers."""
    if origin(url) not in trusted:
        raise Refused(f"The LMS sends us to {short(origin(url)[1])} for {for_what}, where we do not go.")
    return url
