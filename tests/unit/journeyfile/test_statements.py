"""The statements file, in each of the shapes an LRS or an export gives it."""

from __future__ import annotations

import orjson
import pytest

from lrs_bridge.journeyfile import JourneyFileError, read_statements, statement_texts

BOTH = [{"id": "a"}, {"id": "b"}]


@pytest.mark.parametrize(
    "data",
    [
        b'[{"id": "a"}, {"id": "b"}]',
        b'\xef\xbb\xbf [{"id": "a"},\n {"id": "b"}]\n',
        b'{"id": "a"}\n{"id": "b"}',
        b'{"id": "a"}\r\n\r\n{"id": "b"}\r\n',
        b'{"statements": [{"id": "a"}, {"id": "b"}], "more": ""}',
        b'{"statements": [{"id": "a"}], "more": "/x"}\n{"statements": [{"id": "b"}], "more": ""}\n',
        b'[{"id": "a"}, {"id": "b"}]\n\n',
    ],
)
def test_every_shape_holds_the_same_statements(data):
    """Array, lines and pages are read alike, with or without a byte order mark."""
    assert read_statements(data, "s.json") == BOTH
    assert [orjson.loads(text) for text in statement_texts(data, "s.json")] == BOTH


def test_one_statement_alone_is_one():
    """A single object over several lines is a statement."""
    assert read_statements(b'{\n "id": "a"\n}', "s.json") == [{"id": "a"}]


@pytest.mark.parametrize("data", [b"", b" \n\t\n", b"[]"])
def test_an_empty_file_holds_none(data):
    """Nothing is a number of statements too."""
    assert read_statements(data, "s.json") == []
    assert statement_texts(data, "s.json") == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'[{"id": "a"},\n{"id": ]', "s.json:2: this is not JSON"),
        (b'{"id": "a"}\n{"id": \n', "s.json:2: this is not JSON"),
        (b'{"id": "a"}\n7\n', "s.json:2: this is no statement"),
        (b'[{"id": "a"}, 7]', "s.json:1: [1]: this is no statement"),
        (b"7", "s.json:1: this is no statement"),
        (b"\xff\xfe{", "s.json:1: this is not JSON"),
        (b'[{"id": NaN}]', "s.json:1: this is not JSON"),
    ],
)
def test_what_cannot_be_read_is_named_by_line(data, said):
    """A broken file is refused with its line, not read in part."""
    with pytest.raises(JourneyFileError) as caught:
        read_statements(data, "s.json")
    assert str(caught.value).startswith(said)
    with pytest.raises(JourneyFileError) as caught:
        statement_texts(data, "s.json")
    assert str(caught.value).startswith(said)
