"""The demo's course in the demo's LMS: who the LMS knows there, as what, and the link to the tool."""

from __future__ import annotations

from types import MappingProxyType

from lrs_bridge.demo.cohort import Cast, Member
from lrs_bridge.demo.platform.course import INSTRUCTOR, LEARNER, MEMBER, Course, Tool, User
from lrs_bridge.domain.people import Role

CLIENT_ID = "lrs-bridge-demo"
DEPLOYMENT_ID = "1"
COURSE_ID = "fc90"
LINK_ID = "journey-1"
LINK_TITLE = "Field-coaching journey"

_HINTS = MappingProxyType(
    {
        "petra": "participant, with a moment to log and the survey open",
        "ben": "participant, often late",
        "clara": "participant without a manager",
        "yusuf": "participant whose manager changed in week 5",
        "mark": "Petra's manager, with moments to verify",
        "nina": "another team's manager",
        "dario": "teacher and designer of the course",
        "carl": "coach",
        "sofia": "sponsor of the north",
        "eva": "evaluator",
    }
)
_GROUPS = MappingProxyType(
    {
        Role.PARTICIPANT: "Participants",
        Role.MANAGER: "Their managers (learners to the LMS, as in Moodle)",
        Role.DESIGNER: "Teacher",
    }
)
_OTHERS = "Sponsors, coach, assessor, evaluator"


def course(cast: Cast, tool_url: str, lms_url: str) -> Course:
    """The course as its LMS has it; both addresses without a slash at the end."""
    launch_url = f"{tool_url}/lti/launch"
    return Course(
        url=lms_url,
        id=COURSE_ID,
        title="Field coaching for sales managers",
        label="FC-90",
        deployment_id=DEPLOYMENT_ID,
        link_id=LINK_ID,
        link_title=LINK_TITLE,
        users=tuple(_user(member) for member in cast.members),
        tool=Tool(
            client_id=CLIENT_ID,
            login_url=f"{tool_url}/lti/login",
            target_link_uri=launch_url,
            redirect_uris=(launch_url,),
            jwks_url=f"{tool_url}/lti/jwks.json",
            custom={"run": cast.run_id},
        ),
    )


def _user(member: Member) -> User:
    return User(
        id=member.user_id,
        key=member.key,
        name=member.name,
        given_name=member.given_name,
        family_name=member.family_name,
        email=member.email,
        role=_role(member.role),
        graded=member.role is Role.PARTICIPANT,
        group=_GROUPS.get(member.role, _OTHERS),
        hint=_HINTS.get(member.key, ""),
    )


def _role(role: Role) -> str:
    """An LMS has no word for sponsors and coaches; managers come as learners, and the tool has to know better."""
    if role is Role.DESIGNER:
        return INSTRUCTOR
    return LEARNER if role in (Role.PARTICIPANT, Role.MANAGER) else MEMBER
