"""The demonstration: a SAS of the Vienne with its real communes and people who do not exist.

Doctors are trees, patients are birds, staff are rivers of the Vienne, so that no page can be mistaken for a real one.
Everything is drawn from one seed. Telephone numbers are of the ranges that ARCEP keeps for fiction.
"""
