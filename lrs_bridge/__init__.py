"""lrs_bridge: learning journeys for any LMS."""

__version__ = "0.1.0"
