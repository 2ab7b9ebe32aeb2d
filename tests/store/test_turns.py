"""Writers to one SQLite file take turns: threads and processes, also after one of them died."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from lrs_bridge.store.turns import Turns

_DIES_IN_ITS_TURN = """
import os, sys
from lrs_bridge.store.turns import Turns
turns = Turns(sys.argv[1])
taken = turns.taken()
taken.__enter__()
print("mine", flush=True)
sys.stdin.readline()
os.kill(os.getpid(), 9)
"""


def test_one_writes_at_a_time(tmp_path: Path):
    """Two queues before one file are like two processes."""
    queues = [Turns(str(tmp_path / "a.db")) for _ in range(2)]
    inside, most = 0, 0
    counted = threading.Lock()

    def write(turns: Turns) -> None:
        nonlocal inside, most
        for _ in range(20):
            with turns.taken():
                with counted:
                    inside += 1
                    most = max(most, inside)
                with counted:
                    inside -= 1

    threads = [threading.Thread(target=write, args=(queues[number % 2],)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (inside, most) == (0, 1)


def test_a_turn_ends_with_an_error_too(tmp_path: Path):
    turns = Turns(str(tmp_path / "a.db"))
    with pytest.raises(ZeroDivisionError), turns.taken():
        raise ZeroDivisionError
    with turns.taken():
        pass


def test_the_turn_of_a_process_that_died_is_free(tmp_path: Path):
    path = str(tmp_path / "a.db")
    command = [sys.executable, "-c", _DIES_IN_ITS_TURN, path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "mine\n"
        assert not Turns(path, patience=0.05).alone()
        other.communicate("die\n")
    assert Turns(path, patience=0.05).alone()


def test_where_no_file_can_be_locked_sqlite_itself_keeps_writers_apart(tmp_path: Path):
    with Turns(str(tmp_path / "no folder" / "a.db")).taken():
        pass
    with Turns(None).taken():
        pass
