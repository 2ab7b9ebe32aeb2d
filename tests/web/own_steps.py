"""A journey with a step of each type that a participant may own, all of them open, for the tests of their pages."""

from __future__ import annotations

from lrs_bridge.domain.people import Role
from lrs_bridge.store import enrolments, people
from lrs_bridge.store.engine import Sessions
from tests.flows.world import ISSUER, build
from tests.personas import House, Tab, move_in

_SHORT = """
journey: every-step
version: 1
title: Every step of a participant
performance_path: {learning_outcome: a, performance_outcome: b, business_rationale: c}
behaviours: [{id: B1, title: Asks first}]
moments: [{id: M1, title: The weekly talk, behaviours: [B1]}]
surveys:
  how_was_it: {kind: reaction, confidentiality: confidential}
  clear: {kind: line_of_sight, confidentiality: named}
  around: {kind: climate, confidentiality: confidential}
  stories: {kind: success_case, confidentiality: confidential}
  ours:
    kind: custom
    confidentiality: named
    items: [{id: a, title: How often?, scale: use}, {id: b, title: More, scale: text}]
  secret:
    kind: custom
    confidentiality: anonymous
    items: [{id: a, title: How free?, scale: likert}, {id: b, title: Words, scale: text}]
choices: [{id: path, choose: 2, steps: [C1, C2, C3]}]
steps:
  - {id: P1, phase: before, type: acknowledge, OWN, title: Read the rules, WIDE}
  - {id: P2, phase: before, type: impact_map, OWN, title: Line of sight, WIDE}
  - {id: A1, phase: before, type: approval, owner: manager, title: Approve it, WIDE}
  - {id: P3, phase: before, type: self_study, OWN, title: Read, WIDE,
     guide: ["https://example.org/paper?a=1&b=2 in ten minutes"]}
  - {id: P4, phase: before, type: content_request, OWN, title: Give a case, WIDE}
  - {id: P5, phase: during, type: practice, OWN, title: Practise, WIDE, expected: 2}
  - {id: P6, phase: during, type: menu, OWN, title: Choose two, opens_day: -30, due_day: 30}
  - {id: C1, phase: during, type: self_study, OWN, title: Book, WIDE}
  - {id: C2, phase: during, type: self_study, OWN, title: Film, WIDE}
  - {id: C3, phase: during, type: self_study, OWN, title: Visit, WIDE}
  - {id: P7, phase: during, type: action_plan, OWN, with: manager, title: My plan, WIDE}
  - {id: P8, phase: after, type: artefact, OWN, title: Our guide, WIDE}
  - {id: P9, phase: after, type: reflection, OWN, title: Look back, WIDE}
  - {id: P10, phase: after, type: peer_forum, OWN, with: peers, title: Write and answer, WIDE, expected: 2}
  - {id: P11, phase: after, type: recognition, OWN, title: Recognise somebody, WIDE}
  - {id: P12, phase: after, type: check_in, OWN, title: A year after, opens_day: 365, due_day: 380}
  - {id: P13, phase: after, type: report, OWN, with: manager, title: What came of it, WIDE}
  - {id: P14, phase: after, type: interview, OWN, title: Would you talk, WIDE}
  - {id: E1, phase: after, type: interview, owner: evaluator, with: participant, title: The study,
     opens_day: 10, due_day: 60}
  - {id: P15, phase: after, type: mtm_application, OWN, title: Use it, opens_day: 0, due_day: 60}
  - {id: P16, phase: after, type: mentor_session, OWN, with: mentor, title: Meet, WIDE}
  - {id: V1, phase: after, type: survey, OWN, title: Reaction, survey: how_was_it, WIDE}
  - {id: V2, phase: after, type: survey, OWN, title: Clarity, survey: clear, WIDE}
  - {id: V3, phase: after, type: survey, OWN, title: Climate, survey: around, WIDE}
  - {id: V4, phase: after, type: survey, OWN, title: Stories, survey: stories, WIDE}
  - {id: V5, phase: after, type: survey, OWN, title: Ours, survey: ours, WIDE}
  - {id: V6, phase: after, type: survey, OWN, title: Secret, survey: secret, required: false, WIDE}
"""
JOURNEY = _SHORT.replace("OWN", "owner: participant").replace("WIDE", "opens_day: -30, due_day: 60")


def every_step(sessions: Sessions) -> House:
    return move_in(build(sessions, JOURNEY))


def peer_of(house: House, sub: str, of: str) -> Tab:
    """`sub` learns side by side with this participant, who named them."""
    run, now = house.world.run, house.bridge.clock()
    with house.bridge.sessions.write() as session:
        other = people.ensure_person(session, run.tenant_id, ISSUER, sub, now)
        enrolments.relate(session, run.tenant_id, run.id, house.people[of].id, other.id, Role.PEER, "test")
    return house.tab(sub)
