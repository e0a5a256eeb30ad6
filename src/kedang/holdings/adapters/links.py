"""The sealed part of links: which mentions of a record are the customer's, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.looking_up import in_batches
from kedang.holdings.models import Link, Record
from kedang.pipeline.resolving_messages import At

MODEL = "model"
PERSON = "person"
"""Grounds of links that are not certain by themselves."""
_COLUMN = "link.sealed"


def seal_link(
    archive: Archive, page: str, record: str, customer: str, said: Mapping[str, Any], salt: bytes = b""
) -> bytes:
    """What a link says of mentions and evidence, under the key of its record, which `page` holds.

    `salt` is given when it was drawn for this very write, or when the same is put back that was sealed with it.
    """
    return archive.seal(archive.key(page, record), f"{record}/{customer}", _COLUMN, said, salt=salt)


def open_link(archive: Archive, page: str, link: Link) -> dict[str, Any]:
    """The same opened; nothing for a link that was made without."""
    if not link.sealed:
        return {}
    key = archive.key(page, link.record_id)
    return archive.open(key, f"{link.record_id}/{link.customer_id}", _COLUMN, link.sealed)


def opened_links(archive: Archive, pages: Mapping[str, str]) -> Iterator[tuple[Link, dict[str, Any]]]:
    """The links of some records, in order, with what they say; `pages` are the records' key pages."""
    for some in in_batches(sorted(pages)):
        for link in Link.objects.filter(case_id=archive.case_id, record_id__in=some).order_by("id"):
            yield link, open_link(archive, pages[link.record_id], link)


@dataclass(frozen=True, slots=True)
class LinksThere:
    """What the links of some records say now."""

    pages: Mapping[str, str]
    """Key page of each record."""
    there: Mapping[tuple[str, str], tuple[Link, dict[str, Any]]]
    """By record and customer."""
    certain: Mapping[At, str]
    """Whose a mention certainly is."""
    model_of: Mapping[At, str]
    """Whose a comparison has found a mention to be."""

    @classmethod
    def of(cls, archive: Archive, records: Collection[str]) -> LinksThere:
        """As the rows are now."""
        pages: dict[str, str] = {}
        for some in in_batches(sorted(records)):
            pages.update(Record.objects.filter(id__in=some).values_list("id", "key_page"))
        there: dict[tuple[str, str], tuple[Link, dict[str, Any]]] = {}
        certain: dict[At, str] = {}
        model_of: dict[At, str] = {}
        for link, said in opened_links(archive, pages):
            there[link.record_id, link.customer_id] = link, said
            certain.update(((link.record_id, at), link.customer_id) for at in said.get("mentions", ()))
            model_of.update(((link.record_id, int(at)), link.customer_id) for at in said.get("model", {}))
        return cls(pages, there, certain, model_of)
