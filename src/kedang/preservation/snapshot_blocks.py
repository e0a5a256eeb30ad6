"""Blocks of a snapshot: rows that follow each other in a table, written once and referred to by later snapshots.

docs/formats/snapshot.md section 3. A block is one zstd frame over the lines of its rows. It lies, sealed under a key
of its own, in an object beside those of other blocks. Where a table is cut depends on the ids of its rows alone, so
that the same rows are the same block whatever stands before and behind them.
"""

from __future__ import annotations

import io
import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from kedang.preservation.errors import SnapshotAltered, SnapshotIncomplete
from kedang.preservation.snapshot_lines import (
    MOST_ROWS,
    Row,
    RowsLine,
    packed,
    parsed_line,
    rows_of,
    unpacked_lines,
)

LEAST_ROWS = 32
"""Fewer rows at the end of a table stand in the snapshot itself."""
USUAL_ROWS = 256
KEY_BYTES = 32
MARK_BYTES = 16
_HEX = re.compile(r"[0-9a-f]+")
_BLOCK = frozenset({"bytes", "key", "mark", "object", "offset", "part", "rows"})

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Block:
    """Where the rows of a block lie, and what opens them."""

    object: str
    """Id of the object."""
    part: int
    """Which of its blocks, from 0."""
    offset: int
    size_bytes: int
    """Sealed."""
    rows: int
    key: bytes = field(repr=False)
    mark: bytes = field(repr=False)
    """Tells whether a table still has just these rows, to whoever made it; nothing else."""


@dataclass(frozen=True, slots=True)
class BlockObject:
    """An object of blocks: id, length, and BLAKE3 of all its bytes."""

    id: str
    size_bytes: int
    digest: str


def cut(portions: Iterable[Sequence[Item]], key_of: Callable[[Item], str | int]) -> Iterator[list[Item]]:
    """The rows of a table in blocks, by what their ids say: a random one by its last two digits, a number by itself.

    However they are portioned, the same rows in the same order give the same blocks.
    """
    rest: list[Item] = []
    for portion in portions:
        start, ends = 0, _ends(list(map(key_of, portion)), len(rest))
        rest += portion
        for end in ends:
            while end - start > MOST_ROWS:
                yield rest[start : (start := start + MOST_ROWS)]
            if end - start >= LEAST_ROWS:
                yield rest[start : (start := end)]
        while len(rest) - start >= MOST_ROWS:
            yield rest[start : (start := start + MOST_ROWS)]
        rest = rest[start:]
    if rest:
        yield rest


def _ends(keys: Sequence[Any], before: int) -> list[int]:
    """Where a block may end: so many rows stand up to there, those before the keys counted."""
    if keys and isinstance(keys[0], str):
        return [at for at, key in enumerate(keys, before + 1) if key[-2:] == "00"]
    return [at for at, key in enumerate(keys, before + 1) if key % USUAL_ROWS == USUAL_ROWS - 1]


def block_content(lines: Iterable[RowsLine]) -> bytes:
    """What a block holds, of the lines of its rows."""
    return b"".join(packed(one.line for one in lines))


def block_rows(content: bytes, table: str, block: Block) -> Iterator[Row]:
    """The rows of an opened block.

    Raises:
        SnapshotIncomplete: it has fewer rows than the snapshot says.
        SnapshotMalformed, SnapshotCutOff, SnapshotAltered: it does not hold what the snapshot says of it.
    """
    count = 0
    for number, line in enumerate(unpacked_lines(io.BytesIO(content)), 1):
        found, rows = rows_of(parsed_line(line, number), number)
        count += len(rows)
        if found != table or count > block.rows:
            raise SnapshotAltered(object=block.object, part=block.part, reason="rows")
        yield from ((table, row) for row in rows)
    if count != block.rows:
        raise SnapshotIncomplete(object=block.object)


def said_of_block(block: Block) -> dict[str, object]:
    """What a snapshot's line says of a block."""
    return {
        "bytes": block.size_bytes,
        "key": {"base64": b64encode(block.key).decode()},
        "mark": block.mark.hex(),
        "object": block.object,
        "offset": block.offset,
        "part": block.part,
        "rows": block.rows,
    }


def block_of(said: Mapping[str, Any]) -> Block:
    """The block of what a line says.

    Raises:
        ValueError: it is not in its form.
    """
    if set(said) != _BLOCK or set(said["key"]) != {"base64"}:
        raise ValueError("members of a block")
    try:
        key = b64decode(said["key"]["base64"], validate=True)
    except Base64Error as error:
        raise ValueError("the key of a block") from error
    block = Block(
        object=_hex(said["object"], 16),
        part=_number(said["part"], 0),
        offset=_number(said["offset"], 0),
        size_bytes=_number(said["bytes"], 1),
        rows=_number(said["rows"], 1),
        key=key,
        mark=bytes.fromhex(_hex(said["mark"], MARK_BYTES)),
    )
    if len(key) != KEY_BYTES or said_of_block(block) != said:
        raise ValueError("the key of a block")
    return block


def said_of_objects(objects: Iterable[BlockObject]) -> list[list[object]]:
    """What a snapshot's footer says of the objects that its blocks lie in."""
    return [[one.id, one.size_bytes, one.digest] for one in sorted(objects, key=lambda one: one.id)]


def objects_of(said: Any) -> tuple[BlockObject, ...]:
    """The objects of what a footer says.

    Raises:
        ValueError: it is not in its form.
    """
    if not isinstance(said, list) or any(not isinstance(one, list) or len(one) != 3 for one in said):
        raise ValueError("the objects of a footer")
    found = tuple(
        BlockObject(_hex(one, 16), _number(size, 1), _hex(digest, 32)) for one, size, digest in said
    )
    if [one.id for one in found] != sorted({one.id for one in found}):
        raise ValueError("the order of a footer's objects")
    return found


def _hex(said: Any, count: int) -> str:
    if not isinstance(said, str) or len(said) != 2 * count or _HEX.fullmatch(said) is None:
        raise ValueError("not the digits of an id or digest")
    return said


def _number(said: Any, least: int) -> int:
    if type(said) is not int or said < least:
        raise ValueError("not a number of a block")
    return said


def worth_keeping(objects: Sequence[BlockObject], used: Mapping[str, int], *, most: int = 64) -> set[str]:
    """Ids of the objects whose blocks a new snapshot goes on referring to; the blocks of others are written anew.

    `used` are the bytes that the last snapshot needs of each. An object more than half of which is needed no more is
    given up, and of too many the smaller half: so copies hold at most twice what is needed, in few objects.
    """
    kept = [one for one in objects if 2 * used.get(one.id, 0) >= one.size_bytes]
    if len(kept) > most:
        kept = sorted(kept, key=lambda one: (-one.size_bytes, one.id))[: most // 2]
    return {one.id for one in kept}
