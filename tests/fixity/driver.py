"""Damages a small archive in every way and asks the checks of `verify` each time, in one process.

    python driver.py columns           every column of every table, edited in one row
    python driver.py faults SEED N     random bits and truncations of objects and rows
    python driver.py rows              every row of every table, taken away
    python driver.py forms             every time, written so that it reads alike

Prints JSON: what was done, and which codes and names were found.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kedang.entrypoints.settings")
django.setup()

from django.apps import apps  # noqa: E402 - Django first
from django.db import DatabaseError, connection  # noqa: E402

from kedang.entrypoints.cli.context import new_context  # noqa: E402
from kedang.holdings import models  # noqa: E402
from kedang.holdings.actions.fixity import check_thing, things_of  # noqa: E402
from kedang.holdings.actions.progress import Silent  # noqa: E402
from kedang.holdings.adapters.archive import Archive  # noqa: E402
from kedang.holdings.adapters.guarding import guarded  # noqa: E402
from kedang.holdings.queries.verifying import verify_case  # noqa: E402
from kedang.records.errors import KedangError  # noqa: E402

Change = Callable[[Any, random.Random], Any]
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def main() -> None:
    """Do what the arguments say and print what was found."""
    what, *rest = sys.argv[1:]
    with new_context().writing() as archive:
        fill_passing_tables(archive)
        clean = found_in(archive)
        if clean:
            raise SystemExit(f"not clean before anything was done: {clean}")
        if what == "columns":
            said = [edit(archive, *place) for place in columns()]
        elif what == "forms":
            said = [rewrite(archive, *place) for place in columns() if place[2] == "DateTimeField"]
        elif what == "rows":
            said = [take_away(archive, model) for model in tables()]
        else:
            said = list(random_faults(archive, random.Random(int(rest[0])), int(rest[1])))
        left = found_in(archive)
        if left:
            raise SystemExit(f"not clean after everything was put back: {left}")
    sys.stdout.write(json.dumps(said))


def fill_passing_tables(archive: Archive) -> None:
    """A row in each table that lives only while keys change."""
    change = models.EpochChange.objects.order_by("id").first() or guarded(
        archive,
        models.EpochChange(
            id=archive.new_id(),
            case_id=archive.case_id,
            to_epoch=0,
            purpose="rotate",
            step="done",
            started=NOW,
            finished=NOW,
        ),
    )
    change.save()
    part = models.IndexPart.objects.first()
    case, an_id = archive.case_id, archive.new_id()
    rows: list[Any] = [
        models.ChangedPage(case_id=case, change=change, page=an_id, stored=an_id, entries=3),
        models.DoomedKey(case_id=case, change=change, holder=an_id, page=an_id, heir="", heir_page=""),
        models.NewPart(
            case_id=case, change=change, part=part, old_file=an_id, file=an_id, key_page=an_id, records=3
        ),
        models.FixityCheck(case_id=case, name="packs/x", checked=NOW, code=""),
        models.FixityRound(case_id=case, number=1, began=NOW),
        models.Witness(
            case_id=case, size=1, note="x", kind="rfc3161", token=b"x", token_digest="x", certificates="x",
            time=NOW, clock=NOW,
        ),
    ]  # fmt: skip
    for row in rows:
        if not type(row).objects.filter(case_id=case).exists():
            guarded(archive, row).save()


def found_in(archive: Archive) -> list[tuple[str, str]]:
    """Codes and names of everything that a verification finds, as a new process would make it."""
    archive.keyring._pages.clear()
    found = verify_case(archive, deep=False, progress=Silent())
    return [(fault.code, fault.name or fault.subject) for fault in found.faults]


def tables() -> list[Any]:
    """Every table of the archive that has rows."""
    return [one for one in apps.get_app_config("holdings").get_models() if one._default_manager.exists()]


def columns() -> Iterator[tuple[Any, str, str]]:
    """Every column of every table, but the numbers that the database gives."""
    for model in tables():
        for field in model._meta.concrete_fields:
            if field.get_internal_type() != "BigAutoField":
                yield model, field.column, field.get_internal_type()


def row_of(model: Any, column: str, chance: random.Random | None = None) -> tuple[Any, Any]:
    """Key and value of a row; one that says something in the column, if there is any."""
    table, key = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {key}, "{column}" FROM {table}')  # noqa: S608 - names of our own
        rows = cursor.fetchall()
    full = [row for row in rows if row[1] not in (None, "", b"", 0, "{}", "[]")] or rows
    key_found, value = chance.choice(rows) if chance else full[len(full) // 2]
    return key_found, value


@contextmanager
def written(model: Any, column: str, key: Any, value: Any, before: Any) -> Iterator[None]:
    """The column of one row holds another value, until the block ends."""
    table, primary = model._meta.db_table, model._meta.pk.column
    statement = f'UPDATE {table} SET "{column}" = %s WHERE {primary} = %s'  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA foreign_keys = OFF")
        cursor.execute(statement, [value, key])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(statement, [before, value if column == primary else key])


def another(value: Any, kind: str) -> Any:
    """A value of the same kind that is not this one."""
    if value is None:
        return {"DateTimeField": "2020-01-02 03:04:05", "DateField": "2020-01-02"}.get(kind, "5" * 32)
    if isinstance(value, bytes):
        return flipped(value, 0) if value else b"x"
    if kind == "BooleanField":
        return 1 - value
    if isinstance(value, int):
        return value + 1
    if kind == "DateTimeField":
        return "2020-01-02 03:04:05"
    if kind == "DateField":
        return "2020-01-02"
    if kind == "JSONField":
        return '{"x": 1}' if value != '{"x": 1}' else "{}"
    return value[:-1] + ("a" if value[-1:] != "a" else "b")


def flipped(value: bytes, bit: int) -> bytes:
    """The same bytes with one bit turned."""
    changed = bytearray(value)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def edit(archive: Archive, model: Any, column: str, kind: str) -> dict[str, Any]:
    """Edit one row, look, put it back."""
    key, before = row_of(model, column)
    told: dict[str, Any] = {"table": model.__name__, "column": column}
    try:
        with written(model, column, key, another(before, kind), before):
            told["found"] = sorted({code for code, _ in asked(archive)})
    except DatabaseError as error:
        told["refused"] = type(error).__name__
    return told


def rewrite(archive: Archive, model: Any, column: str, _kind: str) -> dict[str, Any]:
    """Write one row's time in other signs that are read as the same time, look, put it back."""
    key, before = row_of(model, column)
    told: dict[str, Any] = {"table": model.__name__, "column": column, "forms": {}}
    for was, sign in ((" ", "!"), (" ", "T"), (".", ",")):
        if was in str(before):
            with written(model, column, key, str(before).replace(was, sign), before):
                told["forms"][sign] = found_by_things(archive, model)
    return told


