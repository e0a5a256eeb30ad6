"""The truth table: what is in each file, as a careful archivist would find it."""

from __future__ import annotations

import calendar
import hashlib
import json
import os
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from examples.sample_company.paper import Paper, Written
from examples.sample_company.world import Customer, World

SCHEMA = 1
SENSITIVE = {"resident_id", "bank_card", "passport", "travel_permit"}
PERSONAL = {
    "mobile_phone",
    "email",
    "person_name",
    "birth_date",
    "wechat_id",
    "qq_id",
    "licence_plate",
    "address",
}
FROM_YEAR_END = {
    "RS-ACC-VOUCHER": 30,
    "RS-ACC-BOOK": 30,
    "RS-ACC-INTERIM": 10,
    "RS-ACC-BANK": 10,
    "RS-TXN": 10,
    "RS-CONTRACT-TAX": 10,
}
FROM_THE_DAY = {"RS-SERVICE": 3, "RS-COMM": 3, "RS-OTHER": 3}
NEVER = {"RS-ACC-ANNUAL", "RS-CORP"}
# Bodies and places that stand in the texts but identify nobody: finding them is neither right nor wrong.
NEUTRAL = (
    "苏州仲裁委员会",
    "国务院办公厅",
    "市场监督管理局",
    "公安局",
    "人民法院",
    "行政部",
    "样禾办公",
    "苏州市",
    "顺丰",
    "支付宝",
    "微信支付",
    "中华人民共和国",
)
PERMANENT = "permanent"

Json = dict[str, Any]


def expiry(rule: str, ends: date | None) -> str | None:
    """The last day of keeping by the rule, `permanent`, or None when the document alone cannot tell."""
    if rule in NEVER:
        return PERMANENT
    if ends is None:
        return None
    if rule in FROM_YEAR_END:
        return f"{ends.year + FROM_YEAR_END[rule]}-12-31"
    if rule in FROM_THE_DAY:
        year = ends.year + FROM_THE_DAY[rule]
        return date(year, ends.month, min(ends.day, calendar.monthrange(year, ends.month)[1])).isoformat()
    return None


def sensitivity(paper: Paper, findings: Iterable[tuple[str, str]]) -> str:
    """How closely the paper must be guarded."""
    kinds = {category for category, _ in findings}
    if kinds & SENSITIVE:
        return "sensitive-personal"
    if paper.secret:
        return "trade-secret"
    return "personal" if kinds & PERSONAL else "general"


def tied(world: World, paper: Paper, text: str) -> list[Json]:
    """The customers of a paper; certain by one of their numbers or a full name that is theirs alone."""
    found: list[Json] = []
    bare = unicodedata.normalize("NFKC", text).replace(" ", "").replace("-", "")
    for identity in paper.customers:
        customer = world.by_id[identity]
        numbers = (value for kind, value in customer.identifiers() if kind != "bank_account")
        by_number = any(value in text or value in bare for value in numbers)
        by_name = customer.name in text and (customer.company is not None or _alone(world, customer))
        found.append({"id": identity, "name": customer.name, "certain": by_number or by_name})
    return found


def _alone(world: World, customer: Customer) -> bool:
    if len(customer.name) < 3 and len(world.customers) > 100:
        return False
    return world.namesakes.get(customer.name, 1) == 1


def decoded(path: str) -> str:
    """A path as its writer meant it: each part in GB18030 where it is no UTF-8."""
    return "/".join(_decoded_name(part) for part in os.fsencode(path).split(b"/"))


