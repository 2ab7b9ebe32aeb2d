"""Listeners that tell other systems: `webhook` of indicators that changed, `second_record` of statements."""
