"""Letters, visits and links, and names of those who set something up."""

from __future__ import annotations

from collections.abc import Mapping

from lrs_bridge.domain.data_map.holding import Drop, Holding, Kept, Key

HOLDINGS: Mapping[str, Holding] = {
    "message": Holding(
        "Letters that wait, with references and no texts; of sent ones who got which kind when.",
        "Administrators",
        Kept.LETTERS,
        process="person_id key kind content created sent state",
        plain="id tenant_id attempts next_at good_until lease_until handed reason",
        erased=(Drop("person_id", Key.PERSON),),
    ),
    "message_wishes": Holding(
        "Which letters somebody wants, and in which language.",
        "Themselves",
        Kept.PERSON,
        process="person_id weekly morning language changed",
        plain="tenant_id",
        erased=(Drop("person_id", Key.PERSON),),
    ),
    "message_link": Holding(
        "Links in letters, by hash: whose, for which task, when opened.",
        "Nobody",
        Kept.LETTERS,
        process="person_id enrolment_id task ref made revoked opened run_id",
        plain="id token_hash tenant_id",
        erased=(Drop("person_id", Key.PERSON), Drop("enrolment_id", Key.ENROLMENT)),
    ),
    "message_sender": Holding(
        "The address that letters come from.",
        "Everybody who gets one",
        Kept.ALWAYS,
        plain="tenant_id address name",
    ),
    "visit": Holding(
        "Who is in the tool at this moment.",
        "Nobody",
        Kept.SHORT,
        process="person_id run_id course_id course_roles created seen link_id",
        plain="token_hash tenant_id platform_id browser return_url",
        erased=(Drop("person_id", Key.PERSON),),
    ),
    "login": Holding(
        "Launches that have begun; with the hint that an LMS sends along.",
        "Nobody",
        Kept.SHORT,
        identity="params",
        plain="state nonce browser platform_id target expires used proof opened_from",
    ),
    "deep_linking_request": Holding(
        "Links that a teacher is about to place.",
        "Nobody",
        Kept.SHORT,
        plain="token_hash tenant_id platform_id deployment_id settings created answered",
    ),
    "admin_link": Holding(
        "Links for administrators, with the name they were made for.",
        "Administrators",
        Kept.SHORT,
        identity="name",
        process="made used",
        plain="token_hash tenant_id",
    ),
    "admin_visit": Holding(
        "Administrators who are in the tool at this moment.",
        "Nobody",
        Kept.SHORT,
        identity="name",
        process="seen",
        plain="token_hash tenant_id browser",
    ),
    "admin_act": Holding(
        "What administrators did: which form or file, about which ids, and what came of it.",
        "Administrators",
        Kept.ACCESS,
        identity="who",
        process="at visit what about outcome",
        plain="id tenant_id",
    ),
    "retention_note": Holding(
        "What retention forgot: when, what, how many rows.",
        "Administrators",
        Kept.ALWAYS,
        plain="id tenant_id at what run_id rows",
    ),
    "plugin_change": Holding(
        "Who switched or set which evaluator.",
        "Administrators",
        Kept.ALWAYS,
        identity="who",
        process="at visit act",
        plain="id tenant_id evaluator scope scope_id place_name was became undoes",
    ),
    "listener_change": Holding(
        "Who switched a listener on or off or set it, without what was set.",
        "Administrators",
        Kept.ALWAYS,
        identity="who",
        process="at visit act",
        plain="id tenant_id listener did names",
    ),
    "run_change": Holding(
        "Who changed what about a run.",
        "Designers, administrators",
        Kept.ALWAYS,
        identity="by",
        process="at act action run_id",
        plain="id tenant_id place old new undoes",
    ),
    "draft": Holding(
        "Drafts of journeys, with who made them.",
        "Designers, administrators",
        Kept.ALWAYS,
        identity="by",
        process="created changed",
        plain="id tenant_id title slug source previous base_id revision removed",
    ),
    "journey": Holding(
        "Versions of journeys, with who published them.",
        "Designers, administrators",
        Kept.ALWAYS,
        identity="by",
        process="created",
        plain="id tenant_id slug version title source",
    ),
    "run": Holding(
        "Runs of journeys.",
        "Everybody in them",
        Kept.ALWAYS,
        plain="id tenant_id journey_id course_id day_zero time_zone created closed archived totals_confirmed pilot",
    ),
}
