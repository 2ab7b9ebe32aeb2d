"""Settings for gunicorn: `gunicorn -c python:lrs_bridge.web.gunicorn_conf wsgi:app`.

The tool writes a line for each request itself, without what opens anything. Whoever wants gunicorn's access log too
(`--access-logfile -`) gets it without tokens from here.
"""

from __future__ import annotations

import os
from typing import Any

from gunicorn.glogging import Logger

from lrs_bridge import logs

bind = "127.0.0.1:8000"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 8  # Moodle fetches our key set during our first token request
worker_class = "gthread"
accesslog = None
graceful_timeout = 30
control_socket_disable = True


class QuietLogger(Logger):  # type: ignore[misc]
    """Gunicorn's logger, in our format, and with addresses that open nothing."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        lines = logs.formatter(os.environ.get("LRS_BRIDGE_LOG_FORMAT", "text").strip().lower())
        for handler in self.error_log.handlers:
            handler.setFormatter(lines)

    def atoms(self, resp: Any, req: Any, environ: Any, request_time: Any) -> dict[str, Any]:
        """What an access log line may be made of."""
        found: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        return {key: logs.masked(value) if isinstance(value, str) else value for key, value in found.items()}


logger_class = QuietLogger
