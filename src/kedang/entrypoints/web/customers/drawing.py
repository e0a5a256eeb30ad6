"""The customer file as this page shows it: the same parts as its print, with personal values covered."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from kedang.access.covering import BAR, plain
from kedang.access.deciding import Act
from kedang.entrypoints.customer_page.blocks import Page
from kedang.entrypoints.customer_page.html import part_html
from kedang.entrypoints.customer_page.making import Standing
from kedang.entrypoints.customer_page.parts import SOURCES_SHOWN, code_of
from kedang.entrypoints.customer_page.texts import PageWords
from kedang.entrypoints.web.desk import Desk
from kedang.entrypoints.web.texts import say
from kedang.holdings.adapters.names import case_name
from kedang.holdings.queries.customer_titles import titles_of
from kedang.holdings.queries.permitted import customers_seen

OPEN_FIELDS = frozenset({"name"})
"""Fields of a profile that whoever may see customers reads; all others are covered."""
COVER = BAR * 8
"""Stands for a value, whatever its length."""
_BARS = re.compile(f"{BAR}+")
_CODES = re.compile(r"<span>([^<>、,]{8,64})([、,]?)</span>")
OWN = ("profile", "judgements")
"""Parts that this page draws itself: they have buttons."""


@dataclass(frozen=True, slots=True)
class DrawnPart:
    """One part under its heading."""

    key: str
    title: str
    html: SafeString


def standing_of(desk: Desk) -> Standing:
    """Whose archive it is, and the time."""
    return Standing(case_name(desk.archive), desk.code, desk.now().astimezone(desk.time_zone))


def covered_file(desk: Desk, file: Mapping[str, Any]) -> dict[str, Any]:
    """The file with values and titles covered."""
    seen = customers_seen(desk.archive.case_id, desk.person, today=desk.today())
    titles = titles_of(desk.archive, [one["record_id"] for one in file["documents"]], seen=seen)
    documents = [
        one | {"title": plain(titles.get(one["record_id"], ())) or (one["title"] and COVER)}
        for one in file["documents"]
    ]
    return {**file, "documents": documents}


def profile_lines(
    file: Mapping[str, Any], linked: Mapping[str, str], words: PageWords
) -> list[dict[str, Any]]:
    """Each value of the profile with its sources and their pages; covered but for names."""
    lines = []
    for field in file["profile"]:
        for place, said in enumerate(field["values"]):
            codes = list(dict.fromkeys(code_of(one) for one in said["sources"]))
            lines.append(
                {
                    "field": field["field"],
                    "place": place,
                    "label": words.of("value", field["field"]) if place == 0 else words.say("rival"),
                    "value": said["value"] if field["field"] in OPEN_FIELDS else "",
                    "count": len(said["sources"]),
                    "codes": [(one, linked.get(one, "")) for one in codes[:SOURCES_SHOWN]],
                    "more": max(0, len(codes) - SOURCES_SHOWN),
                }
            )
    return lines


def drawn(page: Page, linked: Mapping[str, str], words: PageWords) -> list[DrawnPart]:
    """The parts as HTML; reference codes lead to their records where the person may read them."""
    return [
        DrawnPart(part.key, part.title, finished(part_html(part, words), linked, words))
        for part in page.parts
        if part.key not in OWN
    ]


def links_of(codes: Mapping[str, str], desk: Desk) -> dict[str, str]:
    """The page of each record by its code; nothing where the person may not read, or there are no such pages."""
    if not desk.may(Act.READ):
        return {}
    try:
        return {
            code: reverse("record", kwargs={"code": desk.code, "record_id": record})
            for record, code in codes.items()
        }
    except NoReverseMatch:
        return {}


def finished(html: str, linked: Mapping[str, str], words: PageWords) -> SafeString:
    """Covered stretches said in words too, codes as links. What comes is escaped already; what is put in is ours."""
    told = escape(say("customers.covered", words.language))
    html = _BARS.sub(
        lambda bars: f'<span class="kd-covered" role="img" aria-label="{told}">{bars.group()}</span>', html
    )
    html = _CODES.sub(lambda found: _link(found, linked), html)
    return mark_safe(html)  # noqa: S308  # made by ElementTree, which escapes


def _link(found: re.Match[str], linked: Mapping[str, str]) -> str:
    address = linked.get(unescape(found[1]))
    return f'<span><a href="{escape(address)}">{found[1]}</a>{found[2]}</span>' if address else found[0]


def codes_by_record(file: Mapping[str, Any]) -> dict[str, str]:
    """What each record is called."""
    named: Sequence[Mapping[str, Any]] = [*file["documents"], *file["links"]]
    return {one["record_id"]: code_of(one) for one in named}
