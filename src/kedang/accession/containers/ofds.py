"""Files attached to an OFD (GB/T 33190-2016, section 20: Attachments), such as an invoice's original data."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from kedang.accession.containers.whole import member_bytes
from kedang.accession.containers.zips import members_of as zip_members
from kedang.accession.members import Damage, Member, MemberKind, Opening
from kedang.records.errors import KedangError

_LIST_NAME = "attachments.xml"


def members_of(opening: Opening) -> Iterator[Member | Damage]:
    """The attached files in the order of the OFD's zip directory."""
    named = _attached_names(opening)
    if not named:
        return
    for step in zip_members(opening):
        shown = named.get(_key(step.name))
        if shown is None:
            continue
        if isinstance(step, Damage):
            yield replace(step, range=None)
        elif step.ordinal > opening.start_after:
            yield replace(
                step, name=shown or step.name, kind=MemberKind.ATTACHMENT, range=None, verbatim=None
            )


def _attached_names(opening: Opening) -> dict[str, str]:
    """Readable names of the attached files by their place in the zip."""
    named: dict[str, str] = {}
    for step in zip_members(replace(opening, start_after=-1)):
        if isinstance(step, Member) and posixpath.basename(_key(step.name)) == _LIST_NAME:
            try:
                octets = member_bytes(opening, step)
            except KedangError:
                continue
            named.update(_listed(octets or b"", posixpath.dirname(step.name)))
    return named


def _listed(octets: bytes, folder: str) -> Iterator[tuple[str, str]]:
    if b"<!DOCTYPE" in octets:  # no OFD has one; libxml2 would expand its entities in attributes
        return
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, recover=True)
    try:
        root = etree.fromstring(octets, parser)
    except etree.XMLSyntaxError:
        return
    if root is None:
        return
    for attachment in root.iter("{*}Attachment"):
        for place in attachment.iter("{*}FileLoc"):
            location = (place.text or "").strip()
            path = location.lstrip("/") if location.startswith("/") else posixpath.join(folder, location)
            name = attachment.get("Name") or ""
            suffix = posixpath.splitext(location)[1]
            shown = name if name.lower().endswith(suffix.lower()) else name + suffix
            yield _key(path), shown
            # Some writers give the place relative to the document although the list lies deeper.
            yield _key(posixpath.join(posixpath.dirname(folder), location.lstrip("/"))), shown


def _key(path: str) -> str:
    """Places compare without case and without "./", as readers of OFD take them."""
    return posixpath.normpath(path.lstrip("/")).lower()
