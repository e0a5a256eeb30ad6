"""Photographs of paper in an upload: looked at, set straight, joined into one document for each paper.

Photographs are files of the upload like any other, and stay beside the document that is made of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kedang.holdings.actions.uploads import (
    Told,
    files_of,
    key_of_upload,
    receive_piece,
    tell_files,
    upload_of,
)
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.paper_desk import paper_desk
from kedang.holdings.adapters.upload_pieces import folder_of
from kedang.holdings.intake.origins import PIECE_BYTES, SentFile, pieces_of, stem_of
from kedang.holdings.source_errors import FileListUnsound, UploadUnfinished, UploadUnknown
from kedang.pipeline.contents import joined
from kedang.pipeline.items import PiecesPlace
from kedang.pipeline.paper_document import StraightPage, as_document
from kedang.pipeline.paper_messages import PHOTO_BYTES, PaperDone, PaperRequest

PHOTOS = "原始照片"
"""The folder of a paper's photographs: `<title> 原始照片/001.jpg` beside `<title>.pdf`."""
MOST_PAGES = 300
LONGEST_TITLE = 80  # code points


@dataclass(frozen=True, slots=True)
class Marked:
    """One photograph with where its page lies, as a person has left it."""

    ordinal: int
    corners: tuple[float, ...] = ()
    turn: int = 0

    def __post_init__(self) -> None:
        placed = len(self.corners) in (0, 8) and all(0 <= part <= 1 for part in self.corners)
        if not placed or self.turn not in range(4):
            raise FileListUnsound()


def look_at_photo(
    archive: Archive, upload_id: str, marked: Marked, *, longest: int, flat: bool = False
) -> PaperDone:
    """The page of one photograph of an upload, small, with what speaks against it.

    Raises:
        UploadUnknown: there is no such photograph. UploadUnfinished: it is not here wholly. PhotoUnusable.
    """
    octets = _photo(archive, upload_id, marked.ordinal)
    with paper_desk(archive) as desk:
        return desk.straighten(PaperRequest(octets, marked.corners, marked.turn, longest, flat))


def join_photos(archive: Archive, upload_id: str, title: str, pages: Sequence[Marked]) -> int:
    """The ordinal of the document that the pages make, as one more file of the upload; the photographs stay.

    Raises:
        UploadUnknown, UploadUnfinished, PhotoUnusable: nothing was added.
        FileListUnsound: it has no title or no pages, or far too many.
    """
    named = safe_title(title)
    if not named or not 0 < len(pages) <= MOST_PAGES:
        raise FileListUnsound()
    straight = []
    taken = 0
    with paper_desk(archive) as desk:
        for page in pages:
            sent, octets = _sent_photo(archive, upload_id, page.ordinal)
            taken = max(taken, sent.modified_ms)
            done = desk.straighten(PaperRequest(octets, page.corners, page.turn))
            straight.append(StraightPage(done.picture, done.width, done.height))
    document = as_document(straight)
    (waiting,) = tell_files(archive, upload_id, [Told(f"{named}.pdf", len(document), taken)])
    for piece in waiting.missing_pieces:
        octets = document[piece * PIECE_BYTES : (piece + 1) * PIECE_BYTES]
        receive_piece(archive, upload_id, waiting.ordinal, piece, octets)
    return waiting.ordinal


def safe_title(title: str) -> str:
    """A title that can be a file name: one line, no step of a path."""
    return " ".join(title.replace("/", "／").replace("\0", "").split())[:LONGEST_TITLE].strip(". ")


def _photo(archive: Archive, upload_id: str, ordinal: int) -> bytes:
    return _sent_photo(archive, upload_id, ordinal)[1]


def _sent_photo(archive: Archive, upload_id: str, ordinal: int) -> tuple[SentFile, bytes]:
    row = upload_of(archive, upload_id)
    sent = next(iter(files_of(archive, row, (ordinal,))), None)
    mine = (
        row.agent == archive.agent
    )  # what is not taken in yet is seen by whoever sends it, and by nobody else
    if not mine or sent is None or sent.missing or sent.size_bytes > PHOTO_BYTES:
        raise UploadUnknown()
    folder = folder_of(archive.home, row.id)
    place = PiecesPlace(str(folder), stem_of(ordinal), pieces_of(sent.size_bytes))
    if not all((folder / f"{place.stem}.{piece}").exists() for piece in range(place.count)):
        raise UploadUnfinished(files=1)
    with joined(place, key_of_upload(archive, row)).open() as stream:
        return sent, stream.read()


@dataclass(frozen=True, slots=True)
class Papers:
    """What was photographed in an upload."""

    documents: tuple[str, ...]
    """Titles of those that are joined."""
    loose: Mapping[str, tuple[int, ...]]
    """The photographs, by the title of a paper that is not joined yet."""


def papers_of(archive: Archive, upload_id: str) -> Papers:
    """What an earlier visit to the page has left.

    Raises:
        UploadUnknown: there is no such upload.
    """
    row = upload_of(archive, upload_id)
    documents: list[str] = []
    photos: dict[str, list[int]] = {}
    for one in files_of(archive, row):
        folder, _, name = one.path.rpartition("/")
        if folder.endswith(f" {PHOTOS}"):
            photos.setdefault(folder.removesuffix(f" {PHOTOS}"), []).append(one.ordinal)
        elif not folder and name.endswith(".pdf"):
            documents.append(name.removesuffix(".pdf"))
    loose = {title: tuple(some) for title, some in photos.items() if title not in documents}
    return Papers(tuple(title for title in documents if title in photos), loose)


def new_title(now: datetime, documents: int) -> str:
    """The title of the next paper, until somebody gives it a better one."""
    return f"纸质材料 {now:%Y-%m-%d %H%M%S} 第{documents + 1}份"
