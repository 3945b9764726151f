"""The roles of a SAS, in the words of the field."""

from django.db import models


class Role(models.TextChoices):
    ARM = "arm", "ARM"
    ARM_COORDINATOR = "arm_coordinator", "ARM coordonnateur"
    SUPERVISOR = "supervisor", "Superviseur"
    OSNP = "osnp", "OSNP"
    REGULATEUR_AMU = "regulateur_amu", "Médecin régulateur AMU"
    REGULATEUR_SNP = "regulateur_snp", "Médecin régulateur SNP"
    EXPERT = "expert", "Expert de filière"
    EFFECTEUR = "effecteur", "Effecteur"
    DELEGATAIRE = "delegataire", "Délégataire"
    STRUCTURE_MANAGER = "structure_manager", "Gestionnaire de structure"
    ACCOUNTS_MANAGER = "accounts_manager", "Gestionnaire de comptes"
    REFERENT = "referent", "Référent territorial"
    IOA = "ioa", "IOA"
    INDICATOR_READER = "indicator_reader", "Lecteur d’indicateurs"
    ADMINISTRATOR = "administrator", "Administrateur"
    PLATFORM_REGULATOR = "platform_regulator", "Régulateur de la plateforme SAS"


# Roles that open a health record or the accounts of others: a second factor is required outside the demonstration.
STAFF_ROLES = frozenset(Role) - {Role.EFFECTEUR, Role.DELEGATAIRE, Role.INDICATOR_READER}

# Held only by a session that came from the national platform, which says whose it is; no manager gives it.
FROM_PLATFORM_ONLY = Role.PLATFORM_REGULATOR

# Nobody holds both in one shift, unless the SAS recorded a derogation.
EXCLUSIVE_IN_ONE_SHIFT = (Role.ARM, Role.OSNP)
