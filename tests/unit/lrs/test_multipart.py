"""multipart/mixed, read from a stream of any pace: the parts come out as they went in, or it is refused."""

from __future__ import annotations

import contextlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs_bridge.lrs.multipart import read_parts
from lrs_bridge.lrs.problems import Invalid

BOUNDARY = "abcABC0123'()+_,-./:=?"


class Dripping(io.RawIOBase):
    """Gives a few bytes at a time, as networks do."""

    def __init__(self, data: bytes, pace: int) -> None:
        self._data, self._pace = io.BytesIO(data), pace

    def read(self, size: int = -1) -> bytes:
        return self._data.read(min(size, self._pace) if size >= 0 else self._pace)


def written(parts: list[tuple[dict[str, str], bytes]], boundary: str = BOUNDARY) -> bytes:
    body = b""
    for headers, content in parts:
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        body += f"--{boundary}\r\n{head}\r\n".encode() + content + b"\r\n"
    return body + f"--{boundary}--\r\n".encode()


def read(body: bytes, pace: int = 2**16, boundary: str | None = BOUNDARY) -> list[tuple[dict[str, str], bytes]]:
    return [(dict(headers), b"".join(content)) for headers, content in read_parts(Dripping(body, pace), boundary)]  # type: ignore[arg-type]


@given(
    st.lists(
        st.tuples(
            st.dictionaries(
                st.sampled_from(["content-type", "x-experience-api-hash"]), st.sampled_from(["a", "b/c; d"])
            ),
            st.binary(max_size=200) | st.sampled_from([b"--", b"\r\n", b"\r\n--", b"\r\n--abcABC0123", b"\r\n\r\n"]),
        ),
        max_size=4,
    ),
    st.integers(1, 50),
)
def test_parts_come_out_as_they_went_in(parts: list[tuple[dict[str, str], bytes]], pace: int) -> None:
    """Whatever their content, and however the body is cut on its way."""
    assert read(written(parts), pace) == parts


@given(st.binary(max_size=300), st.integers(1, 20))
def test_any_other_body_is_refused_or_read(body: bytes, pace: int) -> None:
    """Never anything else."""
    with contextlib.suppress(Invalid):
        read(body, pace)


def test_what_stands_before_and_after_the_parts_is_passed_over() -> None:
    """Also spaces behind a boundary (RFC 2046, 5.1.1)."""
    parts = [({"content-type": "text/plain"}, b"hej")]
    body = written(parts).replace(BOUNDARY.encode() + b"\r\n", BOUNDARY.encode() + b" \t\r\n")
    assert read(b"preamble\r\n" + body + b"epilogue\r\n--" + BOUNDARY.encode()) == parts


def test_the_last_boundary_may_be_the_last_of_the_body() -> None:
    """Its line break is optional."""
    parts = [({}, b"hej")]
    assert read(written(parts).removesuffix(b"\r\n")) == parts


@pytest.mark.parametrize(
    ("body", "boundary"),
    [
        (written([({}, b"x")]), None),
        (written([({}, b"x")]), ""),
        (written([({}, b"x")], "b" * 71), "b" * 71),
        (b"", BOUNDARY),
        (b"--other\r\n\r\nx\r\n--other--\r\n", BOUNDARY),
        (written([({}, b"x")])[:-6], BOUNDARY),
        (written([({"content-type": "x" * 20_000}, b"x")]), BOUNDARY),
        (f"--{BOUNDARY}\r\nno colon\r\n\r\nx\r\n--{BOUNDARY}--\r\n".encode(), BOUNDARY),
        (f"--{BOUNDARY}x\r\n\r\nx\r\n--{BOUNDARY}--\r\n".encode(), BOUNDARY),
    ],
    ids=["no boundary", "an empty one", "a long one", "nothing", "another", "cut off", "long", "no header", "tail"],
)
def test_what_is_not_multipart_to_its_end_is_refused(body: bytes, boundary: str | None) -> None:
    """So that nothing half received is taken for the whole."""
    with pytest.raises(Invalid):
        read(body, boundary=boundary)


def test_little_of_a_large_part_is_in_memory() -> None:
    """Its content comes in chunks no larger than those of the stream."""
    body = written([({}, b"x" * 10_000_000)])
    for _, content in read_parts(io.BytesIO(body), BOUNDARY):
        assert max(map(len, content)) <= 2**17
