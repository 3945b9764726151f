from quinze.staffing.operations.national import LoadedYear, load_sae

__all__ = ["LoadedYear", "load_sae"]
