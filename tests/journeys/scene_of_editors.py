"""Two doctors of Vivonne whose agendas two editors keep. Prints who they are, for the editors of the test.

python -m tests.journeys.scene_of_editors        after tests.journeys.scene
"""

import json
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quinze.config.settings")
django.setup()

from quinze.accounts.models import Sas  # noqa: E402
from quinze.directory.models import Commune  # noqa: E402
from tests.factories import directory  # noqa: E402


def play() -> list[dict[str, str]]:
    sas, vivonne = Sas.objects.get(code="86"), Commune.objects.get(name="Vivonne")
    told = []
    for number, (family, given) in enumerate((("Genêt", "Louise"), ("Ajonc", "Marc"))):
        person = directory.professional(family, given, rpps=directory.rpps(7_000_000 + number))
        directory.participation(person, sas)
        place = directory.place(person, vivonne, address=f"{number + 4} rue du Moulin")
        told.append({"identifier": f"8{person.rpps}", "family": family, "given": given, "line": place.address,
                     "city": vivonne.name, "postal_code": vivonne.postal_codes[0]})  # fmt: skip
    return told


if __name__ == "__main__":
    print(json.dumps(play()))
