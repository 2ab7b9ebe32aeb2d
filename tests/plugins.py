"""The installed plugins, loaded once for all tests of a process: a registry never changes."""

from __future__ import annotations

from functools import cache

from lrs_bridge.hooks.registry import Registry, load


@cache
def installed() -> Registry:
    return load()
