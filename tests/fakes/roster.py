"""A roster in memory that behaves as `flows.ports.Roster` says, and breaks off on request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lrs_bridge.domain.launch import CourseRole
from lrs_bridge.domain.roster import Member

LEARNER = frozenset({CourseRole.LEARNER})
TEACHER = frozenset({CourseRole.INSTRUCTOR})


@dataclass
class FakeRoster:
    """`size` members on a page. `trouble` is raised after `after` pages, `no_groups` where groups are asked for."""

    members: list[Member] = field(default_factory=list)
    size: int = 2
    trouble: Exception | None = None
    after: int = 0
    named: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    no_groups: Exception | None = None

    def pages(self, platform_id: str, memberships_url: str, with_groups: bool = False) -> Iterator[Sequence[Member]]:
        self.asked.append((platform_id, memberships_url))
        for number, start in enumerate(range(0, max(1, len(self.members)), self.size)):
            if self.trouble is not None and number == self.after:
                raise self.trouble
            yield self.members[start : start + self.size]
        if self.trouble is not None:
            raise self.trouble

    def groups(self, platform_id: str, groups_url: str) -> dict[str, str]:
        self.asked.append((platform_id, groups_url))
        if self.no_groups is not None:
            raise self.no_groups
        return self.named


def learner(user: str, **more: object) -> Member:
    return Member(user, LEARNER, name=user.title(), email=f"{user}@example.org", **more)  # type: ignore[arg-type]
