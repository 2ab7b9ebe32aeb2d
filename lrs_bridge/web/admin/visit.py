"""The administrator in one tab, and the frame of their pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import g, render_template, url_for

_TABS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("LMSs", (("connections", "Connections"), ("connect", "Connect an LMS"))),
    (
        "Evaluators",
        (
            ("evaluators", "Installed"),
            ("evaluations", "At work"),
            ("changes", "Who changed what"),
            ("listeners", "Listeners"),
        ),
    ),
    ("Journeys", (("design_library", "Journeys"),)),
    (
        "People",
        (("people_runs", "Runs"), ("erasures", "Erasing people"), ("data_map", "Data map"), ("retention", "Retention")),
    ),
    (
        "Record",
        (
            ("arriving", "Is everything arriving?"),
            ("record", "Record store"),
            ("waiting", "What waits"),
            ("arrivals", "What came in"),
            ("statements", "Statements"),
            ("looks", "Who looked"),
            ("acts", "What administrators did"),
        ),
    ),
    ("Messages", (("messages_", "Messages"),)),
)
"""What stands on top, and the pages of each."""

ADMINISTRATOR = "Administrator"
SAVED = {
    "erasure": "The request is settled and no longer listed.",
    "erased": "What there was is gone. What they did stays under a random id.",
    "retained": "What was due is forgotten. It is noted below.",
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
    "switched": "It holds from now on. Values follow in the background, and the old ones stay until the new are there.",
    "listener_on": "It is told from now on, on all processes.",
    "listener_off": "It is not called any more, and its settings are forgotten.",
    "sender": "The next messages come from there.",
    "by_hand": "The message is put down as passed on.",
    "mail_again": "It goes out again now.",
    "revoked_links": "None of the links sent so far opens anything any more.",
    "computed_again": "All runs are computed again in the background. The values from before stay until then.",
    "tried": "It is asked about one person. If it answers well, everybody is computed again.",
    "not_tried": "Nothing to try: it is on, or nobody is in a run in which it is asked.",
    "not_installed": "Nothing to try: this evaluator is no longer installed.",
    "left": "It is set aside, and counts as no trouble any more. It can be sent again at any time.",
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
    """`name`: whom the link was made for, or the word for all administrators."""

    tenant_id: str
    csrf: str
    now: datetime
    name: str = ADMINISTRATOR


def current() -> AdminVisit:
    visit: AdminVisit = g.admin
    return visit


def page(template: str, here: str, saved: str | None, **content: object) -> str:
    """A page of the administrator, with its tabs; `saved` is a key of `SAVED`."""
    return render_template(
        template, admin=current(), tabs=_tabs(here), beside=_beside(here), saved=SAVED.get(saved or ""), **content
    )


def _tabs(here: str) -> list[dict[str, object]]:
    return [
        {"href": url_for(f"admin.{pages[0][0]}"), "text": text, "here": here in dict(pages)} for text, pages in _TABS
    ]


def _beside(here: str) -> list[dict[str, object]]:
    """The pages beside this one, where its tab has several."""
    own = next((pages for _, pages in _TABS if here in dict(pages)), ())
    pages = [{"href": url_for(f"admin.{name}"), "text": text, "here": name == here} for name, text in own]
    return pages if len(pages) > 1 else []
