"""Everybody in a run: who is what to whom today, who is missing what, and what waits for a decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from lrs_bridge.web.people.desk import Desk
from lrs_bridge.web.people.folk import Folk, Member, role_word
from lrs_bridge.web.words import listed, plural, sentence, when
from lrs_bridge.wiring import Bridge

PAGE = 50
_SAVED = {
    "leaders": "Who is what to whom is as the file says, and the numbers follow.",
    "taken_back": "The file is taken back as a whole, and the numbers follow. The history keeps both.",
    "confirmed": "It counts from now on.",
    "refused": "Nothing was changed. Whoever named them sees that it was not confirmed.",
}
_FILTERS: tuple[tuple[str, str, Callable[[Member], bool]], ...] = (
    ("", "Everybody", lambda one: not one.left),
    ("participants", "Participants", lambda one: one.takes_part),
    ("missing", "Missing somebody", lambda one: bool(one.missing)),
    ("roles", "With a role", lambda one: bool(set(one.roles) - {"participant"})),
    ("waiting", "Not come yet", lambda one: one.not_come),
    ("left", "Left", lambda one: one.left),
)


def add_pages(pages: Blueprint, bridge: Bridge, desk_of: Callable[..., Desk], prefix: str) -> None:
    """Add the list."""

    @pages.get(f"{prefix}/everybody")
    def everybody(**place: str) -> ResponseReturnValue:
        desk = desk_of(**place)
        with bridge.sessions.read() as session:
            folk = Folk.read(session, desk.run, desk.today)
        return desk.page("people/everybody.html", **_content(desk, folk))


def _content(desk: Desk, folk: Folk) -> dict[str, Any]:
    words = " ".join(request.args.get("q", "").split())[:100]
    show = request.args.get("show", "")
    fits = next((fits for key, _, fits in _FILTERS if key == show), _FILTERS[0][2])
    found = [one for one in folk.members if fits(one) and one.fits(words.casefold())]
    pages = max(1, -(-len(found) // PAGE))
    at = min(max(1, request.args.get("page", 1, int)), pages)
    return {
        "told": _SAVED.get(request.args.get("saved", "")),
        "lede": _lede(folk),
        "filters": [
            {
                "text": text,
                "count": sum(map(one_fits, folk.members)),
                "href": desk.url("everybody", show=key, q=words),
                "here": key == show,
            }
            for key, text, one_fits in _FILTERS
        ],
        "q": words,
        "show": show,
        "rows": [_row(desk, folk, one) for one in found[(at - 1) * PAGE : at * PAGE]],
        "count": len(found),
        "anybody": bool(folk.members),
        "pages": pages,
        "at": at,
        "earlier": desk.url("everybody", show=show, q=words, page=at - 1) if at > 1 else None,
        "later": desk.url("everybody", show=show, q=words, page=at + 1) if at < pages else None,
        "missing": _missing(desk, folk),
        "waiting": [_waiting(desk, folk, one) for one in folk.waiting],
    }


def _lede(folk: Folk) -> str:
    inside = sum(one.takes_part for one in folk.members)
    others = sum(not one.takes_part and not one.left for one in folk.members)
    more = f" and {plural(others, 'other')}" if others else ""
    return f"{sentence(plural(inside, 'participant'))}{more}. What people see here follows who they are to whom today."


def _row(desk: Desk, folk: Folk, one: Member) -> dict[str, Any]:
    return {
        "name": one.name,
        "href": desk.url("one_of_all", person_id=one.id),
        "roles": sentence(", ".join(one.roles)) or ("Has left" if one.left else "–"),
        "not_come": one.not_come,
        "missing": [sentence(f"no {word}") for word in one.missing if "manager" in word],
        "cells": [
            ("Manager", listed(one.managers)),
            ("Their manager", listed(one.above)),
            ("Coach", listed(one.coaches)),
            ("Mentor", listed(one.mentors)),
            ("Peers", listed(one.peers)),
            ("Area", one.area or ""),
        ],
    }


def _missing(desk: Desk, folk: Folk) -> list[dict[str, str]]:
    """One line for each role that somebody lacks, with what to do about it."""
    lines = []
    for role in folk.wanted:
        lacking = [one for one in folk.members if role_word(role) in one.missing]
        if lacking:
            names = listed([one.name for one in lacking[:3]]) if len(lacking) <= 3 else None
            what = f"{names} {'has' if len(lacking) == 1 else 'have'}" if names else f"{len(lacking)} participants have"
            lines.append(
                {
                    "text": f"{what} no {role_word(role)}.",
                    "href": desk.url("choose_person", **{"for": lacking[0].id, "role": str(role)})
                    if len(lacking) == 1
                    else desk.url("everybody", show="missing"),
                    "do": "Name somebody" if len(lacking) == 1 else "See who",
                }
            )
    unsponsored = [one for one in folk.members if "manager’s manager" in one.missing]
    if unsponsored:
        who = listed([one.name for one in unsponsored[:3]])
        more = f" and {plural(len(unsponsored) - 3, 'other')}" if len(unsponsored) > 3 else ""
        text = f"Nobody is known as the manager of {who}{more}."
        lines.append({"text": text, "href": desk.url("everybody", show="missing"), "do": "See who"})
    for role_name in folk.vacant:
        text = f"{role_name}: this journey has steps for one, and nobody is it."
        key = role_name.lower().replace(" ", "_")
        lines.append({"text": text, "href": desk.url("choose_person", role=key), "do": "Give the role"})
    return lines


def _waiting(desk: Desk, folk: Folk, one: Any) -> dict[str, str]:
    named = f"{one.name} ({one.email})" if one.name else one.email
    return {
        "id": one.id,
        "text": f"{folk.name(one.person_id)} names {named} as their {role_word(one.role)}.",
        "when": f"Since {when(one.made, desk.run.run.zone)}.",
        "who": named,
    }
