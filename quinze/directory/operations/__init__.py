"""Writes of the directory: one transaction each. Who (`by`) and when (`at`) are arguments."""

from quinze.directory.operations.geography import GeographyReport, load_geography

__all__ = ["GeographyReport", "load_geography"]