def asked(archive: Archive) -> list[tuple[str, str]]:
    """What is found; an error is a find too: the command ends with its code."""
    try:
        return found_in(archive)
    except KedangError as error:
        return [(error.code, "")]


def take_away(archive: Archive, model: Any) -> dict[str, Any]:
    """Delete one row, look, put it back."""
    table, primary = model._meta.db_table, model._meta.pk.column
    key, _ = row_of(model, primary)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA foreign_keys = OFF")
        cursor.execute(f"SELECT * FROM {table} WHERE {primary} = %s", [key])  # noqa: S608
        row = cursor.fetchone()
        cursor.execute(f"DELETE FROM {table} WHERE {primary} = %s", [key])  # noqa: S608
    try:
        return {"table": model.__name__, "found": sorted({code for code, _ in asked(archive)})}
    finally:
        marks = ", ".join(["%s"] * len(row))
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {table} VALUES ({marks})", row)  # noqa: S608


EXEMPT = frozenset({"KeyHolder"})


def random_faults(archive: Archive, chance: random.Random, count: int) -> Iterator[dict[str, Any]]:
    """One fault after another, each put back before the next."""
    objects = [path for path in object_files(archive) if path.stat().st_size]
    rowed = [model for model in tables() if model.__name__ not in EXEMPT]
    for number in range(count):
        if number % 2:
            yield damage_object(archive, chance, chance.choice(objects))
        else:
            yield damage_row(archive, chance, chance.choice(rowed))


