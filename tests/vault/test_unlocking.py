from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from kedang.vault.errors import (
    KeySheetAltered,
    KeySheetMalformed,
    LastSlot,
    SharesTooFew,
    SlotMissing,
    WrongSecret,
)
from kedang.vault.keysheet import KeySheet, PassphraseLock, SlotKind, TokenLock, decode, encode
from kedang.vault.quorums import Group, Quorum
from kedang.vault.shares import split_secret
from kedang.vault.unlocking import (
    NewPassphrase,
    NewQuorum,
    NewToken,
    NewUnattended,
    Unlocked,
    add_epoch,
    add_slot,
    create_sheet,
    drop_epoch,
    remove_slot,
    unlock_with_passphrase,
    unlock_with_secret,
    unlock_with_shares,
    unlock_with_token,
    verify_sheet,
)

from .seeded import CASE, OTHER_CASE, seeded_bytes

QUICK = PassphraseLock(memory_kib=64, iterations=1, lanes=1)
PASSPHRASE = "一句只有自己知道的话 １２３"
RANDOM = seeded_bytes("sheet")
SECRET = RANDOM(32)
SPLIT = split_secret(RANDOM(32), random_bytes=RANDOM)
CARDS = SPLIT.shares[0]
SHEET, UNLOCKED = create_sheet(
    CASE,
    slots=[NewPassphrase(PASSPHRASE, QUICK), NewUnattended(SECRET), NewQuorum(SPLIT)],
    random_bytes=RANDOM,
)


def test_every_secret_gives_the_same_epoch_keys() -> None:
    opened = [
        unlock_with_passphrase(SHEET, PASSPHRASE),
        unlock_with_secret(SHEET, SECRET),
        unlock_with_shares(SHEET, [CARDS[2], CARDS[0]]),
    ]
    assert [unlocked.epoch_keys for unlocked in opened] == [UNLOCKED.epoch_keys] * 3
    assert [unlocked.kind for unlocked in opened] == [
        SlotKind.PASSPHRASE,
        SlotKind.UNATTENDED,
        SlotKind.QUORUM,
    ]
    assert [unlocked.slot for unlocked in opened] == [slot.slot for slot in SHEET.slots]
    assert UNLOCKED.newest_epoch == 1
    assert len(UNLOCKED.epoch_keys[1]) == 32


def test_full_width_and_half_width_digits_are_one_passphrase() -> None:
    assert unlock_with_passphrase(SHEET, PASSPHRASE.replace("１２３", "123")).epoch_keys


@pytest.mark.parametrize("passphrase", ["", " ", PASSPHRASE + " ", PASSPHRASE[:-1]])
def test_a_wrong_passphrase_opens_nothing(passphrase: str) -> None:
    with pytest.raises(WrongSecret):
        unlock_with_passphrase(SHEET, passphrase)


def test_a_wrong_secret_or_too_few_or_foreign_cards_open_nothing() -> None:
    with pytest.raises(WrongSecret):
        unlock_with_secret(SHEET, bytes(32))
    with pytest.raises(SharesTooFew):
        unlock_with_shares(SHEET, [CARDS[1]])
    others = split_secret(bytes(32), random_bytes=seeded_bytes("other case"))
    with pytest.raises(WrongSecret):
        unlock_with_shares(SHEET, others.shares[0])


def test_a_kind_that_the_sheet_lacks_is_said() -> None:
    with pytest.raises(SlotMissing):
        unlock_with_token(SHEET, lambda _: bytes(32))


def test_the_usual_cost_of_a_passphrase_is_the_published_recommendation() -> None:
    """RFC 9106 section 4: 64 MiB, 3 passes, 4 lanes."""
    sheet, unlocked = create_sheet(CASE, slots=[NewPassphrase("x")], random_bytes=seeded_bytes("usual"))
    assert sheet.slots[0].lock == PassphraseLock(memory_kib=65536, iterations=3, lanes=4)
    assert unlock_with_passphrase(sheet, "x").epoch_keys == unlocked.epoch_keys


