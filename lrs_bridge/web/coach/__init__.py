"""The coach's and mentor's pages, and the coachee's side of them: sessions, preparing, notes, the circle."""

from __future__ import annotations

from collections.abc import Collection

from flask import Blueprint

from lrs_bridge.web.coach import circle, coachee, notes, own_coach, pairs, room, sessions
from lrs_bridge.wiring import Bridge

show_coaching = room.show_coaching


def has_been(words: Collection[str]) -> bool:
    """Whether somebody with these roles, whenever they held, finds notes of a pair here."""
    return any(role in words for role in pairs.COACHING)


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add them to the blueprint of the visit."""
    for module in (room, coachee, sessions, notes, circle, own_coach):
        module.add_pages(pages, bridge)
