"""Settings of the one Django project. What differs between installations comes from the environment."""

from __future__ import annotations

import os
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

from qingfu.server.home import lake_folder
from qingfu.server.secrets import home, secret


def _flag(name: str) -> bool:
    return os.environ.get(name, "").lower() in {"1", "true", "yes", "on"}


def _list(name: str, default: str) -> list[str]:
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


SITE_DIR = Path(__file__).resolve().parent
PACKAGE_DIR = SITE_DIR.parent
HOME = home()
LAKE_FOLDER = lake_folder()

DEBUG = _flag("QINGFU_DEBUG")
TLS = _flag("QINGFU_TLS")
DEMO = _flag("QINGFU_DEMO")  # set by `qingfu demo --serve` alone: visitors enter 青禾县 without a password
ICP = os.environ.get("QINGFU_ICP", "").strip()  # the filing number of a site on the internet, for its footer
SECRET_KEY = secret("django").hex()
ALLOWED_HOSTS = _list("QINGFU_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = _list("QINGFU_ORIGINS", "")

ROOMS = [
    room
    for room in ("units", "ledger", "findings", "notices", "lake", "homework", "offices", "reports")
    if _exists(f"qingfu.{room}.apps")
]

# Sign-in, sessions and roles are our own (qingfu.units), hence no django.contrib.auth, admin or sessions.
INSTALLED_APPS = [
    "whitenoise.runserver_nostatic",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "treebeard",
    "procrastinate.contrib.django",
    "qingfu.site",
    *[f"qingfu.{room}" for room in ROOMS],
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "qingfu.site.middleware.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "qingfu.site.usage.measure.MeasureUse",
]

ROOT_URLCONF = "qingfu.site.urls"
WSGI_APPLICATION = "qingfu.site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [("qingfu.site.folding.Loader", ["django.template.loaders.app_directories.Loader"])],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "qingfu.site.home.nav.context",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]

if _exists("qingfu.server.databases"):
    from qingfu.server.databases import django_databases

    DATABASES = django_databases()

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "qingfu.site.storage.StaticStorage"},
}
# Until `collectstatic` has run, files are served from the packages themselves.
WHITENOISE_USE_FINDERS = DEBUG or not (STATIC_ROOT / "staticfiles.json").exists()

MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

SECURE_CONTENT_TYPE_NOSNIFF = True
# Not "no-referrer": browsers then send `Origin: null` with our own forms, which the CSRF check must refuse.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = TLS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = TLS
SECURE_SSL_REDIRECT = TLS
SECURE_HSTS_SECONDS = 31_536_000 if TLS else 0
# The other hosts of a school's or a county's domain are not ours to promise TLS for.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
BEHIND_PROXY = _flag("QINGFU_BEHIND_PROXY")
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Sign-in (qingfu.units). Tries are (at most, in so many seconds); only failures count.
PASSWORD_HASHERS = ["qingfu.units.passwords.Argon2"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "qingfu.units.passwords.NotTheAccount"},
]
SESSION_LIFETIME = timedelta(days=30)
ADMINISTRATOR_SESSION_LIFETIME = timedelta(hours=12)
SCREEN_SESSION_LIFETIME = timedelta(minutes=45)  # one lesson
SIGN_IN_STEP_LIFETIME = timedelta(minutes=15)
SIGN_IN_TRIES = {
    "here": (10, 900),  # one account from one address
    "address": (100, 900),
    "account": [(50, 900), (100, 3600), (300, 86_400)],  # from anywhere: the more tries, the longer the wait
    "device": (10, 900),  # a browser that has signed in to the account before, counted by itself
    "code": (5, 900),
}
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
