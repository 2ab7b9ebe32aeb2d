"""Exceptions from the rules on security have reasons, and the audit never takes silence for a clean bill."""

from __future__ import annotations

import re
import runpy
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
AUDIT = runpy.run_path(str(ROOT / ".ci/audit.py"))
_EXCEPTION = re.compile(r"# noqa: [A-Z0-9, ]*\bS\d+\b(.*)")


def package(name: str, *vulnerabilities: str, **more: Any) -> dict[str, Any]:
    found = [{"id": one, "fix_versions": ["2.0"]} for one in vulnerabilities]
    return {"name": name, "version": "1.0", "vulns": found, **more}


SKIPPED = {"name": "somewhere", "skip_reason": "Dependency not found"}


def test_the_rules_on_security_are_on_for_all_that_runs():
    """Ruff's S are the rules of bandit; tests and measurements, which nobody installs, are left out."""
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    assert "S" in lint["select"]
    assert [rule for rule in lint["ignore"] if rule.startswith("S1")] == ["S101"]
    left_out = {place for place, rules in lint["per-file-ignores"].items() if "S" in rules}
    assert left_out <= {"tests/*", "bench/*"}


def test_each_exception_says_why():
    files = [path for folder in ("lrs_bridge", "plugins", ".ci") for path in (ROOT / folder).rglob("*.py")]
    lines = [(path.name, line) for path in files for line in path.read_text().splitlines()]
    found = [(name, match.group(1)) for name, line in lines if (match := _EXCEPTION.search(line))]
    assert len(found) > 5
    assert [one for one in found if not re.match(r" - \w.{5}", one[1])] == []


@pytest.mark.parametrize(
    ("packages", "code", "says"),
    [
        ([package("flask"), package("click")], 0, "2 packages, no known vulnerability"),
        ([package("flask", "CVE-1"), SKIPPED], 1, "flask 1.0: CVE-1, mended in 2.0"),
        ([SKIPPED, SKIPPED], 3, "could not be reached"),
        ([package("flask"), SKIPPED], 3, "not looked up: somewhere"),
        ([], 3, "nothing was looked up"),
    ],
    ids=["clean", "vulnerable", "no network", "in part", "nothing installed"],
)
def test_the_audit_says_what_it_knows(packages: list[dict[str, Any]], code: int, says: str):
    found, lines = AUDIT["judge"]({"dependencies": packages})
    assert found == code
    assert says in "\n".join(lines)


def test_without_a_network_the_gate_goes_on_and_says_so(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    main = AUDIT["main"]
    for code, passed in ((3, 0), (1, 1), (0, 0)):
        monkeypatch.setitem(main.__globals__, "look_up", lambda _, code=code: (code, ["What is known."]))
        assert main(["python", "--if-reachable"]) == passed
        assert main(["python"]) == code
    assert "What is known." in capsys.readouterr().out
