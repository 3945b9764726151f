"""How long callers wait and how many people are needed, by formulas: see docs/explanation/call-centre.md.

Units everywhere: calls per hour, seconds, persons (one person answers one call at a time). Importing this package costs
`math` only; numpy and numba are loaded by `staffing` when a whole array is computed.
"""
