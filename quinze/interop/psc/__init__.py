"""A simulator of Pro Santé Connect, for demonstrations and tests: fictitious people, this machine only."""
