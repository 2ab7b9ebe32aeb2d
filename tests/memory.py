"""Files of tests in memory, where the machine has plenty: they need not outlive it, and a disk makes everybody wait.

What a disk guarantees is tested where a process is killed, and that does not reach what the system has taken over.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 4_000_000_000
"""Bytes that have to be free: the demos and the distributions that tests make need some hundred million."""


def keep_files_in_memory() -> None:
    """What pytest gives tests as their folders. Somebody who set another place knows better."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
