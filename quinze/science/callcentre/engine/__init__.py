"""Compiled engines of the call centre.

`mm_priority` and `bilevel` are fast and know one shape of centre; `general` plays any scenario. Importing any of them
does not read numba: their kernels are imported when something is computed.
"""
