"""The tables of the database, made and brought up to date when the program is newer than they are."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from importlib import import_module
from pkgutil import iter_modules

from django.db import OperationalError, ProgrammingError, connection

from kedang.holdings import migrations

APPLIED = "SELECT name FROM django_migrations WHERE app = 'holdings'"


def tables_are_current() -> bool:
    """Whether every migration that this program brings is noted as applied; it is noted in the same transaction."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(APPLIED)
            applied = {name for (name,) in cursor.fetchall()}
    except (OperationalError, ProgrammingError):  # there are no tables yet
        return False
    return {module.name for module in iter_modules(migrations.__path__)} <= applied


def make_tables() -> None:
    """Apply what is missing. Nobody else may be doing so."""
    management = import_module("django.core.management")  # loads much, and is rarely wanted
    with redirect_stdout(io.StringIO()):
        management.call_command("migrate", interactive=False, verbosity=0)
