"""All settings. Read from the environment; no secret has a default, and production refuses what is unsafe."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from quinze.config import postgres, psc
from quinze.config.places import ROOT, VAR

# What is compiled at run time (quinze.science) is kept with the rest of what this installation makes.
os.environ.setdefault("NUMBA_CACHE_DIR", str(VAR / "pycache" / "numba"))
ASSETS = Path(os.environ.get("QUINZE_ASSETS", ROOT / "node_modules"))

MODES = ("production", "demo", "test")
MODE = os.environ.get("QUINZE_MODE", "test" if "PYTEST_VERSION" in os.environ else "demo")
if MODE not in MODES:
    raise ImproperlyConfigured(f"QUINZE_MODE is {MODE!r}; it is one of {', '.join(MODES)}.")
QUINZE_DEMO = MODE == "demo"
DEBUG = os.environ.get("QUINZE_DEBUG") == "1"


def _secret() -> str:
    """From the environment or a file; the demonstration makes its own once, in its data folder."""
    if file := os.environ.get("QUINZE_SECRET_KEY_FILE"):
        return Path(file).read_text().strip()
    if key := os.environ.get("QUINZE_SECRET_KEY"):
        return key
    if MODE == "production":
        raise ImproperlyConfigured("Set QUINZE_SECRET_KEY or QUINZE_SECRET_KEY_FILE: production has no default secret.")
    made = VAR / "secret.key"
    if not made.exists():
        made.parent.mkdir(parents=True, exist_ok=True)
        made.touch(mode=0o600)
        made.write_text(os.urandom(32).hex())
    return made.read_text()


def _from_file(name: str, *, shortest: int) -> str:
    """A secret of the environment, or of the file that NAME_FILE names; empty when neither is there."""
    file = os.environ.get(f"{name}_FILE")
    found = Path(file).read_text().strip() if file else os.environ.get(name, "")
    if found and len(found) < shortest:
        raise ImproperlyConfigured(f"{name} has {len(found)} characters: {shortest} at least.")
    if not (found.isascii() and found.isprintable()):
        raise ImproperlyConfigured(f"{name} is sent in a header: letters and signs of ASCII only.")
    return found


SECRET_KEY = _secret()
# After a change of secret: what the former ones signed or sealed still opens.
SECRET_KEY_FALLBACKS = [key for key in os.environ.get("QUINZE_FORMER_SECRET_KEYS", "").split(",") if key]
ALLOWED_HOSTS = os.environ.get("QUINZE_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")
INSECURE = MODE != "production"  # plain HTTP on loopback
if MODE == "production" and (DEBUG or "*" in ALLOWED_HOSTS or os.environ.get("QUINZE_PLAIN_COOKIES") == "1"):
    raise ImproperlyConfigured(
        "Production runs without QUINZE_DEBUG, without '*' in QUINZE_HOSTS and with secure cookies."
    )


def _clock_offset() -> timedelta:
    """QUINZE_START_AT makes a demonstration or a test live at another date; the clock then runs normally."""
    start = os.environ.get("QUINZE_START_AT")
    if not start:
        return timedelta(0)
    if MODE == "production":
        raise ImproperlyConfigured("QUINZE_START_AT is for demonstrations and tests only.")
    began = float(os.environ.setdefault("QUINZE_STARTED", str(datetime.now(UTC).timestamp())))
    return datetime.fromisoformat(start).astimezone(UTC) - datetime.fromtimestamp(began, UTC)


QUINZE_CLOCK_OFFSET = _clock_offset()

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "csp",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    "axes",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "quinze.base",
    "quinze.accounts",
    "quinze.directory",
    "quinze.patients",
    "quinze.availability",
    "quinze.orientation",
    "quinze.regulation",
    "quinze.staffing",
    "quinze.indicators",
    "quinze.interop",
    "quinze.web",
]

MIDDLEWARE = [
    "quinze.web.middleware.ServerTimingMiddleware",
    "quinze.web.turns.TurnsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "quinze.interop.fhir.middleware.FhirMiddleware",  # answers machines: what follows is for pages
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "quinze.accounts.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "quinze.config.urls"
WSGI_APPLICATION = "quinze.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "quinze.web.context.shell",
            ],
        },
    }
]


def _pool() -> dict[str, object]:
    """QUINZE_POOL=0, for a command that needs one connection and wants to hear at once that there is none."""
    size = int(os.environ.get("QUINZE_POOL", "0" if MODE == "test" else "12"))
    return {"pool": {"min_size": 1, "max_size": size, "timeout": 10}} if size else {}


# A page joins ten tables by their keys and reads few rows: looking at every order of the joins takes PostgreSQL twenty
# times longer than the reading. Compiling a plan never pays here, and disks are no longer slower out of order. What is
# prepared is planned once, at once: a search planned again for its own values takes twenty times its reading.
PLANNING = "-c join_collapse_limit=5 -c jit=off -c random_page_cost=1.1 -c plan_cache_mode=force_generic_plan"


def _database(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    host = query.pop("host", None) or unquote(parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"options": PLANNING} | query | _pool(),
        "TEST": {"TEMPLATE": "template0"},
    }


# Without DATABASE_URL, the server that `quinze` starts itself; the tests have their own beside it.
EMBEDDED = VAR / "test" if MODE == "test" else VAR
DATABASES = {"default": _database(os.environ.get("DATABASE_URL") or postgres.url(EMBEDDED))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Accounts
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "quinze.accounts.backends.EmailBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/connexion/"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = int(os.environ.get("QUINZE_SESSION_SECONDS", str(12 * 3600)))
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not INSECURE
# The cookie lives with the browser, the session ends on the server: an expired one still says whose typing to keep.
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "quinze.accounts.sessions"
QUINZE_SECOND_FACTOR = MODE == "production" or os.environ.get("QUINZE_SECOND_FACTOR") == "1"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_FORM_FIELD = "email"
AXES_VERBOSE = False
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_ADAPTER = "quinze.accounts.adapter.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Quinze"
MFA_ADAPTER = "quinze.accounts.second_factor.MfaAdapter"
MFA_TOTP_TOLERANCE = 1
SOCIALACCOUNT_ADAPTER = "quinze.accounts.psc.provider.SocialAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
QUINZE_PSC = psc.from_environment(MODE)  # Pro Santé Connect; None: no button
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # the page says when to try again: that instant must hold
AXES_LOCKOUT_CALLABLE = "quinze.accounts.views.login.locked_out"

# Pages
LANGUAGE_CODE = "fr"
TIME_ZONE = "UTC"  # instants are UTC; pages show the zone of the SAS or of the place
QUINZE_ZONE = os.environ.get("QUINZE_ZONE", "Europe/Paris")  # pages opened by nobody in particular
USE_I18N = True
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"  # of collectstatic, for a proxy; without it the finders serve the same files
if MODE != "production":
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [
    ("npm/bootstrap/css", ASSETS / "bootstrap/dist/css"),
    ("npm/ibm-plex-sans", ASSETS / "@fontsource-variable/ibm-plex-sans/files"),
    ("npm/leaflet", ASSETS / "leaflet/dist"),
]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if not INSECURE:
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
# {host} is the host name of the request: the event server listens beside the pages.
QUINZE_EVENTS_URL = os.environ.get("QUINZE_EVENTS_URL", "http://{host}:8001/events")
_events = QUINZE_EVENTS_URL.split("/events")[0]
QUINZE_EVENTS_ORIGINS = (
    # (a literal IPv6 address is no source that a CSP can name)
    [_events.replace("{host}", host) for host in ALLOWED_HOSTS if "[" not in host]
    if "{host}" in _events
    else [_events or SELF]
)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF, *QUINZE_EVENTS_ORIGINS],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 400

# What « ? » opens: one file for each role. The guide of the checkout, unless it was put elsewhere.
QUINZE_GUIDE = Path(os.environ.get("QUINZE_GUIDE") or ROOT / "docs" / "guide")

# Messages to people
EMAIL_HOST = os.environ.get("QUINZE_SMTP_HOST", "")
EMAIL_PORT = int(os.environ.get("QUINZE_SMTP_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("QUINZE_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("QUINZE_SMTP_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("QUINZE_SMTP_TLS") == "1"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("QUINZE_MAIL_FROM", "sas@quinze.invalid")
# The operator of MSSanté: what names a patient to a doctor leaves by it alone, or on paper.
QUINZE_MSS_HOST = os.environ.get("QUINZE_MSS_HOST", "")
QUINZE_MSS_PORT = int(os.environ.get("QUINZE_MSS_PORT", "587"))
QUINZE_MSS_USER = os.environ.get("QUINZE_MSS_USER", "")
QUINZE_MSS_PASSWORD = os.environ.get("QUINZE_MSS_PASSWORD", "")
QUINZE_MSS_FROM = os.environ.get("QUINZE_MSS_FROM", "")
QUINZE_MSS_TLS = os.environ.get("QUINZE_MSS_TLS", "1") == "1"
QUINZE_MSS_DOMAINS = os.environ.get("QUINZE_MSS_DOMAINS", "")  # beside mssante.fr, separated by commas
QUINZE_SMS_URL = os.environ.get("QUINZE_SMS_URL", "")
QUINZE_SMS_TOKEN = os.environ.get("QUINZE_SMS_TOKEN", "")
QUINZE_PUBLIC_URL = os.environ.get("QUINZE_PUBLIC_URL", "http://localhost:8000")
QUINZE_SAS_ORIGIN = os.environ.get("QUINZE_SAS_ORIGIN", "sas")  # what we tell editors when we send somebody to them

# FHIR: the reverse proxy proves itself by this secret; without it no FHIR address answers anybody.
QUINZE_FHIR_PROXY_SECRET = _from_file("QUINZE_FHIR_PROXY_SECRET", shortest=32)
# PEM: who signs the certificates of clients, and which they took back. Read again when they change, at each request.
QUINZE_FHIR_CA = os.environ.get("QUINZE_FHIR_CA", "")
QUINZE_FHIR_CRL = os.environ.get("QUINZE_FHIR_CRL", "")
if MODE == "production" and QUINZE_FHIR_PROXY_SECRET and not (QUINZE_FHIR_CA and QUINZE_FHIR_CRL):
    raise ImproperlyConfigured("FHIR in production: set QUINZE_FHIR_CA and QUINZE_FHIR_CRL, the lists of revocation.")

# Our appointments are declared to the national platform (INT_R03) at this address; nothing is without it. Files of PEM:
# our certificate, its key, the authority of theirs. The system names our identifiers there, and never changes.
QUINZE_PLATFORM_URL = os.environ.get("QUINZE_PLATFORM_URL", "")
QUINZE_PLATFORM_CERTIFICATE = os.environ.get("QUINZE_PLATFORM_CERTIFICATE", "")
QUINZE_PLATFORM_KEY = os.environ.get("QUINZE_PLATFORM_KEY", "")
QUINZE_PLATFORM_AUTHORITY = os.environ.get("QUINZE_PLATFORM_AUTHORITY", "")
QUINZE_PLATFORM_SYSTEM = os.environ.get("QUINZE_PLATFORM_SYSTEM", f"{QUINZE_PUBLIC_URL.rstrip('/')}/rdv")
if QUINZE_PLATFORM_URL and not QUINZE_PLATFORM_URL.startswith("https://"):
    if not (INSECURE and QUINZE_PLATFORM_URL.startswith(("http://127.0.0.1:", "http://localhost:"))):
        raise ImproperlyConfigured("QUINZE_PLATFORM_URL begins with https://")
elif QUINZE_PLATFORM_URL and not (QUINZE_PLATFORM_CERTIFICATE and QUINZE_PLATFORM_KEY and QUINZE_PLATFORM_AUTHORITY):
    raise ImproperlyConfigured("QUINZE_PLATFORM_URL needs QUINZE_PLATFORM_CERTIFICATE, _KEY and _AUTHORITY")

# The client of the Hub Santé under which Quinze, as the platform of a SAS, tells appointments to regulation software.
# Empty: nothing is told.
QUINZE_HUB_PLATFORM = os.environ.get("QUINZE_HUB_PLATFORM", "")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "quinze.base.logs.Redacting",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": os.environ.get("QUINZE_LOG", "WARNING")},
}
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # e-mail is unique in any case, by a functional constraint
