"""Keys in several hands: slots come, go and are replaced, and nobody else need be present."""

from __future__ import annotations

import hmac
from dataclasses import replace
from hashlib import sha256

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from kedang.records.ids import KeyPageId
from kedang.vault.errors import (
    EpochKeyMismatch,
    KeyPageForeign,
    KeySheetAltered,
    KeySheetForeign,
    KeySheetForked,
    KeySheetStale,
    LastSlot,
    SharesForeign,
    SlotMissing,
    SlotRemoved,
    WrongSecret,
)
from kedang.vault.keysheet import (
    EpochWrap,
    KeySheet,
    PassphraseLock,
    SlotKind,
    decode,
    digest,
    encode,
    sheet_body,
)
from kedang.vault.memory_store import MemoryStore
from kedang.vault.quorums import Group, Quorum, any_of
from kedang.vault.ring import KeyPage, read_page, write_page
from kedang.vault.shares import split_secret
from kedang.vault.slots import wrap_epoch_key
from kedang.vault.suites import derive
from kedang.vault.unlocking import (
    NewPassphrase,
    NewQuorum,
    NewUnattended,
    SlotChanges,
    Unlocked,
    add_epoch,
    add_slot,
    create_sheet,
    drop_epoch,
    refreshed,
    remove_slot,
    replace_slot,
    reshare,
    unlock_with_passphrase,
    unlock_with_secret,
    unlock_with_shares,
    verify_sheet,
)

from .seeded import CASE, KEY, OTHER_CASE, RECORD, an_id, seeded_bytes

QUICK = PassphraseLock(memory_kib=64, iterations=1, lanes=1)
RANDOM = seeded_bytes("slots")
SECRET = RANDOM(32)
SPLIT = split_secret(RANDOM(32), random_bytes=RANDOM)
CARDS = SPLIT.shares[0]
SHEET, _ = create_sheet(
    CASE,
    slots=[NewPassphrase("口令一", QUICK), NewQuorum(SPLIT), NewUnattended(SECRET)],
    random_bytes=RANDOM,
)
PASSPHRASE_SLOT, QUORUM_SLOT, UNATTENDED_SLOT = (slot.slot for slot in SHEET.slots)
PAGE = KeyPageId(an_id("page"))


def _rotated(sheet: KeySheet, unlocked: Unlocked, changes: SlotChanges) -> tuple[KeySheet, Unlocked]:
    """A new epoch, begun and ended, with the changes in it."""
    manifest = bytes(32)
    both, unlocked = add_epoch(sheet, unlocked, manifest=manifest, random_bytes=RANDOM, changes=changes)
    return drop_epoch(both, unlocked)


def _opened() -> Unlocked:
    return unlock_with_passphrase(SHEET, "口令一")


def test_whoever_is_unlocked_follows_to_a_new_epoch_without_being_asked() -> None:
    holders = [_opened(), unlock_with_shares(SHEET, CARDS[:2]), unlock_with_secret(SHEET, SECRET)]
    last, unlocked = _rotated(SHEET, holders[0], SlotChanges())
    for holder in holders:
        followed = refreshed(decode(encode(last)), holder)
        assert followed.epoch_keys == unlocked.epoch_keys
        assert (followed.slot, followed.kind, followed.serial) == (holder.slot, holder.kind, 3)
        assert refreshed(last, followed) == followed


def test_in_the_middle_of_a_change_both_epochs_are_there() -> None:
    both, _ = add_epoch(SHEET, _opened(), manifest=bytes(32), random_bytes=RANDOM)
    assert set(refreshed(both, unlock_with_secret(SHEET, SECRET)).epoch_keys) == {1, 2}


def test_whoever_was_removed_while_unlocked_is_told_so() -> None:
    holder = unlock_with_secret(SHEET, SECRET)
    last, _ = _rotated(SHEET, _opened(), SlotChanges(removed=frozenset({UNATTENDED_SLOT})))
    with pytest.raises(SlotRemoved) as caught:
        refreshed(last, holder)
    assert caught.value.facts == {"slot": UNATTENDED_SLOT, "serial": 3}


def test_a_replaced_slot_does_not_follow_though_its_secret_is_the_same() -> None:
    holder = unlock_with_secret(SHEET, SECRET)
    following, _ = replace_slot(SHEET, _opened(), UNATTENDED_SLOT, NewUnattended(SECRET), random_bytes=RANDOM)
    with pytest.raises(SlotRemoved):
        refreshed(following, holder)
    assert unlock_with_secret(following, SECRET).slot_private_key != holder.slot_private_key


