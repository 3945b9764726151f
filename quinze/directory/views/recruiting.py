"""The public page of those who would volunteer, their own link, and the registry and campaigns of the SAS."""

from axes.helpers import get_client_ip_address
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.timezone import localtime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from quinze.accounts.access import actor_of, public, requires
from quinze.accounts.capabilities import Capability
from quinze.accounts.models import Sas
from quinze.base import clock, codes
from quinze.base.errors import NotFound, Refusal
from quinze.base.spreadsheet import Table, download
from quinze.directory.consent import link_of, public_url, text_in_force
from quinze.directory.forms.recruiting import CampaignForm, ConsentForm, ExportForm, PaperForm, WithdrawalForm
from quinze.directory.models.recruiting import Campaign, Contact
from quinze.directory.operations import recruiting as operations
from quinze.directory.operations.pace import admit
from quinze.directory.queries import recruiting as queries
from quinze.directory.views.answers import done, form_page, saved

recruiter = requires(Capability.RECRUIT)
OF_ONE_ADDRESS, OF_ONE_SAS = 6, 120  # posts an hour
SENDERS = {
    "cpam": "la caisse primaire d’assurance maladie (CPAM)",
    "cdom": "le conseil départemental de l’Ordre des médecins (CDOM)",
}
MOST_SHOWN = 500


# ---- open to everybody


@public
@require_GET
def choose_sas(request: HttpRequest) -> HttpResponse:
    return render(request, "directory/volunteer_choose.html", {"all_sas": Sas.objects.order_by("code")})


@public
@never_cache
@require_http_methods(["GET", "POST"])
def volunteer(request: HttpRequest, code: str) -> HttpResponse:
    """The answer is the same whoever asks for whichever address: nobody learns here who is in the registry."""
    sas = Sas.objects.filter(code=code).first() if code.isprintable() else None
    if sas is None:
        raise NotFound("Aucun SAS d’ici ne porte ce code.")
    text = text_in_force()
    form = ConsentForm(request.POST or None, words=text.said(sas))
    if not form.is_bound or not form.is_valid():
        context = {"sas": sas, "form": form}
        return render(request, "directory/volunteer.html", context, status=422 if form.is_bound else 200)
    at = clock.now()
    if wait := _too_often(request, sas):
        form.add_error(None, f"Trop de demandes en peu de temps : réessayez dans {max(1, wait // 60)} min.")
        return render(request, "directory/volunteer.html", {"sas": sas, "form": form}, status=429)
    operations.ask_contact(form.said(), sas=sas, at=at)
    return render(request, "directory/volunteer_sent.html", {"sas": sas, "email": form.cleaned_data["email"]})


def _too_often(request: HttpRequest, sas: Sas) -> int:
    at = clock.now()
    address = get_client_ip_address(request) or "unknown"
    return admit(f"volunteer {address}", per_hour=OF_ONE_ADDRESS, at=at) or admit(
        f"volunteers of {sas.pk}", per_hour=OF_ONE_SAS, at=at
    )


