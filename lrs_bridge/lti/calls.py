"""Requests to an LMS's services with a token of ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import requests

from lrs_bridge.config import Settings
from lrs_bridge.domain.delivery import Unavailable
from lrs_bridge.lti.exchange import Answer, NotReachedError, ask
from lrs_bridge.lti.signing import SigningKeys
from lrs_bridge.lti.tokens import Tokens
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.platforms import Registration


class Calls:
    """May be shared between threads; never used in a transaction, since the LMS may ask us back for our keys."""

    def __init__(
        self, sessions: Sessions, http: requests.Session, settings: Settings, clock: Callable[[], datetime]
    ) -> None:
        self._http = http
        self._clock = clock
        self._tokens = Tokens(http, SigningKeys(sessions, settings.secret_key))

    def ask(
        self,
        platform: Registration,
        method: str,
        url: str,
        scope: str,
        headers: Mapping[str, str],
        largest: int,
        data: bytes | None = None,
    ) -> Answer:
        """One request; a 401 is worth one new token, since the LMS may have ended the old one early.

        Raises Unavailable where there is no token, or no answer.
        """
        for last in (False, True):
            token = self._tokens.bearer(platform, [scope], self._clock())
            sent = {**headers, "Authorization": f"Bearer {token}"}
            try:
                answer = ask(self._http, method, url, headers=sent, data=data, largest=largest)
            except NotReachedError as error:
                raise Unavailable(error.reason) from error
            if answer.status != 401 or last:
                break
            self._tokens.forget(platform, [scope], token)
        return answer
