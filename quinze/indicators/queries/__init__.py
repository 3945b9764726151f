"""Counts of what was done, each in one read; nothing is estimated here."""
