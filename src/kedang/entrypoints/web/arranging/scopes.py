"""Scopes in forms and in words: classes, sensitivities, sources, customers and records."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.http import QueryDict

from kedang.access.deciding import Grant, Scope, roles
from kedang.entrypoints.web.desk import Desk
from kedang.entrypoints.web.texts import say
from kedang.holdings.people_errors import GrantMalformed
from kedang.holdings.queries.locating import find_customer, find_record
from kedang.holdings.queries.naming import numbers_of_customers, numbers_of_records, source_lines
from kedang.records.content import RecordClass, Sensitivity
from kedang.records.errors import KedangError

MOST_NAMED = 200
"""Customers or records that one grant names."""


def grant_in(desk: Desk, given: QueryDict) -> Grant:
    """The grant that a form describes.

    Raises:
        GrantMalformed: something in it is not known.
    """
    role = given.get("role", "")
    if role not in roles():
        raise GrantMalformed(part="role")
    last = given.get("last_day", "").strip()
    try:
        last_day = date.fromisoformat(last) if last else None
    except ValueError as error:
        raise GrantMalformed(part="last_day") from error
    if last_day is not None and last_day < desk.today():
        raise GrantMalformed(part="last_day")
    scope = _scope_in(desk, given) if roles()[role].duty == "records" else Scope()
    return Grant(desk.archive.new_id(), role, scope, last_day)


def _scope_in(desk: Desk, given: QueryDict) -> Scope:
    if given.get("covers", "all") == "all":
        return Scope()
    scope = Scope(
        classes=_chosen(given, "classes", RecordClass),
        sensitivities=_chosen(given, "sensitivities", Sensitivity),
        sources=_chosen(given, "sources", [one.id for one in source_lines(desk.archive)]),
        customers=_named(given, "customers", lambda said: find_customer(desk.archive, int(said))),
        records=_named(given, "records", lambda said: find_record(desk.archive, said).id),
    )
    if scope.whole:
        raise GrantMalformed(part="classes")
    return scope


def _chosen(given: QueryDict, part: str, known: Iterable[str]) -> frozenset[str] | None:
    chosen = frozenset(given.getlist(part))
    if not chosen <= set(map(str, known)):
        raise GrantMalformed(part=part)
    return chosen or None


def _named(given: QueryDict, part: str, find: Any) -> frozenset[str] | None:
    said = given.get(part, "").replace("，", " ").replace(",", " ").split()
    if len(said) > MOST_NAMED:
        raise GrantMalformed(part=part)
    try:
        return frozenset(find(one.lstrip("#")) for one in said) or None
    except (KedangError, ValueError) as error:
        raise GrantMalformed(part=part) from error


def shown_scope(desk: Desk, scope: Scope) -> list[dict[str, str]]:
    """The parts of a scope in words; empty when it is the whole archive. No name of a customer or source stands in it."""
    language = desk.language
    sources = {one.id: one for one in source_lines(desk.archive)} if scope.sources else {}
    told: list[tuple[str, Iterable[str]]] = [
        ("classes", [say(f"web.class-{one}", language) for one in scope.classes or ()]),
        (
            "sensitivities",
            [say(f"web.sensitivity-{one}", language) for one in scope.sensitivities or ()],
        ),
        ("sources", [source_said(sources[one], language) for one in scope.sources or () if one in sources]),
        ("customers", [f"#{one}" for one in numbers_of_customers(desk.archive, scope.customers or ())]),
        ("records", numbers_of_records(desk.archive, scope.records or ())),
    ]
    separator = "、" if language == "zh" else ", "
    return [
        {"part": f"arranging.part-{part}", "said": separator.join(sorted(values))}
        for part, values in told
        if getattr(scope, part) is not None
    ]


def source_said(source: Any, language: str) -> str:
    """A source by its number and kind: its name may name a person, and is not for whoever gives permissions."""
    kind = say(f"arranging.source-{source.kind}", language)
    return say("arranging.source-number", language, n=source.ordinal, kind=kind)


def form_of(desk: Desk) -> dict[str, Any]:
    """What the form of a new grant offers."""
    return {
        "roles": list(roles().values()),
        "classes": [one.value for one in RecordClass],
        "sensitivities": [one.value for one in Sensitivity],
        "sources": [
            {"id": one.id, "said": source_said(one, desk.language)} for one in source_lines(desk.archive)
        ],
    }
