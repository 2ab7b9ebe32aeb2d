"""Checks that remember what they have found sound: the same verbs, activities and people come in again and again."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any

import orjson

from lrs_bridge.lrs.problems import Invalid

Check = Callable[[Any, str], None]

_MOST, _LONGEST = 4096, 1024  # values, and bytes of JSON of each: a few megabytes at most


def remembered(check: Check) -> Check:
    """`check(value, where)`, which raises for what is wrong, asked only for JSON that was not found sound lately."""

    @lru_cache(_MOST)
    def sound(json: bytes) -> bool:
        check(orjson.loads(json), "")
        return True

    @wraps(check)
    def checking(value: Any, where: str) -> None:
        try:
            json = orjson.dumps(value)
            if len(json) <= _LONGEST and sound(json):
                return
        except (Invalid, orjson.JSONEncodeError):
            pass  # not sound, which is said below with its place, or nested too deeply to be remembered
        check(value, where)

    return checking
