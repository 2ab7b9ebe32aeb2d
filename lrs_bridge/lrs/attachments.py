"""Attachments: which data has to come with statements, and whether what came is what they name (Data 2.4.11)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import Any

from lrs_bridge.lrs.multipart import Headers
from lrs_bridge.lrs.problems import Invalid
from lrs_bridge.lrs.signatures import CONTENT_TYPE, SIGNATURE, check_signature

HASH_HEADER = "X-Experience-API-Hash"
_ALGORITHMS = {56: hashlib.sha224, 64: hashlib.sha256, 96: hashlib.sha384, 128: hashlib.sha512}
_IN_MEMORY, _CHUNK = 1024 * 1024, 64 * 1024
_LONGEST_SIGNATURE = 8 * 1024 * 1024

Attachment = Mapping[str, Any]


class Received:
    """The data of attachments that came with one request, by hash; beyond a megabyte it waits on the disk."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed by __exit__
        self._parts: dict[str, tuple[int, int, str | None]] = {}

    def __enter__(self) -> Received:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __contains__(self, sha2: str) -> bool:
        return sha2.lower() in self._parts

    def take(self, headers: Headers, content: Iterable[bytes]) -> None:
        """Keep a part until it is asked for. Raises Invalid for a wrong header or hash (Communication 1.5.2)."""
        if headers.get("content-transfer-encoding", "binary").lower() != "binary":
            raise Invalid("Content-Transfer-Encoding", "must be binary")
        named = headers.get(HASH_HEADER.lower(), "").lower()
        algorithm = _ALGORITHMS.get(len(named))
        if algorithm is None:
            raise Invalid(HASH_HEADER, "must be the SHA-2 hash of the part in hexadecimal digits")
        start, hashed = self._file.tell(), algorithm()
        for chunk in content:
            hashed.update(chunk)
            self._file.write(chunk)
        if hashed.hexdigest() != named:
            raise Invalid(HASH_HEADER, f"{named} is not the hash of its part")
        self._parts[named] = (start, self._file.tell() - start, headers.get("content-type"))

    def read(self, sha2: str) -> Iterator[bytes]:
        start, left, _ = self._parts[sha2.lower()]
        self._file.seek(start)
        while left:
            chunk = self._file.read(min(left, _CHUNK))
            left -= len(chunk)
            yield chunk

    def size(self, sha2: str) -> int:
        return self._parts[sha2.lower()][1]

    def content_type(self, sha2: str) -> str | None:
        return self._parts[sha2.lower()][2]


def attachments_of(statement: Mapping[str, Any]) -> list[Attachment]:
    """Those of a checked statement and of its SubStatement."""
    target = statement["object"]
    nested = target.get("attachments", ()) if target.get("objectType") == "SubStatement" else ()
    return [*statement.get("attachments", ()), *nested]


def check_attachments(batch: Sequence[Mapping[str, Any]], received: Received) -> None:
    """Each attachment of these checked statements says where its data is or has it in the request; nothing else came.

    Raises Invalid (Communication 1.5.1, 1.5.2), also for a signature that is none.
    """
    named: set[str] = set()
    for statement in batch:
        for attachment in attachments_of(statement):
            named.add(attachment["sha2"].lower())
            _check_data(attachment, received)
        for attachment in statement.get("attachments", ()):
            if attachment["usageType"] == SIGNATURE:
                _check_signature(statement, attachment, received)
    if unnamed := set(received) - named:
        raise Invalid("body", f"has a part that no attachment names: {min(unnamed)}")


def _check_data(attachment: Attachment, received: Received) -> None:
    """`length` is not compared: ADL's conformance suite sends one that is wrong, and the hash says more."""
    if attachment["sha2"] not in received:
        if "fileUrl" not in attachment:
            raise Invalid("attachments", "needs a fileUrl, since its data does not come with the request")
        return
    sent = received.content_type(attachment["sha2"])
    if sent is not None and _media_type(sent) != _media_type(attachment["contentType"]):
        raise Invalid("attachments", f"has the contentType {attachment['contentType']}, and its data came as {sent}")


def _check_signature(statement: Mapping[str, Any], attachment: Attachment, received: Received) -> None:
    where = "attachments: a signature"
    if attachment["contentType"] != CONTENT_TYPE:
        raise Invalid(where, f"must have the contentType {CONTENT_TYPE}")
    sha2 = attachment["sha2"]
    if sha2 not in received:
        raise Invalid(where, "must come with the request")
    if received.size(sha2) > _LONGEST_SIGNATURE:
        raise Invalid(where, "is longer than any statement")
    check_signature(statement, b"".join(received.read(sha2)), where)


def _media_type(text: str) -> str:
    return text.partition(";")[0].strip().lower()
