"""An Open edX LMS: its LTI app under Django, its courseware stubbed to one unit that is graded by a tool."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import django
import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

from tests.fakes.platform import rsa_key

LMS = "https://edx.example"
COURSE = "course-v1:Harbourline+SALES+2026"
UNIT = "block-v1:Harbourline+SALES+2026+type@lti_consumer+block@journey"


def start() -> None:
    """Configure Django once per process; nothing else in the suite uses it."""
    if settings.configured:
        return
    # A browser test before us leaves Playwright's event loop running in this thread; Django would refuse its database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    settings.configure(
        SECRET_KEY="a secret for tests",
        ALLOWED_HOSTS=["*"],
        USE_TZ=True,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        INSTALLED_APPS=[
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "rest_framework",
            "waffle",
            "config_models",
            "lti_consumer",
        ],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        ROOT_URLCONF="tests.conformance.openedx.urls",
        USAGE_ID_PATTERN=r"(?P<usage_id>(?:i4x://?[^/]+/[^/]+/[^/]+/[^@]+(?:@[^/]+)?)|(?:[^/]+))",
        LMS_ROOT_URL=LMS,
        PLATFORM_NAME="Open edX",
        SERVICE_VARIANT="lms",
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        LOGGING_CONFIG=None,
    )
    django.setup()
    call_command("migrate", verbosity=0)


@dataclass
class Unit:
    """The block of the course that the tool is placed in, as far as the LTI app looks at it."""

    display_name: str = "My journey"
    weight: int = 100
    has_score: bool = True
    accept_grades_past_due: bool = True
    grades: dict[str, float] = field(default_factory=dict)
    scope_ids: Any = field(default_factory=lambda: SimpleNamespace(usage_id=UNIT))

    def is_past_due(self) -> bool:
        return False

    def max_score(self) -> int:
        return self.weight

    def set_user_module_score(self, user: str, score: float, maximum: float, comment: str | None) -> None:
        """`score` is 0 to 1; what a learner sees on the progress page."""
        self.grades[user] = score * maximum


class OpenEdx:
    """One course, one unit, one registered tool. `grading`: declarative or programmatic, as a course author sets it."""

    def __init__(self, tool_url: str, monkeypatch: pytest.MonkeyPatch, grading: str) -> None:
        start()
        from lti_consumer.models import Lti1p3Passport, LtiConfiguration
        from lti_consumer.plugin import compat

        self.unit = Unit()
        for name in ("load_enough_xblock", "load_block_as_user"):
            monkeypatch.setattr(compat, name, lambda location: self.unit)
        monkeypatch.setattr(compat, "get_user_from_external_user_id", lambda user_id: user_id)
        key = rsa_key("edx")  # it would make one itself, in its own time
        self.passport = Lti1p3Passport.objects.create(
            name="The journey tool",
            lti_1p3_tool_keyset_url=f"{tool_url}/lti/jwks.json",
            lti_1p3_internal_private_key=key.as_pem(private=True).decode(),
            lti_1p3_internal_private_key_id=str(key.kid),
        )
        self.config = LtiConfiguration.objects.create(
            version=LtiConfiguration.LTI_1P3,
            config_store=LtiConfiguration.CONFIG_ON_DB,
            location=UNIT,
            lti_1p3_passport=self.passport,
            lti_1p3_oidc_url=f"{tool_url}/lti/login",
            lti_1p3_launch_url=f"{tool_url}/lti/launch",
            lti_advantage_ags_mode=grading,
        )
        self.application = get_wsgi_application()

    def close(self) -> None:
        self.config.delete()
        self.passport.delete()

    @property
    def registration(self) -> dict[str, Any]:
        """What the author of the course hands to the admin of the tool, as Studio shows it."""
        from lti_consumer.api import get_lti_1p3_launch_info
        from lti_consumer.data import Lti1p3LaunchData

        shown = get_lti_1p3_launch_info(Lti1p3LaunchData("1", "staff", self.config.config_id, UNIT))
        return {
            "issuer": LMS,
            "client_id": shown["client_id"],
            "deployment_ids": [shown["deployment_id"]],
            "auth_url": shown["oidc_callback"],
            "token_url": shown["token_url"],
            "jwks_url": shown["keyset_url"],
        }

    def login_url(self, user: str, role: str | None, **more: Any) -> str:
        """Where the LMS sends the browser of somebody who opens the unit."""
        from lti_consumer.data import Lti1p3LaunchData

        launch = Lti1p3LaunchData(
            user_id=user,
            external_user_id=user,
            user_role=role,
            config_id=self.config.config_id,
            resource_link_id=UNIT,
            context_id=COURSE,
            context_type=["course_offering"],
            context_title="Sales academy",
            **more,
        )
        return str(self.config.get_lti_consumer().prepare_preflight_url(launch))

    def answer(self, ask: Callable[[str], str], authentication_request: str) -> tuple[str, dict[str, str]]:
        """The form that the LMS has the browser send to the tool: its address and its fields."""
        page = ask(authentication_request)
        action = re.search(r'action="([^"]*)"', page)
        assert action is not None, page
        fields = re.findall(r'<input name="([^"]*)" value="([^"]*)"', page)
        return html.unescape(action[1]), {name: html.unescape(value) for name, value in fields}

    def scores(self) -> list[tuple[str, str, float | None, float | None, str, datetime]]:
        """Line item, user, given, maximum, progress and time of every score in the LMS's database."""
        from lti_consumer.models import LtiAgsScore

        found = LtiAgsScore.objects.filter(line_item__lti_configuration=self.config).order_by("id")
        return [
            (
                score.line_item.label,
                score.user_id,
                score.score_given,
                score.score_maximum,
                score.activity_progress,
                score.timestamp.astimezone(UTC),
            )
            for score in found
        ]

    def columns(self) -> list[tuple[str, str, str, int]]:
        from lti_consumer.models import LtiAgsLineItem

        found = LtiAgsLineItem.objects.filter(lti_configuration=self.config).order_by("id")
        return [(str(one.resource_id), one.tag, one.label, one.score_maximum) for one in found]