def test_an_older_a_foreign_and_a_rival_sheet_are_not_followed() -> None:
    last, unlocked = _rotated(SHEET, _opened(), SlotChanges())
    with pytest.raises(KeySheetStale) as caught:
        refreshed(SHEET, unlocked)
    assert caught.value.facts == {"serial": 1, "seen": 3}
    rival, _ = _rotated(SHEET, _opened(), SlotChanges())
    assert rival.serial == last.serial
    with pytest.raises(KeySheetForked):
        refreshed(rival, unlocked)
    foreign, _ = create_sheet(OTHER_CASE, slots=[NewUnattended(SECRET)], random_bytes=RANDOM)
    with pytest.raises(KeySheetForeign):
        refreshed(foreign, unlocked)


def test_a_slot_that_was_removed_is_not_brought_back_by_changing_an_old_sheet() -> None:
    unlocked = _opened()
    removed = remove_slot(SHEET, unlocked, UNATTENDED_SLOT)
    seen = refreshed(removed, unlocked)
    with pytest.raises(KeySheetStale):
        add_slot(SHEET, seen, NewPassphrase("口令二", QUICK), random_bytes=RANDOM)


def test_old_secrets_open_no_current_sheet() -> None:
    changes = SlotChanges(
        removed=frozenset({UNATTENDED_SLOT}),
        replaced={
            PASSPHRASE_SLOT: NewPassphrase("口令二", QUICK),
            QUORUM_SLOT: NewQuorum(split_secret(RANDOM(32), random_bytes=RANDOM)),
        },
        added=(NewUnattended(RANDOM(32)),),
    )
    last, unlocked = _rotated(SHEET, _opened(), changes)
    with pytest.raises(WrongSecret):
        unlock_with_passphrase(last, "口令一")
    with pytest.raises(WrongSecret):
        unlock_with_shares(last, CARDS[:2])
    with pytest.raises(WrongSecret):
        unlock_with_secret(last, SECRET)
    assert unlock_with_passphrase(last, "口令二").epoch_keys == unlocked.epoch_keys
    assert not {slot.public_key for slot in last.slots} & {slot.public_key for slot in SHEET.slots}


def test_the_private_key_of_a_removed_slot_opens_nothing_of_the_new_epoch() -> None:
    """Not even for somebody who took it from memory and writes himself back into the sheet."""
    thief = unlock_with_secret(SHEET, SECRET)
    both, unlocked = add_epoch(
        SHEET, _opened(), manifest=bytes(32), random_bytes=RANDOM,
        changes=SlotChanges(removed=frozenset({UNATTENDED_SLOT})),
    )  # fmt: skip
    assert [len(epoch.wrapped) for epoch in both.epochs] == [2, 2]
    last, _ = drop_epoch(both, unlocked)
    for sheet in (both, last):
        with pytest.raises(SlotMissing):
            unlock_with_secret(sheet, SECRET)
        with pytest.raises(SlotRemoved):
            refreshed(sheet, thief)
    with pytest.raises(KeySheetAltered):
        verify_sheet(last, thief)


def test_old_shares_with_an_old_sheet_and_old_pages_open_what_they_covered_and_nothing_newer() -> None:
    """What docs/formats/key-sheet.md section 5 admits: old sheets are destroyed, not kept."""
    store, unlocked = MemoryStore(), _opened()
    write_page(store, unlocked.epoch_keys[1], KeyPage(PAGE, CASE, 1, {RECORD: KEY}))
    last, unlocked, _ = reshare(SHEET, unlocked, QUORUM_SLOT, quorum=any_of(2, 3), random_bytes=RANDOM)
    last, unlocked = _rotated(last, unlocked, SlotChanges())
    newer = KeyPageId(an_id("newer page"))
    write_page(store, unlocked.epoch_keys[2], KeyPage(newer, CASE, 2, {RECORD: KEY}))
    old = unlock_with_shares(SHEET, CARDS[:2])
    assert read_page(store, old.epoch_keys[1], page=PAGE, case=CASE, epoch=1).keys == {RECORD: KEY}
    with pytest.raises(EpochKeyMismatch):
        read_page(store, old.epoch_keys[1], page=newer, case=CASE, epoch=2)
    with pytest.raises(EpochKeyMismatch):
        read_page(store, unlocked.epoch_keys[2], page=PAGE, case=CASE, epoch=1)


