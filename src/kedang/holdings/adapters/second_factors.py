"""The rows of second factors and linked identities, which the library of the web door keeps in tables of its own.

The command line knows no model of theirs; the tables are there once a web door has been opened.
"""

from __future__ import annotations

from django.db import connection

FACTORS = "mfa_authenticator"
IDENTITIES = "socialaccount_socialaccount"


def forget_second_factors(account_id: str) -> None:
    """The account has none any more."""
    if _is_there(FACTORS):
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {FACTORS} WHERE user_id = %s", [account_id])  # noqa: S608 - a constant


def second_factors() -> dict[str, list[str]]:
    """Which kinds of second factors each account has: totp, webauthn, recovery_codes."""
    return _by_account("type", FACTORS)


def linked_identities() -> dict[str, list[str]]:
    """With which providers of single sign-on each account is linked."""
    return _by_account("provider", IDENTITIES)


def _by_account(column: str, table: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    if _is_there(table):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT user_id, {column} FROM {table} ORDER BY id")  # noqa: S608 - constants
            for account, said in cursor.fetchall():
                found.setdefault(account, []).append(said)
    return found


def _is_there(table: str) -> bool:
    return table in connection.introspection.table_names()
