"""What PostgreSQL refuses about people, in French."""

from quinze.base.constraints import register

register(
    {
        "identity_above_provisional_has_traits": (
            "Une identité vérifiée a un nom de naissance et une date de naissance : complétez-les.",
            "identity",
        ),
        "qualified_identity_has_its_ins": ("Une identité récupérée ou qualifiée a son matricule INS.", "ins"),
    }
)
