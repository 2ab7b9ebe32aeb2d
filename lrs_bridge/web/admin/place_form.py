"""What came with the form of an evaluator in one place: read, checked, and sealed once it was looked at."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson
from flask import request

from lrs_bridge.domain.evaluators import Evaluator, Posting
from lrs_bridge.domain.switching import NOTHING_SAID, Place, Word
from lrs_bridge.flows import switching
from lrs_bridge.flows.switching import Ground
from lrs_bridge.hooks.settings import Fault
from lrs_bridge.web import doors
from lrs_bridge.web.admin import schema_form
from lrs_bridge.web.admin.schema_form import Group
from lrs_bridge.web.forms import TEXT_LIMIT, Form
from lrs_bridge.web.words import number, sentence

SWITCHES = {"": None, "on": True, "off": False}
_NO_SUCH_SWITCH = "Choose one of the three."
_NEVER_POSTED = "This evaluator never posts, whatever is set."
_TOO_LARGE = "That is more than can be kept. Give a smaller number, or a shorter text."
_PLAIN_WORDS = {
    "Not a valid integer.": "Give a whole number.",
    "Not a valid number.": "Give a number, with a point: 0.5.",
    "Not a valid boolean.": "Choose yes or no.",
    "Not a valid string.": "Give a text.",
    "Not a valid list.": "Give a list.",
    "Not a valid mapping type.": "Give a name, a colon and a value on each line.",
    "Field may not be null.": "Give a value.",
    "Missing data for required field.": "Give a value.",
    "Not a valid URL.": "Give a whole address, such as https://example.org/.",
    "Special numeric values (nan or infinity) are not permitted.": "Give a number, with a point: 0.5.",
}


@dataclass(frozen=True)
class Sent:
    """What came with the form. `typed` holds the fields of settings as they were typed."""

    do: str
    enabled: str
    column: str
    typed: Mapping[str, str]
    run_id: str
    act: str
    seen: int
    undoes: int | None
    seal: str

    def word(self, evaluator: Evaluator) -> Word:
        if self.do == "clear":
            return NOTHING_SAID
        return Word(
            SWITCHES.get(self.enabled), schema_form.settings_of(evaluator, self.typed), SWITCHES.get(self.column)
        )


class Filled(Form):
    """A form where what was typed may not fit, rather than be missing."""

    @property
    def errors_title(self) -> str:
        count = len(self.errors)
        return "One thing does not fit." if count == 1 else f"{sentence(number(count))} things do not fit."


def read_sent() -> Sent:
    """Raises Door where the form is none of ours."""
    form = request.form
    try:
        act, seen = str(UUID(form.get("act", ""))), int(form.get("seen", ""))
        undoes = int(form["undoes"]) if form.get("undoes") else None
    except ValueError:
        raise doors.reload_first() from None
    typed = {name: text for name, text in form.items() if name.startswith(schema_form.PREFIX)}
    run_id = form.get("run", "")
    return Sent(
        form.get("do", ""),
        form.get("enabled", ""),
        form.get("column", ""),
        typed,
        run_id,
        act,
        seen,
        undoes,
        form.get("seal", ""),
    )


def wrong_fields(evaluator: Evaluator, ground: Ground, groups: Sequence[Group], sent: Sent) -> dict[str, str]:
    """Complaints by the names of form fields; empty where it can be saved."""
    word = sent.word(evaluator)
    chosen = {} if sent.do == "clear" else {"enabled": sent.enabled, "column": sent.column}
    found = {name: _NO_SUCH_SWITCH for name, value in chosen.items() if value not in SWITCHES}
    if sent.column == "on" and evaluator.posting is Posting.NEVER:
        found["column"] = _NEVER_POSTED
    large = too_large(sent.typed, word.settings)
    return found | beside(groups, large or switching.faults_of(evaluator, ground, word))


def too_large(typed: Mapping[str, str], settings: Mapping[str, object]) -> list[Fault]:
    """Settings that are longer or larger than can be kept."""
    long = [name.removeprefix(schema_form.PREFIX) for name, text in typed.items() if len(text) > TEXT_LIMIT]
    return [Fault(name, _TOO_LARGE) for name in [*long, *schema_form.too_large(settings)]]


def beside(groups: Sequence[Group], faults: Sequence[Fault]) -> dict[str, str]:
    """Each complaint at the nearest field there is, one for each, with the field's name for the summary on top."""
    labels = {group.path: group.label for group in groups if group.path}
    labels |= {line.path: line.label for group in groups for line in group.lines}
    found: dict[str, str] = {}
    for fault in faults:
        path = fault.key
        while path and path not in labels:
            path = path.rpartition(".")[0]
        named = labels[path] if path and path == fault.key else fault.key
        message = _PLAIN_WORDS.get(fault.message, fault.message)
        text = f"{named}: {message}" if named else message
        found.setdefault(schema_form.PREFIX + path if path else "settings", text)
    return found


def seal(key: str, evaluator: Evaluator, place: Place, sent: Sent, visit: str) -> str:
    """Of what was looked at: the place, the word, and what it was looked at beside, in this visit."""
    word = sent.word(evaluator)
    parts = [evaluator.key, str(place.scope), place.id, word.as_dict(), sent.seen, sent.act, visit]
    return hmac.new(key.encode(), orjson.dumps(parts, option=orjson.OPT_SORT_KEYS), hashlib.sha256).hexdigest()
