"""Uploads: files that people send in pieces, sealed as they come, and taken in together when all are there.

State: receiving → given → taken; receiving → dropped. Every call may be repeated: what is there is not doubled.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from kedang.holdings.actions.intake import IntakeOptions, IntakeResult, new_accession, take_in
from kedang.holdings.actions.jobs import ask_for
from kedang.holdings.actions.progress import Progress
from kedang.holdings.actions.sources import source_of
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import guarded, rewrite
from kedang.holdings.adapters.upload_pieces import (
    folder_of,
    make_durable,
    make_folder,
    pieces_there,
    remove,
    remove_pieces,
    remove_strangers,
    write_piece,
)
from kedang.holdings.home import Home
from kedang.holdings.intake.origins import SentFile, UploadOrigin, piece_length, pieces_of, stem_of
from kedang.holdings.models import Accession, Upload, UploadedFile
from kedang.holdings.queries.balance import Balance, balance_of
from kedang.holdings.source_errors import FileListUnsound, PieceUnsound, UploadUnfinished, UploadUnknown
from kedang.vault.blob import sealed_size

RECEIVING, GIVEN, TAKEN, DROPPED = "receiving", "given", "taken", "dropped"
AT_ONCE = 500  # files told of in one request
LONGEST_PATH = 4096  # code points
LARGEST_FILE = 64 * 1024**3  # bytes; what one parsing process may read
LARGEST_DATE = 253_402_300_799_000  # end of the year 9999, in milliseconds
JOB = "upload"


@dataclass(frozen=True, slots=True)
class Told:
    """What a browser tells of a file before it sends it."""

    path: str
    size_bytes: int
    modified_ms: int

    def __post_init__(self) -> None:
        steps = self.path.split("/")
        sound = (
            0 < len(self.path) <= LONGEST_PATH
            and "\0" not in self.path
            and all(steps)
            and 0 <= self.size_bytes <= LARGEST_FILE
            and -LARGEST_DATE <= self.modified_ms <= LARGEST_DATE
        )
        if not sound:
            raise FileListUnsound()


@dataclass(frozen=True, slots=True)
class Waiting:
    """What of a file is still to be sent."""

    ordinal: int
    pieces: int
    missing_pieces: tuple[int, ...] = field(default=())


def begin_upload(archive: Archive, source_id: str, *, now: datetime) -> Upload:
    """A new upload into a source; the same person's, where nothing has come of it yet.

    Raises:
        SourceUnknown: there is none. DiskNearlyFull: nothing can be received.
    """
    archive.home.require_room()
    source = source_of(archive, source_id)
    mine = Upload.objects.filter(
        case_id=archive.case_id, source=source, agent=archive.agent, state=RECEIVING, uploadedfile=None
    )
    if (unused := mine.first()) is not None:
        return unused
    upload_id = archive.new_id()
    make_folder(archive.home, upload_id)
    row = Upload(
        id=upload_id,
        case_id=archive.case_id,
        source=source,
        agent=archive.agent,
        began=now,
        state=RECEIVING,
        sealed=archive.seal(
            archive.case_key(),
            upload_id,
            "upload.sealed",
            {"key": base64.b64encode(archive.new_key()).decode()},
        ),
    )
    with transaction.atomic():
        guarded(archive, row).save(force_insert=True)
    return row


def upload_of(archive: Archive, upload_id: str, *states: str) -> Upload:
    """One upload that is in one of these states.

    Raises:
        UploadUnknown: there is none.
    """
    found = Upload.objects.filter(case_id=archive.case_id, id=upload_id, state__in=states or (RECEIVING,))
    row = found.first()
    if row is None:
        raise UploadUnknown()
    return row


def key_of_upload(archive: Archive, row: Upload) -> bytes:
    """The key of its pieces."""
    return base64.b64decode(archive.open(archive.case_key(), row.id, "upload.sealed", row.sealed)["key"])


def tell_files(archive: Archive, upload_id: str, told: Sequence[Told]) -> list[Waiting]:
    """For each file, what is still to be sent of it; a file that was told of before is the same one.

    Raises:
        UploadUnknown, DiskNearlyFull. FileListUnsound: too many at once.
    """
    if len(told) > AT_ONCE:
        raise FileListUnsound()
    row = upload_of(archive, upload_id)
    key = key_of_upload(archive, row)
    archive.home.require_room(sum(one.size_bytes for one in told))
    marks = [_mark(archive, row, one) for one in told]
    for _ in range(_TRIES):
        try:
            ordinals = _numbered(archive, row, key, dict(zip(marks, told, strict=True)))
            break
        except IntegrityError:  # another tab has told of files at the same moment
            continue
    else:
        raise UploadUnfinished(files=len(told))
    there = pieces_there(folder_of(archive.home, row.id))
    return [_waiting(ordinals[mark], one.size_bytes, there) for mark, one in zip(marks, told, strict=True)]


_TRIES = 5


def _mark(archive: Archive, row: Upload, one: Told) -> bytes:
    said = f"{one.path}\0{one.size_bytes}\0{one.modified_ms}".encode(errors="replace")
    return archive.recogniser().file(row.id, said)


def _numbered(archive: Archive, row: Upload, key: bytes, told: Mapping[bytes, Told]) -> dict[bytes, int]:
    """The ordinal of each file by its mark; new ones are written."""
    with transaction.atomic():
        files = UploadedFile.objects.filter(case_id=archive.case_id, upload=row)
        known = {
            bytes(mark): ordinal
            for mark, ordinal in files.filter(mark__in=list(told)).values_list("mark", "ordinal")
        }
        last = files.aggregate(last=Max("ordinal"))["last"] or 0
        rows = []
        for mark, one in told.items():
            if mark in known:
                continue
            last += 1
            known[mark] = last
            file_id = archive.new_id()
            rows.append(
                guarded(
                    archive,
                    UploadedFile(
                        id=file_id,
                        case_id=archive.case_id,
                        upload=row,
                        ordinal=last,
                        mark=mark,
                        sealed=archive.seal(key, file_id, "uploaded_file.sealed", asdict(one)),
                    ),
                )
            )
        UploadedFile.objects.bulk_create(rows)
    return known


def _waiting(ordinal: int, size_bytes: int, there: Mapping[str, int]) -> Waiting:
    stem, count = stem_of(ordinal), pieces_of(size_bytes)
    missing = tuple(
        piece
        for piece in range(count)
        if there.get(f"{stem}.{piece}") != sealed_size(piece_length(size_bytes, piece)).sealed_bytes
    )
    return Waiting(ordinal, count, missing)


def receive_piece(archive: Archive, upload_id: str, ordinal: int, piece: int, octets: bytes) -> None:
    """One piece of a file, sealed and kept; in any order, and as often as it is sent.

    Raises:
        UploadUnknown, DiskNearlyFull. PieceUnsound: the file has no such piece, or it is not of this length.
    """
    row = upload_of(archive, upload_id)
    one = UploadedFile.objects.filter(case_id=archive.case_id, upload=row, ordinal=ordinal).first()
    if one is None:
        raise UploadUnknown()
    key = key_of_upload(archive, row)
    size_bytes = _sent(archive, key, one).size_bytes
    if not octets or len(octets) != piece_length(size_bytes, piece):
        raise PieceUnsound(piece=piece)
    archive.home.require_room(len(octets))
    write_piece(
        folder_of(archive.home, row.id), key, ordinal, piece, octets, random_bytes=archive.random_bytes
    )


def leave_out(archive: Archive, upload_id: str, ordinals: Sequence[int]) -> None:
    """Files that the browser cannot read; they are received as refused, with a code.

    Raises:
        UploadUnknown: there is no such upload.
    """
    row = upload_of(archive, upload_id)
    with transaction.atomic():
        files = list(
            UploadedFile.objects.filter(
                case_id=archive.case_id, upload=row, ordinal__in=ordinals, missing=False
            )
        )
        rewrite(archive, files, missing=True)


def _sent(archive: Archive, key: bytes, one: UploadedFile) -> SentFile:
    said = archive.open(key, one.id, "uploaded_file.sealed", one.sealed)
    return SentFile(one.ordinal, said["path"], said["size_bytes"], said["modified_ms"], one.missing)


def files_of(archive: Archive, row: Upload, ordinals: Sequence[int] | None = None) -> list[SentFile]:
    """The files of an upload as they were told of: all, or those of some ordinals."""
    key = key_of_upload(archive, row)
    rows = UploadedFile.objects.filter(case_id=archive.case_id, upload=row).order_by("ordinal")
    if ordinals is not None:
        rows = rows.filter(ordinal__in=ordinals)
    return [_sent(archive, key, one) for one in rows.iterator(chunk_size=2000)]


def remove_file(archive: Archive, upload_id: str, ordinal: int) -> None:
    """Take one file back out of an upload: a photograph that was taken again.

    Raises:
        UploadUnknown: there is no such upload.
    """
    row = upload_of(archive, upload_id)
    UploadedFile.objects.filter(case_id=archive.case_id, upload=row, ordinal=ordinal).delete()
    remove_pieces(folder_of(archive.home, row.id), ordinal)


def unfinished(archive: Archive, row: Upload) -> list[SentFile]:
    """The files of which pieces are missing."""
    there = pieces_there(folder_of(archive.home, row.id))
    return [
        one
        for one in files_of(archive, row)
        if not one.missing and _waiting(one.ordinal, one.size_bytes, there).missing_pieces
    ]


def give_upload(archive: Archive, upload_id: str, *, workers: int, now: datetime) -> Any:
    """The job that takes in an upload that is all there; asked for again, the same upload is given once.

    Raises:
        UploadUnknown: it is over, or given already. UploadUnfinished: pieces are missing.
    """
    row = upload_of(archive, upload_id)
    lacking = unfinished(archive, row)
    if lacking or not UploadedFile.objects.filter(case_id=archive.case_id, upload=row).exists():
        raise UploadUnfinished(files=len(lacking))
    make_durable(folder_of(archive.home, row.id))
    with transaction.atomic():
        row = upload_of(archive, upload_id)
        accession = new_accession(archive, row.source, now=now)
        rewrite(archive, [row], state=GIVEN, accession=accession.id)
        return ask_for(archive, JOB, {"upload": row.id, "workers": workers}, now=now, once=False)


def drop_upload(archive: Archive, upload_id: str) -> None:
    """Give up an upload that has not been given: its pieces and their key are gone.

    Raises:
        UploadUnknown: there is none that is still being received.
    """
    _over(archive, upload_of(archive, upload_id), DROPPED)


def take_in_upload(
    archive: Archive,
    upload_id: str,
    options: IntakeOptions,
    *,
    progress: Progress,
    clock: Callable[[], datetime],
) -> tuple[Balance, IntakeResult | None]:
    """Take in every file of an upload that was given; may be killed at any instant and called again.

    Then its pieces and their key are gone. The result is None when an earlier run had come so far.

    Raises:
        UploadUnknown: there is none. DiskNearlyFull: what is committed stays, the rest waits.
    """
    row = upload_of(archive, upload_id, GIVEN, TAKEN)
    accession = Accession.objects.select_related("source").get(case_id=archive.case_id, id=row.accession)
    result = None
    if row.state == GIVEN and accession.closed is None:
        archive.home.require_room()
        key = key_of_upload(archive, row)
        origin = UploadOrigin(folder_of(archive.home, row.id), row.id, files_of(archive, row), key)
        result = take_in(archive, origin, (accession, True), options, progress=progress, clock=clock)
    if row.state == GIVEN:
        _over(archive, row, TAKEN)
    return balance_of(archive.case_id, accession.id), result


def _over(archive: Archive, row: Upload, state: str) -> None:
    with transaction.atomic():
        UploadedFile.objects.filter(case_id=archive.case_id, upload=row).delete()
        rewrite(archive, [row], state=state, sealed=b"")
    remove(archive.home, row.id)


def tidy_uploads(home: Home) -> None:
    """Remove what a process that was killed has left of uploads that are over; for the start of a door."""
    living = Upload.objects.filter(state__in=(RECEIVING, GIVEN)).values_list("id", flat=True)
    remove_strangers(home, frozenset(living))
