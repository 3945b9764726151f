"""The registry of those who agreed to be written to, and the campaigns that reach them (OFF-17).

No list of doctors comes from anywhere else: who did not agree is written to by the CPAM or the Ordre, from their own
files, with the letter that a campaign makes for them.
"""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.accounts.models import Sas
from quinze.base.constraints import refuse_violations
from quinze.base.errors import NotFound, Refusal
from quinze.base.events import emit
from quinze.directory.consent import KEPT, TO_CONFIRM, fingerprint, link_of, text_in_force
from quinze.directory.models import Structure
from quinze.directory.models.recruiting import IDENTITY, Campaign, CampaignExport, ConsentEvent, Contact
from quinze.directory.operations.pace import admit
from quinze.directory.queries.recruiting import audience

Kind, Means = ConsentEvent.Kind, Contact.Means
LETTERS_PER_HOUR = 3  # to one address
CLICK = "lien reçu par e-mail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What somebody says of themselves, already checked by the form."""

    family_name: str
    given_name: str
    profession: str
    email: str
    phone: str = ""
    rpps: str = ""
    postal_code: str = ""


@dataclass(frozen=True, slots=True)
class ContactToWrite:
    """Somebody asked to be in the registry: the message that proves the address is theirs is to leave."""

    sas: Sas
    email: str
    link: str
    confirmed: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class ContactErased:
    """Whatever was written to this address for the registry is to be forgotten too."""

    sas: Sas
    email: str
    at: datetime


def ask_contact(said: Said, *, sas: Sas, at: datetime) -> None:
    """By the public page. Nothing is agreed until the link received is opened; whoever asks learns nothing of who is in
    the registry. What a known address says again changes nothing: the message leads its owner to their own page.
    """
    with transaction.atomic():
        contact = _live(sas, said.email) or _new(said, sas=sas, means=Means.PUBLIC, at=at)
        if not admit(f"letter {contact.pk}", per_hour=LETTERS_PER_HOUR, at=at):
            known = contact.confirmed_at is not None
            emit(ContactToWrite(sas, contact.email, link_of(contact.pk), known, at))


def _live(sas: Sas, email: str) -> Contact | None:
    return Contact.objects.filter(sas=sas, fingerprint=fingerprint(email), ended_at__isnull=True).first()


def _new(said: Said, *, sas: Sas, means: str, at: datetime, note: str = "") -> Contact:
    try:
        with transaction.atomic():
            contact = Contact.objects.create(
                sas=sas, **asdict(said) | {"email": said.email.strip().lower()}, fingerprint=fingerprint(said.email),
                means=means, note=note, asked_at=at, expires_at=at + TO_CONFIRM,
            )  # fmt: skip
    except IntegrityError:  # the same person, in the same second
        if known := _live(sas, said.email):
            return known
        raise
    _event(contact, Kind.ASKED, at=at, means=contact.get_means_display())
    return contact


def confirm(contact: Contact, *, at: datetime) -> Contact:
    """By the link: the first time it agrees, later it agrees again for as long, to the words in force then."""
    with transaction.atomic():
        locked = _lasting(contact, at=at)
        kind = Kind.RENEWED if locked.confirmed_at else Kind.CONFIRMED
        return _agreed(locked, kind, at=at, means=CLICK)


def record_paper(said: Said, *, note: str, by: Actor, at: datetime) -> Contact:
    """A signed paper that the SAS keeps: `note` says where. Raises Refusal without it, or for a known address."""
    _check(by)
    if not note.strip():
        raise Refusal("Dites où est gardé le bulletin signé, et de quand il date.", field="note")
    with transaction.atomic():
        if _live(by.sas, said.email):
            raise Refusal("Cette adresse est déjà au registre, ou attend sa confirmation.", field="email", code="known")
        contact = _new(said, sas=by.sas, means=Means.PAPER, note=note.strip()[:200], at=at)
        _agreed(contact, Kind.CONFIRMED, at=at, means=Means.PAPER.label, by=by)
        emit(ContactToWrite(by.sas, contact.email, link_of(contact.pk), confirmed=True, at=at))
    return contact


