"""The six primitives as pure functions: decision, procedure, duty, indicator, scoresheet, register.

Nothing here reads a clock, a file or a network; `as_of` and `now` are arguments.
"""
