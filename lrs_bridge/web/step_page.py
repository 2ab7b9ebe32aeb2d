"""The page of one of the participant's own steps: its form, what was written, and what is said to it in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from flask import render_template

from lrs_bridge.domain.completion import StepProgress, StepState
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.journey import Step
from lrs_bridge.domain.people import Role
from lrs_bridge.store import forum
from lrs_bridge.store.consents import Quoting
from lrs_bridge.web import audiences, maps, menus, step_fields, step_forms
from lrs_bridge.web.deeds import Asks, Deed, is_anonymous, survey_of
from lrs_bridge.web.forms import Form
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.step_fields import Written
from lrs_bridge.web.step_forms import Option
from lrs_bridge.web.visits import Visit
from lrs_bridge.web.words import day_words, first_name, long_day

OPEN = (StepState.OPEN, StepState.OVERDUE)
DONE = (StepState.DONE, StepState.DONE_LATE)
QUOTING = (
    Option(Quoting.NAMED, "With my name"),
    Option(Quoting.ROLE, "As a participant, without my name"),
    Option(Quoting.NOT, "Not at all", "What you say is counted and never quoted"),
)
_NOT_SHOWN = frozenset({"ask", "ask_peer", "talk", menus.CHOSEN, forum.UNNAMED, forum.REPLY_TO})


@dataclass(frozen=True)
class Entry:
    """What was written on one day."""

    day: str
    texts: Sequence[Written]


@dataclass(frozen=True)
class Thread:
    """A post with what was answered to it. `own`: the reader's; `act` is for taking it back."""

    statement: str
    who: str
    day: str
    text: str
    own: bool
    act: str
    replies: Sequence[Thread]


def is_open(situation: Situation, progress: StepProgress, deed: Deed | None) -> bool:
    """Whether the form is there now."""
    state = progress.state(situation.today)
    if deed is None:
        return False
    if is_anonymous(situation.journey, progress.step):
        return state is StepState.OPEN and progress.step.id not in situation.answered
    if deed.asks is Asks.MENU and progress.window.is_over(situation.today):
        return state in OPEN  # late is better than never, and a choice that was made stands
    return state in OPEN or (state in DONE and deed.again)


def show(
    visit: Visit,
    situation: Situation,
    progress: StepProgress,
    deed: Deed | None,
    form: Form,
    posts: Sequence[forum.Post] = (),
    saved: str | None = None,
    thanks: str | None = None,
) -> str:
    """`posts`: of the step's forum. `thanks`: what was answered to a case."""
    step, survey = progress.step, survey_of(situation.journey, progress.step)
    choice = menus.choice_of(situation.journey, step)
    return render_template(
        "step.html",
        visit=visit,
        step=step,
        deed=deed,
        open=is_open(situation, progress, deed),
        form=form,
        state=in_words(situation, progress),
        saved=saved,
        thanks=thanks,
        written=written(situation, progress, deed),
        answer=approval_of(situation) if step.type == "impact_map" else None,
        questions=step_forms.questions(survey) if survey else (),
        survey=survey,
        maps=step_forms.MAP_TEXTS,
        moments=[Option(moment.id, moment.title) for moment in situation.journey.moments],
        factors=[Option(code, words) for code, words in step_forms.FACTORS.items()],
        options=_menu(situation, choice.steps) if choice else (),
        choose=choice.choose if choice else 0,
        quoting=QUOTING,
        threads=threads(situation, posts, visit.person_id),
        who=audiences.of_step(situation, step, survey, deed),
        anonymous=is_anonymous(situation.journey, step),
    )


def _menu(situation: Situation, ids: Sequence[str]) -> list[Option]:
    found = [situation.journey.step_by_id[id_] for id_ in ids if id_ in situation.journey.step_by_id]
    return [Option(step.id, step.title, f"Until {day_words(situation.window(step).due)}") for step in found]


def in_words(situation: Situation, progress: StepProgress) -> str:
    """The state of a step, under its title."""
    window, state = progress.window, progress.state(situation.today)
    if is_anonymous(situation.journey, progress.step):
        return _anonymous_in_words(situation, progress, state)
    if state in DONE:
        return f"Done {day_words(progress.credited[-1].day)}."
    if state is StepState.WAIVED:
        return "Waived for you. It does not count."
    if state is StepState.UPCOMING:
        return f"Opens {day_words(window.opens)}."
    if state is StepState.OVERDUE:
        return f"Was due {day_words(window.due)}."
    so_far = f" {len(progress.completions)} of {progress.step.expected} so far." if progress.step.expected > 1 else ""
    return f"By {long_day(window.due)}.{so_far}"