def test_resharing_gives_new_cards_that_never_mix_with_the_old() -> None:
    quorum = Quorum(2, (Group(2, 3), Group(3, 5)))
    following, _, split = reshare(SHEET, _opened(), QUORUM_SLOT, quorum=quorum, random_bytes=RANDOM)
    assert [slot.kind for slot in following.slots] == [slot.kind for slot in SHEET.slots]
    cards = [*split.shares[0][:2], *split.shares[1][2:]]
    assert unlock_with_shares(decode(encode(following)), cards).kind is SlotKind.QUORUM
    with pytest.raises(WrongSecret):
        unlock_with_shares(following, CARDS[:2])
    with pytest.raises(SharesForeign):
        unlock_with_shares(following, [CARDS[0], *cards])
    with pytest.raises(SlotMissing):
        reshare(SHEET, _opened(), PASSPHRASE_SLOT, quorum=quorum, random_bytes=RANDOM)


@given(threshold=st.integers(1, 5), more=st.integers(0, 4))
@settings(max_examples=12, deadline=None)
def test_any_m_of_n_takes_over(threshold: int, more: int) -> None:
    quorum = any_of(threshold, threshold + more)
    following, _, split = reshare(SHEET, _opened(), QUORUM_SLOT, quorum=quorum, random_bytes=RANDOM)
    cards = [card for group in split.shares for card in group]
    assert unlock_with_shares(following, cards[more:]).epoch_keys == _opened().epoch_keys


def test_whoever_replaces_his_own_slot_carries_on_with_the_new_one() -> None:
    following, carried = replace_slot(
        SHEET, _opened(), PASSPHRASE_SLOT, NewPassphrase("口令二", QUICK), random_bytes=RANDOM
    )
    assert carried == unlock_with_passphrase(following, "口令二")
    assert carried.slot == following.slots[0].slot != PASSPHRASE_SLOT
    last, unlocked = _rotated(following, carried, SlotChanges())
    assert refreshed(last, carried).epoch_keys == unlocked.epoch_keys


def test_the_last_slot_stays_unless_another_comes() -> None:
    everything = frozenset(slot.slot for slot in SHEET.slots)
    with pytest.raises(LastSlot):
        add_epoch(
            SHEET, _opened(), manifest=bytes(32), random_bytes=RANDOM, changes=SlotChanges(removed=everything)
        )
    changes = SlotChanges(removed=everything, added=(NewPassphrase("口令二", QUICK),))
    last, unlocked = _rotated(SHEET, _opened(), changes)
    assert unlock_with_passphrase(last, "口令二").epoch_keys == unlocked.epoch_keys


def test_a_slot_is_named_once_and_must_be_there() -> None:
    strange = an_id("no slot")
    for changes in (
        SlotChanges(removed=frozenset({strange})),
        SlotChanges(replaced={strange: NewUnattended(SECRET)}),
    ):
        with pytest.raises(SlotMissing) as caught:
            add_epoch(SHEET, _opened(), manifest=bytes(32), random_bytes=RANDOM, changes=changes)
        assert caught.value.facts == {"slot": strange}
    twice = SlotChanges(frozenset({UNATTENDED_SLOT}), {UNATTENDED_SLOT: NewUnattended(SECRET)})
    with pytest.raises(ValueError, match="not both"):
        add_epoch(SHEET, _opened(), manifest=bytes(32), random_bytes=RANDOM, changes=twice)


def test_changes_in_the_middle_of_an_epoch_change_serve_both_epochs() -> None:
    both, unlocked = add_epoch(SHEET, _opened(), manifest=bytes(32), random_bytes=RANDOM)
    added = add_slot(both, unlocked, NewPassphrase("口令二", QUICK), random_bytes=RANDOM)
    assert unlock_with_passphrase(added, "口令二").epoch_keys == unlocked.epoch_keys


def test_sheets_follow_each_other_in_one_chain() -> None:
    unlocked = _opened()
    chain = [SHEET, add_slot(SHEET, unlocked, NewPassphrase("口令二", QUICK), random_bytes=RANDOM)]
    for make in (
        lambda sheet, holder: replace_slot(
            sheet, holder, UNATTENDED_SLOT, NewUnattended(RANDOM(32)), random_bytes=RANDOM
        ),
        lambda sheet, holder: add_epoch(sheet, holder, manifest=bytes(32), random_bytes=RANDOM),
        drop_epoch,
    ):
        sheet, unlocked = make(chain[-1], refreshed(chain[-1], unlocked))
        chain.append(sheet)
    assert [sheet.serial for sheet in chain] == [1, 2, 3, 4, 5]
    assert [sheet.previous for sheet in chain] == [None, *(digest(sheet) for sheet in chain[:-1])]


