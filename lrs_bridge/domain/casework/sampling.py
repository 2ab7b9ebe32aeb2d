"""Drawing whom to interview: an order by seed in each bucket, from which the first are asked, and the next if one
declines.

The place of a person in the order depends on the seed and on their own random id alone. So the same seed gives the
same order on every machine, and an answer that comes later moves nobody else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from lrs_bridge.domain.casework.sorting import Bucket, Sorted


@dataclass(frozen=True)
class Sizes:
    """How many people are drawn from each bucket, or all where there are fewer."""

    high: int = 6
    middle: int = 2
    low: int = 6

    def of(self, bucket: Bucket) -> int:
        return {Bucket.HIGH: self.high, Bucket.MIDDLE: self.middle, Bucket.LOW: self.low}[bucket]


@dataclass(frozen=True)
class Draw:
    """A draw that was made: `order` has everybody of each bucket at that time, by registration."""

    seed: int
    sizes: Sizes
    order: Mapping[Bucket, tuple[str, ...]]


@dataclass(frozen=True)
class Drawn:
    """One person of the sample. `instead_of`: who declined or withdrew, so that this person was drawn."""

    registration: str
    bucket: Bucket
    place: int
    instead_of: str | None = None


def in_order(registrations: Iterable[str], seed: int, bucket: Bucket) -> tuple[str, ...]:
    """Everybody of a bucket in the order in which they would be asked."""

    def key(registration: str) -> tuple[str, str]:
        return sha256(f"{seed}|{bucket}|{registration}".encode()).hexdigest(), registration

    return tuple(sorted(set(registrations), key=key))


def draw(board: Sorted, seed: int, sizes: Sizes) -> Draw:
    order = {
        bucket: in_order([case.registration for case in board.of(bucket)], seed, bucket)
        for bucket in (Bucket.HIGH, Bucket.MIDDLE, Bucket.LOW)
    }
    return Draw(seed, sizes, order)


def sample(made: Draw, out: Collection[str]) -> list[Drawn]:
    """Whom to ask: the first of each order who are not `out`. Whoever is out has the next in the order in their
    place, until nobody is left."""
    found: list[Drawn] = []
    for bucket, order in made.order.items():
        found += _of_bucket(order, bucket, made.sizes.of(bucket), out)
    return found


def _of_bucket(order: Sequence[str], bucket: Bucket, size: int, out: Collection[str]) -> list[Drawn]:
    wanted = min(size, len(order))
    chosen = [one for one in order if one not in out][:wanted]
    first = set(order[:wanted])
    freed = iter([one for one in order if one in out and (one in first or order.index(one) < _last(order, chosen))])
    return [Drawn(one, bucket, order.index(one) + 1, None if one in first else next(freed, None)) for one in chosen]


def _last(order: Sequence[str], chosen: Sequence[str]) -> int:
    return order.index(chosen[-1]) if chosen else len(order)
