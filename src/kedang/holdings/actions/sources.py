"""The register of sources: what is to be collected, what came of it, and who signed for that."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import Max

from kedang.accession.names import readable_name
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import guarded, rewrite
from kedang.holdings.adapters.names import SOURCE_SEALED, source_said
from kedang.holdings.models import Source
from kedang.holdings.source_errors import SignatureMissing, SourceUnknown
from kedang.ledger.commitments import SALT_BYTES, commit
from kedang.ledger.leaves import Event

KINDS = ("desk", "person", "mailbox", "phone", "system", "cabinet")
"""What a person registers before anything is taken in; these stay outstanding until somebody signs for them."""
STATES = ("outstanding", "collected", "empty", "refused")
OUTSTANDING, COLLECTED = "outstanding", "collected"
LONGEST = 200  # code points of what is said about a source


@dataclass(frozen=True, slots=True)
class Described:
    """What is said about a source."""

    name: str
    desk: str = ""
    keeper: str = ""
    """Who has it in hand 保管人."""
    path: str = ""


@dataclass(frozen=True, slots=True)
class SignedFor:
    """What came of a source, as a named person signs it."""

    state: str
    by: str
    note: str = ""


def register_source(archive: Archive, described: Described, kind: str, *, now: datetime) -> Source:
    """A new source that is outstanding. Nothing is taken in.

    Raises:
        SignatureMissing: it has no name, or is of no kind that there is.
    """
    if not described.name.strip() or kind not in KINDS:
        raise SignatureMissing(because="name" if kind in KINDS else "kind")
    return _registered(archive, described, kind, None, now=now)


def source_at(archive: Archive, root: Path, described: Described, *, into: str = "", now: datetime) -> Source:
    """The source at a place of this computer: known, or `into` when that has no place yet, or a new one."""
    place = os.fsencode(root.absolute())
    mark = archive.recogniser().source(place)
    known = Source.objects.filter(case_id=archive.case_id, place_fingerprint=mark).first()
    if known is not None:
        return known
    path = readable_name(place)
    if into:
        source = source_of(archive, into)
        said = source_said(archive, source)
        if not said["path"]:
            with transaction.atomic():
                sealed = archive.seal(
                    archive.key(source.key_page, source.id), source.id, SOURCE_SEALED, said | {"path": path}
                )
                rewrite(archive, [source], sealed=sealed, place_fingerprint=mark)
            return source
    named = Described(
        described.name or root.absolute().name, described.desk, described.keeper, readable_name(place)
    )
    return _registered(archive, named, "folder" if root.is_dir() else "file", mark, now=now)


def source_of(archive: Archive, source_id: str) -> Source:
    """One source of the case.

    Raises:
        SourceUnknown: there is none.
    """
    found = Source.objects.filter(case_id=archive.case_id, id=source_id).first()
    if found is None:
        raise SourceUnknown()
    return found


def _registered(
    archive: Archive, described: Described, kind: str, mark: bytes | None, *, now: datetime
) -> Source:
    key, source_id = archive.new_key(), archive.new_id()
    pages = archive.write_pages({source_id: key})
    said = {
        "name": described.name.strip()[:LONGEST],
        "desk": described.desk.strip()[:LONGEST],
        "path": described.path,
        "keeper": described.keeper.strip()[:LONGEST],
    }
    with transaction.atomic():
        archive.keep_pages(pages)
        last = Source.objects.filter(case_id=archive.case_id).aggregate(last=Max("ordinal"))["last"]
        source = Source(
            id=source_id,
            case_id=archive.case_id,
            ordinal=(last or 0) + 1,
            state=OUTSTANDING,
            kind=kind,
            place_fingerprint=mark or archive.recogniser().source(b"registered\0" + source_id.encode()),
            key_page=pages[source_id].id,
            sealed=archive.seal(key, source_id, SOURCE_SEALED, said),
        )
        guarded(archive, source).save(force_insert=True)
        event = Event(archive.agent, "source-registered", (f"source:{source_id}",), {"kind": kind})
        book.write(archive.case_id, [event], now=now)
    return source


def sign_for(archive: Archive, source_id: str, signed: SignedFor, *, clock: Callable[[], datetime]) -> Source:
    """The source with the state that a named person signs for; the last signature counts, each is in the ledger.

    Raises:
        SourceUnknown: there is none. SignatureMissing: nobody is named, or nothing says why it is empty or refused.
    """
    noted = bool(signed.note.strip()) or signed.state in (COLLECTED, OUTSTANDING)
    if signed.state not in STATES or not signed.by.strip() or not noted:
        raise SignatureMissing(because="signature")
    now = clock()
    with transaction.atomic():
        source = source_of(archive, source_id)
        salt = archive.random_bytes(SALT_BYTES)
        said = source_said(archive, source) | {
            "signed_by": signed.by.strip()[:LONGEST],
            "note": signed.note.strip()[: 5 * LONGEST],
            "salt": salt.hex(),
        }
        key = archive.key(source.key_page, source.id)
        sealed = archive.seal(key, source.id, SOURCE_SEALED, said)
        open_again = signed.state == OUTSTANDING
        rewrite(archive, [source], state=signed.state, sealed=sealed, signed=None if open_again else now)
        told = f"{said['signed_by']}\n{said['note']}".encode()
        facts = {"state": signed.state, "reason": commit(told, salt=salt)}
        event = Event(archive.agent, "source-signed", (f"source:{source_id}",), facts)
        book.write(archive.case_id, [event], now=now)
    return source
