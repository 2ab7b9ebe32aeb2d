"""Why a write failed: because of what was to be written, or because of the database."""

from __future__ import annotations

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError


def is_about_content(problem: Exception) -> bool:
    """Whether what was to be written can be behind it, so that the same would fail again. A database that is away, or
    a lock, is not."""
    if isinstance(problem, DBAPIError):
        return isinstance(problem, DataError | IntegrityError)
    return isinstance(problem, StatementError | ValueError | ArithmeticError)
