"""The `lrs-bridge` command. A command's module is imported when the command is called, not before."""

from __future__ import annotations

from importlib import import_module

import click

from lrs_bridge import __version__

COMMANDS = {
    "admin": ("operate", "Signing in as admin."),
    "alerts": ("alerts", "Alerts by e-mail or webhook: try them, and see which are on."),
    "backup": ("backup", "Copy an installation on SQLite, in use or not, into one file."),
    "db": ("database", "The database: bring it up to date, move it to PostgreSQL, compare two."),
    "demo": ("demo", "Start the tool and a small LMS with a synthetic cohort, to try it out."),
    "doctor": ("doctor", "Look at everything an installation rests on, and say what to do."),
    "evaluate": ("evaluate", "Compute indicators from files, without a database."),
    "ingest": ("ingest", "Statements that come in: read again, unreadable ones, keys of forwarders."),
    "journey": ("journey", "Journey files."),
    "keys": ("keys", "This tool's own signing keys: list, rotate, retire."),
    "lrs": ("lrs", "A record store of yours: what it can and cannot do."),
    "lrs-key": ("lrs_key", "Keys of those who write to or read from the embedded record store."),
    "outbox": ("outbox", "Statements that have not arrived in the record store."),
    "people": ("people", "Who manages whom in a run, from a file."),
    "platform": ("platform", "Learning management systems that launch this tool."),
    "plugins": ("plugins", "Plugins: those installed, listeners, and one of your own."),
    "privacy": ("privacy", "Erasing people, forgetting what is old, and what is held of whom."),
    "profile": ("profile", "xAPI profiles: check one."),
    "restore": ("backup", "Put an installation back from a backup, or only look whether that could be done."),
    "roster": ("roster", "The people of courses, as their LMSs list them."),
    "runs": ("archive_runs", "Runs that are over: list and archive them."),
    "serve": ("serve", "Serve the tool from one process, with the background work in it."),
    "statements": ("statements", "xAPI statements in files: check them against profiles."),
    "status": ("operate", "Whether everything arrives: what waits, and what was refused."),
    "worker": ("serve", "Do the background work: deliver, take in, evaluate, send scores."),
}
"""Name -> module in this package that holds the command (hyphens as underscores), and its line in the help."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"{__name__}.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """From the table, so that asking for help imports nothing."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in sorted(COMMANDS.items())])


@click.group(cls=_Commands)
@click.version_option(__version__, prog_name="lrs-bridge")
def main() -> None:
    """Learning journeys for any LMS: LTI 1.3 in, xAPI on record, transfer indicators back into the gradebook."""
