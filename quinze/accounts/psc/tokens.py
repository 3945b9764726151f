"""Is this identity token from Pro Santé Connect, for us, now, and for this very login?

allauth leaves the signature aside when it fetched the token itself; here it is always verified, with the algorithms of
public keys only, and the level of assurance is part of the answer.
"""

from collections.abc import Mapping
from typing import Any

import jwt

from quinze.accounts.psc.identity import LEVELS
from quinze.accounts.psc.refusals import PscRefused

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384")
LEEWAY = 30  # seconds between our clock and theirs
LARGEST = 20_000  # characters


def verified(token: object, *, keys: object, issuer: str, client_id: str) -> dict[str, Any]:
    """The claims. Raises PscRefused: signature, expired, clock, audience, issuer, level."""
    if not isinstance(token, str) or not 0 < len(token) <= LARGEST:
        raise PscRefused("signature", "no token")
    try:
        key = _key(token, keys)
        claims: dict[str, Any] = jwt.decode(
            token,
            key=key.key,
            algorithms=[key.algorithm_name],
            audience=client_id,
            issuer=issuer,
            leeway=LEEWAY,
            options={"require": ["exp", "iat", "sub", "aud", "iss"]},
        )
    except jwt.ExpiredSignatureError as error:
        raise PscRefused("expired") from error
    except jwt.ImmatureSignatureError as error:
        raise PscRefused("clock") from error
    except jwt.InvalidAudienceError as error:
        raise PscRefused("audience") from error
    except jwt.InvalidIssuerError as error:
        raise PscRefused("issuer") from error
    except jwt.PyJWTError as error:
        raise PscRefused("signature", str(error)) from error
    _check_party(claims, client_id)
    _check_level(claims)
    return claims


def _key(token: str, keys: object) -> jwt.PyJWK:
    """By its `kid`. A token without one is accepted from a provider that publishes a single key (Core, 10.1)."""
    header = jwt.get_unverified_header(token)
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS:
        raise PscRefused("signature", f"algorithm {algorithm!r}")
    usable = [key for key in _published(keys) if key.get("alg", algorithm) == algorithm]
    found = [key for key in usable if kid in (key.get("kid"), None)]
    if len(found) != 1:
        raise PscRefused("signature", "unknown kid")
    return jwt.PyJWK(found[0], algorithm=algorithm)


def _published(keys: object) -> list[dict[str, Any]]:
    """The signing keys of the set; those of encryption are beside them."""
    listed = keys.get("keys") if isinstance(keys, Mapping) else None
    if not isinstance(listed, list):
        raise PscRefused("signature", "no keys")
    return [key for key in listed if isinstance(key, dict) and key.get("use", "sig") == "sig"]


def _check_party(claims: Mapping[str, Any], client_id: str) -> None:
    """A token for several programs says which one asked for it (Core, 3.1.3.7)."""
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else client_id) != client_id:
        raise PscRefused("audience", "azp")


def _check_level(claims: Mapping[str, Any]) -> None:
    if claims.get("acr") not in LEVELS:
        raise PscRefused("level", str(claims.get("acr")))
