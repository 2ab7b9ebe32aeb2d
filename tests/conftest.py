"""Fixtures and settings of the whole suite."""

import pytest
from hypothesis import settings

from tests.compiling import compile_each_once
from tests.databases import postgres_engine, sessions, sqlite_engine
from tests.memory import keep_files_in_memory
from tests.walking import walk, walked

__all__ = ["postgres_engine", "sessions", "sqlite_engine", "walk", "walked"]

# How long one example takes depends on what else the machine does.
settings.register_profile("ours", deadline=None)
settings.load_profile("ours")

compile_each_once()
keep_files_in_memory()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--both-engines", action="store_true", help="test every page on SQLite and on PostgreSQL")
