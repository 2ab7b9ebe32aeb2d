"""What can be wrong with statements sent to a record store."""

from __future__ import annotations


class Invalid(ValueError):
    """A statement or a parameter that the specification does not allow: where, and what is wrong with it."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where = where
        self.problem = problem


class Conflict(Exception):
    """The store holds another statement under this id."""

    def __init__(self, statement_id: str) -> None:
        super().__init__(f"the store holds a different statement with the id {statement_id}")
        self.statement_id = statement_id


class Forbidden(Exception):
    """The key may not do this; the message names the scope that would allow it."""
