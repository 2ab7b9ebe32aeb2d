"""Work on a whole record without the garbage collector."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """No search for circles meanwhile.

    Facts and results hold none and live until the end, but there are millions of them: to look through them again and
    again takes as long as to decode the statements. What is counted by references goes as ever.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
