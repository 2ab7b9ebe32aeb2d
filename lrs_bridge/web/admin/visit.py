"""The administrator in one tab, and the frame of their pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import g, render_template, url_for

_TABS = (
    ("connections", "Connections"),
    ("connect", "Connect an LMS"),
    ("evaluators", "Evaluators"),
    ("record", "The record"),
    ("waiting", "What waits"),
    ("arrivals", "What came in"),
    ("statements", "Statements"),
)
SAVED = {
    "approved": "Launches from there are let in from now on.",
    "added": "Now place the tool in a course. The first launch shows whether the values fit.",
    "changed": "The next launch uses them.",
    "suspended": "Nobody gets in from there until you approve it again.",
    "removed": "Nothing of it is left here. In the LMS the tool is still there.",
    "used": "It stays as it is: people came in by it, and their courses hang on it. It can be suspended.",
    "rescan": "Everything is read again in the background, beside what is new.",
    "read": "What could be read is taken in and no longer listed.",
    "not_read": "Nothing of it can be read yet. The reasons are up to date.",
    "aside": "What was set aside stays in its record store.",
    "revoked": "Whoever uses this key is turned away from now on. What it sent stays.",
    "tested": "What was found is below, and delivery and reading go by it.",
    "on_its_way": "It has arrived, or is on its way at this moment.",
    "again": "What waited or was given up goes out again now.",
}


@dataclass(frozen=True)
class Health:
    """`shape`: ok, care or bad. `approve`: the id to approve, where something waits for that."""

    name: str
    shape: str
    text: str
    approve: str | None = None


@dataclass(frozen=True)
class AdminVisit:
    tenant_id: str
    csrf: str
    now: datetime


def current() -> AdminVisit:
    visit: AdminVisit = g.admin
    return visit


def page(template: str, here: str, saved: str | None, **content: object) -> str:
    """A page of the administrator, with its tabs; `saved` is a key of `SAVED`."""
    tabs = [{"href": url_for(f"admin.{name}"), "text": text, "here": name == here} for name, text in _TABS]
    return render_template(template, admin=current(), tabs=tabs, saved=SAVED.get(saved or ""), **content)
