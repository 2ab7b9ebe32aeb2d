"""Processes that write to one record store at once, each with several threads and an application of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from flask import Flask

from lrs_bridge.config import Settings
from lrs_bridge.store.engine import Sessions, connect
from lrs_bridge.web.lrs_api import lrs_api
from tests.fakes.statements import about, statement, uuid
from tests.web.lrs import SECRET, STATEMENTS, Bridge, Client

PROCESSES, THREADS, BATCHES = 2, 3, 6
SHARED = 7  # a statement that everybody writes


@dataclass(frozen=True)
class Place:
    """Where the store is, and a key to it."""

    url: str
    credentials: tuple[str, str]


def client_of(sessions: Sessions, credentials: tuple[str, str]) -> Client:
    """An application of this process, by the clock on the wall."""
    app = Flask("writer")
    settings = Settings(Path(), "", "https://tool.example.org", SECRET)
    app.register_blueprint(lrs_api(Bridge(sessions, settings, lambda: datetime.now(UTC))))
    return Client(app.test_client(), credentials)


def batch(process: int, thread: int, number: int) -> list[dict[str, Any]]:
    """Three statements, of which one refers to another, and the one that everybody writes."""
    first = 1000 * process + 100 * thread + 3 * number + 1000
    return [statement(first), about(first + 1, first), statement(SHARED), statement(first + 2)]


def everything() -> set[str]:
    """The ids of all that is written."""
    return {
        one["id"]
        for process in range(PROCESSES)
        for thread in range(THREADS)
        for number in range(BATCHES)
        for one in batch(process, thread, number)
    } | {uuid(SHARED)}


@contextmanager
def writing(place: Place) -> Iterator[list[BaseProcess]]:
    """The processes, all at work; they end by themselves."""
    context = get_context("spawn")
    start = context.Barrier(PROCESSES)
    processes = [context.Process(target=_write, args=(place, number, start)) for number in range(PROCESSES)]
    for process in processes:
        process.start()
    try:
        yield list(processes)
    finally:
        for process in processes:
            process.join(60)
            if process.is_alive():
                process.kill()


def _write(place: Place, process: int, start: Any) -> None:
    engine = connect(place.url)
    sessions = Sessions(engine)
    failed: list[BaseException] = []

    def post_all(thread: int) -> None:
        client = client_of(sessions, place.credentials)
        try:
            for number in range(BATCHES):
                sent = batch(process, thread, number)
                answer = client.send("POST", STATEMENTS, json=sent)
                assert answer.get_json() == [one["id"] for one in sent], answer.text
        except BaseException as problem:
            failed.append(problem)

    start.wait(60)
    threads = [threading.Thread(target=post_all, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()
    if failed:
        raise failed[0]
