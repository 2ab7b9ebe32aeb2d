"""Profiles held against their specification, and statements against profiles; nothing of the product needs it to run."""