def _agreed(contact: Contact, kind: str, *, at: datetime, means: str, by: Actor | None = None) -> Contact:
    contact.confirmed_at, contact.expires_at = at, at + KEPT
    contact.save(update_fields=["confirmed_at", "expires_at"])
    text = text_in_force()
    _event(contact, kind, at=at, means=means, by=by, version=text.version, words=text.said(contact.sas))
    return contact


def withdraw_contact(contact: Contact, *, at: datetime, by: Actor | None = None, means: str = CLICK) -> Contact:
    """Erased at once. By the person's link, or by who runs the registry when they say so: `means` then says how."""
    if by is not None:
        _check(by)
        if contact.sas_id != by.sas.pk:
            raise NotFound("Ce contact n’est pas au registre de votre SAS.")
        if not means.strip():
            raise Refusal("Dites comment la personne l’a demandé.", field="means")
    with transaction.atomic():
        locked = Contact.objects.select_for_update().get(pk=contact.pk)
        if locked.ended_at is None:
            _end(locked, Kind.WITHDRAWN, at=at, means=means.strip()[:120], by=by)
    return locked


def end_contacts(*, at: datetime) -> int:
    """Those whose time is over, confirmed or never confirmed, are erased; says how many."""
    with transaction.atomic():
        over = Contact.objects.select_for_update(skip_locked=True).filter(ended_at__isnull=True, expires_at__lte=at)
        found = list(over.select_related("sas").order_by("pk"))
        for contact in found:
            means = "deux ans sans renouvellement" if contact.confirmed_at else "jamais confirmé"
            _end(contact, Kind.EXPIRED, at=at, means=means)
    return len(found)


def _end(contact: Contact, kind: str, *, at: datetime, means: str, by: Actor | None = None) -> None:
    email = contact.email
    contact.ended_at = at
    for name in IDENTITY:
        setattr(contact, name, "")
    contact.save(update_fields=["ended_at", *IDENTITY])
    _event(contact, kind, at=at, means=means, by=by)
    emit(ContactErased(contact.sas, email, at))


def _event(
    contact: Contact,
    kind: str,
    *,
    at: datetime,
    means: str,
    by: Actor | None = None,
    version: str = "",
    words: str = "",
) -> None:
    user = by.user if by else None
    ConsentEvent.objects.create(contact=contact, kind=kind, at=at, by=user, means=means, version=version, words=words)


def _lasting(contact: Contact, *, at: datetime) -> Contact:
    locked = Contact.objects.select_for_update().get(pk=contact.pk)
    if locked.ended_at is not None or locked.expires_at <= at:
        raise Refusal("Ce lien n’est plus valable : vos coordonnées sont effacées. Refaites la demande.", code="over")
    return locked


# ---- campaigns


def write_campaign(
    *, title: str, text: str, profession: str, cpts: Structure | None, by: Actor, at: datetime
) -> Campaign:
    _check(by)
    if cpts is not None and (cpts.kind != "CPTS" or cpts.sas_id != by.sas.pk):
        raise Refusal("Choisissez une CPTS de votre SAS.", field="cpts")
    with refuse_violations():
        return Campaign.objects.create(
            sas=by.sas, title=title.strip(), text=text.strip(), profession=profession, cpts=cpts, at=at, by=by.user
        )


def export_campaign(
    campaign: Campaign, *, purpose: str, kind: str, by: Actor, at: datetime
) -> tuple[CampaignExport, list[Contact]]:
    """Who may be written to at this instant, and the trace of their list: who took it, when, how many, what for."""
    _check(by)
    if campaign.sas_id != by.sas.pk:
        raise NotFound("Cette campagne n’est pas de votre SAS.")
    if not purpose.strip():
        raise Refusal("Dites à quoi servira cette liste, en quelques mots.", field="purpose")
    with transaction.atomic():
        people = list(audience(campaign, at=at))
        if not people:
            raise Refusal("Personne n’a consenti dans cette audience : il n’y a pas de liste à exporter.", code="empty")
        trace = CampaignExport.objects.create(
            campaign=campaign, purpose=purpose.strip()[:300], kind=kind, contacts=[one.pk for one in people], at=at,
            by=by.user, role=by.role,
        )  # fmt: skip
    return trace, people


def _check(by: Actor) -> None:
    if not by.may(Capability.RECRUIT):
        raise Refusal("Votre rôle ne tient pas le registre des volontaires.", code="role")
