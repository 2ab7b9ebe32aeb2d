"""Patterns: in which order statements of templates may follow one another (xAPI Profiles, part two, 9.0).

Matching is greedy and never goes back (part three, 2.2): an optional, a repetition and a choice take as many statements
as they can, whatever comes later. The pseudo-code there loses the middle of a repetition (a `zeroOrMore` of
"a, then b" would succeed on a lone "a"); here the text is followed. A match is

- a success, where the pattern takes all statements;
- partial, where it does not, but looked for a statement after the last one: with more of them it may become a success;
- a failure otherwise: no further statement can mend it.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

SEQUENCE, ALTERNATES = MANY = ("sequence", "alternates")
OPTIONAL, ONE_OR_MORE, ZERO_OR_MORE = SINGLE = ("optional", "oneOrMore", "zeroOrMore")
HOW = (*MANY, *SINGLE)
TEMPLATE = "template"
DEEPEST = 64


class PatternError(ValueError):
    """A pattern that cannot be matched: `pattern` is the one at fault, `why` a sentence about it."""

    def __init__(self, pattern: str, why: str) -> None:
        super().__init__(f"{pattern}: {why}")
        self.pattern = pattern
        self.why = why


@dataclass(frozen=True)
class Pattern:
    """A pattern as a profile has it: `how` is one of HOW, `members` are IRIs of patterns and templates."""

    id: str
    how: str
    members: tuple[str, ...]
    primary: bool = False
    label: str = ""


@dataclass(frozen=True, eq=False)
class Node:
    """A pattern or template with what it is made of; one and the same node wherever a profile uses it again."""

    id: str
    how: str
    parts: tuple[Node, ...] = ()


class Outcome(StrEnum):
    SUCCESS = "success"
    PARTIAL = "partial"
    FAILURE = "failure"


@dataclass(frozen=True)
class Match:
    """`taken` statements fit, from the first on; `next` are the templates that were looked for after these."""

    outcome: Outcome
    taken: int
    next: tuple[str, ...]


def compiled(iri: str, patterns: Mapping[str, Pattern], templates: Container[str]) -> Node:
    """The pattern with this IRI, ready to match. Raises PatternError for cycles, and for parts that nobody has."""
    return _Compiler(patterns, templates).node(iri, ())


class _Compiler:
    def __init__(self, patterns: Mapping[str, Pattern], templates: Container[str]) -> None:
        self.patterns = patterns
        self.templates = templates
        self.made: dict[str, Node] = {}

    def node(self, iri: str, above: tuple[str, ...]) -> Node:
        if iri in above:
            raise PatternError(iri, f"contains itself: {' > '.join((*above[above.index(iri) :], iri))}")
        if len(above) == DEEPEST:
            raise PatternError(above[0], f"is nested more than {DEEPEST} deep")
        if iri not in self.made:
            self.made[iri] = self._new(iri, above)
        return self.made[iri]

    def _new(self, iri: str, above: tuple[str, ...]) -> Node:
        pattern = self.patterns.get(iri)
        if pattern is not None:
            return Node(iri, pattern.how, tuple(self.node(part, (*above, iri)) for part in pattern.members))
        if iri in self.templates:
            return Node(iri, TEMPLATE)
        raise PatternError(above[-1] if above else iri, f"refers to {iri}, which is no known pattern or template")


def match(root: Node, statements: Sequence[Collection[str]]) -> Match:
    """Match statements, in their order, each given as the templates it follows.

    Costs at most one look at each pattern for each statement, however patterns are nested.
    """
    run = _Run(statements)
    end = run.end_of(root, 0)
    if end == len(statements):
        return Match(Outcome.SUCCESS, end, run.looked_for_at(end))
    taken = max(run.furthest, end or 0)
    outcome = Outcome.PARTIAL if run.ran_out else Outcome.FAILURE
    return Match(outcome, taken, run.looked_for_at(taken))


class _Run:
    """One matching. Positions are those of statements; `end_of` is None where a node does not match."""

    def __init__(self, statements: Sequence[Collection[str]]) -> None:
        self.statements = statements
        self.ran_out = False
        self.furthest = 0
        self.looked_for: dict[str, None] = {}
        self.known: dict[tuple[Node, int], int | None] = {}

    def looked_for_at(self, position: int) -> tuple[str, ...]:
        return tuple(self.looked_for) if position == self.furthest else ()

    def end_of(self, node: Node, start: int) -> int | None:
        if node.how == TEMPLATE:
            return self._template(node.id, start)
        key = (node, start)
        if key not in self.known:
            self.known[key] = self._pattern(node, start)
        return self.known[key]

    def _template(self, iri: str, start: int) -> int | None:
        if start == len(self.statements):
            self.ran_out = True
        elif iri in self.statements[start]:
            return start + 1
        if start > self.furthest:
            self.furthest = start
            self.looked_for.clear()
        if start == self.furthest:
            self.looked_for[iri] = None
        return None

    def _pattern(self, node: Node, start: int) -> int | None:
        if node.how == SEQUENCE:
            return self._sequence(node, start)
        if node.how == ALTERNATES:
            ends = [end for part in node.parts if (end := self.end_of(part, start)) is not None]
            return max(ends, default=None)
        if node.how == OPTIONAL:
            end = self.end_of(node.parts[0], start)
            return start if end is None else end
        return self._repeated(node.parts[0], start, needed=node.how == ONE_OR_MORE)

    def _sequence(self, node: Node, start: int) -> int | None:
        end: int | None = start
        for part in node.parts:
            if end is None:
                return None
            end = self.end_of(part, end)
        return end

    def _repeated(self, part: Node, start: int, needed: bool) -> int | None:
        end = self.end_of(part, start)
        if end is None:
            return None if needed else start
        while True:
            further = self.end_of(part, end)
            if further is None or further == end:
                return end
            end = further
