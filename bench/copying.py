"""Copies of a text in which every id is another, and the same id the same one throughout."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from random import Random
from uuid import UUID

_UUID = re.compile("([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


def ids_in(text: str) -> set[str]:
    return set(_UUID.findall(text))


class Original:
    """Taken to pieces once, so that a copy is little more than a join. Ids that are `kept` stay as they are."""

    def __init__(self, text: str, kept: Iterable[str] = ()) -> None:
        self._pieces = _UUID.split(text)
        self._kept = {one: one for one in kept}

    def copy(self, number: int) -> tuple[str, Mapping[str, str]]:
        """The copy of this number, always the same, and which id stands in it for which."""
        chance = Random(number)
        old = self._pieces[1::2]
        new = {one: str(UUID(int=chance.getrandbits(128), version=4)) for one in dict.fromkeys(old)} | self._kept
        pieces = self._pieces.copy()
        pieces[1::2] = [new[one] for one in old]
        return "".join(pieces), new
