"""The YAML files (journey, people, settings) and the statements file: text to domain values, with errors that name
file, line and key."""

from lrs_bridge.journeyfile.design import Remark, design_check
from lrs_bridge.journeyfile.journey import line_of, load_journey, load_settings
from lrs_bridge.journeyfile.library import sample, sample_text, samples
from lrs_bridge.journeyfile.people import load_people
from lrs_bridge.journeyfile.problems import JourneyFileError, Problem
from lrs_bridge.journeyfile.statements import read_statements, statement_texts

__all__ = [
    "JourneyFileError",
    "Problem",
    "Remark",
    "design_check",
    "line_of",
    "load_journey",
    "load_people",
    "load_settings",
    "read_statements",
    "sample",
    "sample_text",
    "samples",
    "statement_texts",
]
