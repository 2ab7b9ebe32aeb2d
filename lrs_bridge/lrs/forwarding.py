"""Whether a record store would take a statement that a forwarder sent us, before we promise to pass it on."""

from __future__ import annotations

from typing import Any

from lrs_bridge.lrs.problems import Invalid
from lrs_bridge.lrs.validation import check_statement

_NO_DATA = "attachments: without a fileUrl, and their data does not come along"


def why_refused(statement: Any) -> str | None:
    """Where it is not as the specification says, and how; None when it is."""
    try:
        check_statement(statement)
    except Invalid as problem:
        return str(problem)
    attachments = statement.get("attachments", ())
    return None if all("fileUrl" in attachment for attachment in attachments) else _NO_DATA
