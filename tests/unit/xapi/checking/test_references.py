"""References between statements: the same answer as going round until nothing changes, on chains and circles."""

from hypothesis import given
from hypothesis import strategies as st

from lrs_bridge.xapi.checking.references import Reference, resolve

NUMBERS = range(1, 6)
IDS = {f"id{number}": number for number in NUMBERS}
TEMPLATES = ("a", "b", "c")
REFERENCES = st.lists(
    st.builds(
        Reference,
        number=st.sampled_from(NUMBERS),
        template=st.sampled_from(TEMPLATES),
        where=st.just("object"),
        allowed=st.sets(st.sampled_from(TEMPLATES), min_size=1).map(lambda found: tuple(sorted(found))),
        target=st.sampled_from([*IDS, "elsewhere", None]),
    ),
    max_size=8,
)
KEPT = st.fixed_dictionaries({number: st.sets(st.sampled_from(TEMPLATES)) for number in NUMBERS})


def is_kept(reference: Reference, kept: dict[int, set[str]]) -> bool:
    if reference.target is None:
        return False
    return reference.target not in IDS or bool(kept[IDS[reference.target]] & set(reference.allowed))


def round_and_round(references: list[Reference], kept: dict[int, set[str]]) -> dict[int, set[str]]:
    while True:
        wrong = [one for one in references if not is_kept(one, kept)]
        if not any(one.template in kept[one.number] for one in wrong):
            return kept
        for one in wrong:
            kept[one.number].discard(one.template)


@given(REFERENCES, KEPT)
def test_what_is_kept_is_what_remains_when_nothing_changes_any_more(references, kept):
    """A template is lost with its reference, and with it whatever rests on that."""
    expected = round_and_round(references, {number: set(found) for number, found in kept.items()})
    outside, wrong = resolve(references, kept, IDS)
    assert kept == expected
    assert {one for one, _ in wrong} == {one for one in references if not is_kept(one, expected)}
    assert outside == sum(one.target == "elsewhere" for one in references)


def test_a_long_chain_breaks_from_its_end():
    """Ten thousand statements, each resting on the next; the last one is wrong."""
    count = 10_000
    numbers = {str(number): number for number in range(count)}
    chain = [Reference(number, "t", "object", ("t",), str(number + 1)) for number in range(count - 1)]
    kept = {number: {"t"} for number in range(count)}
    kept[count - 1] = set()
    _, wrong = resolve(chain, kept, numbers)
    assert len(wrong) == count - 1
    assert not any(kept.values())


def test_a_circle_holds_together():
    """Nothing in it is wrong, so nothing is said."""
    kept = {1: {"a"}, 2: {"a"}}
    circle = [Reference(1, "a", "object", ("a",), "id2"), Reference(2, "a", "object", ("a",), "id1")]
    assert resolve(circle, kept, IDS) == (0, [])
