"""Members of rar archives of all generations, unpacked by the unrar library in the order they are packed."""

from __future__ import annotations

from collections.abc import Iterator

from kedang.accession.containers.unrar_session import RarEntry, UnrarSession
from kedang.accession.errors import ContainerTruncated, MemberEncrypted, MemoryNeeded, VolumesMissing
from kedang.accession.members import (
    CONTAINER_ENCRYPTED,
    ENCRYPTED,
    MEMORY,
    NOT_A_FILE,
    NOT_OPENED,
    TRUNCATED,
    VOLUMES_MISSING,
    Damage,
    Member,
    MemberKind,
    Opening,
    read_again,
)
from kedang.accession.names import readable_name
from kedang.records.errors import KedangError


def members_of(opening: Opening) -> Iterator[Member | Damage]:
    """The members in the archive's order; volumes behind the first come from `opening.volumes`."""
    try:
        session = UnrarSession(opening.content, opening.volumes, opening.limits.memory_bytes)
    except MemberEncrypted:
        yield Damage(0, CONTAINER_ENCRYPTED)
        return
    except KedangError as error:
        yield Damage(0, MEMORY if isinstance(error, MemoryNeeded) else NOT_OPENED)
        return
    try:
        yield from _in_order(opening, session)
    finally:
        session.close()


def _in_order(opening: Opening, session: UnrarSession) -> Iterator[Member | Damage]:
    place, continued = 0, False
    try:
        for entry in session.entries():
            place = entry.ordinal + 1
            continued = continued or entry.continued
            if not entry.is_folder and entry.ordinal > opening.start_after:
                yield _judged(opening, session, entry)
    except VolumesMissing:
        yield Damage(place, VOLUMES_MISSING)
    except MemberEncrypted:
        yield Damage(place, CONTAINER_ENCRYPTED)
    except ContainerTruncated:
        yield Damage(place, VOLUMES_MISSING if continued else TRUNCATED)


def _judged(opening: Opening, session: UnrarSession, entry: RarEntry) -> Member | Damage:
    raw_name = entry.name.encode("utf-8", "surrogatepass")
    name = readable_name(raw_name)
    code = _refusal(opening, entry)
    if code is not None:
        return Damage(
            entry.ordinal, code, raw_name, name, size_bytes=entry.size_bytes, modified=entry.modified
        )

    def chunks() -> Iterator[bytes]:
        if session.current != entry.ordinal:
            return read_again(opening, entry.ordinal)
        packed = opening.content.size_bytes if entry.solid else entry.packed_bytes
        return opening.metered(session.unpack(), packed_bytes=packed)

    return Member(
        ordinal=entry.ordinal,
        raw_name=raw_name,
        name=name,
        kind=MemberKind.FILE,
        chunks=chunks,
        size_bytes=entry.size_bytes,
        modified=entry.modified,
    )


def _refusal(opening: Opening, entry: RarEntry) -> str | None:
    if entry.encrypted:
        return ENCRYPTED
    if entry.is_link:
        return NOT_A_FILE
    if entry.continued:
        return VOLUMES_MISSING
    return MEMORY if entry.dictionary_bytes > opening.limits.memory_bytes else None
