"""Logs: one line an event on stderr, as text or as JSON, with the ids of the request and of the launch it belongs to.

Addresses that open something (a visit, an administrator's link, a link in a message) lose their token on the way out,
whoever logged them: the server, a library, a trace.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime

from lrs_bridge.config import Settings

REQUEST: ContextVar[str | None] = ContextVar("lrs_bridge_request", default=None)
LAUNCH: ContextVar[str | None] = ContextVar("lrs_bridge_launch", default=None)

_OPENS = re.compile(r"/(admin/s|admin/enter|mail|s|m)/[^/\s\"'?#<>&,;)]+")
_QUERY = re.compile(r"(?i)\b(id_token|state|token|proof|login_hint|lti_message_hint)=[^&\s\"']+")
_VISIT = re.compile(r"/s/([^/?#]+)")
_TEXT = "%(asctime)s %(levelname)s %(name)s%(ids)s: %(message)s"


def set_up(settings: Settings) -> None:
    """Log to stderr as the settings say."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter(settings.log_format))
    logging.basicConfig(level=settings.log_level, handlers=[handler])
    logging.getLogger("alembic").setLevel(logging.WARNING)


def formatter(log_format: str) -> logging.Formatter:
    """`json` or `text`."""
    return JsonLines() if log_format == "json" else TextLines(_TEXT)


def masked(text: str) -> str:
    """The text without what opens anything."""
    return _QUERY.sub(r"\1=…", _OPENS.sub(r"/\1/…", text))


def launch_of(path: str) -> str | None:
    """The id of the launch that a visit's address belongs to; None elsewhere. Nobody finds the address by it."""
    found = _VISIT.search(path)
    return hashlib.sha256(b"launch:" + found[1].encode()).hexdigest()[:12] if found else None


def _ids() -> Mapping[str, str]:
    found = (("request", REQUEST.get()), ("launch", LAUNCH.get()))
    return {name: value for name, value in found if value is not None}


class TextLines(logging.Formatter):
    """A line for people; a trace follows on more lines."""

    def format(self, record: logging.LogRecord) -> str:
        record.ids = "".join(f" {name}={value}" for name, value in _ids().items())
        return masked(super().format(record))


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, request, launch, trace, and what `extra` has in `data`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": masked(record.getMessage()),
            **_ids(),
            **getattr(record, "data", {}),
        }
        if record.exc_info:
            line["trace"] = masked(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)
