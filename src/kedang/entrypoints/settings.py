"""Django's settings, from the environment. `docs/settings.md` lists every variable."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

HOME = Path(os.environ.get("KEDANG_HOME") or Path.home() / "kedang-home")

SQLITE_OPENING = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
    "PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32000;"
)


def _database(url: str | None) -> dict[str, object]:
    """Django's database entry: SQLite in the home, or the PostgreSQL of KEDANG_DATABASE_URL."""
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(HOME / "kedang.sqlite3"),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": SQLITE_OPENING,
            },
        }
    parts = urlsplit(url)
    return {
        "ENGINE": "kedang.holdings.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


DATABASES = {"default": _database(os.environ.get("KEDANG_DATABASE_URL"))}
INSTALLED_APPS = ["kedang.holdings"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "zh-hans"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher"
]  # of those who sign in at the web door
SECRET_KEY = "the command line signs nothing with this"  # noqa: S105 - the web door has another
LOGGING_CONFIG = None
