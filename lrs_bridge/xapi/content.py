"""Which statements hold content (what people answered, how they were rated, where they were routed), not process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lrs_bridge.domain.events import Kind
from lrs_bridge.xapi.names import VERBS, extension

_VERBS = frozenset(VERBS[kind] for kind in (Kind.ANSWERED, Kind.RATED, Kind.ASSESSED, Kind.ROUTED))
_ANSWERS = extension("answers")


def holds_content(statement: Mapping[str, Any]) -> bool:
    """Answers, ratings, assessments and routes; a plan too, where it carries answers. `applied` is process."""
    if statement["verb"]["id"] in _VERBS:
        return True
    return _ANSWERS in statement.get("result", {}).get("extensions", {})
