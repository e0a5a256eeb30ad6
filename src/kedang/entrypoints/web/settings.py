"""Django's settings of the web door: those of every door, and what pages, sessions and sign-in need."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

from kedang.entrypoints.settings import (
    DATABASES,
    DEFAULT_AUTO_FIELD,
    HOME,
    PASSWORD_HASHERS,
    TIME_ZONE,
    USE_TZ,
)
from kedang.entrypoints.web.areas import AREAS
from kedang.entrypoints.web.surroundings import (
    HOSTS,
    HTTPS,
    SSO_CLIENT_ID,
    SSO_CLIENT_SECRET,
    SSO_ID,
    SSO_ISSUER,
    SSO_NAME,
)
from kedang.holdings.adapters.door_key import door_key

__all__ = ["DATABASES", "DEFAULT_AUTO_FIELD", "HOME", "PASSWORD_HASHERS", "TIME_ZONE", "USE_TZ"]

WEB = files("kedang.entrypoints.web")
SECRET_KEY = door_key(HOME).of(b"django").hex()
DEBUG = False
ALLOWED_HOSTS = HOSTS
_FOLDERS = os.environ.get("KEDANG_WEB_FOLDERS", "")
FOLDERS = (
    None
    if not _FOLDERS and "KEDANG_WEB_HOSTS" not in os.environ
    else tuple(Path(one).resolve() for one in _FOLDERS.split(":") if one)
)
"""Below which folders of this computer people may take in from the web door; None: anywhere, as only this computer
reaches it."""


INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "ninja",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "kedang.holdings",
    "kedang.entrypoints.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "kedang.entrypoints.web.headers.Headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "kedang.entrypoints.web.languages.Languages",
    "kedang.entrypoints.web.account.presence.Presence",
    "kedang.entrypoints.web.faults.Faults",
]
ROOT_URLCONF = "kedang.entrypoints.web.urls"
WSGI_APPLICATION = "kedang.entrypoints.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [str(WEB / "templates"), *(str(WEB / area / "templates") for area in AREAS)],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "kedang.entrypoints.web.layout.layout",
            ],
            "builtins": ["kedang.entrypoints.web.templatetags.kedang"],
        },
    }
]
STATIC_URL = "/static/"
STATICFILES_DIRS = [str(WEB / area / "static") for area in AREAS if (WEB / area / "static").is_dir()]
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 600

AUTH_USER_MODEL = "holdings.Account"
AUTHENTICATION_BACKENDS = ["kedang.entrypoints.web.account.backend.ByFingerprint"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "kedang.entrypoints.web.account.passwords.NotOfItsOwner"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"

SESSION_ENGINE = "kedang.entrypoints.web.account.sealed_sessions"
SESSION_COOKIE_NAME = "__Host-kedang" if HTTPS else "kedang"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 12 * 3600  # a working day
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_USE_SESSIONS = True
CSRF_FAILURE_VIEW = "kedang.entrypoints.web.faults.csrf_failed"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_SSL_REDIRECT = False  # the proxy redirects
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024  # one piece of an upload and its fields
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]  # never a file in clear
FILE_UPLOAD_MAX_MEMORY_SIZE = DATA_UPLOAD_MAX_MEMORY_SIZE

ACCOUNT_ADAPTER = "kedang.entrypoints.web.account.adapters.Accounts"
MFA_ADAPTER = "kedang.entrypoints.web.account.adapters.SecondFactors"
SOCIALACCOUNT_ADAPTER = "kedang.entrypoints.web.account.adapters.Identities"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "login"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # the other sessions end, this one goes on under a new key
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_LOGIN_TIMEOUT = 600
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",
    "login_failed": "20/m/ip,10/300s/key",
}  # passwords: account.attempts
SOCIALACCOUNT_REQUESTS_TIMEOUT = 20  # seconds
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = ""
SOCIALACCOUNT_PROVIDERS = (
    {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "SCOPE": ["openid"],
            "APPS": [
                {
                    "provider_id": SSO_ID,
                    "name": SSO_NAME,
                    "client_id": SSO_CLIENT_ID,
                    "secret": SSO_CLIENT_SECRET,
                    "settings": {"server_url": SSO_ISSUER, "fetch_userinfo": False},
                }
            ],
        }
    }
    if SSO_ISSUER
    else {}
)
ACCOUNT_FORMS = {
    "login": "kedang.entrypoints.web.account.forms.SignInForm",
    "change_password": "kedang.entrypoints.web.account.forms.AnotherPassword",
}
MFA_FORMS = {
    "activate_totp": "kedang.entrypoints.web.account.forms.FirstCode",
    "authenticate": "kedang.entrypoints.web.account.forms.Code",
    "add_webauthn": "kedang.entrypoints.web.account.forms.AddPasskey",
    "edit_webauthn": "kedang.entrypoints.web.account.forms.EditPasskey",
}
MFA_RECOVERY_CODE_COUNT = 10
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "kedang"
MFA_TOTP_TOLERANCE = (
    1  # steps of 30 s before and after: who types at its end, a phone that is late (RFC 6238, 5.2)
)
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

USE_I18N = True
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
SILENCED_SYSTEM_CHECKS = ["fields.W342"]
LOGGING = {  # messages of faults may hold what nobody is to read; `faults` says where they happened
    "version": 1,
    "disable_existing_loggers": True,
    "handlers": {"nowhere": {"class": "logging.NullHandler"}},
    "root": {"handlers": ["nowhere"]},
    "loggers": {"django": {"handlers": ["nowhere"], "propagate": False}},
}
