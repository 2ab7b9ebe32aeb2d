"""One filled installation for all tests of this folder, which copy it, and a PostgreSQL schema for each of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from lrs_bridge.store.engine import connect
from tests.databases import POSTGRES
from tests.filled import fill


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as an installation leaves it when it is stopped. Not to be changed."""
    folder = tmp_path_factory.mktemp("original")
    fill(folder).engine.dispose()
    return folder


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    """A copy of it for one test."""
    copied = tmp_path / "data"
    shutil.copytree(original, copied)
    return copied


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """An empty schema, by an address that leads into it."""
    if not POSTGRES:
        pytest.skip("LRS_BRIDGE_TEST_POSTGRES_URL is not set")
    schema = f"o_{uuid4().hex}"
    engine = connect(POSTGRES)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    yield f"{POSTGRES}?options=-csearch_path%3D{schema}"
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()
