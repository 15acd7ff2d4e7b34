"""Processes that may die: what nobody vouches for runs there, within limits, and answers bytes.

`pool.Pool` hands jobs to them; `process` is what runs in one. A job is a function that stands in
the `JOBS` of a module which the pool was given by name; nothing is pickled.
"""
