"""Statements and the data of their attachments as multipart/mixed (Communication 1.5.2), a piece at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from secrets import token_hex
from typing import Any

from flask import Response

from lrs_bridge.lrs.attachments import HASH_HEADER, Attachment, attachments_of
from lrs_bridge.store import attachments as kept
from lrs_bridge.store.engine import Sessions


def with_attachments(
    sessions: Sessions, tenant_id: str, body: str, statements: Iterable[Mapping[str, Any]]
) -> Response:
    """`body`, the JSON of the answer, and a part for each attachment of the statements whose data is here."""
    named = {one["sha2"].lower(): one for statement in statements for one in attachments_of(statement)}
    with sessions.read() as session:
        here = kept.kept(session, tenant_id, named) if named else frozenset()
    boundary = token_hex(16)
    parts = _parts(sessions, tenant_id, body, [one for sha2, one in named.items() if sha2 in here], boundary)
    return Response(parts, content_type=f"multipart/mixed; boundary={boundary}")


def _parts(
    sessions: Sessions, tenant_id: str, body: str, found: Iterable[Attachment], boundary: str
) -> Iterator[bytes]:
    yield f"--{boundary}\r\nContent-Type: application/json\r\n\r\n{body}\r\n".encode()
    for one in found:
        yield (
            f"--{boundary}\r\nContent-Type: {one['contentType']}\r\nContent-Transfer-Encoding: binary\r\n"
            f"{HASH_HEADER}: {one['sha2']}\r\n\r\n"
        ).encode()
        yield from _data(sessions, tenant_id, one["sha2"].lower())
        yield b"\r\n"
    yield f"--{boundary}--\r\n".encode()


def _data(sessions: Sessions, tenant_id: str, sha2: str) -> Iterator[bytes]:
    """Each piece in a transaction of its own: whoever reads slowly holds up nobody."""
    number = 0
    while True:
        with sessions.read() as session:
            piece = kept.piece(session, tenant_id, sha2, number)
        if piece is None:
            return
        yield piece
        number += 1