def _anonymous_in_words(situation: Situation, progress: StepProgress, state: StepState) -> str:
    if progress.step.id in situation.answered:
        return "You have answered. Nobody can tell which answer is yours, so it cannot be shown or changed."
    if state is StepState.OPEN:
        return f"By {long_day(progress.window.last)}. Anonymous."
    if state is StepState.UPCOMING:
        return f"Opens {day_words(progress.window.opens)}. Anonymous."
    return f"Closed {day_words(progress.window.last)}."


def written(situation: Situation, progress: StepProgress, deed: Deed | None) -> list[Entry]:
    """What the participant wrote for this step; of what can be changed, the latest only."""
    if deed is not None and deed.asks is Asks.FORUM:
        return []
    facts = [fact for done in progress.completions for fact in done.facts]
    found = [entry for fact in facts if (entry := _entry(situation, fact, deed))]
    return found[-1:] if deed is not None and deed.again else found


def _entry(situation: Situation, fact: Fact, deed: Deed | None) -> Entry | None:
    note = situation.notes.get(fact.id)
    texts = {name: text for name, text in (note.texts if note else {}).items() if name not in _NOT_SHOWN}
    if deed is not None and deed.asks is Asks.MAP:
        shown = [Written(step_forms.MAP_TEXTS.get(name, "In these moments"), text) for name, text in texts.items()]
    else:
        shown = step_fields.shown(texts, deed.fields if deed else ())
    return Entry(day_words(situation.day(fact)), shown) if shown else None


@dataclass(frozen=True)
class MapAnswer:
    """What somebody said to the line of sight. `stale`: it was changed since."""

    who: str
    day: str
    agreed: bool
    comment: str | None
    stale: bool


def approval_of(situation: Situation) -> MapAnswer | None:
    """The latest answer to any version of the participant's line of sight."""
    last = maps.latest_answer(situation)
    if last is None:
        return None
    note = situation.notes.get(last.id)
    return MapAnswer(
        who=first_name(situation.called(last.actor)),
        day=day_words(situation.day(last)),
        agreed=last.data.get("goal-agreed") is not False,
        comment=note.texts.get("comment") if note else None,
        stale=maps.changed_since(situation),
    )


def threads(situation: Situation, posts: Sequence[forum.Post], reader: str) -> list[Thread]:
    """Posts newest first, each with its replies in order. A reply to what was taken back stands alone."""
    known = {post.statement for post in posts}
    replies: dict[str, list[forum.Post]] = {}
    for post in posts:
        if post.to in known and post.to is not None:
            replies.setdefault(post.to, []).append(post)
    first = [post for post in posts if post.to not in known]
    return [_thread(situation, post, replies, reader) for post in reversed(first)]


def _thread(situation: Situation, post: forum.Post, replies: dict[str, list[forum.Post]], reader: str) -> Thread:
    own = post.author_id == reader
    name = "You" if own else post.name or "Somebody of the group"
    return Thread(
        statement=post.statement,
        who=f"{name} (without your name)" if own and post.name is None else name,
        day=day_words(situation.run.local_day(post.at)),
        text=post.text,
        own=own,
        act=str(uuid4()),
        replies=[_thread(situation, one, {}, reader) for one in replies.get(post.statement, ())],
    )


def asks_for_interview(step: Step) -> bool:
    """Whether somebody else holds this interview with the participant."""
    return step.type == "interview" and step.counterpart == Role.PARTICIPANT and step.owner is not Role.PARTICIPANT


def consent_in_words(situation: Situation, step: Step) -> str:
    known = situation.consents.get(step.id)
    if known is None:
        return "Not asked of everybody, and never counted. Say whether you would talk."
    if not known.agreed:
        return f"You said no on {day_words(situation.run.local_day(known.decided))}. You can change it."
    how = {Quoting.NAMED: "with your name", Quoting.ROLE: "without your name", Quoting.NOT: "and are not quoted"}
    day = day_words(situation.run.local_day(known.decided))
    return f"You said yes on {day}, {how[Quoting(known.quoting or Quoting.NOT)]}. You can change it."


def show_interview(visit: Visit, situation: Situation, step: Step, form: Form) -> str:
    return render_template(
        "interview.html",
        visit=visit,
        step=step,
        form=form,
        state=consent_in_words(situation, step),
        quoting=QUOTING,
        who=audiences.OF_INTERVIEW,
    )
