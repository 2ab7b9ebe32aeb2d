"""Open edX's own platform code (lti-consumer-xblock) as the LMS, on a database in memory and without a network."""
