"""Claims as a launch: what LMSs leave out, send in another form, or send unresolved."""

from __future__ import annotations

from typing import Any

import pytest

from lrs_bridge.domain.launch import CourseRole, MessageType, Services
from lrs_bridge.lti.message import launch_from
from lrs_bridge.store.platforms import Platform
from tests.fakes.launching import NOON, TARGET
from tests.fakes.platform import CONTEXT_ROLE, LTI, FakePlatform

PLATFORM = Platform(id="p1", tenant_id="t1", issuer="https://lms.example", client_id="tool-1")


def claims(**changes: Any) -> dict[str, Any]:
    return FakePlatform().claims("https://lms.example/auth?nonce=n", TARGET, NOON, **changes)


def test_a_launch_says_who_comes_from_where() -> None:
    """The usual claims."""
    launch = launch_from(claims(), PLATFORM)
    assert (launch.platform_id, launch.tenant_id, launch.message_type) == ("p1", "t1", MessageType.RESOURCE_LINK)
    assert (launch.sub, launch.name, launch.given_name, launch.email) == (
        "petra",
        "Petra Participant",
        "Petra",
        "petra@example.com",
    )
    assert launch.roles == {CourseRole.LEARNER}
    assert (launch.context_id, launch.context_title) == ("course-1", "Sales academy")
    assert (launch.resource_link_id, launch.resource_link_title) == ("link-1", "Field coaching")
    assert launch.services == Services()


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "Petra Participant"),
        ({"name": ...}, "Petra Participant"),
        ({"name": " ", "given_name": ...}, "Participant"),
        ({"name": ..., "given_name": ..., "family_name": ...}, None),
        ({"name": ["Petra"], "given_name": 7, "family_name": None}, None),
    ],
)
def test_a_name_is_made_of_what_is_there(changes: dict[str, Any], name: str | None) -> None:
    """Any of the three claims may be missing, or be nonsense."""
    assert launch_from(claims(**changes), PLATFORM).name == name


def test_custom_parameters_are_texts_and_unresolved_ones_are_absent() -> None:
    """Moodle sends null, and `$Name` for what it does not know."""
    custom = {
        "journey": "field-coaching-90",
        "week": 3,
        "end": "$ResourceLink.submission.endDateTime",
        "price": "$5",
        "none": None,
        "list": ["a"],
        "yes": True,
    }
    expected = {"journey": "field-coaching-90", "week": "3", "price": "$5"}
    assert launch_from(claims(custom=custom), PLATFORM).custom == expected


@pytest.mark.parametrize("custom", [None, [], "text", 7])
def test_a_claim_of_the_wrong_kind_is_as_if_it_were_missing(custom: Any) -> None:
    """Nothing that is signed is trusted to have its type."""
    launch = launch_from(claims(custom=custom, context=custom, launch_presentation=custom, endpoint=custom), PLATFORM)
    assert launch.custom == {}
    assert launch.context_id is None
    assert launch.return_url is None
    assert launch.services == Services()


@pytest.mark.parametrize("scope", [["5", "6", "5"], "5,6", " 5 , 6 ,", ["5", 7, None, "$x", "6"]])
def test_mentees_come_as_a_list_or_as_one_text(scope: Any) -> None:
    """In order, each once; unresolved ones left out."""
    launch = launch_from(claims(roles=[CONTEXT_ROLE + "Mentor"], role_scope_mentor=scope), PLATFORM)
    assert launch.mentees == ("5", "6")


def test_mentees_of_somebody_who_is_no_mentor_are_ignored() -> None:
    """The claim goes with the role only."""
    assert launch_from(claims(role_scope_mentor=["5"]), PLATFORM).mentees == ()


def test_services_are_taken_to_the_letter() -> None:
    """URLs with their queries; scopes as a list or in one text; what is no URL is absent."""
    endpoint = {
        "lineitems": "https://lms.example/2/lineitems?type_id=1",
        "lineitem": "javascript:alert(1)",
        "scope": "a b a",
    }
    roster = {"context_memberships_url": "https://lms.example/2/memberships"}
    launch = launch_from(claims(endpoint=endpoint, namesroleservice=roster), PLATFORM)
    assert launch.services == Services(
        lineitem=None,
        lineitems="https://lms.example/2/lineitems?type_id=1",
        scopes=frozenset({"a", "b"}),
        memberships="https://lms.example/2/memberships",
    )


def test_where_to_go_back_to_and_in_which_language() -> None:
    """From the launch presentation; the language of the user claims comes second."""
    presentation = {"return_url": "https://lms.example/return?course=2", "locale": "de"}
    launch = launch_from(claims(launch_presentation=presentation, locale="fr"), PLATFORM)
    assert (launch.return_url, launch.locale) == ("https://lms.example/return?course=2", "de")
    assert launch_from(claims(locale="fr"), PLATFORM).locale == "fr"


def test_the_claims_are_handed_on_and_cannot_be_changed() -> None:
    """For what the product reads later."""
    launch = launch_from(claims(), PLATFORM)
    assert launch.claims[LTI + "version"] == "1.3.0"
    with pytest.raises(TypeError):
        launch.claims["sub"] = "somebody else"  # type: ignore[index]
