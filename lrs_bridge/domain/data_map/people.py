"""People: who they are, and who they are to one another."""

from __future__ import annotations

from collections.abc import Mapping

from lrs_bridge.domain.data_map.holding import Blank, Drop, Holding, Kept, Key

HOLDINGS: Mapping[str, Holding] = {
    "person": Holding(
        "Everybody the tool knows: a random name, and what their LMS, a roster or a file calls them.",
        "Themselves; by name where a page below says so",
        Kept.PERSON,
        identity="name email",
        process="account created locale",
        plain="id tenant_id",
        erased=(Blank("id", Key.PERSON, "name email locale"),),
    ),
    "identity": Holding(
        "How an LMS names a person.",
        "Nobody; used for launches, rosters and scores",
        Kept.PERSON,
        identity="issuer sub",
        plain="id tenant_id person_id",
        erased=(Drop("person_id", Key.PERSON),),
    ),
    "erased_identity": Holding(
        "A keyed hash of how an LMS named somebody who was erased, so that nothing makes them again.",
        "Nobody",
        Kept.ALWAYS,
        process="day",
        plain="hash tenant_id",
    ),
    "erased_person": Holding(
        "That a person was erased, and when.",
        "Administrators",
        Kept.ALWAYS,
        process="person_id at by",
        plain="tenant_id",
    ),
    "erasure_request": Holding(
        "Who asked to be erased, and when it was seen to.",
        "The person, administrators",
        Kept.ALWAYS,
        identity="by",
        process="person_id asked settled",
        plain="id tenant_id",
    ),
    "enrolment": Holding(
        "Who takes part in which run, in which area, from when to when.",
        "Themselves, their managers and coaches, teachers, evaluators, administrators",
        Kept.TOMBSTONE,
        process="person_id run_id area enrolled withdrawn day_zero",
        plain="id tenant_id",
    ),
    "relation": Holding(
        "Who manages, coaches, mentors or sponsors whom, from when to when.",
        "The people named, teachers, designers, administrators",
        Kept.TOMBSTONE,
        process="person_id other_id kind start end source run_id",
        plain="id tenant_id",
    ),
    "run_role": Holding(
        "Who is what in a whole run.",
        "Teachers, designers, administrators",
        Kept.TOMBSTONE,
        process="person_id role given start end run_id",
        plain="tenant_id",
    ),
    "people_change": Holding(
        "Who gave, ended or took back which role or relation.",
        "Teachers, designers, administrators",
        Kept.PROCESS,
        process="person_id other_id relation_id by_id at source act action role run_id old_start old_end start end",
        plain="id tenant_id undoes place",
        over=(Drop("run_id", Key.RUN),),
    ),
    "nomination": Holding(
        "Whom participants named as their manager or coach, by e-mail, until a person confirms it.",
        "The participant, teachers",
        Kept.WORDS,
        identity="name email",
        process="person_id by_id role state made decided run_id",
        plain="id tenant_id",
        erased=(Drop("person_id", Key.PERSON), Drop("email", Key.EMAIL)),
        over=(Drop("run_id", Key.RUN),),
    ),
    "notice_read": Holding(
        "Who has read which notice, as what.",
        "The person, administrators",
        Kept.PROCESS,
        process="person_id role wording read run_id",
        plain="tenant_id",
        over=(Drop("run_id", Key.RUN),),
    ),
}
