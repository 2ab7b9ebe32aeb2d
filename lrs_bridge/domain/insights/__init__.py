"""What a run came to, for those who decide about it: shares, funnel, matrix, the pair of values, questions. Pure."""