def _decoded_name(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("gb18030", "replace")


def entry(world: World, written: Written, *, top: bool, container: tuple[str, ...] = ()) -> Json:
    """The truth of one file or of one member of a container."""
    paper = written.paper
    found: Json = {"path": decoded(written.path) if top else container[0]}
    if top and os.fsencode(written.path) != decoded(written.path).encode("utf-8", "surrogateescape"):
        found["raw_path_hex"] = os.fsencode(written.path).hex()
    if not top:
        found["inside"] = [*container[1:], decoded(written.path)]
    found |= {
        "format": written.format,
        "size_bytes": len(written.payload),
        "sha256": hashlib.sha256(written.payload).hexdigest(),
        "problem": written.problem,
        "charset": written.charset,
        "note": written.note,
        "family": written.family,
    }
    return found | (
        _content(world, written, paper) if paper is not None else {"class": None, "text": written.text}
    )


def _content(world: World, written: Written, paper: Paper) -> Json:
    text = paper.text() if written.text is None else written.text
    findings = paper.findings() if written.findings is None else written.findings
    readable = written.problem is None
    return {
        "kind": paper.kind,
        "class": paper.record_class,
        "also": list(paper.also),
        "accounting": paper.accounting is not None,
        "accounting_kind": paper.accounting,
        "sensitivity": sensitivity(paper, findings),
        "date": paper.day.isoformat(),
        "title": paper.text().split("\n", 1)[0],
        "text_source": written.text_source if readable else "none",
        "text": text if readable else "",
        "findings": [list(pair) for pair in findings] if readable else [],
        "facts": [list(pair) for pair in paper.facts],
        "customers": tied(world, paper, text) if readable else [],
        "retention_rule": paper.rule,
        "retention_until": expiry(paper.rule, paper.ends),
    }


def entries(world: World, written: Written) -> Iterator[Json]:
    """The truth of a file and of everything inside it, outermost first."""
    yield entry(world, written, top=True)
    yield from _members(world, written, (decoded(written.path),))


def _members(world: World, written: Written, container: tuple[str, ...]) -> Iterator[Json]:
    for member in written.inside:
        yield entry(world, member, top=False, container=container)
        yield from _members(world, member, (*container, decoded(member.path)))


class TruthWriter:
    """Writes the table as it grows, one entry a line, so that a hundred thousand files need no memory."""

    def __init__(self, path: Path, world: World, *, seed: int, scale: int) -> None:
        self._file = path.open("w", encoding="utf-8", errors="surrogateescape", newline="\n")
        self._world = world
        self._places: defaultdict[str, list[str]] = defaultdict(list)
        self.counts: defaultdict[str, int] = defaultdict(int)
        head = {
            "schema": SCHEMA,
            "seed": seed,
            "scale": scale,
            "own_company": _company(world),
            "neutral": list(NEUTRAL),
            "customers": _customers(world),
        }
        self._file.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "files": [')
        self._first = True

    def add(self, written: Written) -> None:
        """Put in one file with its members."""
        for found in entries(self._world, written):
            place = " » ".join([found["path"], *found.get("inside", [])])
            self._places[found["sha256"]].append(place)
            self.counts[f"format {found['format']}"] += 1
            self.counts[f"class {found['class']}"] += 1
            self.counts["entries"] += 1
            self.counts["files"] += "inside" not in found
            self._file.write(("\n" if self._first else ",\n") + json.dumps(found, ensure_ascii=False))
            self._first = False

    def close(self) -> None:
        """Write the groups of equal bytes and end the file."""
        groups = sorted(places for places in self._places.values() if len(places) > 1)
        self._file.write('\n], "duplicates": ' + json.dumps(groups, ensure_ascii=False, indent=0) + "}\n")
        self._file.close()


def _company(world: World) -> Json:
    own = world.own
    return {"name": own.name, "short": own.short, "old_name": own.old_name, "credit_code": own.credit_code}


def _customers(world: World) -> list[Json]:
    return [
        {
            "id": customer.id,
            "kind": "organisation" if customer.company else "person",
            "name": customer.name,
            "aliases": list(customer.aliases()),
            "identifiers": [list(pair) for pair in customer.identifiers()],
            "contact": customer.human.name,
        }
        for customer in world.customers
    ]
