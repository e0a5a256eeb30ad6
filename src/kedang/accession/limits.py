"""How far a received container may be unpacked before it counts as hostile."""

from __future__ import annotations

from dataclasses import dataclass

from kedang.accession.errors import BudgetSpent

MIB = 1024 * 1024
GIB = 1024 * MIB


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what one received file may unpack to. Real bytes are counted, never claimed ones."""

    member_bytes: int = 64 * GIB
    """One member; above the largest mailbox or disk image an office keeps."""
    total_bytes: int = 1024 * GIB
    """All members of one received file, at all depths."""
    free_bytes: int = 4 * GIB
    """A received file may always unpack to this much, however small it is."""
    total_ratio: int = 200
    """Beyond `free_bytes`: unpacked bytes of all depths for each byte of the received file."""
    member_ratio: int = 250
    """Unpacked to packed bytes of one member, looked at only beyond `ratio_floor_bytes`. Text
    packs 5 to 20 times, a dump of repeated rows about 100; deflate ends at 1,032 (RFC 1951)."""
    ratio_floor_bytes: int = 64 * MIB
    members: int = 1_000_000
    depth: int = 12
    """Containers in containers: the mail in the mailbox in the zip in the tar is depth 3."""
    header_bytes: int = MIB
    """Headers of one mail or one mail part; long before it ends, nobody wrote it by hand."""
    nested_parts: int = 64
    """Multipart in multipart within one mail."""
    memory_bytes: int = 512 * MIB
    """Dictionary or working memory that an archive may ask of its decompressor."""


@dataclass(slots=True)
class Budget:
    """What is left of the limits of one received file; passed on to the containers inside it."""

    bytes_left: int
    members_left: int

    @classmethod
    def of(cls, limits: Limits, size_bytes: int) -> Budget:
        """The whole budget of a received file of `size_bytes`."""
        grown = max(limits.free_bytes, limits.total_ratio * size_bytes)
        return cls(min(limits.total_bytes, grown), limits.members)

    def spend(self, count: int) -> None:
        """Take `count` unpacked bytes off the budget.

        Raises:
            BudgetSpent: more than was left.
        """
        self.bytes_left -= count
        if self.bytes_left < 0:
            raise BudgetSpent()
