"""The coach circle: what coaches hear, side by side, under the rules for small groups (`docs/privacy.md`).

One's own sessions stand beside those of all other coaches together. Others' are frozen: what was added since the last
batch of five people is not in them, so that nobody's session can be told from the change.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from lrs_bridge.domain import coaching, small_groups
from lrs_bridge.domain.facts import Fact, settle
from lrs_bridge.store import coaching_facts
from lrs_bridge.web.coach import pairs
from lrs_bridge.web.step_forms import FACTORS
from lrs_bridge.web.visits import current
from lrs_bridge.wiring import Bridge


@dataclass(frozen=True)
class Theme:
    """With how many people it came up: `own` with the visitor, `others` with all others (a number, or a band)."""

    title: str
    own: int
    others: str


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the page to the blueprint of the visit."""

    @pages.get("/coaching/circle")
    def coach_circle() -> ResponseReturnValue:
        visit = current()
        run = pairs.run_of(visit)
        with bridge.sessions.read() as session:
            pairs.all_of(session, visit)
            accounts = coaching_facts.coaches(session, run) | {visit.account}
            facts = settle(coaching_facts.held_by(session, run, accounts), visit.now)
        over = run.closed is not None or (visit.today - run.day_zero).days > run.journey.last_day
        theirs = sorted((fact for fact in facts if fact.actor != visit.account), key=_entered)
        shown = small_groups.frozen(theirs, lambda fact: fact.registration or "", over)
        own = [fact for fact in facts if fact.actor == visit.account]
        return render_template(
            "coach/circle.html",
            visit=visit,
            themes=_themes(own, shown),
            own=len(_people(own)),
            others=len(_people(shown)),
            alone=len(accounts) == 1,
            who_link=None,
        )


def _entered(fact: Fact) -> tuple[object, str]:
    return fact.recorded or fact.at, fact.id


def _people(facts: Iterable[Fact]) -> set[str]:
    return set(map(attrgetter("registration"), facts))


def _themes(own: Iterable[Fact], others: Iterable[Fact]) -> list[Theme]:
    mine, theirs = (
        small_groups.counted((fact.registration or "", fact.data.get("themes", ())) for fact in facts)
        for facts in (own, others)
    )
    people = len(_people(others))
    found = [
        Theme(
            FACTORS[code], mine.get(code, 0), small_groups.band(theirs.get(code, 0), people) or str(theirs.get(code, 0))
        )
        for code in coaching.THEMES
        if mine.get(code) or theirs.get(code)
    ]
    return sorted(found, key=lambda theme: (-theme.own, theme.title))
