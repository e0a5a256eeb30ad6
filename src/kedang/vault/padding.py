"""How long a sealed thing looks: PADMÉ, so that a size in clear tells little of the content."""

from __future__ import annotations

SMALLEST_PADDED_BYTES = 128  # below it names and short notes would show their length


def padme(size_bytes: int) -> int:
    """The size to pad to: at most 12 % more, and only O(log log n) bits of the size show.

    Source: Nikitin et al., Reducing Metadata Leakage from Encrypted Files and Communication with PURBs,
    PoPETs 2019(4), algorithm 1.
    """
    exponent = max(size_bytes, 1).bit_length() - 1
    low_bits = exponent - exponent.bit_length()
    if low_bits <= 0:
        return size_bytes
    mask = (1 << low_bits) - 1
    return (size_bytes + mask) & ~mask


def padded_size(size_bytes: int) -> int:
    """PADMÉ with a floor, so that all small things look alike."""
    return padme(max(size_bytes, SMALLEST_PADDED_BYTES))
