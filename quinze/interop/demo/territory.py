"""SAS 86, Vienne: the real communes, the lines, the numbers, the neighbours."""

from datetime import date, datetime, time

from quinze.accounts.models import Sas
from quinze.directory.models import Commune, Departement, EntryNumber, Neighbour, OpeningLine, SasCommune

NEIGHBOURS = ("16", "36", "37", "49", "79", "87")


def create(*, at: datetime) -> Sas:
    """The SAS and its territory. Raises Departement.DoesNotExist when the geography was not loaded."""
    department = Departement.objects.get(code="86")
    sas = Sas.objects.create(code="86", name=department.name, zone=department.zone)
    SasCommune.objects.bulk_create(
        SasCommune(sas=sas, commune=commune) for commune in Commune.objects.filter(departement=department)
    )
    for code in NEIGHBOURS:
        other = Sas.objects.create(code=code, name=Departement.objects.get(code=code).name)
        Neighbour.objects.create(sas=sas, neighbour=other)
    EntryNumber.objects.create(sas=sas, number="15", kind="15", legal_ground="CSP L. 6311-2")
    EntryNumber.objects.create(
        sas=sas,
        number="116117",
        kind="116117",
        stream="SNP",
        legal_ground="CSP R. 6315-3, ligne de la permanence des soins",
    )
    _opening(sas, date(at.year - 1, 1, 1))
    return sas


def _opening(sas: Sas, since: date) -> None:
    ranges = [(day, time(8), time(20)) for day in range(5)] + [(5, time(8), time(12))]
    OpeningLine.objects.bulk_create(
        OpeningLine(sas=sas, line="SNP", weekday=day, starts=starts, ends=ends, valid_from=since)
        for day, starts, ends in ranges
    )
