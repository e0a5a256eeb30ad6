"""A digest computed beside other work is that of all the pieces in order."""

from __future__ import annotations

from hashlib import sha256

from blake3 import blake3
from hypothesis import given, settings
from hypothesis import strategies as st

from kedang.vault.digesting import BackgroundDigest

PIECE_BYTES = st.sampled_from([0, 1, 1000, 128 * 1024 - 1, 128 * 1024, 300_000])


@given(st.lists(PIECE_BYTES, max_size=8))
@settings(max_examples=40, deadline=None)
def test_pieces_of_any_size_give_the_digest_of_the_whole(sizes: list[int]) -> None:
    pieces = [bytes([number + 1]) * size for number, size in enumerate(sizes)]
    digest, both = BackgroundDigest(), BackgroundDigest(faster=True)
    for piece in pieces:
        digest.update(piece)
        both.update(piece)
    whole = b"".join(pieces)
    assert digest.digest() == both.digest() == sha256(whole).digest()
    assert (digest.faster(), both.faster()) == (b"", blake3(whole).digest())


def test_memory_may_be_used_again_after_the_next_piece_was_announced() -> None:
    memory, whole = bytearray(512 * 1024), sha256()
    digest = BackgroundDigest()
    for number in range(50):
        digest.update(b"")  # waits for the piece before
        memory[:] = bytes([number]) * len(memory)
        digest.update(memoryview(memory))
        whole.update(memory)
    assert digest.digest() == whole.digest()
