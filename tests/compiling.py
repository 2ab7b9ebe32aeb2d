"""What the many apps of the tests compile alike: their routes, and their templates.

Werkzeug writes and compiles two functions for each of our rules, Jinja one for each template, for each app anew, which
took most of the time of a test of a page. The same rule and the same template always come to the same code, so one
will do for all apps of a test process.
"""

from __future__ import annotations

from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

_PARTS = ("_parts", "_trace", "_converters", "arguments")
_BUILDERS = ("_build", "_build_unknown")
_rules: dict[Any, tuple[dict[str, Any], dict[str, Any]]] = {}


def compile_each_once() -> None:
    """From now on. Where another version of Werkzeug does it otherwise, its rules are compiled as ever."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _Templates()}
    compile_rule = Rule.compile

    def compile_once(rule: Any) -> None:
        key = _key(rule)
        if key not in _rules:
            compile_rule(rule)
            if all(hasattr(rule, name) for name in (*_PARTS, *_BUILDERS)):
                builders = {name: getattr(rule, name).__func__ for name in _BUILDERS}
                _rules[key] = {name: getattr(rule, name) for name in _PARTS}, builders
            return
        parts, builders = _rules[key]
        vars(rule).update(parts, **{name: made.__get__(rule) for name, made in builders.items()})

    Rule.compile = compile_once  # type: ignore[method-assign]


def _key(rule: Any) -> Any:
    """Everything that the code of a rule depends on."""
    place = (rule.map.host_matching, rule.host, rule.subdomain, rule.merge_slashes)
    given = tuple(sorted((rule.defaults or {}).items()))
    return rule.rule, place, given, tuple(rule.map.converters.items())


class _Templates(BytecodeCache):
    """In memory; Jinja looks itself whether the source is still the same."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()
