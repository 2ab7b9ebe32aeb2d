"""What helps and what gets in the way, as a table: a row for each factor, a column for each group. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lrs_bridge.domain.coaching import THEMES
from lrs_bridge.domain.insights.figures import Figures
from lrs_bridge.domain.insights.matrix import HELPED, HINDERED, Group
from lrs_bridge.domain.insights.shares import Why
from lrs_bridge.domain.publications import Rule
from lrs_bridge.domain.small_groups import NEARLY_ALL, K
from lrs_bridge.web.insights.cells import HIDDEN_BY, Cell, Sheet, band, count, word
from lrs_bridge.web.sponsor.tensions import ROLES
from lrs_bridge.web.step_forms import FACTORS
from lrs_bridge.web.words import listed

_AFTER = {HELPED: "Helped, at the end", HINDERED: "Hindered, at the end"}


def matrix(figures: Figures) -> Iterator[Sheet]:
    found = figures.matrix
    if found is None:
        return
    known = {group.key: group for group in found.before}
    order = [role for role in ROLES if role in known]
    columns = [(ROLES[role], known[role]) for role in order if known[role].rule is None]
    columns += [(_AFTER[group.key], group) for group in found.after]
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
    rows = [[word("People who answered"), *(count(group.size or 0) for _, group in columns)]]
    rows += [[word(FACTORS[code]), *(_named(group, code) for _, group in columns)] for code in codes]
    yield Sheet(
        "matrix",
        "What helps, what gets in the way",
        "One list of factors for everybody. What weighs most in any group stands first.",
        ["", *(name for name, _ in columns)],
        rows if columns else [],
        held=list(_held([(ROLES[role], known[role].rule) for role in order])),
        notes=notes,
        empty=("Nothing to lay side by side yet", " ".join(notes)),
    )


def _held(groups: Sequence[tuple[str, Rule | None]]) -> Iterator[str]:
    """The groups that have no column, by the reason."""
    for rule, why in ((Rule.FEW, Why.FEW), (Rule.COMPLEMENT, Why.COMPLEMENT)):
        names = [name for name, by in groups if by is rule]
        if names:
            yield f"{listed([names[0], *(name.lower() for name in names[1:])])}: {HIDDEN_BY[why].format(k=K)}"


def _weight(group: Group, code: str) -> float:
    """By what is told alone, so that the order says no more."""
    one = group.counts[code]
    if one.number is None:
        return 1.0 if one.band == NEARLY_ALL else 0.0
    return one.number / (group.size or 1)


def _named(group: Group, code: str) -> Cell:
    one = group.counts[code]
    return count(one.number) if one.number is not None else band(one.band or "")
