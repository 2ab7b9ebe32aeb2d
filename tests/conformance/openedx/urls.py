"""Where Open edX mounts its LTI app."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("api/", include("lti_consumer.plugin.urls"))]
