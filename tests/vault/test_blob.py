from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kedang.vault.blob import (
    CHUNK_BYTES,
    HEADER_BYTES,
    SEALED_CHUNK_BYTES,
    Binding,
    Role,
    open_bytes,
    seal_bytes,
    sealed_size,
)
from kedang.vault.errors import BlobDamaged, KeyMismatch, NotSealed
from kedang.vault.suites import Suite

from .seeded import CASE, KEY, OTHER_CASE, OTHER_KEY, OTHER_RECORD, RECORD, SALT, seeded_bytes

CONTENT = Binding(CASE, RECORD, Role.CONTENT)
BOTH_SUITES = pytest.mark.parametrize("suite", list(Suite))
SIZES = [0, 1, 117, 118, 119, 4096, *(CHUNK_BYTES + off for off in (-11, -10, -9, -1, 0, 1)), 200_000]


@BOTH_SUITES
@pytest.mark.parametrize("size", SIZES)
def test_content_of_every_size_comes_back(suite: Suite, size: int) -> None:
    content = seeded_bytes("content")(size)
    blob = seal_bytes(KEY, content, binding=CONTENT, salt=SALT, suite=suite)
    assert len(blob) == sealed_size(size).sealed_bytes
    assert open_bytes(KEY, blob, binding=CONTENT) == content


@given(content=st.binary(max_size=2000), compress=st.booleans(), part=st.integers(0, 2**64 - 1))
@settings(max_examples=60, deadline=None)
def test_sealing_and_opening_are_inverse(content: bytes, compress: bool, part: int) -> None:
    binding = replace(CONTENT, role=Role.SEGMENT, part=part)
    blob = seal_bytes(KEY, content, binding=binding, salt=SALT, compress=compress)
    assert open_bytes(KEY, blob, binding=binding) == content


def test_text_is_compressed_before_it_is_sealed() -> None:
    text = ("客户服务记录:回访完成,客户满意。\n" * 4000).encode()
    blob = seal_bytes(KEY, text, binding=CONTENT, salt=SALT, compress=True)
    assert len(blob) < len(text) // 10
    assert open_bytes(KEY, blob, binding=CONTENT) == text


def test_what_does_not_shrink_is_sealed_as_it_is() -> None:
    noise = seeded_bytes("noise")(5000)
    assert seal_bytes(KEY, noise, binding=CONTENT, salt=SALT, compress=True) == seal_bytes(
        KEY, noise, binding=CONTENT, salt=SALT
    )


def test_equal_contents_under_two_salts_share_no_bytes_but_the_first_eight() -> None:
    random_bytes = seeded_bytes("salts")
    one, other = (seal_bytes(KEY, b"same" * 500, binding=CONTENT, salt=random_bytes(32)) for _ in range(2))
    assert one[:8] == other[:8]
    assert sum(a == b for a, b in zip(one[8:], other[8:], strict=True)) < len(one) * 0.03


@pytest.mark.parametrize(
    "binding",
    [
        replace(CONTENT, case=OTHER_CASE),
        replace(CONTENT, record=OTHER_RECORD),
        replace(CONTENT, part=1),
        # Lengths are part of the binding: the boundary between case and record cannot move.
        Binding(type(CASE)(CASE + RECORD[:1]), RECORD[1:], Role.CONTENT),
    ],
)
def test_a_blob_opens_only_for_the_case_record_and_part_it_was_sealed_for(binding: Binding) -> None:
    blob = seal_bytes(KEY, b"of one record", binding=CONTENT, salt=SALT)
    with pytest.raises(BlobDamaged):
        open_bytes(KEY, blob, binding=binding)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CONTENT])
def test_a_blob_of_one_role_never_passes_for_another(role: Role) -> None:
    blob = seal_bytes(KEY, b"content", binding=CONTENT, salt=SALT)
    with pytest.raises(NotSealed if role is Role.SPOOL else KeyMismatch):
        open_bytes(KEY, blob, binding=replace(CONTENT, role=role))


def test_another_key_fails_at_the_commitment() -> None:
    blob = seal_bytes(KEY, b"content", binding=CONTENT, salt=SALT)
    with pytest.raises(KeyMismatch):
        open_bytes(OTHER_KEY, blob, binding=CONTENT)


def test_the_suite_cannot_be_exchanged() -> None:
    blob = bytearray(seal_bytes(KEY, b"content", binding=CONTENT, salt=SALT))
    assert blob[6] == Suite.AES_256_GCM
    blob[6] = Suite.SM4_GCM
    with pytest.raises(KeyMismatch):
        open_bytes(KEY, blob, binding=CONTENT)


