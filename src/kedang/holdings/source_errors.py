"""What can go wrong with sources and with what is sent into them. Texts for people are in errors.toml."""

from __future__ import annotations

from kedang.records.errors import KedangError, Kind


class SourceUnknown(KedangError):
    """There is no such source in this case."""

    code = "KD-H321"
    kind = Kind.NOT_FOUND


class SignatureMissing(KedangError):
    """The state of a source is signed for by a named person; empty and refused need a note too."""

    code = "KD-H322"
    kind = Kind.MALFORMED


class UploadUnknown(KedangError):
    """There is no such upload in this case, or it is over; begin a new one."""

    code = "KD-H324"
    kind = Kind.NOT_FOUND


class UploadUnfinished(KedangError):
    """Pieces are missing; `files` says of how many files. Send them, or leave those files out."""

    code = "KD-H325"
    kind = Kind.CONFLICT


class PieceUnsound(KedangError):
    """A piece is not one of this file, or has another length than it must have; send it again."""

    code = "KD-H326"
    kind = Kind.MALFORMED


class FileListUnsound(KedangError):
    """What was said about a file (path, size, date) cannot be true or is too long."""

    code = "KD-H327"
    kind = Kind.MALFORMED


class PathNotHere(KedangError):
    """There is no such folder or file on the server's computer, or kedang may not read it."""

    code = "KD-H328"
    kind = Kind.NOT_FOUND
