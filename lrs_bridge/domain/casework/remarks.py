"""What is odd about what came in, in words for the evaluator: each is defined, and none is an error."""

from __future__ import annotations

from lrs_bridge.domain.casework.response import Response
from lrs_bridge.domain.casework.sorting import Bucket, Sorted
from lrs_bridge.domain.casework.sources import Sources
from lrs_bridge.domain.casework.worth import Worth


def warnings_of(sources: Sources, board: Sorted, response: Response, value: Worth | None) -> tuple[str, ...]:
    """What is odd about what came in, in words."""
    found = []
    if sources.survey is None:
        found.append("This journey asks no success case survey, so there is nothing to sort.")
    elif sources.survey.anonymous:
        found.append(
            "The survey is anonymous: nobody knows whose answer is whose, so nobody can be sorted or drawn. "
            "A study needs a survey that is named or confidential."
        )
    elif not board.cases:
        found.append(
            "Nobody has answered enough to be sorted yet. Until somebody does, there are no figures, not zeros."
        )
    else:
        if board.alike:
            found.append(
                "All answers are the same, so the survey tells nobody apart: everybody is in one group, and there is "
                "no gap between groups to rank."
            )
        if not board.of(Bucket.HIGH):
            found.append(
                "There is no High case. That is a finding: nobody reports a clear result. There is nothing to value, "
                "and no High to compare Low with; interview Middle and Low to learn why."
            )
        if not board.of(Bucket.LOW):
            found.append("There is no Low case, so there is nothing to compare High with.")
        if response.respondents_only:
            found.append(
                "Fewer than 40 % answered. Figures are about respondents only; those who are silent may differ."
            )
    if value and value.means_loss:
        found.append(
            "On average a verified case cost more than it brought. More cases would cost more, so there is no "
            "unrealised value to gain and no break-even."
        )
    elif value and any(one.value < 0 for one in value.valued):
        found.append("A verified case has a negative value: it cost more than it brought. It counts as it is.")
    return tuple(found)
