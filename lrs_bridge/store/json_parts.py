"""Parts of JSON columns, taken out by the database: a page that needs a tenth of a body does not carry the rest."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ColumnElement, func
from sqlalchemy import cast as as_type
from sqlalchemy.orm import InstrumentedAttribute, Session


def part_of(session: Session, column: InstrumentedAttribute[Any], *path: str) -> ColumnElement[Any]:
    """The part at `path`, names of members: a string as it is, all else as JSON text, None where there is none."""
    body = column.property.columns[0]
    if session.get_bind().dialect.name == "postgresql":
        return func.json_extract_path_text(as_type(body, JSON), *path)
    return func.json_extract(body, "$." + ".".join(path))
