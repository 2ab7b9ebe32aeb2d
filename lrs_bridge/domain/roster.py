"""The roster of a course as its LMS tells it: who is in it, as what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lrs_bridge.domain.launch import CourseRole


@dataclass(frozen=True)
class Member:
    """One person of the course. `user_id` is the `sub` of their launches (NRPS 2.0, "Membership container").

    `active`: False for people the LMS lists as inactive or deleted. `test`: an account for looking at a course as a
    student, which is nobody. Name and e-mail are None where the LMS keeps them. `groups`: ids, where it has groups.
    """

    user_id: str
    roles: frozenset[CourseRole]
    active: bool = True
    name: str | None = None
    email: str | None = None
    groups: tuple[str, ...] = ()
    test: bool = False

    @property
    def learns(self) -> bool:
        """In the course as a learner and as nothing that says more (least privilege, as at launch)."""
        return self.active and not self.test and self.roles == {CourseRole.LEARNER}


def merged(members: Iterable[Member]) -> dict[str, Member]:
    """Members by user id; one who stands on two pages, or once per role, has the roles and groups of all rows.

    A row that is not active adds nothing to one that is.
    """
    found: dict[str, Member] = {}
    for member in members:
        known = found.get(member.user_id)
        if known is None or (member.active and not known.active):
            found[member.user_id] = member
        elif member.active == known.active:
            found[member.user_id] = replace(
                known,
                roles=_together(known.roles, member.roles),
                name=known.name or member.name,
                email=known.email or member.email,
                groups=tuple(dict.fromkeys((*known.groups, *member.groups))),
                test=known.test or member.test,
            )
    return found


def _together(one: frozenset[CourseRole], other: frozenset[CourseRole]) -> frozenset[CourseRole]:
    """`NONE` says that there is no role, so it does not stand beside one."""
    return (one | other) - {CourseRole.NONE} or frozenset({CourseRole.NONE})
