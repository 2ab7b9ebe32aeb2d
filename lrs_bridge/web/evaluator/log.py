"""All that was done in the study, by whom and when; each act can be undone, and an undoing as well."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Blueprint, redirect, url_for

from lrs_bridge.domain.casework.acts import FINAL, Act, Action, Line
from lrs_bridge.domain.casework.sorting import Bucket
from lrs_bridge.flows import studying
from lrs_bridge.flows.studying import Log
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.studies import Doing
from lrs_bridge.web.evaluator.fields import line
from lrs_bridge.web.evaluator.room import BUCKETS, Answer, keep, page, who
from lrs_bridge.web.evaluator.wording import QUOTING, VERDICTS
from lrs_bridge.web.forms import Acting, read
from lrs_bridge.web.words import plain, when
from lrs_bridge.wiring import Bridge


class _Undo(Acting):
    undoes = line(36, "Say what is to be undone.")
    back = line(300)


@dataclass(frozen=True)
class Row:
    """`undone`: it does not count. `may`: it can be undone now."""

    id: str
    says: str
    who: str
    undone: bool
    may: bool


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add list and undoing to the blueprint of the visit."""

    @pages.get("/study/log")
    def study_log() -> Answer:
        visit, run = who()
        with bridge.sessions.read() as session:
            log = studying.open_log(session, studying.seal_of(bridge.settings.secret_key), run, visit.now)
        rows = [_row(log, run, found) for found in reversed(log.lines)]
        return page("log", visit, None, "study_log", rows=rows)

    @pages.post("/study/undo")
    def undo_study_act() -> Answer:
        visit, run = who()
        data = read(_Undo())
        keep(bridge, visit, run, Doing(str(data["act"]), Action.UNDO, undoes=data["undoes"]))
        return redirect(_back(data["back"]), 303)


def _back(path: str) -> str:
    """The page of this study on which it was undone, if it is one."""
    home = url_for("visit.study")
    inside = urlsplit(path)
    known = not inside.netloc and not inside.scheme and inside.path.startswith(home) and ".." not in inside.path
    return (inside.path if known else url_for("visit.study_log")) + "?saved=undone"


def _row(log: Log, run: RunRow, found: Line) -> Row:
    act = found.act
    by = f"{act.by}, {when(act.at, run.run.zone)}"
    return Row(act.id, words_of(act, log), by, found.undone, not found.undone and act.action not in FINAL)


def words_of(act: Act, log: Log) -> str:
    """An act as a sentence, with codes and never names."""
    code = log.codes.get(act.subject or "", "Somebody")
    data = act.data
    match act.action:
        case Action.MODEL:
            return "Changed the impact model."
        case Action.RULE:
            low = {0: "0", 1: "0 or 1", 2: "0 to 2"}[data["low_at_most"]]
            return (
                f"Kept a rule: High from {data['high_items']} clear results, Low with {low} everywhere, "
                f"{plain(100 * data['min_answered'])} % answered."
            )
        case Action.MOVE:
            reason = "(the reason is erased)" if act.texts is None else act.text("reason")
            return f"Moved {code} to {BUCKETS[Bucket(data['to'])]}: {reason}"
        case Action.DRAW:
            sizes = data["sizes"]
            return f"Drew by seed {data['seed']}: {sizes['high']} High, {sizes['middle']} Middle, {sizes['low']} Low."
        case Action.CONSENT:
            return f"{code} agreed to talk: {QUOTING[data['quoting']].lower()}."
        case Action.VERIFY:
            return f"{code}: {VERDICTS[data['verdict']].lower()}."
        case Action.MONEY:
            return "Entered cost and the share wanted."
        case Action.CHECKED:
            return f"Read the story of {code} by the list: {len(data['items'])} things are true of it."
        case Action.REPORT:
            return f"Made a report for the {data['audience']}."
        case Action.HAND_OUT:
            return f"Handed out the report for the {data['audience']}."
        case Action.UNDO:
            target = next((row.act for row in log.lines if row.act.id == act.undoes), None)
            return f"Undid: {words_of(target, log)}" if target else "Undid something that is erased."
        case _:
            return _SIMPLE[act.action].format(code)


_SIMPLE = {
    Action.DECLINED: "{} would rather not talk.",
    Action.INTERVIEW: "Wrote down an interview with {}.",
    Action.QUOTE: "Kept a quote of {}.",
    Action.WITHDRAWN: "{} withdrew. What was written is erased.",
    Action.STORY: "Wrote a story of {}.",
    Action.RELEASE: "Released the story of {}.",
}
