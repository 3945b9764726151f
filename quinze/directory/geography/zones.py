"""IANA zones of the French territory. The default is Europe/Paris."""

DEFAULT = "Europe/Paris"
BY_DEPARTEMENT = {
    "971": "America/Guadeloupe",
    "972": "America/Martinique",
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "975": "America/Miquelon",
    "976": "Indian/Mayotte",
    "977": "America/St_Barthelemy",
    "978": "America/Marigot",
    "986": "Pacific/Wallis",
    "987": "Pacific/Tahiti",
    "988": "Pacific/Noumea",
}
# French Polynesia has three zones; the communes of the Marquesas and of the Gambier are named one by one.
BY_COMMUNE = dict.fromkeys(["98718", "98723", "98731", "98746", "98756", "98757"], "Pacific/Marquesas") | {
    "98719": "Pacific/Gambier"
}


def zone_of(insee: str, departement: str) -> str:
    return BY_COMMUNE.get(insee) or BY_DEPARTEMENT.get(departement, DEFAULT)
