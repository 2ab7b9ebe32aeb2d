"""Roles of a launch: only those in the course count, and what is unknown gives nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrs_bridge.domain.launch import CourseRole
from lrs_bridge.lti.roles import course_roles

M = "http://purl.imsglobal.org/vocab/lis/v2/membership"
PERSON = "http://purl.imsglobal.org/vocab/lis/v2/institution/person"
SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person"

LEARNER, MENTOR, NONE = CourseRole.LEARNER, CourseRole.MENTOR, CourseRole.NONE
INSTRUCTOR, DEVELOPER = CourseRole.INSTRUCTOR, CourseRole.CONTENT_DEVELOPER


@pytest.mark.parametrize(
    ("claimed", "expected"),
    [
        ([f"{M}#Instructor"], {INSTRUCTOR}),
        ([f"{M}#Learner", f"{M}#Learner"], {LEARNER}),
        (["Instructor"], {INSTRUCTOR}),
        (["Learner", f"{M}#Mentor"], {LEARNER, MENTOR}),
        ([f"{M}#ContentDeveloper"], {DEVELOPER}),
        ([f"{M}#Administrator"], {CourseRole.ADMINISTRATOR}),
        ([f"{M}/Instructor#TeachingAssistant"], {INSTRUCTOR}),
        ([f"{M}#Instructor/TeachingAssistant"], {INSTRUCTOR}),
        (["Instructor/TeachingAssistant"], {INSTRUCTOR}),
        ([f"{M}/Learner#Instructor"], {LEARNER}),
        ([f"{PERSON}#Instructor", f"{M}#Learner"], {LEARNER}),
        ([f"{PERSON}#Administrator", f"{SYSTEM}#SysAdmin"], {NONE}),
        ([f"{PERSON}#Administrator", f"{M}#Instructor", f"{SYSTEM}#Administrator"], {INSTRUCTOR}),
        ([f"{M}#Manager", f"{M}#Officer", f"{M}#Member"], {NONE}),
        ([f"{M}ship#Instructor"], {NONE}),
        (["https://lms.example/roles#Instructor", "urn:lti:role:ims/lis/Instructor"], {NONE}),
        (["", None, 7, ["Instructor"]], {NONE}),
        ([], {NONE}),
    ],
)
def test_roles_are_read_with_least_privilege(claimed: list[object], expected: set[CourseRole]) -> None:
    """Both spellings of sub-roles, short names, duplicates, and roles outside the course."""
    assert course_roles(claimed) == expected


@settings(max_examples=60)
@given(st.lists(st.one_of(st.text(), st.text().map(lambda name: f"{PERSON}#{name}"), st.none(), st.integers())))
def test_nothing_but_a_known_word_gives_a_role(claimed: list[object]) -> None:
    """Whatever comes, it is a set that is never empty."""
    known = ("learner", "mentor", "contentdeveloper", "instructor", "administrator")
    said = [name.strip().lower() for name in claimed if isinstance(name, str)]
    if not any(name.startswith(known) for name in said):
        assert course_roles(claimed) == {NONE}
    assert course_roles(claimed)
