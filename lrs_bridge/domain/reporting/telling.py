"""What of a study one version of the report is made from: everything for the evaluator, else what may leave. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from lrs_bridge.domain.casework.factors import Ranking
from lrs_bridge.domain.casework.outside import Note
from lrs_bridge.domain.casework.response import Area, Group
from lrs_bridge.domain.casework.sorting import Bucket
from lrs_bridge.domain.casework.stories import Story
from lrs_bridge.domain.casework.study import Study
from lrs_bridge.domain.casework.worth import Worth
from lrs_bridge.domain.reporting.audiences import SEES, Audience


@dataclass(frozen=True)
class Told:
    """`groups` None: not told. `bands`: by bucket the word in the place of the number. `notes`: what is held back.

    `stories` end well, `failures` do not. `lost`: of those of High who were interviewed, how many a second source did
    not confirm; None where nobody was, or where it is not told.
    """

    audience: Audience
    study: Study
    areas: tuple[Area, ...]
    groups: tuple[Group, ...] | None
    bands: dict[str, str]
    ranking: Ranking | None
    worth: Worth | None
    stories: tuple[Story, ...]
    failures: tuple[Story, ...]
    notes: tuple[Note, ...]
    lost: int | None

    @property
    def in_words(self) -> bool:
        """Numbers that would tell of each person are said in words, to everybody but the evaluator."""
        return self.audience is not Audience.EVALUATOR

    def group(self, bucket: Bucket) -> Group | None:
        """Where its number is told."""
        found = next((one for one in self.groups or () if one.bucket is bucket), None)
        return None if found is None or str(bucket) in self.bands else found


def told(study: Study, audience: Audience) -> Told:
    """What this version is made from."""
    sees = SEES[audience]
    areas = study.response.areas if sees.areas else ()
    if audience is Audience.EVALUATOR:
        groups = study.groups if study.board.cases else None
        return _told(audience, study, areas, groups, {}, study.ranking, study.worth, study.released, ())
    outside = study.outside
    notes = outside.notes if sees.areas else tuple(note for note in outside.notes if note.what not in _areas(study))
    worth = outside.worth if sees.money else None
    return _told(
        audience, study, areas, outside.groups, outside.bands, outside.ranking, worth, outside.stories, notes
    )  # fmt: skip


def _told(
    audience: Audience,
    study: Study,
    areas: tuple[Area, ...],
    groups: tuple[Group, ...] | None,
    bands: dict[str, str],
    ranking: Ranking | None,
    worth: Worth | None,
    stories: tuple[Story, ...],
    notes: tuple[Note, ...],
) -> Told:
    lost = worth.counts.interviewed - worth.counts.verified if worth else None
    well = tuple(story for story in stories if story.from_high)
    badly = tuple(story for story in stories if not story.from_high)
    return Told(audience, study, areas, groups, bands, ranking, worth, well, badly, notes, lost)


def _areas(study: Study) -> frozenset[str]:
    return frozenset(f"Answers of {area.name.title()}" for area in study.response.areas)
