"""Whom rows name that nobody has kept a mention of: those of a table behind what extraction reads of it.

Such a row carries what it can be tied by along with itself, in the row set that it lies in and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kedang.resolution.links import KeyKind, LinkKey
from kedang.resolution.mention import MentionKind
from kedang.resolution.roles import Role


class NamedInRow(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One who is named in a row and has something to be tied by."""

    kind: MentionKind
    role: Role
    founding: int
    """When his keys become a customer's, as for every mention; 9 never."""
    by_name: bool
    """Whether the bare name may tie him."""
    name: str
    keys: tuple[tuple[KeyKind, str], ...]
    """What he can be tied by, in clear."""

    def link_keys(self) -> tuple[LinkKey, ...]:
        """The same as keys."""
        return tuple(LinkKey(kind, value) for kind, value in self.keys)


class NamedRow(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A row and everybody whom it names, in the order in which they stand."""

    table: int
    number: int
    """As the program shows it, from 1."""
    named: tuple[NamedInRow, ...]


def encode_named(rows: Sequence[NamedRow]) -> bytes:
    """Rows for a message; nothing for none."""
    return _ENCODER.encode(rows) if rows else b""


def decode_named(said: bytes) -> tuple[NamedRow, ...]:
    """The rows of a message.

    Raises:
        msgspec.MsgspecError: it says something else.
    """
    return _DECODER.decode(said) if said else ()


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(tuple[NamedRow, ...])
