"""Pro Santé Connect from the environment."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from quinze.config.psc import from_environment

REAL = "https://auth.exemple.invalid/auth/realms/essai"


@pytest.fixture
def environment(monkeypatch, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(" tres-secret \n")

    def given(**variables):
        for name in ("", "_ISSUER", "_DISCOVERY", "_CLIENT_ID", "_CLIENT_SECRET_FILE"):
            monkeypatch.delenv(f"QUINZE_PSC{name}", raising=False)
        for name, value in ({"CLIENT_ID": "quinze", "CLIENT_SECRET_FILE": str(secret)} | variables).items():
            monkeypatch.setenv(f"QUINZE_PSC_{name}", value)

    return given


def test_without_an_issuer_there_is_no_pro_sante_connect(environment):
    environment()
    assert from_environment("production") is None


def test_the_secret_comes_from_a_file_and_the_discovery_from_the_issuer(environment):
    environment(ISSUER=f"{REAL}/")
    assert from_environment("production") == {
        "issuer": REAL,
        "discovery": f"{REAL}/.well-known/openid-configuration",
        "client_id": "quinze",
        "secret": "tres-secret",
    }


def test_the_discovery_of_pro_sante_connect_is_not_where_the_standard_puts_it(environment):
    environment(ISSUER=REAL, DISCOVERY=f"{REAL}/.well-known/wallet-openid-configuration")
    found = from_environment("production")
    assert found is not None
    assert found["discovery"].endswith("/wallet-openid-configuration")


@pytest.mark.parametrize("name", ["ISSUER", "DISCOVERY"])
@pytest.mark.parametrize("url", ["http://auth.exemple.invalid/r", "http://127.0.0.1:9401", "ftp://x.invalid", "rien"])
def test_production_refuses_an_issuer_that_is_not_https(environment, name, url):
    environment(**{"ISSUER": REAL, name: url})
    with pytest.raises(ImproperlyConfigured, match=f"QUINZE_PSC_{name}"):
        from_environment("production")


def test_a_demonstration_reaches_a_provider_of_this_machine_only(environment):
    environment(ISSUER="http://127.0.0.1:9401")
    assert from_environment("demo") is not None
    environment(ISSUER="http://192.0.2.1:9401")
    with pytest.raises(ImproperlyConfigured):
        from_environment("demo")


@pytest.mark.parametrize("missing", ["CLIENT_ID", "CLIENT_SECRET_FILE"])
def test_what_is_missing_is_named(environment, missing):
    environment(**{"ISSUER": REAL, missing: ""})
    with pytest.raises(ImproperlyConfigured, match=missing):
        from_environment("production")


def test_an_unreadable_or_empty_secret_is_refused(environment, tmp_path):
    environment(ISSUER=REAL, CLIENT_SECRET_FILE=str(tmp_path / "absent"))
    with pytest.raises(ImproperlyConfigured, match="cannot be read"):
        from_environment("production")
    (tmp_path / "vide").touch()
    environment(ISSUER=REAL, CLIENT_SECRET_FILE=str(tmp_path / "vide"))
    with pytest.raises(ImproperlyConfigured, match="empty"):
        from_environment("production")


def test_the_simulator_is_refused_in_production(environment, monkeypatch):
    environment(ISSUER="http://127.0.0.1:9401")
    monkeypatch.setenv("QUINZE_PSC", "simulator")
    with pytest.raises(ImproperlyConfigured, match="anybody"):
        from_environment("production")
    found = from_environment("demo")
    assert found is not None
    assert found["client_id"] == "quinze-demonstration"
