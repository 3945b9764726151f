"""A professional who proved their national identity opens their own account, or asks for one."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.accounts.models import NationalIdentity, Sas, User
from quinze.accounts.operations import (
    IdentityLinked,
    IdentityUntied,
    follow_identifier,
    link_identity,
    open_own_account,
)
from quinze.accounts.psc.identity import LEVELS, PscIdentity, read
from quinze.accounts.roles import Role
from quinze.base.constraints import refuse_violations
from quinze.base.errors import NotFound, Refusal
from quinze.directory import identifiers
from quinze.directory.models import Commune, Professional
from quinze.directory.models.enrolment import EnrolmentRequest
from quinze.directory.operations.journal import record
from quinze.directory.operations.participation import Terms, set_participation
from quinze.directory.operations.people import Identity, create_professional
from quinze.directory.queries.enrolment import known_places, professional_by_national_id, same_name, sas_of
from quinze.directory.queries.people import participation

Answer = EnrolmentRequest.Answer


@transaction.atomic
def enrol(person: PscIdentity, *, email: str, taking_part: Iterable[Sas], at: datetime) -> User:
    """The account of somebody the directory knows: effecteur for each SAS that covers one of their places, taking part
    in those they chose and no other; terms already in force stay. Signed by the person. Refusal when the directory does
    not know them or where."""
    professional = _locked(person.subject)
    if professional.account_id is not None:
        raise Refusal("Un compte existe déjà pour cet identifiant : rattachez-le par son mot de passe.", code="exists")
    sas = sas_of(known_places(professional))
    if not sas:
        raise Refusal("Aucun SAS d’ici ne couvre vos lieux d’exercice.", code="no_place")
    user = _open(person, professional, email=email, sas=sas, at=at)
    chosen = {each.pk for each in taking_part}
    for each in sas:
        by = Actor(user=user, role=Role.EFFECTEUR, sas=each)
        record("Compte ouvert par Pro Santé Connect", professional, by=by, at=at)
        if each.pk in chosen and participation(professional, each, at) is None:
            set_participation(professional, Terms(), by=by, at=at)
    return user


def _locked(subject: str) -> Professional:
    known = professional_by_national_id(subject)
    if known is None:
        raise Refusal("L’annuaire ne connaît pas cet identifiant.", code="unknown")
    return Professional.objects.select_for_update(no_key=True).get(pk=known.pk)


def _open(
    person: PscIdentity, sheet: Professional, *, email: str, sas: list[Sas], at: datetime, by: User | None = None
) -> User:
    """Under the names of the directory. The event that follows ties the account to the sheet."""
    return open_own_account(
        email=email,
        given_name=sheet.given_name,
        family_name=sheet.family_name,
        title=sheet.civility,
        sas=sas,
        subject=person.subject,
        said=person.said,
        by=by,
        at=at,
    )


@transaction.atomic
def use_prepared_account(person: PscIdentity, *, at: datetime) -> User:
    """The first use of an account that was prepared for this identifier and never opened (no password, no login).

    The manager gave it to the person of this identifier; the register proves that this is the person, which is more
    than the link of an invitation proves. Another family name on the sheet means that somebody mistyped: refused.
    """
    professional = _locked(person.subject)
    user = professional.account
    if user is None or not is_never_used(user) or not same_name(professional, person):
        raise Refusal("Ce compte se rattache par son mot de passe.", code="password")
    how = NationalIdentity.How.FIRST_USE
    link_identity(user, subject=person.subject, said=person.said, how=how, at=at)
    return user


def is_never_used(user: User) -> bool:
    return user.is_active and user.last_login is None and not user.has_usable_password()


def tie_to_sheet(event: IdentityLinked) -> None:
    """An account tied to a national identifier is the account of that sheet of the directory, and of no other."""
    known = professional_by_national_id(event.subject)
    other = Professional.objects.filter(account=event.user).first()
    if other is not None and other != known:
        raise Refusal(
            f"Ce compte est celui de {other}, dont l’identifiant national n’est pas le vôtre : "
            "voyez votre gestionnaire de comptes.",
            code="other_person",
        )
    if known is None or known.account_id == event.user.pk:
        return
    if known.account_id is not None:
        raise Refusal("Un autre compte sert déjà à cet identifiant national : utilisez celui-là.", code="exists")
    Professional.objects.filter(pk=known.pk, account__isnull=True).update(account=event.user)


def free_sheet(event: IdentityUntied) -> None:
    """The sheet of that identifier is nobody's account again."""
    known = professional_by_national_id(event.subject)
    if known is not None and known.account_id == event.user.pk:
        Professional.objects.filter(pk=known.pk).update(account=None)
        record("Compte détaché", known, by=event.by, at=event.at)


