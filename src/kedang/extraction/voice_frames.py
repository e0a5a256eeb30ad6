"""How long voice recordings of phones and chat programs last: AMR (RFC 4867) and SILK, frame by frame."""

from __future__ import annotations

from typing import BinaryIO

FRAME_SECONDS = 0.02
MOST_FRAMES = 10_000_000  # 55 hours

_AMR_NARROW = b"#!AMR\n"
_AMR_WIDE = b"#!AMR-WB\n"
# Bytes that follow the one-byte header of a frame, by its type; None is a type that stands for nothing.
_NARROW_SIZES: tuple[int | None, ...] = (12, 13, 15, 17, 19, 20, 26, 31, 5, 6, 5, 5, None, None, None, 0)
_WIDE_SIZES: tuple[int | None, ...] = (17, 23, 32, 36, 40, 46, 50, 58, 60, 5, None, None, None, None, 0, 0)
_SILK = b"#!SILK_V3"
_SILK_END = 0xFFFF


def amr_seconds(stream: BinaryIO) -> tuple[float, bool] | None:
    """The length, and whether every frame is whole; None when it is not single-channel AMR."""
    head = stream.read(len(_AMR_WIDE))
    if head == _AMR_WIDE:
        sizes = _WIDE_SIZES
    elif head.startswith(_AMR_NARROW):
        sizes = _NARROW_SIZES
        stream.seek(len(_AMR_NARROW))
    else:
        return None
    frames = 0
    while frames < MOST_FRAMES and (header := stream.read(1)):
        size = sizes[header[0] >> 3 & 0x0F]
        if size is None or len(stream.read(size)) < size:
            return frames * FRAME_SECONDS, False
        frames += 1
    return frames * FRAME_SECONDS, True


def silk_seconds(stream: BinaryIO) -> tuple[float, bool] | None:
    """The length of a chat program's voice message, and whether every frame is whole; None for others."""
    head = stream.read(len(_SILK) + 1)
    if head[1:] == _SILK:  # WeChat puts one byte before the mark
        pass
    elif head.startswith(_SILK):
        stream.seek(len(_SILK))
    else:
        return None
    frames = 0
    while frames < MOST_FRAMES and len(length := stream.read(2)) == 2:
        size = int.from_bytes(length, "little")
        if size == _SILK_END:
            break
        if size == 0 or len(stream.read(size)) < size:
            return frames * FRAME_SECONDS, False
        frames += 1
    return frames * FRAME_SECONDS, True
