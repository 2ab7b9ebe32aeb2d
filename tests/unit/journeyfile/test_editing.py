"""A journey file changed key by key: the rest stays as it is written, and what was typed is what is read."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrs_bridge.journeyfile import JourneyFileError, editing, load_journey, sample_text

SAMPLE = sample_text("field-coaching-90")
texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=60).map(str.strip).filter(bool)


@settings(max_examples=40)
@given(title=texts, guide=st.lists(texts, min_size=1, max_size=3))
def test_whatever_is_typed_is_read_again_as_it_was_typed(title: str, guide: list[str]) -> None:
    """Words that YAML knows, colons, quotes, signs of any script."""
    changed = editing.put(SAMPLE, "x", ("steps", 3), {"title": title, "guide": guide})
    step = load_journey(changed, "x").steps[3]
    assert (step.title, list(step.guide)) == (title, guide)


@given(index=st.integers(0, 29), to=st.integers(0, 29))
@settings(max_examples=20)
def test_moving_a_step_and_back_leaves_the_file_as_it_was(index: int, to: int) -> None:
    """Byte for byte."""
    once = editing.move(SAMPLE, "x", "steps", index, to)
    assert editing.move(once, "x", "steps", to, index) == SAMPLE


def test_nothing_changed_is_the_same_file() -> None:
    """Comments, blank lines and flow mappings included."""
    text = "# why\njourney: a  # the name\n\nmoments:\n  - {id: M1, title: 'x: y'}\n"
    assert editing.put(text, "x", (), {"journey": "a"}) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("journey: a\nversion: 1  # first\n", "journey: a\nversion: 7  # first\n"),
        ('{"journey": "a", "version": 1}', '{"journey": "a", "version": 7}'),
        ("{rubric_version: 3, version: 1}", "{rubric_version: 3, version: 7}"),
    ],
)
def test_a_version_is_raised_and_nothing_else_touched(text: str, expected: str) -> None:
    """In YAML and JSON."""
    assert editing.with_version(text, "x", 7) == expected


@pytest.mark.parametrize("text", ["a: &b 1\nc: *b\n", "a: !!python/object:os.system x\n", "a: 1\na: 2\n", "[", "- 1\n"])
def test_what_the_reader_does_not_take_is_not_changed_either(text: str) -> None:
    """Aliases, tags, a key twice, and what is no mapping."""
    with pytest.raises(JourneyFileError):
        editing.put(text, "x", (), {"title": "x"})


def test_a_mapping_that_is_emptied_goes() -> None:
    """And one that is not there is made."""
    text = editing.put("journey: a\npurpose: {why: x}\n", "x", ("purpose",), {"why": None})
    assert text == "journey: a\n"
    assert editing.typed(editing.put(text, "x", ("purpose",), {"how": "y"}), "x")["purpose"] == {"how": "y"}
