"""All settings, from standard environment variables. What matters and is missing stops the start."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import django_stubs_ext
import pgtrigger
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

django_stubs_ext.monkeypatch()  # ModelForm[Account] and its like

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = BASE_DIR / "var"  # everything that is made while running: data, mail, collected files


def flag(name: str, default: bool = False) -> bool:
    return os.environ.get(name, str(int(default))).lower() in {"1", "true", "yes", "on"}


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def required(name: str, hint: str) -> str:
    if value := os.environ.get(name):
        return value
    raise ImproperlyConfigured(f"{name} is not set. {hint}")


# ---- Which kind of run this is

DEBUG = flag("DEBUG")
DEMO = flag("DEMO")  # a page of the cast to sign in from, and mail that goes to files
TESTING = "PYTEST_VERSION" in os.environ
HTTPS = flag("HTTPS", default=not (DEMO or DEBUG or TESTING))

PUBLISHED_KEY = (
    "only-for-the-demo-and-the-tests-which-hold-no-secrets"  # config/starting.py refuses it elsewhere
)
if DEMO or TESTING:
    SECRET_KEY = os.environ.get("SECRET_KEY") or PUBLISHED_KEY
else:
    SECRET_KEY = required(
        "SECRET_KEY", "Make one: python -c 'import secrets; print(secrets.token_urlsafe(64))'"
    )

ALLOWED_HOSTS = words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]" if DEMO or DEBUG or TESTING else "")
CSRF_TRUSTED_ORIGINS = words("CSRF_TRUSTED_ORIGINS")

# ---- Apps and the path of a request

INSTALLED_APPS = [
    "accounts",
    "handoffs",
    *(["config.demo"] if DEMO or TESTING else []),  # its command tells the story
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "pgtrigger",
    "pghistory",
    "csp",
    "django_htmx",
    "heroicons",
]

MIDDLEWARE = [
    "accounts.middleware.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "accounts.middleware.SizeMiddleware",  # above the first that reads a form
    "accounts.middleware.TextOnlyMiddleware",  # before anything that was sent is looked up
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.KeepUnsentMiddleware",  # sign-in required everywhere; a form survives the way there
    "django_htmx.middleware.HtmxMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "accounts.middleware.OnceMiddleware",  # the same form sent twice is done once
    "accounts.middleware.RefusalMiddleware",  # a law that refuses is a sentence (409), not a crash
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["accounts.templatetags.kit"],
        },
    },
]

# ---- Database: PostgreSQL, as a role that owns nothing; only migrations use the tables' owner


def database(url: str) -> dict[str, Any]:
    """Django's settings for a postgresql:// address; what follows its `?` goes to libpq as it is."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(
            "DATABASE_URL must begin with postgresql:// (no other database holds the laws)."
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


SITE_DATABASE_URL = required(
    "DATABASE_URL", "For example postgresql://throughline_site:password@localhost/throughline"
)
OWNER_DATABASE_URL = os.environ.get("OWNER_DATABASE_URL") or SITE_DATABASE_URL
SITE_ROLE = database(SITE_DATABASE_URL)["USER"]  # whom migrations grant what the site may do
DATABASES = {"default": database(OWNER_DATABASE_URL if flag("AS_OWNER") else SITE_DATABASE_URL)}

if pool_size := int(os.environ.get("DATABASE_POOL_SIZE", "0")):
    # Short waits: with the database away a person sees the error page soon, and it is back as soon as it is.
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": pool_size,
        "timeout": 5,
        "reconnect_timeout": 5,
    }
elif not TESTING:
    DATABASES["default"]["CONN_MAX_AGE"] = 60

# Statement level: one history insert for a bulk update, not one for each row.
PGHISTORY_LEVEL = pgtrigger.Statement
PGHISTORY_CREATED_AT_FUNCTION = "accounts_now()"

# ---- Sign-in: a code by mail; no passwords, no sign-up

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
SESSION_ENGINE = "accounts.models.sessions"
#: A session ends after so long without use, and so long after the sign-in however much it is used.
SESSION_IDLE = timedelta(hours=float(os.environ.get("SESSION_IDLE_HOURS", 7 * 24)))
SESSION_LIFE = timedelta(hours=float(os.environ.get("SESSION_LIFE_HOURS", 30 * 24)))
SESSION_COOKIE_AGE = int(SESSION_LIFE.total_seconds())
#: How many proxies of ours a request passes: only what these write into X-Forwarded-For is believed.
TRUSTED_PROXIES = int(os.environ.get("TRUSTED_PROXIES", flag("BEHIND_PROXY")))

ACCOUNT_ADAPTER = "accounts.adapter.SignInAdapter"
CUSTOMER_HOME = "customer_page"  # where a customer begins
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # the code proves the address
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = False  # ours are in accounts/models/sign_in_attempts.py
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""

# ---- Mail

#: The address whose mail the mail server hands to `manage.py receive_mail`, so that answers land on the account.
REPLIES_TO = os.environ.get("REPLIES_TO", "")
#: The name by which that mail server signs its Authentication-Results; without it no mail is taken as proven.
MAIL_AUTHENTICATED_BY = os.environ.get("MAIL_AUTHENTICATED_BY", "")
#: Where this site is, for the links in letters.
SITE_URL = (
    os.environ.get("SITE_URL") or f"http{'s' * HTTPS}://{(ALLOWED_HOSTS or ['localhost'])[0].lstrip('.')}"
)
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "Throughline <throughline@localhost>")
if DEMO:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = os.environ.get("EMAIL_FILE_PATH", str(VAR / "mail"))
else:
    EMAIL_HOST = os.environ.get("EMAIL_HOST", "localhost")
    EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "25"))
    EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
    EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
    EMAIL_USE_TLS = flag("EMAIL_USE_TLS")
    EMAIL_TIMEOUT = 10

# ---- Browser: everything from our own address, nothing inline

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/$"]  # asked from inside, without the proxy
SECURE_HSTS_SECONDS = int(os.environ.get("HSTS_SECONDS", 365 * 24 * 3600)) if HTTPS else 0
if flag("BEHIND_PROXY"):  # only where the proxy sets this header itself on every request
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Subdomains and browsers' preload lists: a promise for the whole domain, which is not this product's to make.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

# ---- What is sent to us: how much of it is taken. Files have limits by their pages (`takes_up_to`).

DATA_UPLOAD_MAX_MEMORY_SIZE = 3 * 1024 * 1024  # of a request without its files
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # a departure names a successor for each of its accounts
DATA_UPLOAD_MAX_NUMBER_FILES = 50

# ---- Files of ours

STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "config" / "static"]
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG or TESTING
HASHED_FILES = "whitenoise.storage.CompressedManifestStaticFilesStorage"
PLAIN_FILES = "django.contrib.staticfiles.storage.StaticFilesStorage"
if DEMO:
    FILE_UPLOAD_PERMISSIONS = 0o600  # of collected files: everything under var/ is its owner's alone
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": PLAIN_FILES if DEBUG or TESTING else HASHED_FILES},
}

# ---- Language, time, log

LANGUAGE_CODE = "en-gb"
USE_TZ = True
TIME_ZONE = os.environ.get("TIME_ZONE", "UTC")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
    "loggers": {"django": {"handlers": [], "propagate": True}},
}
