"""Roles of a launch, read with least privilege (LTI 1.3 Core, 5.3.7 and Appendix A.2).

Only context roles say what somebody may do in a course. Institution and system roles are left out: Canvas adds them
to a teacher who looks at the course as a student, and an administrator of a university is nobody's teacher by that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from lrs_bridge.domain.launch import CourseRole

_CONTEXT = "http://purl.imsglobal.org/vocab/lis/v2/membership"

_PRINCIPAL = {
    "learner": CourseRole.LEARNER,
    "mentor": CourseRole.MENTOR,
    "contentdeveloper": CourseRole.CONTENT_DEVELOPER,
    "instructor": CourseRole.INSTRUCTOR,
    "administrator": CourseRole.ADMINISTRATOR,
}


def course_roles(claimed: Iterable[object]) -> frozenset[CourseRole]:
    """The roles in the course; `{NONE}` for none or unknown ones, never "not a teacher, so a learner".

    A role is `...membership#Instructor`, the short name `Instructor` (A.2.3), or a sub-role in one of its two
    spellings, `...membership/Instructor#Grader` (A.2.3.1) and `...membership#Instructor/Grader`; a sub-role counts
    as its principal role, so that `Learner#Instructor` is a learner.
    """
    found = {role for name in claimed if isinstance(name, str) and (role := _course_role(name)) is not None}
    return frozenset(found or {CourseRole.NONE})


def _course_role(name: str) -> CourseRole | None:
    name = name.strip()
    if name.startswith(_CONTEXT):
        name = name[len(_CONTEXT) :]
        if name[:1] not in {"#", "/"}:
            return None
        name = name[1:]
    elif ":" in name:
        return None
    return _PRINCIPAL.get(re.split(r"[/#]", name, maxsplit=1)[0].lower())
