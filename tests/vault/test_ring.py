from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kedang.records.ids import KeyPageId
from kedang.vault.errors import EpochKeyMismatch, KeyPageDamaged, KeyPageForeign, ObjectExists
from kedang.vault.ring import (
    MOST_ENTRIES,
    KeyPage,
    manifest_digest,
    open_page,
    page_epoch,
    read_page,
    seal_page,
    stored_pages,
    write_page,
)
from kedang.vault.store import BlobStore
from kedang.vault.suites import Suite

from .seeded import CASE, OTHER_CASE, an_id, seeded_bytes

EPOCH_KEY, OTHER_EPOCH_KEY = seeded_bytes("one")(32), seeded_bytes("other")(32)


def _page(count: int, epoch: int = 1) -> KeyPage:
    random_bytes = seeded_bytes("keys")
    keys = {random_bytes(16).hex(): random_bytes(32) for _ in range(count)}
    return KeyPage(KeyPageId(an_id("page")), CASE, epoch, keys)


def _open(sealed: bytes, key: bytes = EPOCH_KEY, page: KeyPage | None = None) -> KeyPage:
    asked = page or _page(3)
    return open_page(key, sealed, page=asked.page, case=asked.case, epoch=asked.epoch)


@pytest.mark.parametrize("count", [1, 2, 500, MOST_ENTRIES])
@pytest.mark.parametrize("suite", list(Suite))
def test_a_page_comes_back_key_by_key(count: int, suite: Suite) -> None:
    page = _page(count)
    sealed = seal_page(EPOCH_KEY, page, suite=suite)
    assert len(sealed) == 64 + 2 + 48 * count + 16
    assert _open(sealed) == page


@given(st.dictionaries(st.binary(min_size=16, max_size=16), st.binary(min_size=32, max_size=32), min_size=1))
@settings(max_examples=50, deadline=None)
def test_the_order_of_entry_does_not_matter(entries: dict[bytes, bytes]) -> None:
    keys = {holder.hex(): key for holder, key in entries.items()}
    backwards = dict(reversed(keys.items()))
    page = replace(_page(1), keys=keys)
    assert seal_page(EPOCH_KEY, page) == seal_page(EPOCH_KEY, replace(page, keys=backwards))
    assert _open(seal_page(EPOCH_KEY, page)).keys == keys


def test_a_page_is_written_once(store: BlobStore) -> None:
    page = _page(10)
    write_page(store, EPOCH_KEY, page)
    assert read_page(store, EPOCH_KEY, page=page.page, case=CASE, epoch=1) == page
    assert list(stored_pages(store)) == [page.page]
    with pytest.raises(ObjectExists):
        write_page(store, EPOCH_KEY, replace(page, keys={an_id("x"): bytes(32)}))


def test_the_key_of_another_epoch_does_not_open_a_page() -> None:
    with pytest.raises(EpochKeyMismatch):
        _open(seal_page(EPOCH_KEY, _page(3)), key=OTHER_EPOCH_KEY)


def test_a_page_of_another_epoch_or_id_is_foreign_and_of_another_case_does_not_open() -> None:
    sealed, page = seal_page(EPOCH_KEY, _page(3)), _page(3)
    with pytest.raises(KeyPageForeign):
        _open(sealed, page=replace(page, epoch=2))
    with pytest.raises(KeyPageForeign):
        _open(sealed, page=replace(page, page=KeyPageId(an_id("another page"))))
    with pytest.raises(KeyPageDamaged):
        _open(sealed, page=replace(page, case=OTHER_CASE))


def test_every_changed_bit_and_every_cut_is_found() -> None:
    sealed = seal_page(EPOCH_KEY, _page(3))
    for place in range(len(sealed)):
        for bit in range(8):
            changed = bytearray(sealed)
            changed[place] ^= 1 << bit
            with pytest.raises((KeyPageDamaged, KeyPageForeign, EpochKeyMismatch)):
                _open(bytes(changed))
        with pytest.raises(KeyPageDamaged):
            _open(sealed[:place])
    with pytest.raises(KeyPageDamaged):
        _open(sealed + b"\x00")


def test_a_page_tells_its_epoch_without_a_key() -> None:
    assert page_epoch(seal_page(EPOCH_KEY, _page(1, epoch=7))) == 7
    with pytest.raises(KeyPageDamaged):
        page_epoch(b"KDKP")


@pytest.mark.parametrize("count", [0, MOST_ENTRIES + 1])
def test_a_page_holds_one_to_1024_keys(count: int) -> None:
    with pytest.raises(ValueError, match="1024"):
        seal_page(EPOCH_KEY, _page(count))


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        seal_page(EPOCH_KEY, replace(_page(1), keys={an_id("x"): bytes(31)}))


def test_keys_are_not_shown() -> None:
    page = _page(1)
    assert next(iter(page.keys.values())).hex() not in repr(page)
    assert "keys" not in repr(page)


def test_the_manifest_digest_knows_which_pages_and_nothing_of_their_order() -> None:
    pages = [KeyPageId(an_id(str(number))) for number in range(5)]
    digest = manifest_digest(CASE, 1, pages)
    assert manifest_digest(CASE, 1, reversed(pages)) == digest
    others = {
        manifest_digest(CASE, 1, pages[1:]),
        manifest_digest(CASE, 2, pages),
        manifest_digest(OTHER_CASE, 1, pages),
        manifest_digest(CASE, 1, ()),
    }
    assert len(others | {digest}) == 5
