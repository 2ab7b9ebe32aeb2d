"""The next page of a paged list: the Link header (RFC 8288), as LMSs really write it.

Several relations stand in one header, in any casing. Moodle 4.2 puts typographic quotes around the relation, and
writes `&amp;` in the URL.
"""

from __future__ import annotations

import html
import re
from urllib.parse import urljoin

_LINK = re.compile(r"<([^>]*)>((?:\s*;\s*[^,;]+)*)")
_REL = re.compile(r"rel\s*=\s*([^;]+)", re.IGNORECASE)


def next_link(header: str | None, asked: str) -> str | None:
    """The URL of the relation `next`, made absolute; None on the last page."""
    for target, parameters in _LINK.findall(header or ""):
        relation = _REL.search(parameters)
        if relation and "next" in re.findall(r"[a-z]+", relation.group(1).lower()):
            return urljoin(asked, html.unescape(target))
    return None