def test_a_holder_who_forgot_has_nothing_and_does_not_take_it_from_others() -> None:
    holder = _opened()
    other = refreshed(SHEET, holder)
    private_key, keys = holder.slot_private_key, holder.epoch_keys
    holder.forget()
    assert (bytes(private_key), keys) == (b"", {})
    with pytest.raises(ValueError, match="forgotten"):
        refreshed(SHEET, holder)
    assert refreshed(SHEET, other).epoch_keys == _opened().epoch_keys


def test_forgetting_overwrites_the_private_key_before_letting_it_go() -> None:
    holder = _opened()
    with memoryview(holder.slot_private_key) as seen, pytest.raises(BufferError):
        holder.forget()  # a view forbids shortening, so what was overwritten can be looked at
    assert bytes(holder.slot_private_key) == bytes(32)
    assert seen is not None


def test_the_private_key_is_not_shown() -> None:
    holder = _opened()
    assert repr(bytes(holder.slot_private_key))[2:-1] not in repr(holder)
    assert "bytearray" not in repr(holder)


def _forged(*, epochs: tuple[int, ...]) -> KeySheet:
    """A next sheet by somebody who has no key: he seals keys of his own to the public keys."""
    keys = {epoch: bytes((epoch,)) * 32 for epoch in epochs}
    wraps = tuple(
        EpochWrap(epoch, bytes(32), wrap_epoch_key(CASE, epoch, key, SHEET.slots, RANDOM), bytes(32))
        for epoch, key in keys.items()
    )
    sheet = replace(SHEET, serial=2, previous=digest(SHEET), epochs=wraps)
    body = rfc8785.dumps(sheet_body(sheet))
    macs = {
        epoch: hmac.digest(derive(key, salt=b"", info=b"kedang key sheet mac v1"), body, sha256)
        for epoch, key in keys.items()
    }
    return replace(sheet, epochs=tuple(replace(wrap, mac=macs[wrap.epoch]) for wrap in sheet.epochs))


@pytest.mark.parametrize("epochs", [(1,), (1, 2)])
def test_a_forged_sheet_that_names_a_known_epoch_is_not_followed(epochs: tuple[int, ...]) -> None:
    with pytest.raises(KeySheetAltered):
        refreshed(_forged(epochs=epochs), _opened())


def test_a_forged_sheet_of_an_unknown_epoch_is_betrayed_by_the_ring() -> None:
    store, holder = MemoryStore(), _opened()
    write_page(store, holder.epoch_keys[1], KeyPage(PAGE, CASE, 1, {CASE: KEY}))
    followed = refreshed(_forged(epochs=(2,)), holder)
    with pytest.raises((EpochKeyMismatch, KeyPageForeign)):
        read_page(store, followed.epoch_keys[2], page=PAGE, case=CASE, epoch=2)


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["add", "remove", "replace", "epoch"]), st.integers(0, 9)), max_size=10
    )
)
@settings(max_examples=25, deadline=None)
def test_after_any_changes_exactly_the_secrets_of_today_open_the_sheet(steps: list[tuple[str, int]]) -> None:
    secrets = [RANDOM(32), RANDOM(32)]
    sheet, unlocked = create_sheet(CASE, slots=[NewUnattended(one) for one in secrets], random_bytes=RANDOM)
    gone: list[bytes] = []
    for step, at in steps:
        named, fresh = sheet.slots[at % len(sheet.slots)].slot, RANDOM(32)
        place = at % len(secrets)
        changes = SlotChanges()
        if step == "add":
            changes, secrets = SlotChanges(added=(NewUnattended(fresh),)), [*secrets, fresh]
        elif step == "remove" and len(secrets) > 1:
            changes = SlotChanges(removed=frozenset({named}))
            gone.append(secrets.pop(place))
        elif step == "replace":
            changes = SlotChanges(replaced={named: NewUnattended(fresh)})
            gone.append(secrets[place])
            secrets[place] = fresh
        sheet, unlocked = _rotated(sheet, unlocked, changes)
    for secret in secrets:
        assert unlock_with_secret(decode(encode(sheet)), secret).epoch_keys == unlocked.epoch_keys
    for secret in gone:
        with pytest.raises(WrongSecret):
            unlock_with_secret(sheet, secret)
