"""What somebody may see, and why: one's own page, everybody's for those who keep permissions, and one record's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from kedang.access.deciding import OF_RECORDS, Act, Person, roles
from kedang.entrypoints.web.arranging.scopes import shown_scope
from kedang.entrypoints.web.desk import Desk, own, page
from kedang.holdings.actions.people import person_of
from kedang.holdings.adapters.door_key import door_key
from kedang.holdings.errors import RecordUnknown
from kedang.holdings.queries.locating import find_record
from kedang.holdings.queries.people import MemberLine, accounts, members, reasons
from kedang.holdings.queries.permitted import permitted


@dataclass(frozen=True, slots=True)
class Tile:
    """One way on from the first page of the settings."""

    key: str
    route: str
    icon: str
    acts: tuple[Act, ...]
    """For whoever may do one of them; for everybody when there is none."""


TILES = (
    Tile("mine", "settings_mine", "eye", ()),
    Tile("people", "settings_people", "users", (Act.ACCOUNTS,)),
    Tile("permissions", "settings_permissions", "shield-lock", (Act.SEE_PERMISSIONS,)),
    Tile("who-saw", "settings_who_saw", "history", (Act.WHO_SAW,)),
    Tile("rules", "settings_rules", "scale", (Act.SETTINGS,)),
    Tile("standard", "settings_standard", "list-check", (Act.SET_STANDARD,)),
    Tile("officers", "settings_officers", "user-plus", (Act.HOLD_KEYS,)),
    Tile("tokens", "tokens", "key", ()),
    Tile("cases", "settings_cases", "building", (Act.HOLD_KEYS,)),
)


@own
@require_GET
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Where settings are."""
    tiles = [tile for tile in TILES if not tile.acts or any(map(desk.may, tile.acts))]
    return render(request, "arranging/index.html", {"tiles": tiles})


@own
@require_GET
def mine(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What I may do, with how many records, and by which grants."""
    return render(request, "arranging/mine.html", _mine(desk))


@own
@require_POST
def my_record(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What I may do with one record and why; one that I may not know of looks like one that is not there."""
    typed = request.POST.get("record", "").strip()
    shown = _mine(desk) | {"typed": typed, "asked": True}
    found = _record(desk, typed)
    if found is not None:
        decided = reasons(desk.person, found, today=desk.today())
        if dict(decided)[Act.LIST].allowed:
            shown["decided"] = [_decision(desk, one, decision) for one, decision in decided]
    return render(request, "arranging/mine.html", shown)


@page(Act.SEE_PERMISSIONS)
@require_GET
def everybody(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who has joined, with what."""
    return render(request, "arranging/permissions.html", _everybody(desk))


@page(Act.SEE_PERMISSIONS)
@require_POST
def record_of_somebody(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What one person may do with one record, and why."""
    typed, account = request.POST.get("record", "").strip(), request.POST.get("account", "")
    shown = _everybody(desk) | {"typed": typed, "chosen": account, "asked": True}
    found, person = _record(desk, typed), person_of(desk.archive, account)
    if found is not None and person is not None:
        decided = reasons(person, found, today=desk.today())
        shown["decided"] = [_decision(desk, act, decision) for act, decision in decided]
    return render(request, "arranging/permissions.html", shown)


def _record(desk: Desk, typed: str) -> Any:
    try:
        return find_record(desk.archive, typed)
    except RecordUnknown:
        return None


def _mine(desk: Desk) -> dict[str, Any]:
    me = next(line for line in members(desk.archive, today=desk.today()) if line.agent == desk.person.agent)
    return {"grants": shown_grants(desk, me), "acts": _acts(desk, desk.person)}


def _everybody(desk: Desk) -> dict[str, Any]:
    lines = members(desk.archive, today=desk.today())
    joined, may_give = {line.account for line in lines}, desk.may(Act.GRANTS)
    there = accounts(door_key(settings.HOME)) if may_give else []
    return {
        "others": [one for one in there if one.active and one.id not in joined],
        "members": [{"line": line, "grants": shown_grants(desk, line)} for line in lines],
        "may_give": may_give,
        "me": desk.person.agent,
    }


def shown_grants(desk: Desk, line: MemberLine) -> list[dict[str, Any]]:
    """The grants of somebody as pages show them."""
    return [
        {
            "line": grant,
            "role": roles()[grant.grant.role],
            "title": roles()[grant.grant.role].title[desk.language],
            "about": roles()[grant.grant.role].about[desk.language],
            "scope": shown_scope(desk, grant.grant.scope),
        }
        for grant in line.grants
    ]


def _acts(desk: Desk, person: Person) -> list[dict[str, Any]]:
    found = []
    for act in Act:
        if not desk.may(act):
            continue
        count = None
        if act in OF_RECORDS:
            count = permitted(desk.archive.case_id, person, act, today=desk.today()).count()
        found.append({"key": f"arranging.act-{act.value}", "count": count})
    return found


def _decision(desk: Desk, act: Act, decision: Any) -> dict[str, Any]:
    grant = decision.grant
    return {
        "key": f"arranging.act-{act.value}",
        "allowed": decision.allowed,
        "because": f"arranging.because-{decision.because}",
        "role": roles()[grant.role].title[desk.language] if grant else "",
        "scope": shown_scope(desk, grant.scope) if grant else [],
    }
