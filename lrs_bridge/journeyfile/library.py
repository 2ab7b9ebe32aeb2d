"""The sample journeys that come with the package."""

from __future__ import annotations

from importlib.resources import files

from lrs_bridge.domain.journey import Journey
from lrs_bridge.journeyfile.journey import load_journey

_FOLDER = files("lrs_bridge.journeyfile") / "samples"


def samples() -> tuple[str, ...]:
    """The slugs of the samples, in order."""
    names = (item.name for item in _FOLDER.iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def sample_text(slug: str) -> str:
    """The file of a sample as it stands. Raises KeyError for a slug that is none of `samples()`."""
    if slug not in samples():
        raise KeyError(slug)
    return (_FOLDER / f"{slug}.yaml").read_text(encoding="utf-8")


def sample(slug: str) -> Journey:
    """A sample journey. Raises KeyError for a slug that is none of `samples()`."""
    return load_journey(sample_text(slug), f"{slug}.yaml")
