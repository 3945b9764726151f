from quinze.staffing.models.national import NationalSamu

__all__ = ["NationalSamu"]
