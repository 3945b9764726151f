"""Who agreed to be written to, and may be now."""

from datetime import datetime

from django.db.models import Count, Q, QuerySet

from quinze.accounts.models import Sas
from quinze.base.errors import NotFound
from quinze.directory.consent import contact_pk
from quinze.directory.models import Commune, Participation, Structure
from quinze.directory.models.recruiting import Campaign, CampaignExport, Contact


def registry(sas: Sas, *, at: datetime) -> QuerySet[Contact]:
    """Those who agreed and still do, by name."""
    lasting = Contact.objects.filter(sas=sas, ended_at__isnull=True, confirmed_at__isnull=False, expires_at__gt=at)
    return lasting.order_by("family_name", "given_name", "pk")


def waiting(sas: Sas, *, at: datetime) -> int:
    """How many have not opened their link yet; nobody reads who they are."""
    return Contact.objects.filter(sas=sas, ended_at__isnull=True, confirmed_at=None, expires_at__gt=at).count()


def audience(campaign: Campaign, *, at: datetime) -> QuerySet[Contact]:
    """Of the profession, in the zone of the CPTS when there is one, and not taking part yet."""
    found = registry(campaign.sas, at=at).filter(profession=campaign.profession)
    if campaign.cpts_id is not None:
        found = found.filter(postal_code__in=_postal_codes(campaign.cpts_id))
    rpps, emails = _taking_part(campaign.sas, at)
    return found.exclude(rpps__in=rpps).exclude(email__in=emails)


def taking_part_already(sas: Sas, people: list[Contact], *, at: datetime) -> set[int]:
    """Of the registry, those who have become effecteurs since."""
    rpps, emails = _taking_part(sas, at)
    return {one.pk for one in people if (one.rpps and one.rpps in rpps) or one.email in emails}


def _taking_part(sas: Sas, at: datetime) -> tuple[set[str], set[str]]:
    rows = Participation.objects.filter(sas=sas, professional__isnull=False, during__contains=at)
    known = list(rows.values_list("professional__rpps", "professional__account__email"))
    return {rpps for rpps, _ in known if rpps}, {email.lower() for _, email in known if email}


def _postal_codes(cpts: int) -> set[str]:
    zones = Commune.objects.filter(pk__in=Structure.objects.filter(pk=cpts).values("zone_communes__commune"))
    return {code for codes in zones.values_list("postal_codes", flat=True) for code in codes}


def contact_of(pk: int, *, sas: Sas) -> Contact:
    found = Contact.objects.filter(pk=pk, sas=sas, ended_at__isnull=True).first()
    if found is None:
        raise NotFound("Ce contact n’est plus au registre.")
    return found


def contact_by_link(token: str) -> Contact:
    """Ended ones too: the person reads what became of their request. Refusal for a link that is none."""
    found = Contact.objects.select_related("sas").filter(pk=contact_pk(token)).first()
    if found is None:
        raise NotFound("Ce lien n’existe plus.", code="bad_link")
    return found


def campaigns(sas: Sas) -> QuerySet[Campaign]:
    """Last first, with how many lists left."""
    rows = Campaign.objects.filter(sas=sas).select_related("by", "cpts").annotate(lists=Count("exports"))
    return rows.order_by("-at", "-pk")


def campaign_of(pk: int, *, sas: Sas) -> Campaign:
    found = Campaign.objects.select_related("sas", "cpts", "by").filter(pk=pk, sas=sas).first()
    if found is None:
        raise NotFound("Cette campagne n’est pas de votre SAS.")
    return found


def exports_of(contact: Contact) -> QuerySet[CampaignExport]:
    """The lists that this person was on, for them to read."""
    return CampaignExport.objects.filter(contacts__contains=[contact.pk]).order_by("at", "pk")


def cpts_of(sas: Sas) -> QuerySet[Structure]:
    return Structure.objects.filter(Q(sas=sas, kind="CPTS")).order_by("name", "pk")
