"""What the profile calls its verbs: in a sentence (its concepts) and as a deed (its templates)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from lrs_bridge.domain.events import Kind
from lrs_bridge.xapi.names import KINDS


@cache
def _labels(part: str, key: str) -> Mapping[str, str]:
    """English labels by verb; `key` names the verb in entries of this part."""
    text = files("xapi_profiles").joinpath("learning_journey", "profile.jsonld").read_text("utf-8")
    entries: list[dict[str, Any]] = json.loads(text)[part]
    return {entry[key]: entry["prefLabel"]["en"] for entry in entries if entry.get(key) in KINDS}


def verb(iri: str) -> str:
    """`talked with`; of a verb that the profile does not define, the last part of its IRI, in words."""
    known = _labels("concepts", "id").get(iri)
    return known or iri.rstrip("/#").replace("#", "/").rpartition("/")[2].replace("-", " ")


@cache
def deeds() -> Mapping[Kind, str]:
    """`Held a conversation`, for every kind that the profile has a template for, in its order."""
    return {KINDS[iri]: label for iri, label in _labels("templates", "verb").items()}