def test_a_token_that_decrypts_the_slots_secret_opens_the_case() -> None:
    on_token = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    oaep = padding.OAEP(padding.MGF1(SHA256()), SHA256(), None)
    secret = RANDOM(32)
    lock = TokenLock("RSA-PKCS-OAEP-SHA256", "0a", on_token.public_key().encrypt(secret, oaep))
    sheet = decode(encode(add_slot(SHEET, UNLOCKED, NewToken(secret, lock), random_bytes=RANDOM)))
    unlocked = unlock_with_token(sheet, lambda lock: on_token.decrypt(lock.wrapped_secret, oaep))
    assert unlocked.epoch_keys == UNLOCKED.epoch_keys
    with pytest.raises(WrongSecret):
        unlock_with_token(sheet, lambda _: None)


def _tampered_is_found(stored: bytes) -> None:
    with pytest.raises((KeySheetMalformed, KeySheetAltered, WrongSecret, SlotMissing)):
        unlock_with_secret(decode(stored), SECRET)


def test_every_changed_byte_of_a_sheet_is_found() -> None:
    stored = encode(SHEET)
    for place in range(len(stored)):
        for mask in (0x01, 0x02, 0x20, 0x80):
            changed = bytearray(stored)
            changed[place] ^= mask
            _tampered_is_found(bytes(changed))


def test_every_dropped_and_every_doubled_byte_of_a_sheet_is_found() -> None:
    stored = encode(SHEET)
    for place in range(len(stored)):
        _tampered_is_found(stored[:place] + stored[place + 1 :])
        _tampered_is_found(stored[:place] + stored[place : place + 1] + stored[place:])


def _with_slots(*order: int) -> KeySheet:
    epochs = tuple(replace(epoch, wrapped=tuple(epoch.wrapped[at] for at in order)) for epoch in SHEET.epochs)
    return replace(SHEET, slots=tuple(SHEET.slots[at] for at in order), epochs=epochs)


@pytest.mark.parametrize(
    "forged",
    [
        _with_slots(0, 1),
        _with_slots(1, 0, 2),
        replace(SHEET, case=OTHER_CASE),
        replace(SHEET, serial=2),
        replace(SHEET, previous=bytes(32)),
        replace(SHEET, epochs=(replace(SHEET.epochs[0], manifest=bytes(32)),)),
        replace(SHEET, epochs=(replace(SHEET.epochs[0], epoch=2),)),
        replace(SHEET, epochs=(*SHEET.epochs, replace(SHEET.epochs[0], epoch=2))),
    ],
)
def test_a_well_formed_sheet_that_nobody_with_the_keys_made_is_found(forged: KeySheet) -> None:
    with pytest.raises((KeySheetAltered, WrongSecret)):
        unlock_with_secret(decode(encode(forged)), SECRET)
    with pytest.raises(KeySheetAltered):
        verify_sheet(forged, UNLOCKED)


def test_a_slot_of_another_case_with_the_same_secret_does_not_pass() -> None:
    other, _ = create_sheet(OTHER_CASE, slots=[NewUnattended(SECRET)], random_bytes=RANDOM)
    forged = replace(SHEET, slots=(SHEET.slots[0], other.slots[0], SHEET.slots[2]))
    with pytest.raises(KeySheetAltered):
        unlock_with_secret(forged, SECRET)


def test_adding_a_slot_needs_the_keys_and_no_other_secret() -> None:
    added = add_slot(SHEET, UNLOCKED, NewPassphrase("另一人的口令", QUICK), random_bytes=RANDOM)
    assert unlock_with_passphrase(added, "另一人的口令").epoch_keys == UNLOCKED.epoch_keys
    assert unlock_with_passphrase(added, PASSPHRASE).epoch_keys == UNLOCKED.epoch_keys
    assert unlock_with_secret(added, SECRET).epoch_keys == UNLOCKED.epoch_keys
    stranger = replace(UNLOCKED, epoch_keys={1: bytes(32)})
    with pytest.raises(KeySheetAltered):
        add_slot(SHEET, stranger, NewPassphrase("x", QUICK), random_bytes=RANDOM)


