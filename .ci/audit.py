"""Known vulnerabilities of what is installed: `make audit`. Needs a network; says so where there is none.

Usage: audit.py PYTHON [--if-reachable]. PYTHON is that of the environment to look at; pip-audit itself is kept in one
of its own beside it. Exits with 1 for a known vulnerability, and with 3 where nothing, or not everything, could be
looked up; with --if-reachable the latter is said and passes.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SECONDS = 300
CLEAN, VULNERABLE, UNREACHED = 0, 1, 3


def judge(report: Mapping[str, Any]) -> tuple[int, list[str]]:
    """The exit code and the lines to print of pip-audit's report.

    It passes over a package that its source does not answer for, so that without a network it finds nothing at all.
    """
    packages = report["dependencies"]
    looked_up = [one for one in packages if "vulns" in one]
    lines = [_told(one, found) for one in looked_up for found in one["vulns"]]
    left = sorted(one["name"] for one in packages if "vulns" not in one)
    if lines:
        return VULNERABLE, ["NOT CLEAN. Known vulnerabilities:", *lines]
    if not looked_up:
        return UNREACHED, [
            "NOT AUDITED. The source of known vulnerabilities could not be reached: nothing was looked up."
        ]
    if left:
        return UNREACHED, [f"NOT ALL AUDITED. {len(looked_up)} packages are clean; not looked up: {', '.join(left)}."]
    return CLEAN, [f"{len(looked_up)} packages, no known vulnerability."]


def _told(package: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    mended = ", ".join(found["fix_versions"]) or "no version yet"
    return f"{package['name']} {package['version']}: {found['id']}, mended in {mended}"


def look_up(python: Path) -> tuple[int, list[str]]:
    """Ask about everything that is installed beside `python`."""
    own = python.parent.parent / "audit"
    tool = own / "bin" / "pip-audit"
    try:
        if not tool.exists():
            _run(str(python), "-m", "venv", str(own))
            _run(str(own / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", "pip-audit>=2.7")
        where = _run(str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
        said = _run(str(tool), "--path", where, "--skip-editable", "--format", "json", "--progress-spinner", "off")
        return judge(json.loads(said))
    except (subprocess.SubprocessError, ValueError) as problem:
        return UNREACHED, [f"NOT AUDITED. pip-audit could not be installed or run: {problem}"]


def _run(*command: str) -> str:
    """What it printed. pip-audit exits with 1 when it found something, and prints its report all the same."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603 - all ours
    if done.returncode and not done.stdout:
        raise subprocess.SubprocessError(done.stderr.strip().rpartition("\n")[2] or f"exit code {done.returncode}")
    return done.stdout


def main(arguments: list[str]) -> int:
    code, lines = look_up(Path(arguments[0]).absolute())
    print("\n".join(lines))
    return CLEAN if code == UNREACHED and "--if-reachable" in arguments else code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
