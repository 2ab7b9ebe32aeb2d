"""Fixtures and settings of the whole suite."""

from hypothesis import settings

from tests.databases import postgres_engine, sessions, sqlite_template

__all__ = ["postgres_engine", "sessions", "sqlite_template"]

# How long one example takes depends on what else the machine does.
settings.register_profile("ours", deadline=None)
settings.load_profile("ours")
