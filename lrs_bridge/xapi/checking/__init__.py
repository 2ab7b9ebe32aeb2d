"""Profiles held against their specification, and statements against profiles; nothing the product does rests on it."""
