"""`lrs-bridge plugins list` and the command table."""

from __future__ import annotations

from importlib import import_module

import click
import pytest
from click.testing import CliRunner

from lrs_bridge.cli import COMMANDS, main, plugins
from lrs_bridge.hooks.registry import Failure, Registry


def test_installed_plugins_are_listed():
    """Evaluators, then listeners: key, version and distribution of each."""
    result = CliRunner().invoke(main, ["plugins", "list"], catch_exceptions=False)
    assert result.exit_code == 0
    listeners = [line.split()[0] for line in result.stdout.splitlines() if "(hears " in line]
    keys = [line.split()[0] for line in result.stdout.splitlines()]
    assert {"journey_completion", "manager_engagement", "mtm_application", "success_case"} <= set(keys)
    assert listeners == ["second_record", "webhook"]
    assert keys == [*sorted(set(keys) - set(listeners)), *listeners]
    assert all(" lrs-bridge " in line for line in result.stdout.splitlines())


def test_a_plugin_that_is_not_used_is_told(monkeypatch):
    """Its reason stands on stderr, and the exit status shows it."""
    monkeypatch.setattr(plugins, "load", lambda: Registry(failures=(Failure("x", "dist 1", "could not be loaded"),)))
    result = CliRunner().invoke(main, ["plugins", "list"], catch_exceptions=False)
    assert result.exit_code == 1
    assert result.stdout == "No evaluator is installed.\n"
    assert result.stderr == "not used: x (dist 1): could not be loaded\n"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_of_the_table_is_there(name):
    """The module it names holds a click command of that name."""
    module = import_module(f"lrs_bridge.cli.{COMMANDS[name][0]}")
    command = getattr(module, name.replace("-", "_"))
    assert isinstance(command, click.Command)
    assert command.name == name


def test_an_unknown_command_is_refused():
    """With click's own words."""
    result = CliRunner().invoke(main, ["evalute"])
    assert result.exit_code == 2
    assert "evalute" in result.stderr
