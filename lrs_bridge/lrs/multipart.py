"""multipart/mixed as it comes in: part after part from a stream, little of it in memory at a time (RFC 2046, 5.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO

from lrs_bridge.lrs.problems import Invalid

Headers = Mapping[str, str]

_CHUNK = 64 * 1024
_LONGEST_HEAD = 16 * 1024
_LONGEST_BOUNDARY = 70


def read_parts(stream: BinaryIO, boundary: str | None) -> Iterator[tuple[Headers, Iterator[bytes]]]:
    """The headers, in lower case, and the content of each part; read the one before you ask for the next.

    Raises Invalid, also after some parts, for what is not multipart to its very end.
    """
    if not boundary or len(boundary) > _LONGEST_BOUNDARY:
        raise Invalid("Content-Type", "must name the boundary of the parts")
    source = _Source(stream, boundary.encode())
    for _preamble in source.until_delimiter():
        pass
    while source.goes_on():
        head = source.head()
        content = source.until_delimiter()
        yield head, content
        for _unread in content:
            pass


class _Source:
    def __init__(self, stream: BinaryIO, boundary: bytes) -> None:
        self._stream = stream
        self._delimiter = b"\r\n--" + boundary
        self._buffer = b"\r\n"  # a delimiter at the very beginning has no line before it

    def until_delimiter(self) -> Iterator[bytes]:
        """What comes before the next delimiter, which is passed over."""
        tail = len(self._delimiter) - 1  # may be the beginning of one
        while (found := self._buffer.find(self._delimiter)) < 0:
            if len(self._buffer) > tail:
                yield self._buffer[:-tail]
                self._buffer = self._buffer[-tail:]
            self._fill()
        content, self._buffer = self._buffer[:found], self._buffer[found + len(self._delimiter) :]
        if content:
            yield content

    def goes_on(self) -> bool:
        """Whether the delimiter just passed begins another part; the last one ends with two more dashes."""
        rest = self._line()
        if rest.startswith(b"--"):
            return False
        if rest.strip(b" \t"):
            raise Invalid("body", "has more on the line of a boundary")
        return True

    def head(self) -> Headers:
        headers: dict[str, str] = {}
        size = 0
        while line := self._line():
            size += len(line)
            name, colon, value = line.decode("utf-8", "replace").partition(":")
            if not colon or size > _LONGEST_HEAD:
                raise Invalid("body", "has a part whose header cannot be read")
            headers[name.strip().lower()] = value.strip()
        return headers

    def _line(self) -> bytes:
        """Up to the line break. The last line needs none, if it is that of the closing delimiter."""
        while (end := self._buffer.find(b"\r\n")) < 0:
            if len(self._buffer) > _LONGEST_HEAD:
                raise Invalid("body", "has a part whose header cannot be read")
            if self._buffer.startswith(b"--"):
                return self._buffer
            self._fill()
        line, self._buffer = self._buffer[:end], self._buffer[end + 2 :]
        return line

    def _fill(self) -> None:
        chunk = self._stream.read(_CHUNK)
        if not chunk:
            raise Invalid("body", "ends before its closing boundary")
        self._buffer += chunk
