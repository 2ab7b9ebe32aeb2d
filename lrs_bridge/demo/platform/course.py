"""What the demo LMS knows: one course, its members, one link to the tool, and the tool's registration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from lrs_bridge.demo.platform.personality import MOODLE, Personality

LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
MEMBER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Member"
MENTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Mentor"


@dataclass(frozen=True)
class User:
    """Somebody in the course. `graded` users have a row in the gradebook; `role` is a context role's IRI.

    `observes`: ids of those they look after, where the LMS knows of such a thing.
    """

    id: str
    key: str
    name: str
    given_name: str
    family_name: str
    email: str
    role: str
    graded: bool = False
    group: str = ""
    hint: str = ""  # who this is, for the one who launches as them
    observes: tuple[str, ...] = ()

    @property
    def learns(self) -> bool:
        return self.role == LEARNER


@dataclass(frozen=True)
class Tool:
    """The registered tool. `redirect_uris` are the only places a token is sent to."""

    client_id: str
    login_url: str
    target_link_uri: str
    redirect_uris: tuple[str, ...]
    jwks_url: str
    custom: dict[str, str] = field(default_factory=dict)
    name: str = ""


@dataclass(frozen=True)
class Course:
    """`url` is the LMS's own origin and its issuer, without a slash at the end. `lms`: how it behaves.

    `elsewhere`: placed links that stand in another course, with its id and title.
    """

    url: str
    id: str
    title: str
    label: str
    deployment_id: str
    link_id: str
    link_title: str
    users: tuple[User, ...]
    tool: Tool
    lms: Personality = MOODLE
    elsewhere: Mapping[str, tuple[str, str]] = field(default_factory=lambda: MappingProxyType({}))

    @cached_property
    def by_id(self) -> dict[str, User]:
        return {user.id: user for user in self.users}

    @cached_property
    def by_key(self) -> dict[str, User]:
        return {user.key: user for user in self.users}

    @cached_property
    def graded(self) -> tuple[User, ...]:
        return tuple(user for user in self.users if user.graded)

    @property
    def token_url(self) -> str:
        return f"{self.url}/lti/token"

    @property
    def audience(self) -> str:
        """To whom the assertion of a token request has to be addressed."""
        return self.lms.audience or self.token_url

    @property
    def auth_url(self) -> str:
        return f"{self.url}/lti/auth"

    @property
    def jwks_url(self) -> str:
        return f"{self.url}/lti/certs"

    @property
    def lineitems_url(self) -> str:
        return f"{self.url}/services/{self.id}/lineitems{self._query}"

    @property
    def memberships_url(self) -> str:
        return f"{self.url}/services/{self.id}/memberships"

    def line_item_url(self, number: int) -> str:
        """Moodle's have a query, so that a tool that glues `/scores` to the end is found out."""
        return f"{self.url}/services/{self.id}/lineitems/{number}/lineitem{self._query}"

    @property
    def _query(self) -> str:
        return f"?{self.lms.query}" if self.lms.query else ""
