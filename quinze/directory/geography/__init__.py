"""Départements and communes of France, computed from packages on the machine. Nothing is downloaded."""