def object_files(archive: Archive) -> list[Path]:
    """Files of every kind; index parts, of which there are few, as often as all the rest has half."""
    vault = [path for path in sorted(archive.home.vault.rglob("*")) if path.is_file()]
    parts = [path for path in sorted(archive.home.index.glob("*.part")) if path.is_file()]
    return vault + parts * max(1, len(vault) // max(1, 2 * len(parts)))


def damage_object(archive: Archive, chance: random.Random, path: Path) -> dict[str, Any]:
    """Turn a bit of a file, or cut it off."""
    before = path.read_bytes()
    cut = chance.random() < 0.15
    if cut:
        path.write_bytes(before[: chance.randrange(len(before))])
    else:
        bit = chance.randrange(len(before) * 8)
        path.write_bytes(flipped(before, bit))
    name = thing_name(archive, path)
    try:
        archive.keyring._pages.clear()
        found = check_thing(archive, name)
    except KedangError as error:  # the ring's page that has the case's own key: nothing opens without it
        return {"fault": name, "cut": cut, "found": [error.code], "named": True}
    finally:
        path.write_bytes(before)
    names = [one.name for one in found]
    return {
        "fault": name,
        "cut": cut,
        "found": [one.code for one in found],
        "named": any(path.stem in one for one in names) or not found,
        "records": sum(len(one.records) for one in found),
    }


def thing_name(archive: Archive, path: Path) -> str:
    """How a round calls what lies in a file."""
    if path.suffix == ".part":
        return f"index/{path.stem}"
    kind = path.parent.parent.name
    if kind == "ring":
        return f"ring/{models.KeyPage.objects.get(stored=path.name).id}"
    return f"{kind}/{path.name}"


BOOKS_OF = {
    "MentionKey": ("books/mentions",),
    "CustomerKey": ("books/customer-keys",),
    "LedgerLeaf": ("books/ledger",),
    "LedgerNode": ("books/ledger",),
    "LedgerHead": ("books/ledger",),
    "KeyPage": ("ring", "books/keys", "books/epochs", "rows/record"),
    "Case": ("rows/case", "books/epochs"),
    "Record": ("rows/record", "books/order", "books/references", "index", "books/mentions"),
}


def damage_row(archive: Archive, chance: random.Random, model: Any) -> dict[str, Any]:
    """Turn a bit of one column of one row."""
    fields = [one for one in model._meta.concrete_fields if one.get_internal_type() != "BigAutoField"]
    field = chance.choice(fields)
    key, before = row_of(model, field.column, chance)
    after = turned(before, chance)
    told: dict[str, Any] = {"fault": f"{model.__name__}.{field.column}", "cut": False, "named": True}
    try:
        with written(model, field.column, key, after, before):
            archive.keyring._pages.clear()
            told["found"] = found_by_things(archive, model)
    except DatabaseError as error:
        told["refused"] = type(error).__name__
    return told


def found_by_things(archive: Archive, model: Any) -> list[str]:
    """The codes that the checks covering a table give."""
    table = model.__name__.lower()
    prefixes = (*BOOKS_OF.get(model.__name__, (f"rows/{table}",)), "books/database", "books/forms")
    found = []
    try:
        for thing in [one.name for one in things_of(archive)]:
            if thing.startswith(prefixes):
                found += check_thing(archive, thing)
    except KedangError as error:
        return [error.code]
    return sorted({one.code for one in found})


def turned(value: Any, chance: random.Random) -> Any:
    """The value with one bit turned, as it is stored."""
    if value is None:
        return chance.randrange(256)
    if isinstance(value, int):
        return value ^ 1 << chance.randrange(31)
    octets = value if isinstance(value, bytes) else str(value).encode()
    if not octets:
        return b"\1" if isinstance(value, bytes) else "\1"
    changed = flipped(octets, chance.randrange(len(octets) * 8))
    return changed if isinstance(value, bytes) else changed.decode("latin-1")


if __name__ == "__main__":
    main()
