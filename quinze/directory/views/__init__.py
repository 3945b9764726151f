"""Pages of the directory and of the territory."""
