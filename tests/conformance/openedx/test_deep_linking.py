"""Open edX asks for content, takes our answer, and launches what was placed: its own code on the other side."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from werkzeug.test import TestResponse

from lrs_bridge import journeyfile
from lrs_bridge.store import journeys, runs
from lrs_bridge.store.platforms import add_platform, platforms_of_issuer
from tests.conformance.openedx.platform import COURSE, LMS, OpenEdx
from tests.conformance.openedx.test_openedx import edx, tool
from tests.fakes.launching import BASE_URL, Browser, Tool
from tests.fakes.platform import rsa_key
from tests.web.choosing import JOURNEY, Chooser, form_of

__all__ = ["edx", "tool"]

SLUG = "field-coaching-90"


@pytest.fixture
def dario(tool: Tool, edx: OpenEdx) -> Browser:
    """The course's author, in a tool that the LMS has switched deep linking on for."""
    edx.config.lti_advantage_deep_linking_enabled = True
    edx.config.lti_advantage_deep_linking_launch_url = f"{BASE_URL}/lti/launch"
    edx.config.save()
    with tool.sessions.write() as session:
        add_platform(session, tenant_id=tool.tenant_id, name="Open edX", now=tool.clock.now, **edx.registration)
        journeys.install(session, tool.tenant_id, journeyfile.sample_text(SLUG), SLUG, tool.clock.now)
    return tool.browser()


def through_the_pages(browser: Browser, edx: OpenEdx, user: str, role: str, **more: object) -> TestResponse:
    url = edx.login_url(user, role, **more)
    begun = browser.login({name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}, "GET")
    assert begun.status_code == 302, begun.text
    _, form = edx.answer(lambda asked: browser.tool.http.get(asked).text, begun.location)
    return browser.answer(**form)


def placed(browser: Browser, edx: OpenEdx, *picks: str) -> list[dict[str, Any]]:
    """What Open edX would save: our answer, decoded by its consumer and checked by its serializers."""
    from lti_consumer.lti_1p3.extensions.rest_framework.serializers import LtiDlLtiResourceLinkSerializer

    chooser = Chooser(browser, through_the_pages(browser, edx, "dario", "staff", message_type="LtiDeepLinkingRequest"))
    action, token = form_of(chooser.place(*picks))
    assert action == f"{LMS}/api/lti_consumer/v1/lti/{edx.config.id}/lti-dl/response"
    items: list[dict[str, Any]] = edx.config.get_lti_consumer().check_and_decode_deep_linking_token(token)
    for item in items:
        LtiDlLtiResourceLinkSerializer(data=item).is_valid(raise_exception=True)
    return items


def test_its_consumer_takes_our_answer(dario: Browser, edx: OpenEdx) -> None:
    """A journey with its column and a step, several at once."""
    journey, step = placed(dario, edx, JOURNEY, f"{JOURNEY}/step=S08")
    assert journey["lineItem"] == {"label": "Journey completion", "scoreMaximum": 100.0, "tag": "journey_completion"}
    assert step["custom"] == {"journey": SLUG, "step": "S08"}
    assert "lineItem" not in step


def test_what_it_saved_launches_as_what_was_chosen(dario: Browser, edx: OpenEdx, tool: Tool) -> None:
    """The custom parameters come back with each launch, and lead a learner to the step."""
    from lti_consumer.models import LtiDlContentItem

    (item,) = placed(dario, edx, f"{JOURNEY}/step=S08")
    saved = LtiDlContentItem.objects.create(lti_configuration=edx.config, content_type=item["type"], attributes=item)
    with tool.sessions.write() as session:
        known = edx.registration
        (platform,) = platforms_of_issuer(session, known["issuer"], known["client_id"])
        course = runs.ensure_course(session, tool.tenant_id, platform.id, known["deployment_ids"][0], COURSE)
        row = journeys.installed(session, tool.tenant_id)[0]
        runs.add_run(session, course, row, tool.clock.now.date(), "UTC", tool.clock.now)
    launched = through_the_pages(dario, edx, "petra-1", "student", deep_linking_content_item_id=saved.pk)
    assert launched.status_code == 303, launched.text
    assert launched.location.endswith("/steps/S08")
    saved.delete()


def test_an_answer_of_another_key_is_refused_by_it(
    dario: Browser, edx: OpenEdx, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So the test above can fail."""
    chooser = Chooser(dario, through_the_pages(dario, edx, "dario", "staff", message_type="LtiDeepLinkingRequest"))
    _, token = form_of(chooser.place(JOURNEY))
    other = {"keys": [rsa_key("another tool").as_dict(private=False)]}
    monkeypatch.setattr(jwt.PyJWKClient, "fetch_data", lambda self: other)
    with pytest.raises(jwt.InvalidSignatureError):
        edx.config.get_lti_consumer().check_and_decode_deep_linking_token(token)
