"""How the editors of agendas do, for who runs the SAS; and the accounts that they did not accept."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from quinze.accounts.access import actor_of, requires
from quinze.accounts.capabilities import Capability
from quinze.base import clock
from quinze.interop.editors import health as figures
from quinze.interop.editors.accounts import try_again

MOST = 50


@requires(Capability.READ_INDICATORS)
@require_GET
def health(request: HttpRequest) -> HttpResponse:
    """Names of regulators are for who manages accounts; the others see counts."""
    at = clock.now()
    manages = actor_of(request).may(Capability.MANAGE_ACCOUNTS)
    context = {
        "editors": figures.report(at=at),
        "refused": figures.refused_accounts() if manages else [],
        "at": at,
    }
    return render(request, "interop/editors.html", context)


@requires(Capability.MANAGE_ACCOUNTS)
@require_POST
def retry(request: HttpRequest) -> HttpResponse:
    chosen = [int(each) for each in request.POST.getlist("compte")[:MOST] if each.isdecimal() and len(each) < 18]
    done = try_again(chosen, at=clock.now())
    plural = "s" if done > 1 else ""
    messages.info(request, f"{done} compte{plural} à dire de nouveau dans la minute." if done else "Rien à renvoyer.")
    return redirect("interop:editors" if actor_of(request).may(Capability.READ_INDICATORS) else "accounts:list")
