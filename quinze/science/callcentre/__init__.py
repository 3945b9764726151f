"""The two-level call centre of a SAS: its typed model, its draws, the engine that plays them, what it answers.

`model` says what a centre is, `scenario` reads it from a file, `plan` flattens it for engines, `sample` draws all the
randomness of one replication ahead, an engine turns (plan, sample) into a `log`, `results` counts, `compare` decides.
Times are seconds since the start of the first quarter-hour, float64.
"""