def is_renumbered(professional: Professional, subject: str) -> bool:
    """The account of this sheet is tied to another identifier of the same sheet: an ADELI that became a RPPS."""
    tied = NationalIdentity.objects.filter(user=professional.account).exclude(subject=subject).first()
    return tied is not None and professional_by_national_id(tied.subject) == professional


@transaction.atomic
def follow(person: PscIdentity, *, at: datetime) -> User:
    professional = _locked(person.subject)
    if professional.account is None or not is_renumbered(professional, person.subject):
        raise Refusal("Ce compte se rattache par son mot de passe.", code="password")
    follow_identifier(professional.account, subject=person.subject, said=person.said, at=at)
    return professional.account


# ---- when the directory does not know


@transaction.atomic
def request_enrolment(
    person: PscIdentity, *, sas: Sas, email: str, message: str, commune: Commune | None, at: datetime
) -> EnrolmentRequest:
    """One open request by person and SAS; asking again changes what was said, never the date of the first asking."""
    said = {"email": email.strip(), "message": message.strip(), "commune": commune, "said": person.said}
    waiting = EnrolmentRequest.objects.select_for_update().filter(
        sas=sas, subject=person.subject, answered_at__isnull=True
    )
    if found := waiting.first():
        waiting.update(**said)
        return found
    with refuse_violations():
        return EnrolmentRequest.objects.create(
            sas=sas,
            subject=person.subject,
            family_name=person.family_name,
            given_name=person.given_name,
            title=person.title,
            asked_at=at,
            **said,
        )


@transaction.atomic
def accept_enrolment(request: EnrolmentRequest, *, by: Actor, at: datetime) -> User:
    """Opens the effecteur's account in the manager's SAS, and the sheet when the directory has none."""
    asked = _waiting(request, by)
    person = person_of(asked)
    professional = professional_by_national_id(asked.subject) or _new_sheet(person, by=by, at=at)
    if professional.account_id is not None:
        raise Refusal("Un compte existe déjà pour cet identifiant : donnez-lui le rôle d’effecteur.", code="exists")
    user = _open(person, professional, email=asked.email, sas=[asked.sas], at=at, by=by.user)
    record("Demande de compte acceptée", professional, by=by, at=at)
    _answer(asked, Answer.ACCEPTED, by=by, at=at)
    return user


@transaction.atomic
def refuse_enrolment(request: EnrolmentRequest, *, by: Actor, at: datetime, reason: str) -> EnrolmentRequest:
    asked = _waiting(request, by)
    if not reason.strip():
        raise Refusal("Dites pourquoi : le motif est gardé avec la demande.", field="reason", code="required")
    return _answer(asked, Answer.REFUSED, by=by, at=at, reason=reason.strip())


def person_of(asked: EnrolmentRequest) -> PscIdentity:
    """As it was proven when they asked."""
    return read(asked.said, level=LEVELS[0])


def _waiting(request: EnrolmentRequest, by: Actor) -> EnrolmentRequest:
    if not by.may(Capability.MANAGE_ACCOUNTS):
        raise Refusal("Votre rôle ne gère pas les comptes : adressez-vous au gestionnaire de comptes.", code="role")
    asked = EnrolmentRequest.objects.select_for_update().get(pk=request.pk)
    if asked.sas_id != by.sas.pk:
        raise NotFound("Cette demande n’est pas de votre SAS.", code="not_found")
    if asked.answered_at is not None:
        raise Refusal("Cette demande a déjà reçu sa réponse : rechargez la page.", code="answered")
    return asked


def _answer(asked: EnrolmentRequest, answer: Answer, *, by: Actor, at: datetime, reason: str = "") -> EnrolmentRequest:
    asked.answer, asked.reason, asked.answered_by, asked.answered_at = answer, reason, by.user, at
    asked.save(update_fields=["answer", "reason", "answered_by", "answered_at"])
    return asked


def _new_sheet(person: PscIdentity, *, by: Actor, at: datetime) -> Professional:
    """From what Pro Santé Connect said; places are added afterwards."""
    known = identifiers.idnps(person.subject)
    if not person.practices or not person.practices[0].profession:
        raise Refusal(
            "Pro Santé Connect n’a donné aucune profession : faites créer sa fiche dans l’annuaire, puis acceptez.",
            code="no_profession",
        )
    first = person.practices[0]
    identity = Identity(
        family_name=person.family_name,
        given_name=person.given_name,
        civility=person.title,
        profession=first.profession,
        specialty=first.know_how,
        rpps=known.rpps or "",
        adeli=known.adeli or "",
        idnps=known.idnps or "",
    )
    return create_professional(identity, by=by, at=at)