def test_a_removed_slot_opens_no_later_sheet() -> None:
    removed = remove_slot(SHEET, UNLOCKED, SHEET.slots[0].slot)
    with pytest.raises(SlotMissing):
        unlock_with_passphrase(removed, PASSPHRASE)
    assert unlock_with_secret(removed, SECRET).epoch_keys == UNLOCKED.epoch_keys


def test_the_last_slot_and_one_that_is_not_there_are_not_removed() -> None:
    sheet, unlocked = create_sheet(CASE, slots=[NewUnattended(SECRET)], random_bytes=RANDOM)
    with pytest.raises(LastSlot):
        remove_slot(sheet, unlocked, sheet.slots[0].slot)
    with pytest.raises(SlotMissing):
        remove_slot(sheet, unlocked, SHEET.slots[0].slot)


def _changed_epoch() -> tuple[KeySheet, KeySheet, Unlocked]:
    both, unlocked = add_epoch(SHEET, UNLOCKED, manifest=bytes(range(32)), random_bytes=RANDOM)
    last, unlocked = drop_epoch(both, unlocked)
    return both, last, unlocked


def test_an_epoch_changes_with_one_secret_present_and_all_open_the_new_one() -> None:
    both, last, unlocked = _changed_epoch()
    assert set(unlock_with_secret(both, SECRET).epoch_keys) == {1, 2}
    assert set(unlocked.epoch_keys) == {2}
    assert unlocked.epoch_keys[2] != UNLOCKED.epoch_keys[1]
    for opened in (
        unlock_with_passphrase(last, PASSPHRASE),
        unlock_with_secret(last, SECRET),
        unlock_with_shares(last, CARDS[:2]),
    ):
        assert opened.epoch_keys == unlocked.epoch_keys
    assert last.epochs[0].manifest == bytes(range(32))


def test_nothing_of_the_old_epoch_is_in_the_last_sheet() -> None:
    _, last, _ = _changed_epoch()
    stored = encode(last).decode()
    assert not any(wrapped.hex() in stored for wrapped in SHEET.epochs[0].wrapped)


def test_half_of_a_sheet_with_two_epochs_cannot_be_cut_off() -> None:
    both, _, _ = _changed_epoch()
    for kept in both.epochs:
        with pytest.raises(KeySheetAltered):
            unlock_with_secret(replace(both, epochs=(kept,)), SECRET)


def test_epochs_are_added_and_dropped_one_at_a_time() -> None:
    both, _, _ = _changed_epoch()
    unlocked = unlock_with_secret(both, SECRET)
    with pytest.raises(ValueError, match="two epochs"):
        add_epoch(both, unlocked, manifest=bytes(32), random_bytes=RANDOM)
    with pytest.raises(ValueError, match="one epoch"):
        drop_epoch(SHEET, UNLOCKED)


def test_groups_of_share_holders_open_a_sheet() -> None:
    quorum = Quorum(2, (Group(2, 3), Group(3, 4)))
    split = split_secret(RANDOM(32), random_bytes=RANDOM, quorum=quorum)
    sheet = add_slot(SHEET, UNLOCKED, NewQuorum(split), random_bytes=RANDOM)
    assert decode(encode(sheet)) == sheet
    cards = [*split.shares[0][1:], *split.shares[1][:3]]
    assert unlock_with_shares(sheet, cards).slot == sheet.slots[3].slot


def test_no_secret_is_shown() -> None:
    shown = repr((UNLOCKED, NewPassphrase(PASSPHRASE, QUICK), NewUnattended(SECRET), NewQuorum(SPLIT)))
    for secret in (*UNLOCKED.epoch_keys.values(), SECRET, SPLIT.secret):
        assert repr(secret)[2:-1] not in shown
    assert PASSPHRASE not in shown


def test_empty_secrets_make_no_slot() -> None:
    with pytest.raises(ValueError, match="passphrase"):
        NewPassphrase("")
    with pytest.raises(ValueError, match="32 bytes"):
        create_sheet(CASE, slots=[NewUnattended(b"short")], random_bytes=RANDOM)
    with pytest.raises(ValueError, match="slot"):
        create_sheet(CASE, slots=[], random_bytes=RANDOM)
