"""The evaluators under test, through the door everybody uses."""

from lrs_bridge.hooks import registry

EVALUATORS = registry.load().evaluators
