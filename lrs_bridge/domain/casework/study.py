"""The whole study as one value: `study(sources, acts, as_of)`. Pages show it, reports only format it.

The same sources and acts give the same study and the same `inputs_hash`, whenever it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lrs_bridge.domain.casework import acts as doing
from lrs_bridge.domain.casework import response as responding
from lrs_bridge.domain.casework.acts import (
    ABOUT_REPORTS,
    Act,
    Action,
    Consent,
    Interview,
    Line,
    Quote,
    Report,
    Verdict,
    Verification,
)
from lrs_bridge.domain.casework.factors import Ranking, Source
from lrs_bridge.domain.casework.outside import Note, Outside, outside
from lrs_bridge.domain.casework.pieces import (
    ModelPart,
    RuleSet,
    counted,
    draw_of,
    model_of,
    money_of,
    moves_of,
    rankings_of,
    rules_of,
    to_tell,
)
from lrs_bridge.domain.casework.remarks import warnings_of
from lrs_bridge.domain.casework.response import Group, Response
from lrs_bridge.domain.casework.sampling import Draw, Drawn, Sizes, sample
from lrs_bridge.domain.casework.sorting import Case, Rule, Sorted, codes, sort
from lrs_bridge.domain.casework.sources import About, Sources, Survey
from lrs_bridge.domain.casework.stories import State, Story
from lrs_bridge.domain.casework.telling import mark_of_answer, new_since, quotes_of, reports_of, stories_of
from lrs_bridge.domain.casework.worth import Money, Worth, too_few, worth
from lrs_bridge.domain.fingerprint import canonical, digest


@dataclass(frozen=True)
class Study:
    """Everything a report needs, and more than most readers may see: `outside` is what may leave the evaluator's pages.

    - `about`: journey, version, course, day zero, pilot, whether the run is over. `as_of`: the time it is true of.
    - `model`: the impact model, five parts in their order.
    - `survey`: None where the journey asks no success case survey, or only by an anonymous one that is not sorted.
    - `response`: asked and answered, by area with small ones hidden, and who is silent.
    - `rule`, `rules`: the rule that sorts, and all that were kept, the oldest first (`late` ones belong in a report).
    - `board`: every case in High, Middle, Low with code, points, and the move by hand. `groups`: counts and shares.
    - `drawn`: the draw that counts, `sample` whom to ask now, with who stands in for whom.
    - `interviews`: held ones that count; `verifications`; `quotes` that may be used; `consents`, all by registration.
    - `rankings`: factors by source; `ranking` is the one to tell, by interviews where three of High and of Low are
      coded, else by the survey.
    - `money` is what was entered, `worth` what follows (None: `why_no_worth`); shares are 0-1, ranges are `Estimate`s.
    - `stories`: all, with their state; `released` only those that may be told.
    - `reports`: made ones, `stale` where somebody withdrew after them. `log`: every act with when and by whom.
    - `warnings`: bad input, in words for the evaluator. `notes`: what is held back from reports, by which rule.
    - `inputs_hash` (64 hexadecimal digits) and `settings` (JSON-ready) say what it was made from.
    - `codes`: K-0713 by registration.
    """

    about: About
    as_of: datetime
    model: tuple[ModelPart, ...]
    survey: Survey | None
    response: Response
    rule: Rule
    rules: tuple[RuleSet, ...]
    board: Sorted
    groups: tuple[Group, ...]
    drawn: Draw | None
    sample: tuple[Drawn, ...]
    consents: Mapping[str, Consent]
    interviews: Mapping[str, Interview]
    verifications: Mapping[str, Verification]
    quotes: tuple[Quote, ...]
    rankings: Mapping[Source, Ranking]
    ranking: Ranking
    money: Money
    worth: Worth | None
    why_no_worth: str | None
    stories: tuple[Story, ...]
    reports: tuple[Report, ...]
    log: tuple[Line, ...]
    warnings: tuple[str, ...]
    outside: Outside
    inputs_hash: str
    settings: Mapping[str, Any]
    codes: Mapping[str, str]
    seed: int
    sizes: Sizes

    @property
    def notes(self) -> tuple[Note, ...]:
        return self.outside.notes

    @property
    def released(self) -> tuple[Story, ...]:
        return tuple(story for story in self.stories if story.state is State.RELEASED)

    @property
    def by_registration(self) -> dict[str, Case]:
        return {case.registration: case for case in self.board.cases}

    def verified(self, registration: str) -> bool:
        known = self.verifications.get(registration)
        return known is not None and known.verdict is Verdict.VERIFIED


def study(sources: Sources, acts: Iterable[Act], as_of: datetime) -> Study:
    """The study as it stands at `as_of`; acts after it do not count."""
    log = doing.lines(act for act in acts if act.at <= as_of)
    done = tuple(line.act for line in log if not line.undone and line.act.action is not Action.UNDO)
    known = codes(sources.everybody | set(sources.people), sources.about.run_id)
    rules = rules_of(sources, done)
    answers = tuple(one for one in sources.answers if one.registration in sources.people)
    board = sort(answers, rules[-1].rule, known, moves_of(done))
    words = doing.consents(done, sources.own)
    out = {one for one, word in words.items() if not word.agreed} | (set(sources.everybody) - set(sources.people))
    drawn = draw_of(done)
    held = {
        one: doing.interview_of(act)
        for one, act in doing.by_subject(done, Action.INTERVIEW).items()
        if one not in out and one in sources.people
    }
    verifications = {
        one: doing.verification_of(act) for one, act in doing.by_subject(done, Action.VERIFY).items() if one in held
    }
    anonymous = sources.survey is not None and sources.survey.anonymous
    back = sources.marks if anonymous else {one.registration for one in answers}
    response = responding.response(sources.people, back, len(board.too_few), anonymous)
    rankings = rankings_of(board, held)
    money = money_of(sources, done)
    valued, counts = counted(board, held, verifications, known, len(sources.people))
    value = worth(valued, counts, money)
    stories = stories_of(done, words, known, board)
    reports = reports_of(done, stories, words, held)
    groups = responding.groups(board.counts, len(sources.people))
    ranking = to_tell(rankings)
    seed, sizes = (drawn.seed, drawn.sizes) if drawn else (sources.start.seed, sources.start.sizes)
    why = None if value else too_few(valued) or "Nobody takes part."
    return Study(
        about=sources.about,
        as_of=as_of,
        model=model_of(sources, done),
        survey=sources.survey,
        response=response,
        rule=rules[-1].rule,
        rules=rules,
        board=board,
        groups=groups,
        drawn=drawn,
        sample=tuple(sample(drawn, out)) if drawn else (),
        consents=words,
        interviews=held,
        verifications=verifications,
        quotes=quotes_of(done, words, held),
        rankings=rankings,
        ranking=ranking,
        money=money,
        worth=value,
        why_no_worth=why,
        stories=stories,
        reports=reports,
        log=log,
        warnings=warnings_of(sources, board, response, value),
        outside=outside(sources.about.over, response, groups, ranking, value, stories, new_since(answers, done)),
        inputs_hash=_hash(sources, log),
        settings=_settings(rules[-1].rule, seed, sizes, money),
        codes=known,
        seed=seed,
        sizes=sizes,
    )


def answers_of(study: Study) -> dict[str, str]:
    """What a report was made of, to be kept with it: by registration a mark of the answer."""
    return {case.registration: mark_of_answer(case.answer) for case in study.board.cases}


def _settings(rule: Rule, seed: int, sizes: Sizes, money: Money) -> dict[str, Any]:
    return {
        "rule": {"high_items": rule.high_items, "low_at_most": rule.low_at_most, "min_answered": rule.min_answered},
        "seed": seed,
        "sample": {"high": sizes.high, "middle": sizes.middle, "low": sizes.low},
        "money": {"currency": money.currency, "cost": money.cost, "target_share": money.target},
    }


def _hash(sources: Sources, log: tuple[Line, ...]) -> str:
    about = sources.about
    answers = [[one.registration, one.points, dict(one.factors)] for one in sources.answers]
    words = [[one, word.agreed, word.quoting, word.at.isoformat()] for one, word in sources.own.items()]
    aside = {line.act.id for line in log if line.act.action in ABOUT_REPORTS}
    done = [
        [line.act.id, line.act.action, line.act.at.isoformat(), dict(line.act.data), dict(line.act.texts or {})]
        for line in log
        if line.act.action not in ABOUT_REPORTS and line.act.undoes not in aside
    ]
    return digest(
        canonical([about.run_id, about.digest, sorted(sources.people.items(), key=str), answers, sorted(words), done])
    )