@public
@never_cache
@require_http_methods(["GET", "POST"])
def consent(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows and asks: a mail reader that opens links agrees to nothing, and withdraws nobody."""
    at = clock.now()
    try:
        contact = queries.contact_by_link(token)
        if request.method == "POST" and request.POST.get("act") == "retirer":
            contact = operations.withdraw_contact(contact, at=at)
        elif request.method == "POST":
            contact = operations.confirm(contact, at=at)
    except Refusal as refusal:
        return render(request, "directory/consent.html", {"refusal": refusal}, status=410)
    return render(request, "directory/consent.html", _of_their_own(contact))


def _of_their_own(contact: Contact) -> dict[str, object]:
    return {
        "contact": contact,
        "profession": codes.label("professions", contact.profession),
        "words": text_in_force().said(contact.sas),
        "events": contact.events.order_by("at", "pk"),
        "lists": queries.exports_of(contact),
    }


# ---- the registry


@recruiter
@require_GET
def registry(request: HttpRequest) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    people = list(queries.registry(by.sas, at=at)[: MOST_SHOWN + 1])
    context = {
        "people": [(one, codes.label("professions", one.profession)) for one in people[:MOST_SHOWN]],
        "more": len(people) > MOST_SHOWN,
        "already": queries.taking_part_already(by.sas, people, at=at),
        "waiting": queries.waiting(by.sas, at=at),
        "campaigns": queries.campaigns(by.sas)[:50],
        "public_url": public_url(by.sas.code),
    }
    return render(request, "directory/contacts.html", context)


@recruiter
@require_http_methods(["GET", "POST"])
def paper(request: HttpRequest) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    form = PaperForm(request.POST or None)
    if form.is_bound and done(
        form, lambda: operations.record_paper(form.said(), note=form.cleaned_data["note"], by=by, at=at)
    ):
        return saved(request, "directory:contacts", said="Contact inscrit. Un message le lui dit, avec son lien.")
    return form_page(request, form, title="Inscrire un bulletin signé", back="/contacts/")


@recruiter
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    contact = queries.contact_of(pk, sas=by.sas)
    form = WithdrawalForm(request.POST or None)

    def act() -> object:
        return operations.withdraw_contact(contact, at=at, by=by, means=form.cleaned_data["means"])

    if form.is_bound and done(form, act):
        return saved(request, "directory:contacts", said="Retiré du registre, coordonnées effacées.")
    return form_page(request, form, title=f"Retirer {contact} du registre", back="/contacts/")


# ---- campaigns


@recruiter
@require_http_methods(["GET", "POST"])
def new_campaign(request: HttpRequest) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    start = {"profession": "10", "text": render_to_string("directory/campaign_start.txt", {"sas": by.sas})}
    if (cpts := request.GET.get("cpts", "")).isdecimal() and len(cpts) < 10:
        start["cpts"] = cpts
    form = CampaignForm(request.POST or None, cpts=queries.cpts_of(by.sas), initial=start)
    made: list[Campaign] = []
    if form.is_bound and done(form, lambda: made.append(operations.write_campaign(**form.cleaned_data, by=by, at=at))):
        messages.success(request, "Campagne enregistrée.")
        return redirect("directory:campaign", made[0].pk)
    return form_page(request, form, title="Nouvelle campagne", back="/contacts/")


@recruiter
@require_GET
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    return _campaign_page(request, pk, ExportForm())


def _campaign_page(request: HttpRequest, pk: int, form: ExportForm) -> HttpResponse:
    by, at = actor_of(request), clock.now()
    found = queries.campaign_of(pk, sas=by.sas)
    context = {
        "campaign": found,
        "profession": codes.label("professions", found.profession),
        "count": queries.audience(found, at=at).count(),
        "lists": found.exports.select_related("by").order_by("-at", "-pk"),
        "form": form,
        "senders": SENDERS,
        "letter": _letter(found, "cpam"),
    }
    return render(request, "directory/campaign.html", context, status=422 if form.is_bound else 200)


@recruiter
@require_POST
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """A list leaves by a POST: it is written down."""
    by, at = actor_of(request), clock.now()
    found = queries.campaign_of(pk, sas=by.sas)
    form, people = ExportForm(request.POST), list[Contact]()

    def leave() -> None:
        purpose, kind = form.cleaned_data["purpose"], form.cleaned_data["kind"]
        people.extend(operations.export_campaign(found, purpose=purpose, kind=kind, by=by, at=at)[1])

    if not done(form, leave):
        return _campaign_page(request, pk, form)
    name = f"campagne-{found.pk}-sas-{by.sas.code}-{at:%Y%m%d}"
    return download([_list(people)], name=name, kind=form.cleaned_data["kind"])


def _list(people: list[Contact]) -> Table:
    heads = [
        "Nom",
        "Prénom",
        "Profession",
        "E-mail",
        "Téléphone",
        "Code postal",
        "Consenti le",
        "Jusqu’au",
        "Se retirer",
    ]
    rows = [
        (
            one.family_name, one.given_name, codes.label("professions", one.profession), one.email, one.phone,
            one.postal_code, f"{localtime(one.confirmed_at):%d/%m/%Y}", f"{localtime(one.expires_at):%d/%m/%Y}",
            link_of(one.pk),
        )
        for one in people
    ]  # fmt: skip
    return Table("Contacts", heads, rows)


@recruiter
@require_GET
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """For those who send it from their own files: the SAS has, and asks for, no list of theirs."""
    found = queries.campaign_of(pk, sas=actor_of(request).sas)
    to = request.GET.get("a", "")
    answer = HttpResponse(_letter(found, to if to in SENDERS else "cpam"), content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="lettre-campagne-{found.pk}.txt"'
    return answer


def _letter(found: Campaign, to: str) -> str:
    context = {"campaign": found, "sender": SENDERS[to], "url": public_url(found.sas.code)}
    return render_to_string("directory/campaign_letter.txt", context)
