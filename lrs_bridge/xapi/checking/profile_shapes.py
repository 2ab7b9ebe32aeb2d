"""Which properties the parts of a profile have (xAPI Profiles, part two, 6.0 to 9.0), as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

CONTEXT = "https://w3id.org/xapi/profiles/context"
ACTIVITY_CONTEXT = "https://w3id.org/xapi/profiles/activity-context"
CONFORMS_TO = "https://w3id.org/xapi/profiles#1.0"


class Kind(StrEnum):
    """What a property's value is."""

    IRI = "an IRI"
    IRIS = "a list of IRIs"
    TEXT = "a text"
    BOOLEAN = "true or false"
    TIME = "a time"
    LANGUAGES = "a language map"
    OBJECT = "an object"
    OBJECTS = "a list of objects"
    VALUES = "a list"
    SCHEMA = "a JSON Schema written as a text"
    CONTEXT = "a JSON-LD context"


_Properties = Mapping[str, Kind]


@dataclass(frozen=True)
class Shape:
    """The properties of one sort of part; `clause` is where the specification says so."""

    name: str
    clause: str
    needed: _Properties
    optional: _Properties = field(default_factory=dict)

    @property
    def properties(self) -> _Properties:
        return {**self.needed, **self.optional}


_LABELS = {"prefLabel": Kind.LANGUAGES, "definition": Kind.LANGUAGES}
_HEAD = {"id": Kind.IRI, "type": Kind.TEXT, "inScheme": Kind.IRI}
_SCHEMAS = {"context": Kind.IRI, "schema": Kind.IRI, "inlineSchema": Kind.SCHEMA}
_DEPRECATED = {"deprecated": Kind.BOOLEAN}

PROFILE = Shape(
    "a profile",
    "6.0",
    {"@context": Kind.CONTEXT, "id": Kind.IRI, "type": Kind.TEXT, "conformsTo": Kind.IRI, **_LABELS}
    | {"versions": Kind.OBJECTS, "author": Kind.OBJECT},
    {"seeAlso": Kind.IRI, "concepts": Kind.OBJECTS, "templates": Kind.OBJECTS, "patterns": Kind.OBJECTS},
)
VERSION = Shape("a version", "6.1", {"id": Kind.IRI, "generatedAtTime": Kind.TIME}, {"wasRevisionOf": Kind.IRIS})
AUTHOR = Shape("an author", "6.2", {"type": Kind.TEXT, "name": Kind.TEXT}, {"url": Kind.IRI})
AUTHORS = ("Organization", "Person")

WITHIN = ("broader", "narrower", "related")
ACROSS = ("broadMatch", "narrowMatch", "relatedMatch", "exactMatch")
_RELATIONS = dict.fromkeys((*WITHIN, *ACROSS), Kind.IRIS)


def _term(name: str) -> Shape:
    return Shape(name, "7.1", {**_HEAD, **_LABELS}, {**_DEPRECATED, **_RELATIONS})


def _extension(name: str, recommended: str) -> Shape:
    return Shape(name, "7.2", {**_HEAD, **_LABELS}, {**_DEPRECATED, recommended: Kind.IRIS, **_SCHEMAS})


def _resource(name: str) -> Shape:
    return Shape(name, "7.3", {**_HEAD, **_LABELS, "contentType": Kind.TEXT}, {**_DEPRECATED, **_SCHEMAS})


CONCEPTS = {
    "Verb": _term("a Verb"),
    "ActivityType": _term("an ActivityType"),
    "AttachmentUsageType": _term("an AttachmentUsageType"),
    "ContextExtension": _extension("a ContextExtension", "recommendedVerbs"),
    "ResultExtension": _extension("a ResultExtension", "recommendedVerbs"),
    "ActivityExtension": _extension("an ActivityExtension", "recommendedActivityTypes"),
    "StateResource": _resource("a StateResource"),
    "AgentProfileResource": _resource("an AgentProfileResource"),
    "ActivityProfileResource": _resource("an ActivityProfileResource"),
    "Activity": Shape("an Activity", "7.4", {**_HEAD, "activityDefinition": Kind.OBJECT}, _DEPRECATED),
}

CONTEXT_TYPES = tuple(f"context{kind}ActivityType" for kind in ("Grouping", "Parent", "Other", "Category"))
REFERENCES = ("objectStatementRefTemplate", "contextStatementRefTemplate")
TEMPLATE = Shape(
    "a StatementTemplate",
    "8.0",
    {**_HEAD, **_LABELS},
    {
        **_DEPRECATED,
        "verb": Kind.IRI,
        "objectActivityType": Kind.IRI,
        **dict.fromkeys((*CONTEXT_TYPES, "attachmentUsageType", *REFERENCES), Kind.IRIS),
        "rules": Kind.OBJECTS,
    },
)
DEMANDS = ("any", "all", "none")
RULE = Shape(
    "a rule",
    "8.1",
    {"location": Kind.TEXT},
    {
        "selector": Kind.TEXT,
        "presence": Kind.TEXT,
        **dict.fromkeys(DEMANDS, Kind.VALUES),
        "scopeNote": Kind.LANGUAGES,
    },
)
PATTERN = Shape(
    "a Pattern",
    "9.0",
    {"id": Kind.IRI, "type": Kind.TEXT},
    {
        "primary": Kind.BOOLEAN,
        "inScheme": Kind.IRI,
        **_LABELS,
        **_DEPRECATED,
        **dict.fromkeys(("sequence", "alternates"), Kind.IRIS),
        **dict.fromkeys(("optional", "oneOrMore", "zeroOrMore"), Kind.IRI),
    },
)

_AGENT = dict.fromkeys(("objectType", "name", "mbox", "mbox_sha1sum", "openid", "account", "member"))
_ACTIVITIES = dict.fromkeys(("category", "grouping", "parent", "other"))
_CONTEXT = {
    **dict.fromkeys(("registration", "instructor", "team", "revision", "platform", "language", "extensions")),
    **dict.fromkeys(("contextAgents", "contextGroups")),
    "contextActivities": _ACTIVITIES,
    "statement": dict.fromkeys(("objectType", "id")),
}
_RESULT = dict.fromkeys(("score", "success", "completion", "response", "duration", "extensions"))

Names = Mapping[str, "Names | None"]
STATEMENT: Names = {
    "id": None,
    "actor": _AGENT,
    "verb": dict.fromkeys(("id", "display")),
    "object": {
        **_AGENT,
        **dict.fromkeys(
            ("id", "definition", "actor", "verb", "object", "result", "context", "timestamp", "attachments")
        ),
    },
    "result": _RESULT,
    "context": _CONTEXT,
    **dict.fromkeys(("timestamp", "stored", "authority", "version", "attachments")),
}
"""The names that may stand in a statement (xAPI 1.0.3 and 2.0.0), as deep as they say something; None: any."""
