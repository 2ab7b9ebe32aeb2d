"""A listener put to the test: called with made-up news, and a network that answers as the test says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from lrs_bridge.domain.listeners import Call, Change, Heard, Listener, Recorded
from lrs_bridge.hooks.builders import HOME_PAGE, RUN, on
from lrs_bridge.hooks.settings import resolve_listener

_numbers = count(1)


@dataclass(frozen=True)
class Sent:
    """A request that a listener made: `more` is what stood beside method and address, such as `data` or `headers`."""

    method: str
    url: str
    more: Mapping[str, Any]


@dataclass(frozen=True)
class Answered:
    """What comes back: the parts of `requests.Response` that listeners look at."""

    status_code: int = 200
    reason: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""


class MadeUpHttp:
    """Stands in for the session of requests: keeps what is sent, and answers, or raises, one thing after the other;
    the last one again and again."""

    def __init__(self, *answers: Answered | int | Exception) -> None:
        self.sent: list[Sent] = []
        self._answers = list(answers or (200,))

    def request(self, method: str, url: str, **more: Any) -> Answered:
        self.sent.append(Sent(method, url, more))
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return Answered(answer) if isinstance(answer, int) else answer


def change(indicator: str = "journey_completion", value: float | None = 50.0, **parts: Any) -> Change:
    """A posted indicator of petra's that changed; `parts` are further fields of Change."""
    number = next(_numbers)
    known = {
        "id": f"{number:08x}-0000-4000-8000-000000000001",
        "at": on(10),
        "run": RUN.id,
        "journey": RUN.journey,
        "journey_version": RUN.version,
        "account": "petra",
        "registration": "petra-enrolment",
        "title": indicator.replace("_", " ").capitalize(),
        "before": None,
        "evaluator_version": "1.0.0",
        "distribution": "lrs-bridge 0.1.0",
    }
    return Change(indicator=indicator, value=value, **{**known, **parts})


def recorded(verb: str = "http://adlnet.gov/expapi/verbs/completed", day: int | datetime = 3, **parts: Any) -> Recorded:
    """A statement of petra's; `parts` are further properties of it."""
    at = day if isinstance(day, datetime) else on(day)
    id_ = f"{next(_numbers):08x}-0000-4000-8000-000000000002"
    statement = {
        "id": id_,
        "timestamp": at.isoformat(),
        "actor": {"objectType": "Agent", "account": {"homePage": HOME_PAGE, "name": "petra"}},
        "verb": {"id": verb},
        "object": {"id": f"{HOME_PAGE}/journeys/{RUN.journey}/v/{RUN.version}/steps/S1"},
        "context": {"registration": "petra-enrolment"},
        **parts,
    }
    return Recorded(id_, statement)


def tell(
    listener: Listener,
    *news: Change | Recorded,
    settings: Mapping[str, Any] | None = None,
    answers: tuple[Answered | int | Exception, ...] = (200,),
) -> list[Sent]:
    """Call the listener as the product does, all news together; answers what it sent. Raises what it raises."""
    http = MadeUpHttp(*answers)
    heard = Heard.STATEMENTS if news and isinstance(news[0], Recorded) else Heard.INDICATORS
    call = Call("main", HOME_PAGE, resolve_listener(listener, settings or {}), http)
    listener.functions[heard](news, call)
    return http.sent
