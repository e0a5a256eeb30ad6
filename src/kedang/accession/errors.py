"""What can go wrong while custody is taken. Texts for people are in `errors.toml` by code."""

from __future__ import annotations

from kedang.records.errors import KedangError, Kind


class SourceMissing(KedangError):
    """The place to survey is not there; check that the disk is connected and the path is right."""

    code = "KD-A110"
    kind = Kind.NOT_FOUND


class FileVanished(KedangError):
    """The file was there when the folder was listed and is gone now."""

    code = "KD-A201"
    kind = Kind.NOT_FOUND


class FileForbidden(KedangError):
    """The operating system does not let this user read the file."""

    code = "KD-A202"
    kind = Kind.REFUSED


class FileChanging(KedangError):
    """The bytes changed during every try to read them; close the program that writes them."""

    code = "KD-A203"
    kind = Kind.UNAVAILABLE


class FileUnreadable(KedangError):
    """The disk or network reported an error while the bytes were read."""

    code = "KD-A204"
    kind = Kind.UNAVAILABLE


class NotAFile(KedangError):
    """What stands at the path now is no regular file, or a link stands in the way to it."""

    code = "KD-A205"
    kind = Kind.REFUSED


class FileHalfWritten(KedangError):
    """The size changed between every two looks; wait until the copy or download has ended."""

    code = "KD-A206"
    kind = Kind.UNAVAILABLE


class FileReplaced(KedangError):
    """The file is no longer the one that was read before; take it in again as a new version."""

    code = "KD-A207"
    kind = Kind.CONFLICT


class MemberEncrypted(KedangError):
    """The member needs a password that is not known."""

    code = "KD-A301"
    kind = Kind.REFUSED


class MemberDamaged(KedangError):
    """The member's bytes do not give what its check value or format says."""

    code = "KD-A302"
    kind = Kind.CORRUPT


class ContainerTruncated(KedangError):
    """The container ends, or breaks off, before the member does."""

    code = "KD-A303"
    kind = Kind.CORRUPT


class MethodUnsupported(KedangError):
    """The member is packed by a method that cannot be undone here."""

    code = "KD-A304"
    kind = Kind.REFUSED


class MemoryNeeded(KedangError):
    """The decompressor or the reader needs more memory than allowed."""

    code = "KD-A318"
    kind = Kind.REFUSED


class MemberTooLarge(KedangError):
    """Unpacking gave more bytes than one member may have."""

    code = "KD-A305"
    kind = Kind.REFUSED


class RatioTooHigh(KedangError):
    """Few packed bytes swell to very many: the mark of a decompression bomb."""

    code = "KD-A306"
    kind = Kind.REFUSED


class BudgetSpent(KedangError):
    """All members of one received file together exceed what it may unpack to."""

    code = "KD-A307"
    kind = Kind.REFUSED


class VolumesMissing(KedangError):
    """The archive goes on in a volume that is not there."""

    code = "KD-A312"
    kind = Kind.NOT_FOUND


class MemberPassed(KedangError):
    """The member's turn is over: read on before asking for the next, or read it again from its start."""

    code = "KD-A319"
    kind = Kind.CONFLICT


class NotAContainer(KedangError):
    """No reader opens this format as a container; ask `is_container` first."""

    code = "KD-A320"
    kind = Kind.MALFORMED
