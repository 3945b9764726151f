"""Editors of agendas, seen from the platform: whom we ask for slots, how they answer, what is kept of it."""
