"""What a database says when it cannot do its work now, in our words."""

from __future__ import annotations

import sqlite3
from typing import Literal

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, TimeoutError

Trouble = Literal["full", "busy", "away"]

UNAVAILABLE = (OperationalError, InterfaceError, TimeoutError)
"""What SQLAlchemy raises where the same may work later."""

_FULL = {"53100"}  # PostgreSQL: disk_full
_BUSY = {"55P03", "40P01", "40001", "53300"}  # lock_not_available, deadlock, serialization, too_many_connections


def trouble(error: Exception) -> Trouble:
    """Why the database could not: its disk is full, others hold it, or it is not there."""
    if isinstance(error, TimeoutError):
        return "busy"
    cause = error.orig if isinstance(error, DBAPIError) else None
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            return "full"
        return "busy" if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED} else "away"
    state = getattr(cause, "sqlstate", None)
    if state in _FULL:
        return "full"
    return "busy" if state in _BUSY else "away"
