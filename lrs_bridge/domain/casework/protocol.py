"""What is asked in an interview: the questions for High and for Low, after Brinkerhoff (2003), in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lrs_bridge.domain.casework.sorting import Bucket

_OPEN = ("used", "What did you use, when, and with whom?")
_CLOSE = ("better", "What would make it work better for the next group?")
_USED = (
    _OPEN,
    ("result", "What came of it? What changed that somebody else could see?"),
    ("worth", "What good did that do, for you, for the team, for the business?"),
    ("helped", "What helped: preparation, timing, your manager, chances, tools?"),
    ("without", "What would have come of it without the training?"),
    _CLOSE,
)
PROTOCOL: Mapping[Bucket, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        Bucket.HIGH: _USED,
        Bucket.MIDDLE: _USED,
        Bucket.LOW: (
            ("tried", "What did you mean to use, and what did you try?"),
            ("stopped", "What got in the way: chances, time, your manager, what is rewarded?"),
            ("missing", "What would have had to be in place, and who could have seen to it?"),
            ("lost", "What was lost because it was not used?"),
            _CLOSE,
        ),
    }
)
"""By bucket: id and question, in the order of the talk."""

BEFORE = (
    "Say who you are, what the study is for and who reads the report.",
    "Say that nothing is posted to a gradebook and that their manager does not read this.",
    "Say that they may stop, leave out a question, and withdraw later. Then ask how they may be quoted.",
)
"""What is said before the first question."""
