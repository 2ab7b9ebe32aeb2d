"""A second, naive computation of the default indicators and of coaching reach, to hold the product against.

Written from the reference pages alone. It shares no code with `lrs_bridge` or the built-in evaluators, takes parsed
JSON and YAML, and prefers the plain reading of the text to speed.
"""

from tests.conformance.oracle.results import results

__all__ = ["results"]
