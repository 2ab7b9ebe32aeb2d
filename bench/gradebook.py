"""Scores to an LMS that takes so many at once, against a client that does nothing but send them."""

from __future__ import annotations

import json
import multiprocessing
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter, sleep

from bench import lives
from bench.installation import installed
from bench.measuring import Aim, Comparison, compare_rates, timed
from lrs_bridge import journeyfile
from lrs_bridge.domain.scores import ActivityProgress
from lrs_bridge.flows.send import Sending, send_due
from lrs_bridge.store import enrolments, journeys, people, platforms, runs, scores

AIM = Aim(0.9, at_least=True)
AT_ONCE = 6
SECONDS = 0.075
"""What Moodle 4.2 on one machine was seen to take: 78 scores a second, six at a time."""

_INDICATOR = "journey_completion"
_SCORES = "/lineitems/1/scores"


class _Lms(BaseHTTPRequestHandler):
    """Tokens for everybody; a score takes its time, so many at once and the others wait."""

    protocol_version = "HTTP/1.1"
    room = threading.Semaphore(AT_ONCE)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.startswith("/token"):
            self._answer(json.dumps({"access_token": "t", "token_type": "Bearer", "expires_in": 3600}).encode())
            return
        with self.room:
            sleep(SECONDS)
        self._answer(b"{}")

    def _answer(self, body: bytes) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self.wfile.write(head.encode() + body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


def _run(told: Connection) -> None:
    server = _Server(("127.0.0.1", 0), _Lms)
    told.send(server.server_address[1])
    server.serve_forever()


@contextmanager
def _lms() -> Iterator[int]:
    """The LMS in a process of its own, so that it shares no interpreter with what it measures; answers its port."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_run, args=(there,), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        process.terminate()
        process.join()


def measure(folder: Path, people_count: int = 300, rounds: int = 3) -> list[Comparison]:
    """A class whose scores all changed, from the database to the LMS and what it said back into the database."""
    with _lms() as port:
        sending, tenant_id, members = _class(folder, f"http://127.0.0.1:{port}", people_count)
        ours = partial(_ours, sending, tenant_id, members)
        theirs = timed(lambda: _bare(port, people_count))
        what = f"scores of {people_count} people, {AT_ONCE} at a time, {SECONDS * 1e3:.0f} ms each"
        peer = "what the LMS can take: bare requests over connections kept open"
        return [compare_rates(what, peer, "scores", people_count, ours, theirs, rounds, AIM)]


def _class(folder: Path, lms: str, people_count: int) -> tuple[Sending, str, list[tuple[str, str]]]:
    """A course of that many participants whose column the LMS has made; answers the tenant, and runs and enrolments."""
    start = datetime.now(UTC)
    bridge, tenant = installed(folder, "http://localhost:8000", start)
    with bridge.sessions.write() as session:
        platform = platforms.add_platform(
            session,
            tenant_id=tenant.id,
            name="The LMS",
            issuer=lms,
            client_id="tool",
            auth_url=f"{lms}/auth",
            token_url=f"{lms}/token",
            jwks_url=f"{lms}/jwks",
            now=start,
        )
        course = runs.ensure_course(session, tenant.id, platform.id, "1", "course-1")
        course.lineitems_url = f"{lms}/lineitems"
        journey = journeys.install(session, tenant.id, journeyfile.sample_text(lives.JOURNEY), lives.JOURNEY, start)
        run = runs.add_run(session, course, journey, start.date(), "Europe/Berlin", start)
        scores.set_line_item(session, tenant.id, run.id, _INDICATOR, f"{lms}/lineitems/1", given=True)
        members = []
        for number in range(people_count):
            person = people.ensure_person(session, tenant.id, lms, f"learner-{number}", start)
            enrolment, _ = enrolments.enrol(session, tenant.id, run.id, person.id, start.date())
            members.append((run.id, enrolment.id))
    return replace(bridge.sending, clock=lambda: datetime.now(UTC), at_once=AT_ONCE), tenant.id, members


def _ours(sending: Sending, tenant_id: str, members: list[tuple[str, str]]) -> float:
    """Everybody's value changes, which is not timed; then all are sent."""
    now = sending.clock()
    with sending.sessions.write() as session:
        for run_id, enrolment_id in members:
            known = scores.scores_of_enrolment(session, tenant_id, enrolment_id).get(_INDICATOR)
            value = 1.0 if known is None or known.wanted is None else known.wanted + 1
            scores.want(
                session,
                tenant_id,
                run_id,
                enrolment_id,
                _INDICATOR,
                "Journey completion",
                value,
                100.0,
                ActivityProgress.IN_PROGRESS,
                now,
            )
    start = perf_counter()
    sent = send_due(sending)
    seconds = perf_counter() - start
    with sending.sessions.read() as session:
        posted = scores.counts(session, tenant_id).get("posted", 0)
    if (sent, posted) != (len(members), len(members)):
        raise RuntimeError(f"of {len(members)} scores {sent} were sent and {posted} taken")
    return seconds


def _bare(port: int, number: int) -> None:
    """Each thread sends its share over one connection."""
    body = json.dumps({"userId": "learner", "scoreGiven": 1, "scoreMaximum": 100})

    def share() -> None:
        connection = HTTPConnection("127.0.0.1", port)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(number // AT_ONCE):
            connection.request("POST", _SCORES, body)
            connection.getresponse().read()
        connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in [pool.submit(share) for _ in range(AT_ONCE)]:
            done.result()
