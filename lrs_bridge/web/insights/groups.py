"""What helps and what gets in the way, as a table: a row for each factor, a column for each group. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from lrs_bridge.domain.coaching import THEMES
from lrs_bridge.domain.insights.figures import Figures
from lrs_bridge.domain.insights.matrix import HELPED, HINDERED, Group
from lrs_bridge.domain.insights.shares import Why
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.publications import Rule
from lrs_bridge.web.insights.cells import BLANK, HIDDEN_BY, Cell, Sheet, band, count, hidden, word
from lrs_bridge.web.sponsor.tensions import ROLES
from lrs_bridge.web.step_forms import FACTORS

_ALWAYS = (Role.PARTICIPANT, Role.MANAGER, Role.SPONSOR, Role.COACH)
_AFTER = {HELPED: "Helped, at the end", HINDERED: "Hindered, at the end"}


def matrix(figures: Figures) -> Iterator[Sheet]:
    found = figures.matrix
    if found is None:
        return
    known = {group.key: group for group in found.before}
    order = [role for role in ROLES if role in known or (found.asked and role in _ALWAYS)]
    columns: list[tuple[str, Group | None]] = [(ROLES[role], known.get(role)) for role in order]
    columns += [(_AFTER[group.key], group) for group in found.after]
    told = [f"{ROLES[Role(group.key)]}: {_rule(group, figures)}" for group in found.before if group.rule]
    notes = []
    if found.held is not None:
        notes.append(
            "Under a role: how many of it expected this to get in the way, asked before the start."
            if found.asked
            else "What each role expects to get in the way comes when they were asked and the last day is over."
        )
    notes.append(
        "At the end: what participants said in the survey."
        if found.after
        else "What helped and hindered participants comes from their survey, with the last total of the run."
    )
    codes = sorted(THEMES, key=lambda code: -max((_weight(group, code) for _, group in columns), default=0.0))
    rows = [[word("People who answered"), *(_size(group) for _, group in columns)]]
    rows += [[word(FACTORS[code]), *(_named(group, code) for _, group in columns)] for code in codes]
    yield Sheet(
        "matrix",
        "What helps, what gets in the way",
        "One list of factors for everybody. What weighs most in any group stands first.",
        ["", *(name for name, _ in columns)],
        rows if columns else [],
        held=told,
        notes=notes,
        empty=("Nobody was asked yet", " ".join(notes)),
    )


def _rule(group: Group, figures: Figures) -> str:
    why = Why.FEW if group.rule is Rule.FEW else Why.COMPLEMENT
    return HIDDEN_BY[why].format(k=figures.k)


def _weight(group: Group | None, code: str) -> float:
    found = group.counts.get(code) if group is not None else None
    return (found.number or 0) / group.size if found and group and group.size else 0.0


def _size(group: Group | None) -> Cell:
    if group is None:
        return Cell("Nobody")
    return hidden() if group.size is None else count(group.size)


def _named(group: Group | None, code: str) -> Cell:
    if group is None:
        return BLANK
    found = group.counts.get(code)
    if found is None:
        return hidden()
    return count(found.number) if found.number is not None else band(found.band or "")
