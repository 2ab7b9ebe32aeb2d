"""When a report may follow another: what differs between two must not tell what a few people said. Pure.

A report for others comes at the end of the run, from the answers that are in its last total. After that, interviews
and verdicts still come in, and a mean before and after one more of them is that one's value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lrs_bridge.domain.casework.study import Study
from lrs_bridge.domain.casework.telling import mark_of_answer
from lrs_bridge.domain.fingerprint import canonical, digest
from lrs_bridge.domain.small_groups import K

AT_THE_END = (
    "Reports for others come at the end of the run, when nobody’s answer is new any more. Yours may be made now."
)
TOO_FEW_NEW = (
    f"Since an earlier report fewer than {K} people have something new in it. A new one would tell what they said; "
    "it can be made when there are more."
)


def marks_of(study: Study) -> dict[str, str]:
    """By registration, what a report tells of somebody in its sums: another mark whenever that changes."""
    answers = {case.registration: mark_of_answer(case.answer) for case in study.board.cases}
    people = answers.keys() | study.interviews.keys()
    return {one: digest(canonical([answers.get(one), *_talk(study, one)]))[:16] for one in people}


def _talk(study: Study, registration: str) -> list[object]:
    held, verified = study.interviews.get(registration), study.verifications.get(registration)
    if held is None:
        return []
    worth = [held.value, held.low, held.high, held.attribution, held.confidence]
    return [dict(held.factors), worth, str(verified.verdict) if verified else ""]


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> int:
    """People who are new, gone, or have something else to say."""
    return sum(before.get(one) != now.get(one) for one in before.keys() | now.keys())


def why_not(study: Study, earlier: Iterable[Mapping[str, str]]) -> str | None:
    """Why no report for others may be made now, or None. `earlier`: marks of reports for others that stand."""
    if not study.about.over:
        return AT_THE_END
    now = marks_of(study)
    return TOO_FEW_NEW if any(0 < changed(before, now) < K for before in earlier) else None
