"""The national open extraction of the Annuaire Santé: PS_LibreAcces_Personne_activite, one line per activity."""
