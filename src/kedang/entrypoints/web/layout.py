"""What every page shows around its own content: the case, the navigation, who is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from kedang.access.deciding import Act
from kedang.entrypoints.web.desk import Desk
from kedang.holdings.adapters.door_key import door_key
from kedang.holdings.adapters.names import case_name


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the navigation: shown to whoever may do one of `acts`."""

    key: str
    """Of its text `web.nav-<key>`; the area that it leads to."""
    route: str
    icon: str
    acts: tuple[Act, ...]


NAVIGATION: tuple[Entry, ...] = (
    Entry("overview", "overview", "home", (Act.SEE_CASE,)),
    Entry("taking-in", "sources", "inbox", (Act.TAKE_IN,)),
    Entry("checking", "checking", "list-check", (Act.ANSWER,)),
    Entry("review", "reviews", "clipboard-check", (Act.ACCEPT,)),
    Entry("archive", "archive", "archive", (Act.LIST,)),
    Entry("labels", "labels", "tags", (Act.LABEL,)),
    Entry("customers", "customers", "users", (Act.SEE_CUSTOMERS,)),
    Entry("disposition", "disposition", "calendar", (Act.LIST,)),
    Entry("keeping", "keeping", "database-export", (Act.KEEP_COPIES,)),
    Entry("ledger", "ledger", "books", (Act.SEE_LEDGER,)),
    Entry("settings", "settings", "settings", tuple(Act)),
)


def layout(request: HttpRequest) -> dict[str, Any]:
    """The context of every page."""
    desk: Desk | None = getattr(request, "desk", None)
    language = getattr(request, "language", "zh")
    found: dict[str, Any] = {"language": language, "html_language": "zh-CN" if language == "zh" else "en"}
    if request.user.is_authenticated:
        account = request.user
        opened = door_key(settings.HOME).open(account.id, "account.sealed", account.sealed)  # type: ignore[attr-defined]
        found["account_name"] = opened["name"] or opened["login"]
    if desk is not None:
        found |= {
            "desk": desk,
            "code": desk.code,
            "time_zone": desk.archive.case.time_zone,
            "case_name": case_name(desk.archive),
            "navigation": _navigation(request, desk),
        }
    return found


def first_way(desk: Desk) -> str:
    """The route of the first page that the person may open; that which says why not, when there is none."""
    ways = (entry.route for entry in NAVIGATION if any(map(desk.may, entry.acts)))
    return next(ways, "settings_mine")


def _navigation(request: HttpRequest, desk: Desk) -> list[dict[str, Any]]:
    shown = []
    for entry in NAVIGATION:
        if any(desk.may(act) for act in entry.acts):
            address = reverse(entry.route, kwargs={"code": desk.code})
            here = request.path == address or (request.path.startswith(address) and entry.key != "overview")
            shown.append({"key": f"web.nav-{entry.key}", "icon": entry.icon, "href": address, "here": here})
    return shown
