"""A real OpenID Connect provider of its own: `python -m tests.web.identity_provider FOLDER CALLBACK`.

django-allauth's provider (authorisation code with PKCE, signed id tokens, discovery, keys) in a process and with a
database of its own, over HTTP. Prints its address. Two people: PEOPLE, password PASSWORD.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings

PASSWORD = "the provider's own long password"
PEOPLE = ("sso-person", "sso-invited")
CLIENT, SECRET = "kedang", "a secret between provider and door"

APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "allauth",
    "allauth.account",
    "allauth.idp.oidc",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
PROCESSORS = [
    "django.template.context_processors.request",
    "django.contrib.messages.context_processors.messages",
]
TEMPLATES = {
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "APP_DIRS": True,
    "OPTIONS": {"context_processors": PROCESSORS},
}


def configure(folder: Path) -> None:
    """Settings of the provider, with a key made for this run."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    settings.configure(
        SECRET_KEY="of this run only",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "idp.sqlite3")}},
        INSTALLED_APPS=APPS,
        MIDDLEWARE=MIDDLEWARE,
        TEMPLATES=[TEMPLATES],
        ACCOUNT_EMAIL_VERIFICATION="none",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        SESSION_COOKIE_NAME="provider",  # cookies know no port: the door on the same address has its own
        IDP_OIDC_PRIVATE_KEY=pem.decode(),
        USE_TZ=True,
    )
    django.setup()


class Quiet(WSGIRequestHandler):
    """Writes no log."""

    def log_message(self, *_: object) -> None:
        """Nothing."""


if __name__ == "__main__":
    configure(Path(sys.argv[1]))
    from allauth.idp.oidc.models import Client
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application
    from django.urls import include, path

    urlpatterns = [path("", include("allauth.idp.urls")), path("accounts/", include("allauth.urls"))]
    call_command("migrate", verbosity=0)
    accounts: Any = get_user_model()
    for name in PEOPLE:
        accounts.objects.create_user(name, f"{name}@example.org", PASSWORD)
    client = Client(id=CLIENT, name="kedang", skip_consent=True, scopes="openid", default_scopes="openid")
    client.set_secret(SECRET)
    client.set_redirect_uris([sys.argv[2]])
    client.save()
    server = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet)
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()
