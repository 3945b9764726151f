"""allauth's OpenID Connect client, made stricter: one provider, from the settings; nonce; every signature verified;
bounded answers; and it never logs anybody in by itself, `arrival` does."""

import secrets
import time
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base.constants import AuthError, AuthProcess
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from urllib3.exceptions import HTTPError

from quinze.accounts.psc import arrival, identity, tokens
from quinze.accounts.psc.refusals import PscRefused

ID = "psc"
SCOPE = ["openid", "scope_all"]
LARGEST = 256_000  # bytes of one answer
SILENCE, PATIENCE = 5, 10  # seconds: between two pieces of an answer, and for the whole of it
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")


def configured() -> bool:
    return settings.QUINZE_PSC is not None


def _setting(name: str) -> str:
    given: dict[str, str] = settings.QUINZE_PSC or {}
    return given[name]


def provider(request: HttpRequest) -> "ProSanteConnect":
    return ProSanteConnect(request, app=_app())


def _app() -> SocialApp:
    """Never from the database: who may say who people are is a setting of the installation."""
    return SocialApp(
        provider="openid_connect",
        provider_id=ID,
        name="Pro Santé Connect",
        client_id=_setting("client_id"),
        secret=_setting("secret"),
        settings={"server_url": _setting("discovery"), "oauth_pkce_enabled": True, "scope": SCOPE},
    )


class ProSanteConnect(OpenIDConnectProvider):  # type: ignore[misc]
    def begin(self, *, asked: str, linking: bool) -> HttpResponse:
        """To the provider's page, with a state, a nonce and a PKCE challenge that only this browser's session knows."""
        nonce = secrets.token_urlsafe(24)
        return cast(
            "HttpResponse",
            self.redirect(
                self.request,
                AuthProcess.LOGIN,
                next_url=asked,
                data={"nonce": nonce, "linking": linking},
                auth_params={"acr_values": "eidas1", "nonce": nonce},
            ),
        )

    def get_oauth2_adapter(self, request: HttpRequest) -> "PscAdapter":
        return PscAdapter(request, ID)

    def extract_uid(self, data: Mapping[str, Any]) -> str:
        """Not used to find anybody (arrival does, with the level of the token), but allauth wants one."""
        return str(data["userinfo"].get("SubjectNameID", "?"))[:40]

    def extract_email_addresses(self, _data: Mapping[str, Any]) -> list[Any]:
        return []


class PscAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    def get_provider(self) -> ProSanteConnect:
        return provider(self.request)

    def get_callback_url(self, request: HttpRequest, _app: SocialApp) -> str:
        return request.build_absolute_uri(reverse("accounts:psc_return"))

    @property
    def openid_config(self) -> dict[str, Any]:
        if not hasattr(self, "_openid_config"):
            self._openid_config = _discovered(_read(_setting("discovery")))
        return self._openid_config

    def parse_token(self, data: Mapping[str, Any]) -> SocialToken:
        """Used once, for `userinfo`, and never stored."""
        if not isinstance(data["access_token"], str):
            raise PscRefused("provider", "no access token")
        return SocialToken(token=data["access_token"])

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:
        """Both answers of the provider, verified one by the other."""
        id_token = kwargs["response"].get("id_token")
        keys = _read(self.openid_config["jwks_uri"])
        claims = tokens.verified(id_token, keys=keys, issuer=_setting("issuer"), client_id=app.client_id)
        userinfo = _read(self.profile_url, headers={"Authorization": f"Bearer {token.token}"})
        if userinfo.get("sub") != claims["sub"]:
            raise PscRefused("userinfo", "sub")
        data = {"userinfo": userinfo, "id_token": claims, "raw": id_token, "logout": self._logout_url()}
        return self.get_provider().sociallogin_from_response(request, data)

    def _logout_url(self) -> str:
        url = self.openid_config.get("end_session_endpoint")
        return url if isinstance(url, str) and _as_safe_as_issuer(url) else ""


def _discovered(config: dict[str, Any]) -> dict[str, Any]:
    if config.get("issuer") != _setting("issuer"):
        raise PscRefused("issuer", f"discovery says {config.get('issuer')!r}")
    for name in ENDPOINTS:
        if not isinstance(config.get(name), str) or not _as_safe_as_issuer(config[name]):
            raise PscRefused("provider", f"{name} is {config.get(name)!r}")
    return config


def _as_safe_as_issuer(url: str) -> bool:
    """A provider reached by https never sends us to http."""
    return urlsplit(url).scheme in {"https", urlsplit(_setting("issuer")).scheme}


def _read(url: str, *, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """Raises requests.RequestException, or PscRefused for an answer that is no JSON object."""
    with get_adapter().get_requests_session() as session:
        response = session.get(url, headers=headers)
        response.raise_for_status()
        found = response.json()
    if not isinstance(found, dict):
        raise PscRefused("provider", f"{url} answers {type(found).__name__}")
    return found


class BoundedSession(requests.Session):
    """A short time to answer, whole; a bounded answer; no following of redirections."""

    def request(self, method: str, url: str | bytes, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        kwargs["headers"] = {**(kwargs.get("headers") or {}), "Accept-Encoding": "identity"}
        kwargs |= {"timeout": SILENCE, "stream": True, "allow_redirects": False}
        began, body = time.monotonic(), b""
        response = super().request(method, url, **kwargs)
        try:
            while piece := response.raw.read1(16_384):
                body += piece
                if len(body) > LARGEST or time.monotonic() - began > PATIENCE:
                    raise requests.RequestException(f"{len(body)} bytes in {time.monotonic() - began:.1f} s")
        except (OSError, HTTPError) as error:
            raise requests.ConnectionError(error) from error
        finally:
            response.close()
        response._content = body
        return response


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Where allauth hands over: nobody is looked up by e-mail, signed up or logged in by it."""

    def list_apps(self, *_args: Any, **_kwargs: Any) -> list[SocialApp]:
        return [_app()] if configured() else []

    def get_requests_session(self) -> requests.Session:
        return BoundedSession()

    def is_open_for_signup(self, *_args: Any) -> bool:
        return False

    def populate_user(self, _request: HttpRequest, sociallogin: SocialLogin, _data: Mapping[str, Any]) -> Any:
        return sociallogin.user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        said, state = sociallogin.account.extra_data, sociallogin.state
        given = state["data"]
        if not secrets.compare_digest(str(said["id_token"].get("nonce", "")), given["nonce"]):
            raise PscRefused("nonce")
        person = identity.read(said["userinfo"], level=said["id_token"]["acr"])
        proof = arrival.Proof(person, id_token=said["raw"], logout=said["logout"], asked=state.get("next", ""))
        raise ImmediateHttpResponse(arrival.arrive(request, proof, linking=given["linking"]))

    def on_authentication_error(
        self, request: HttpRequest, _provider: object, error: str = "", exception: Exception | None = None, **_more: Any
    ) -> None:
        raise ImmediateHttpResponse(arrival.refuse(request, _refused(request, error, exception)))


def _refused(request: HttpRequest, error: str, exception: Exception | None) -> PscRefused:
    if isinstance(exception, PscRefused):
        return exception
    if isinstance(exception, requests.RequestException):
        return PscRefused("unreachable", str(exception))
    if exception is not None:
        return PscRefused("provider", str(exception))
    if error == AuthError.CANCELLED:
        return PscRefused("cancelled")
    told = request.GET.get("error", "")
    return PscRefused("provider", told[:80]) if told else PscRefused("state")
