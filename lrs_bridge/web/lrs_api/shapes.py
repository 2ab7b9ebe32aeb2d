"""Found statements in the format that was asked for (Communication 2.1.3)."""

from __future__ import annotations

from collections.abc import Iterable

import orjson
from flask import request

from lrs_bridge.lrs.asking import Format
from lrs_bridge.lrs.definitions import activities_in, with_definitions
from lrs_bridge.lrs.shaping import ids_only, in_one_language
from lrs_bridge.store import activities
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.statement_queries import Found


def shaped(sessions: Sessions, tenant_id: str, found: Iterable[Found], shape: Format) -> list[str]:
    """As JSON. What is kept is already exact; only the other formats need to be decoded."""
    if shape == "exact":
        return [one.body for one in found]
    statements = [orjson.loads(one.body) for one in found]
    if shape == "ids":
        return [orjson.dumps(ids_only(one)).decode() for one in statements]
    with sessions.read() as session:
        known = activities.definitions(session, tenant_id, activities_in(statements))
    languages = [tag for tag, _ in request.accept_languages]
    told = (in_one_language(with_definitions(one, known), languages) for one in statements)
    return [orjson.dumps(one).decode() for one in told]
