"""A verified launch: what an LMS proved about who comes, from where, as what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class MessageType(StrEnum):
    """LTI 1.3 message types (Core 3.3.1, Deep Linking 2.0, Submission Review 1.0)."""

    RESOURCE_LINK = "LtiResourceLinkRequest"
    DEEP_LINKING = "LtiDeepLinkingRequest"
    SUBMISSION_REVIEW = "LtiSubmissionReviewRequest"


class CourseRole(StrEnum):
    """Authority in the course, from context roles only, least privilege first."""

    NONE = "none"
    LEARNER = "learner"
    MENTOR = "mentor"
    CONTENT_DEVELOPER = "content_developer"
    INSTRUCTOR = "instructor"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True)
class Services:
    """AGS, NRPS and Course Groups as this launch offers them; any URL may be missing, and URLs may carry queries."""

    lineitem: str | None = None
    lineitems: str | None = None
    scopes: frozenset[str] = frozenset()
    memberships: str | None = None
    groups: str | None = None


@dataclass(frozen=True)
class Launch:
    """Claims of a verified id_token, spelled once for the rest of the product.

    `platform_id` and `tenant_id` are ours; `sub` is stable per issuer (and client id where the LMS chose so).
    Names and e-mail may all be missing. `custom` has unresolved `$Variables` left out. `context_id` is None
    for a launch outside a course. `mentees` are subs from the mentor claim.
    """

    platform_id: str
    tenant_id: str
    issuer: str
    client_id: str
    deployment_id: str
    message_type: MessageType
    sub: str
    roles: frozenset[CourseRole]
    target_link_uri: str
    name: str | None = None
    given_name: str | None = None
    email: str | None = None
    locale: str | None = None
    context_id: str | None = None
    context_title: str | None = None
    resource_link_id: str | None = None
    resource_link_title: str | None = None
    return_url: str | None = None
    for_user: str | None = None
    mentees: tuple[str, ...] = ()
    services: Services = field(default_factory=Services)
    custom: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    claims: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), repr=False)

    @property
    def teaches(self) -> bool:
        return CourseRole.INSTRUCTOR in self.roles

    @property
    def designs(self) -> bool:
        return self.teaches or CourseRole.CONTENT_DEVELOPER in self.roles

    @property
    def learns(self) -> bool:
        return CourseRole.LEARNER in self.roles and not self.designs
