"""The participant's pages: the journey with its next step, and doing a step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.domain import completion
from lrs_bridge.domain.completion import StepProgress, StepState
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.journey import Step
from lrs_bridge.domain.people import Role
from lrs_bridge.flows import anonymously, studying
from lrs_bridge.store import consents, forum, sponsor_words
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.sponsor_words import Gift, SponsorWord
from lrs_bridge.web import again, doors, moment_pages, moments, situations, step_forms, step_page, step_starts
from lrs_bridge.web.acts import Act, keep
from lrs_bridge.web.assessing import pages_of_steps
from lrs_bridge.web.deeds import Asks, Deed, is_anonymous, offered
from lrs_bridge.web.forms import Acting, Form, WrongForm, read
from lrs_bridge.web.journey import show_journey
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.step_page import DONE, OPEN
from lrs_bridge.web.visits import Visit, current, needs
from lrs_bridge.web.words import day_words
from lrs_bridge.wiring import Bridge

_SAVED = {
    "post": "Your group reads it here.",
    "back": "It is taken back, and nobody reads it any more.",
    "changed": "The latest counts.",
}


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the participant's pages to the blueprint of the visit."""
    moment_pages.add_pages(pages, bridge)

    @pages.get("/journey")
    def journey() -> ResponseReturnValue:
        return show_journey(bridge)

    @pages.get("/steps/<step_id>")
    def step(step_id: str) -> ResponseReturnValue:
        if Role.PARTICIPANT not in current().roles:
            return redirect(current().home, 303)
        with bridge.sessions.read() as session:
            visit, run, situation = own(session)
            progress = _step(situation, step_id)
            deed = offered(situation.journey, progress.step)
            posts = _posts(session, run, progress.step, deed)
            thanks = _thanks(session, visit, run, progress.step)
        if deed is not None and deed.asks is Asks.ELSEWHERE:
            return redirect(pages_of_steps.page_of(progress.step), 303)
        if deed is not None and deed.asks is Asks.MOMENT and progress.state(situation.today) in OPEN:
            return redirect(url_for("visit.log", step=step_id), 303)
        form = step_starts.fresh(situation, progress.step, deed) if deed else Form()
        saved = _SAVED.get(request.args.get("saved", ""))
        return step_page.show(visit, situation, progress, deed, form, posts, saved, thanks)

    @pages.post("/steps/<step_id>")
    def do_step(step_id: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            visit, run, situation = own(session)
            progress = _step(situation, step_id)
            deed = _doable(situation, progress)
            posts = _posts(session, run, progress.step, deed)
        if deed.asks is Asks.ELSEWHERE:
            return redirect(pages_of_steps.page_of(progress.step), 303)
        if deed.asks is Asks.MOMENT:  # logged on a page of its own, which asks which moment
            return redirect(url_for("visit.log", step=step_id), 303)
        try:
            data = read(step_forms.schema(situation, progress.step, deed))
        except WrongForm as wrong:
            return step_page.show(visit, situation, progress, deed, wrong.form, posts), 422
        if is_anonymous(situation.journey, progress.step):
            return _answer_anonymously(bridge, visit, run, situation, progress, data)
        act = step_forms.act(situation, progress.step, deed, data)
        if again.sent(situation, act) is again.Sent.CHANGED:
            if not deed.again:
                raise again.saved_before("What you wrote first stands, and is on the page of the step.")
            act = again.anew(act)
        keep(bridge, visit, act, first=_also(visit, run, progress.step, deed, data))
        if deed.asks is Asks.FORUM:
            return redirect(url_for("visit.step", step_id=step_id, saved="post"), 303)
        return redirect(url_for("visit.journey", saved="step"), 303)

    @pages.post("/steps/<step_id>/posts/<statement>/back")
    def take_post_back(step_id: str, statement: str) -> ResponseReturnValue:
        """What somebody wrote to the group is theirs to take back."""
        with bridge.sessions.read() as session:
            visit, _, situation = own(session)
        fact = situation.by_id.get(statement)
        if fact is None or fact.kind is not Kind.COMMENTED or fact.actor != visit.account or fact.step != step_id:
            abort(404)
        try:
            data = read(Acting())
        except WrongForm:
            abort(400)
        keep(bridge, visit, moments.back(situation, fact, data))
        return redirect(url_for("visit.step", step_id=step_id, saved="back"), 303)

    @pages.get("/interviews/<step_id>")
    def interview(step_id: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            visit, _, situation = own(session)
        step = _interview(situation, step_id)
        return step_page.show_interview(visit, situation, step, Form(start=step_starts.consent_start(situation, step)))

    @pages.post("/interviews/<step_id>")
    def answer_interview(step_id: str) -> ResponseReturnValue:
        """Whether they talk, and how they may be quoted: kept here, until they change it."""
        with bridge.sessions.read() as session:
            visit, run, situation = own(session)
        step = _interview(situation, step_id)
        try:
            data = read(step_forms.Consent())
        except WrongForm as wrong:
            return step_page.show_interview(visit, situation, step, wrong.form), 422
        with bridge.sessions.write() as session:
            _decide(session, visit, run, step, data)
        return redirect(url_for("visit.journey", saved="consent"), 303)


def own(session: Session) -> tuple[Visit, RunRow, Situation]:
    """The participant who looks, and where they stand. Raises Door for everybody else."""
    visit = current()
    needs(visit, Role.PARTICIPANT)
    if visit.run_row is None or visit.enrolment is None:
        abort(404)
    return visit, visit.run_row, situations.own(session, visit.run_row, visit.enrolment, visit.now)


def _posts(session: Session, run: RunRow, step: Step, deed: Deed | None) -> Sequence[forum.Post]:
    if deed is None or deed.asks is not Asks.FORUM:
        return ()
    return forum.posts(session, run.tenant_id, run.id, step.id)


def _answer_anonymously(
    bridge: Bridge, visit: Visit, run: RunRow, situation: Situation, progress: StepProgress, data: Mapping[str, Any]
) -> ResponseReturnValue:
    """Nothing of the form's own is kept: its id would be known to the page that showed it."""
    given = anonymously.Answer(step_forms.said_of(data), step_forms.texts_of(data))
    with bridge.sessions.write() as session:
        new = anonymously.answer(session, run, situation.enrolment.id, progress.step.id, given, visit.now)
    bridge.poke()
    return redirect(url_for("visit.journey", saved="answered" if new else "answered_before"), 303)


def _also(
    visit: Visit, run: RunRow, step: Step, deed: Deed, data: Mapping[str, Any]
) -> Callable[[Session], Sequence[Act]] | None:
    """What is kept in the same transaction as the act, of an interview or a case; None for every other step."""
    if deed.asks is not Asks.CONSENT and step.type != "content_request":
        return None

    def put(session: Session) -> Sequence[Act]:
        if deed.asks is Asks.CONSENT:
            _decide(session, visit, run, step, data)
        else:
            sponsor_words.give(session, _case(visit, run, step, data))
        return ()

    return put


def _case(visit: Visit, run: RunRow, step: Step, data: Mapping[str, Any]) -> SponsorWord:
    """A case stands among those of sponsors, where whoever designs or teaches the run reads it and says thanks."""
    return SponsorWord(
        id=str(data["act"]),
        tenant_id=run.tenant_id,
        run_id=run.id,
        author_id=visit.person_id,
        kind=Gift.CASE,
        step=step.id,
        text=data["words"],
        created=visit.now,
    )


def _thanks(session: Session, visit: Visit, run: RunRow, step: Step) -> str | None:
    """What became of the participant's case."""
    if step.type != "content_request":
        return None
    cases = sponsor_words.of_run(session, run.tenant_id, run.id, Gift.CASE)
    return next((case.thanks for case in cases if (case.author_id, case.step) == (visit.person_id, step.id)), None)


def _decide(session: Session, visit: Visit, run: RunRow, step: Step, data: Mapping[str, Any]) -> None:
    if visit.enrolment is not None:
        quoting = step_forms.quoting_of(data)
        consents.decide(session, run.tenant_id, run.id, visit.enrolment.id, step.id, quoting, visit.now)
        studying.own_word(session, run, visit.enrolment.id, agreed=quoting is not None)


def _interview(situation: Situation, step_id: str) -> Step:
    """An interview that somebody else holds with the participant."""
    step = situation.journey.step_by_id.get(step_id)
    if step is None or not step_page.asks_for_interview(step):
        abort(404)
    return step


def _step(situation: Situation, step_id: str) -> StepProgress:
    """One of the participant's own steps; a step of another route or role is not there for them."""
    progress = completion.of(situation.journey, situation.evidence, situation.now).by_id.get(step_id)
    if progress is None or progress.state(situation.today) is StepState.OFF_ROUTE:
        abort(404)
    return progress


def _doable(situation: Situation, progress: StepProgress) -> Deed:
    """What can be done about the step now. Raises Door when it cannot."""
    deed = offered(situation.journey, progress.step)
    state = progress.state(situation.today)
    if deed is None:
        raise _shut("This step is not done here", "Somebody else does it, or it cannot be done on this page yet.")
    if state is StepState.UPCOMING:
        raise _shut("This step is not open yet", f"It opens on {day_words(progress.window.opens)}.")
    if state is StepState.WAIVED:
        raise _shut("This step was waived for you", "There is nothing to do, and it does not count.")
    closed = is_anonymous(situation.journey, progress.step) and state is StepState.OVERDUE
    if closed or (deed.asks is Asks.MENU and state in DONE and progress.window.is_over(situation.today)):
        raise _shut("This step is closed", f"Its last day was {day_words(progress.window.last)}.")
    return deed


def _shut(title: str, what: str) -> doors.Door:
    return doors.Door(403, title, what, (("Go back", "to your journey."), doors.HELP_DESK), reason=title)