@BOTH_SUITES
def test_every_changed_bit_is_found(suite: Suite) -> None:
    blob = seal_bytes(KEY, b"short", binding=CONTENT, salt=SALT, suite=suite)
    for place in range(len(blob)):
        for bit in range(8):
            changed = bytearray(blob)
            changed[place] ^= 1 << bit
            with pytest.raises((NotSealed, KeyMismatch, BlobDamaged)):
                open_bytes(KEY, changed, binding=CONTENT)


@pytest.mark.parametrize("size", [50, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])
def test_every_truncation_is_found(size: int) -> None:
    blob = seal_bytes(KEY, seeded_bytes("long")(size), binding=CONTENT, salt=SALT)
    cuts = {*range(HEADER_BYTES + 40), len(blob) - 1, len(blob) - 16, len(blob) - 17}
    cuts |= {HEADER_BYTES + n * SEALED_CHUNK_BYTES for n in range(1, 4)}
    for cut in sorted(cut for cut in cuts if cut < len(blob)):
        with pytest.raises((NotSealed, KeyMismatch, BlobDamaged)):
            open_bytes(KEY, blob[:cut], binding=CONTENT)


@pytest.mark.parametrize("extra", [1, 16, 17, SEALED_CHUNK_BYTES])
def test_every_appended_byte_is_found(extra: int) -> None:
    blob = seal_bytes(KEY, seeded_bytes("long")(CHUNK_BYTES * 2), binding=CONTENT, salt=SALT)
    for tail in (bytes(extra), blob[-extra:]):
        with pytest.raises(BlobDamaged):
            open_bytes(KEY, blob + tail, binding=CONTENT)


def _chunks(blob: bytes) -> list[bytes]:
    body = blob[HEADER_BYTES:]
    return [body[at : at + SEALED_CHUNK_BYTES] for at in range(0, len(body), SEALED_CHUNK_BYTES)]


@pytest.mark.parametrize("order", [(1, 0, 2, 3), (0, 2, 1, 3), (0, 1, 1, 3), (0, 0, 2, 3), (0, 1, 3)])
def test_chunks_cannot_be_reordered_repeated_or_dropped(order: tuple[int, ...]) -> None:
    content = seeded_bytes("long")(CHUNK_BYTES * 3 + 5000)
    blob = seal_bytes(KEY, content, binding=CONTENT, salt=SALT)
    chunks = _chunks(blob)
    assert len(chunks) == 4
    forged = blob[:HEADER_BYTES] + b"".join(chunks[at] for at in order)
    with pytest.raises(BlobDamaged):
        open_bytes(KEY, forged, binding=CONTENT)


def test_chunks_cannot_be_swapped_between_blobs_of_one_record() -> None:
    random_bytes = seeded_bytes("two blobs")
    one, other = (
        seal_bytes(KEY, random_bytes(CHUNK_BYTES * 2), binding=CONTENT, salt=random_bytes(32))
        for _ in range(2)
    )
    forged = one[:HEADER_BYTES] + b"".join((_chunks(other)[0], *_chunks(one)[1:]))
    with pytest.raises(BlobDamaged):
        open_bytes(KEY, forged, binding=CONTENT)


def test_a_salt_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="salt"):
        seal_bytes(KEY, b"", binding=CONTENT, salt=SALT[:16])


@pytest.mark.parametrize(("place", "value"), [(4, 2), (5, 2), (6, 0), (6, 3), (7, 17)])
def test_unknown_versions_and_kinds_are_refused(place: int, value: int) -> None:
    blob = bytearray(seal_bytes(KEY, b"content", binding=CONTENT, salt=SALT))
    blob[place] = value
    with pytest.raises(NotSealed):
        open_bytes(KEY, blob, binding=CONTENT)


def test_errors_name_ids_and_nothing_of_the_content() -> None:
    blob = seal_bytes(KEY, "张三".encode(), binding=CONTENT, salt=SALT)
    with pytest.raises(BlobDamaged) as caught:
        open_bytes(KEY, blob[:-1] + b"\x00", binding=CONTENT)
    assert caught.value.facts == {"record": RECORD, "role": Role.CONTENT, "part": 0, "chunk": 0}


def test_every_role_and_suite_is_in_the_document_of_the_format() -> None:
    said = (Path(__file__).resolve().parents[2] / "docs" / "formats" / "sealed-blob.md").read_text("utf-8")
    for number in (*Role, *Suite):
        assert re.search(rf"\| {number.value} \| ", said), number
