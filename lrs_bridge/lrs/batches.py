"""What becomes of a batch that a record store does not simply take (Communication 2.1.2, POST Statements).

Batches are atomic, so one bad statement has the store refuse all of them: the batch is halved until it stands alone.
A 500 says nothing about what was stored, and may come of one statement that the store stumbles over: the same ids are
sent again by halves. A conflict is settled by reading what the store has, and so is an answer that confirms nothing,
as a proxy's friendly page does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from time import monotonic
from typing import Any, Protocol

from lrs_bridge.domain.delivery import Delivered, Unavailable
from lrs_bridge.lrs.comparison import same_statement
from lrs_bridge.lrs.durations import with_lengths
from lrs_bridge.lrs.endpoint import Answer, Endpoint
from lrs_bridge.lrs.waiting import retry_after

LONGEST_SECONDS = 60.0
"""Half of a lease: nothing new is begun later than that, so that no other worker sends the same meanwhile."""

_TOO_MUCH = frozenset({400, 413, 422})
_ABOUT_ONE = frozenset({403, 500})
"""One statement may be the cause (a key that may not void, a bug of the store), or the store as a whole."""

Statement = Mapping[str, Any]


class Store(Protocol):
    """What taking a batch apart needs of a store. All of them raise Unavailable."""

    endpoint: Endpoint

    def post(self, statements: Sequence[Statement]) -> Answer: ...

    def kept(self, id_: str, by: str = ...) -> Statement | None: ...


class Batch:
    """One delivery. A store that is found unavailable on the way is asked no more; the rest is for later."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._outcomes: dict[str, Delivered] = {}
        self._down: Unavailable | None = None
        self._stumbled = False
        self._looked_up: set[str] = set()
        self._until = monotonic() + LONGEST_SECONDS

    def deliver(self, statements: Sequence[Statement]) -> dict[str, Delivered]:
        """What became of each, by id. Raises Unavailable where nothing is known of any."""
        self._send(statements)
        if self._down is not None and all(outcome.later for outcome in self._outcomes.values()):
            raise self._down
        return self._outcomes

    def _send(self, statements: Sequence[Statement]) -> None:
        if self._down is not None:
            return self._put_off(statements, self._down)
        try:
            self._hurry()
            self._judge(statements, self._store.post(statements))
        except Unavailable as problem:
            self._down = problem
            self._put_off([one for one in statements if str(one["id"]) not in self._outcomes], problem)

    def _hurry(self) -> None:
        if monotonic() > self._until:
            raise Unavailable(f"{self._store.endpoint.name} takes too long; the rest goes next.")

    def _judge(self, statements: Sequence[Statement], answer: Answer) -> None:
        if answer.status == 204 or (answer.status == 200 and _confirms(answer, statements)):
            self._stumbled = False
            self._settle(Delivered(_id(statement)) for statement in statements)
        elif answer.status == 409 or 200 <= answer.status < 300:
            self._settle_by_reading(statements, answer)
        elif answer.status in _TOO_MUCH | _ABOUT_ONE and len(statements) > 1:
            self._halve(statements)
        elif answer.status in _TOO_MUCH:
            self._stumbled = False
            self._settle([Delivered(_id(statements[0]), self._said(answer))])
        elif answer.status in _ABOUT_ONE:
            self._stumble(statements, answer)
        else:
            raise Unavailable(self._said(answer), retry_after(answer.headers))

    def _halve(self, statements: Sequence[Statement]) -> None:
        middle = len(statements) // 2
        self._send(statements[:middle])
        self._send(statements[middle:])

    def _stumble(self, statements: Sequence[Statement], answer: Answer) -> None:
        """Over a statement that stands alone. Two in a row, and the store as a whole is in trouble."""
        problem = Unavailable(self._said(answer), retry_after(answer.headers), alone=True)
        self._put_off(statements, problem)
        if self._stumbled:
            self._down = Unavailable(problem.reason, problem.retry_after)
            self._put_off([{"id": id_} for id_, known in self._outcomes.items() if known.later], self._down)
        self._stumbled = True

    def _settle_by_reading(self, statements: Sequence[Statement], answer: Answer) -> None:
        """Those that the store has are compared, the rest go again: alone at last, where nothing explains it."""
        unclear = self._look_up(statements)
        if len(unclear) < len(statements):
            if unclear:
                self._send(unclear)
        elif len(statements) > 1:
            self._halve(statements)
        else:
            self._put_off(statements, Unavailable(self._unexplained(answer), retry_after(answer.headers), alone=True))

    def _look_up(self, statements: Sequence[Statement]) -> list[Statement]:
        """Read each once, also as a voided one where none was found; answers those that stay unclear."""
        unclear = list(statements)
        for by in ("statementId", "voidedStatementId"):
            fresh = [one for one in unclear if _id(one) + by not in self._looked_up]
            self._looked_up |= {_id(one) + by for one in fresh}
            found = {_id(one) for one in fresh if self._found(one, by)}
            unclear = [one for one in unclear if _id(one) not in found]
            if found:
                break
        return unclear

    def _found(self, statement: Statement, by: str) -> bool:
        self._hurry()
        kept = self._store.kept(_id(statement), by)
        if kept is not None:
            self._stumbled = False
            self._settle([Delivered(_id(statement), None if is_same(statement, kept) else self._differs())])
        return kept is not None

    def _settle(self, outcomes: Iterable[Delivered]) -> None:
        self._outcomes |= {outcome.statement_id: outcome for outcome in outcomes}

    def _put_off(self, statements: Sequence[Statement], problem: Unavailable) -> None:
        self._settle(Delivered(_id(statement), later=problem) for statement in statements)

    def _said(self, answer: Answer) -> str:
        return self._store.endpoint.said("writing statements", answer)

    def _differs(self) -> str:
        return f"{self._store.endpoint.name} holds a different statement with this id."

    def _unexplained(self, answer: Answer) -> str:
        return f"{self._said(answer)} It does not show a statement with this id."


def is_same(sent: Statement, kept: Statement) -> bool:
    """Whether a store holds what was sent: it may spell the time, and how long something took, in its own way."""
    return same_statement(with_lengths(sent), with_lengths(kept))


def _id(statement: Statement) -> str:
    return str(statement["id"])


def _confirms(answer: Answer, statements: Sequence[Statement]) -> bool:
    """Whether the answer is the list of ids that the specification asks for, with ours in it."""
    try:
        ids = answer.json()
    except ValueError:
        return False
    if not isinstance(ids, list):
        return False
    return {_id(one).lower() for one in statements} <= {one.lower() for one in ids if isinstance(one, str)}
