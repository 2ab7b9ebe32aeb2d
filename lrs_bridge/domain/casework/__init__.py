"""A success case study (Brinkerhoff, The Success Case Method, 2003): everything between answers and report. Pure.

`acts` says what an evaluator can do and what stands of it, `study` makes one value of it all, from which pages and
reports are written. The others are its parts: sorting, sampling, factors, worth, stories, response.
"""
