"""Who a regulator is, by the identifiers of the exchanges: that of a card, or the technical one of a platform."""

from quinze.accounts.models import NationalIdentity, PlatformAccount, User
from quinze.accounts.queries import user_of_national_id
from quinze.interop.fhir.regulator import NATIONAL
from quinze.interop.models import PlatformRegulator


def user_of(system: str, value: str) -> User | None:
    """A technical identifier is ours, told to editors, or that of the national platform. Nobody known here: None."""
    if system == NATIONAL:
        return user_of_national_id(value)
    if ours := PlatformRegulator.objects.select_related("user").filter(technical_id=value).first():
        return ours.user
    declared = PlatformAccount.objects.filter(technical_id=value, active=True).exclude(national_id="").first()
    return user_of_national_id(declared.national_id) if declared else None


def operator_of(user: User) -> tuple[str, str] | None:
    """(system, value) by which other platforms know this person; None while no card was ever proven."""
    found = NationalIdentity.objects.filter(user=user).values_list("subject", flat=True).first()
    return (NATIONAL, found) if found else None
