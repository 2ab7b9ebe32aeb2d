"""The demo's course in the demo's LMS: who the LMS knows there, as what, and the link to the tool."""

from __future__ import annotations

from types import MappingProxyType

from lrs_bridge.demo import consulted, earlier, pilot
from lrs_bridge.demo.cohort import Cast, Member
from lrs_bridge.demo.platform.course import INSTRUCTOR, LEARNER, MEMBER, MENTOR, Course, Tool, User
from lrs_bridge.demo.platform.keeping import Link
from lrs_bridge.demo.platform.personality import MOODLE, Personality
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
        "amira": "participant, also of the pilot: her 360 round is open",
        "clara": "participant without a manager",
        "yusuf": "participant whose manager changed in week 5",
        "mark": "Petra's manager, with moments to verify",
        "nina": "another team's manager",
        "dario": "teacher and designer of the course",
        "carl": "coach, with a session to hold, notes, and a route to decide",
        "sofia": "sponsor of the north and owner of the goal, with a manager to ask",
        "eva": "evaluator",
        "irene": "assessor, with work to score",
        "ivan": "assessor, who sees a rubric differently",
    }
)
WITHOUT_ACCOUNT = frozenset({"rosa"})
"""Managers whom the LMS does not know: they have their e-mails, on the demo's page of mail."""
_GROUPS = MappingProxyType(
    {
        Role.PARTICIPANT: "Participants",
        Role.MANAGER: "Their managers (learners to the LMS, as in Moodle)",
        Role.DESIGNER: "Teacher",
    }
)
_OBSERVERS = "Their managers (observers to the LMS, as in Canvas)"
_OTHERS = "Sponsors, coach, assessor, evaluator"
_PRESENT_DAY = 64  # of the run, or a little later: the day on which the demo begins


def course(cast: Cast, tool_url: str, lms_url: str, lms: Personality = MOODLE) -> Course:
    """The course as its LMS has it; both addresses without a slash at the end. `lms`: how that LMS behaves."""
    launch_url = f"{tool_url}/lti/launch"
    observing = {"mentors": "managers"} if lms.names_observed else {}
    return Course(
        url=lms_url,
        id=COURSE_ID,
        title="Field coaching for sales managers",
        label="FC-90",
        deployment_id=DEPLOYMENT_ID,
        link_id=LINK_ID,
        link_title=LINK_TITLE,
        users=tuple(_user(cast, member, lms) for member in cast.members if member.key not in WITHOUT_ACCOUNT),
        tool=Tool(
            client_id=CLIENT_ID,
            login_url=f"{tool_url}/lti/login",
            target_link_uri=launch_url,
            redirect_uris=(launch_url,),
            jwks_url=f"{tool_url}/lti/jwks.json",
            custom={"run": cast.run_id} | observing,
        ),
        lms=lms,
        elsewhere={
            pilot.LINK: (pilot.COURSE, pilot.TITLE),
            consulted.LINK: (consulted.COURSE, consulted.TITLE),
            earlier.LINK: (earlier.COURSE, earlier.TITLE),
        },
    )


def pilot_link(course: Course) -> Link:
    """The placed link to the demo's second run."""
    url, text = course.tool.target_link_uri, "Ten weeks of performance consulting, tried by six people"
    return Link(pilot.LINK, "Performance consulting, the pilot", text, url, {"run": pilot.RUN_ID})


def consulted_link(course: Course) -> Link:
    """The placed link to the run of the same journey that is over."""
    url, text = course.tool.target_link_uri, "The same ten weeks, over: what they were worth to both sides"
    return Link(consulted.LINK, consulted.TITLE, text, url, {"run": consulted.RUN_ID})


def earlier_link(course: Course) -> Link:
    """The placed link to the run with a finished study and its report."""
    url, text = course.tool.target_link_uri, "Half a year ago: a finished study, with its report"
    return Link(earlier.LINK, "Field coaching, the group before", text, url, {"run": earlier.RUN_ID})


def _user(cast: Cast, member: Member, lms: Personality) -> User:
    led = [one for one in cast.participants if cast.manager_of(one, _PRESENT_DAY) is member]
    return User(
        id=member.user_id,
        key=member.key,
        name=member.name,
        given_name=member.given_name,
        family_name=member.family_name,
        email=member.email,
        role=_role(member.role, lms),
        graded=member.role is Role.PARTICIPANT,
        group=_OBSERVERS if led and lms.names_observed else _GROUPS.get(member.role, _OTHERS),
        hint=_HINTS.get(member.key, ""),
        observes=tuple(one.user_id for one in led),
    )


def _role(role: Role, lms: Personality) -> str:
    """An LMS has no word for sponsors and coaches. Managers come as learners, and the tool has to know better; or they
    are observers to the LMS, which tells the tool whose."""
    if role is Role.DESIGNER:
        return INSTRUCTOR
    if role is Role.MANAGER:
        return MENTOR if lms.names_observed else LEARNER
    return LEARNER if role is Role.PARTICIPANT else MEMBER
