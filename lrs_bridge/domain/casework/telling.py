"""What may be told: quotes, stories with their state, and reports that were made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from lrs_bridge.domain.casework import acts as doing
from lrs_bridge.domain.casework.acts import Act, Action, Consent, Interview, Quote, Report
from lrs_bridge.domain.casework.sorting import Answered, Bucket, Case, Sorted
from lrs_bridge.domain.casework.stories import State, Story, mark_of
from lrs_bridge.domain.fingerprint import canonical, digest
from lrs_bridge.domain.people import Role


def quotes_of(done: tuple[Act, ...], words: Mapping[str, Consent], held: Mapping[str, Interview]) -> tuple[Quote, ...]:
    """Those of people who were interviewed, agreed to be quoted, and did not withdraw."""
    return tuple(
        Quote(act.id, act.subject, act.text("quote"), act.data.get("factor"), act)
        for act in done
        if act.action is Action.QUOTE
        and act.subject
        and act.subject in held
        and act.texts is not None
        and _quotable(words, act.subject)
    )


def _quotable(words: Mapping[str, Consent], registration: str) -> bool:
    word = words.get(registration)
    return word is not None and word.agreed and word.quoting in ("named", "role")


def stories_of(
    done: tuple[Act, ...], words: Mapping[str, Consent], known: Mapping[str, str], board: Sorted
) -> tuple[Story, ...]:
    cases = {case.registration: case for case in board.cases}
    written: dict[str, list[Act]] = {}
    for act in done:
        if act.action is Action.STORY and act.subject:
            written.setdefault(act.data.get("story") or act.id, []).append(act)
    return tuple(_story(id_, versions, done, words, known, cases) for id_, versions in written.items())


def _story(
    id_: str,
    versions: list[Act],
    done: tuple[Act, ...],
    words: Mapping[str, Consent],
    known: Mapping[str, str],
    cases: Mapping[str, Case],
) -> Story:
    last = versions[-1]
    one = last.subject or ""
    title, text = last.text("title"), last.text("text")
    mark = mark_of(title or "", text or "") if text is not None else ""
    mine = [act for act in done if act.data.get("story") == id_ and act.data.get("mark") == mark]
    ticked = doing.latest(mine, Action.CHECKED)
    release = doing.latest(mine, Action.RELEASE)
    checked = frozenset(ticked.data["items"]) if ticked else frozenset()
    pulled = None
    if text is None or not _quotable(words, one):
        word = words.get(one)
        pulled = word.at if word else last.at
    story = Story(
        id=id_,
        registration=one,
        code=known.get(one, "gone"),
        title=title or "",
        text=text,
        from_high=one in cases and cases[one].bucket is Bucket.HIGH,
        state=State.DRAFT,
        checked=checked,
        named=one in words and words[one].quoting == "named",
        written=last.at,
        by=last.by,
        released=release.at if release else None,
        released_by=release.by if release else None,
        pulled=pulled,
    )
    return _with_state(story)


def _with_state(story: Story) -> Story:
    if story.pulled is not None:
        return replace(story, state=State.PULLED)
    if story.missing:
        return replace(story, state=State.DRAFT)
    return replace(story, state=State.RELEASED if story.released else State.CHECKED)


def reports_of(
    done: tuple[Act, ...], stories: tuple[Story, ...], words: Mapping[str, Consent], held: Mapping[str, Interview]
) -> tuple[Report, ...]:
    told = {story.id for story in stories if story.state is State.RELEASED}
    withdrawn = [act for act in done if act.action is Action.INTERVIEW and act.subject not in held]
    found = []
    for act in done:
        if act.action is not Action.REPORT:
            continue
        used = tuple(act.data.get("stories", ()))
        stale = []
        gone = sum(one not in told for one in used)
        if gone:
            stale.append(f"{_number(gone)} in it may not be told any more.")
        if any(one.at <= act.at and _withdrew_after(words, one.subject, act.at) for one in withdrawn):
            stale.append("Somebody whose interview counts in it has withdrawn since.")
        out = _handed_out(done, act.id)
        found.append(
            Report(
                id=act.id,
                audience=act.data["audience"],
                at=act.at,
                by=act.by,
                inputs_hash=act.data["inputs_hash"],
                stories=used,
                stale=tuple(stale),
                handed_out=out.at if out else None,
                hand_out=out.id if out else None,
                text=act.text("document") or None,
                marks=act.data.get("marks", {}),
            )
        )
    return tuple(found)


def _handed_out(done: tuple[Act, ...], report: str) -> Act | None:
    return next((act for act in done if act.action is Action.HAND_OUT and act.data.get("report") == report), None)


def _number(stories: int) -> str:
    return "One story" if stories == 1 else f"{stories} stories"


def _withdrew_after(words: Mapping[str, Consent], registration: str | None, at: datetime) -> bool:
    word = words.get(registration or "")
    return word is None or (not word.agreed and word.at > at)


def new_since(answers: Iterable[Answered], done: tuple[Act, ...]) -> int | None:
    """How many people have answered, or answered anew, or are gone, since the last report for others; None where there
    was none. The evaluator's own tell others nothing."""
    made = [act for act in done if act.action is Action.REPORT and act.data.get("audience") != str(Role.EVALUATOR)]
    if not made:
        return None
    before: Mapping[str, str] = made[-1].data.get("answers", {})
    now = {one.registration: mark_of_answer(one) for one in answers}
    return sum(before.get(one) != now.get(one) for one in before.keys() | now.keys())


def mark_of_answer(answer: Answered) -> str:
    return digest(canonical([answer.points, dict(answer.factors)]))[:16]
