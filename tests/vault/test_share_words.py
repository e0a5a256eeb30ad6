from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shamir_mnemonic.wordlist import WORDLIST

from kedang.vault.quorums import Group, Quorum, any_of
from kedang.vault.share_words import UNIQUE_LETTERS, check_entry, check_word, complete
from kedang.vault.shares import cards_of, check_share, share_mark, split_secret

from .seeded import conformance, seeded_bytes

SPLIT = split_secret(seeded_bytes("secret")(32), random_bytes=seeded_bytes("words"))
CARD = SPLIT.shares[0][0]
WORDS = CARD.split()


def test_four_letters_tell_every_word() -> None:
    assert len(WORDLIST) == 1024
    for word in WORDLIST:
        assert complete(word[:UNIQUE_LETTERS]) == (word,)
        assert word in complete(word[:1].upper())
        assert check_word(f" {word.upper()} ").known


@pytest.mark.parametrize("begun", ["", "  ", "xq", "academicx"])
def test_what_begins_no_word_is_completed_to_nothing(begun: str) -> None:
    assert complete(begun) == ()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("acadmic", "academic"),
        ("terminel", "terminal"),
        ("husy", "husky"),
        ("fangz", "fangs"),
        ("acade", "academic"),
    ],
)
def test_an_unknown_word_is_told_with_the_words_it_may_be_meant_for(typed: str, meant: str) -> None:
    found = check_word(typed)
    assert not found.known
    assert meant in found.nearest
    assert len(found.nearest) <= 3


def test_what_is_like_no_word_has_no_nearest() -> None:
    assert check_word("身份证").nearest == ()


def test_a_card_is_followed_word_by_word_until_it_is_right() -> None:
    for count in range(len(WORDS)):
        entry = check_entry(" ".join(WORDS[:count]), identifier=SPLIT.identifier)
        assert (entry.missing, entry.right, entry.unknown, entry.foreign) == (33 - count, False, (), False)
    entry = check_entry(CARD, identifier=SPLIT.identifier)
    assert entry.right
    assert entry.share == check_share(CARD)
    assert check_entry(CARD + " acid").missing == -1


def test_an_unknown_word_is_told_by_its_place_while_the_rest_is_typed() -> None:
    entry = check_entry(" ".join([*WORDS[:3], "kedang", *WORDS[4:10], "x"]))
    assert entry.unknown == (4, 11)
    assert entry.share is None


@given(place=st.integers(0, 32), other=st.integers(0, 1023))
@settings(max_examples=60, deadline=None)
def test_one_wrong_word_of_the_list_is_told_by_its_place(place: int, other: int) -> None:
    words = [*WORDS[:place], WORDLIST[other], *WORDS[place + 1 :]]
    entry = check_entry(" ".join(words))
    if words == WORDS:
        assert entry.right
    else:
        assert (entry.right, entry.suspect) == (False, place + 1)


def test_two_words_exchanged_are_wrong_and_no_place_is_made_up() -> None:
    words = [WORDS[0], WORDS[1], *WORDS[2:10], WORDS[11], WORDS[10], *WORDS[12:]]
    entry = check_entry(" ".join(words))
    assert (entry.right, entry.suspect) == (False, None)


def test_a_card_of_another_set_is_told_after_two_words() -> None:
    other = split_secret(bytes(32), random_bytes=seeded_bytes("another set"))
    words = other.shares[0][0].split()
    assert not check_entry(words[0], identifier=SPLIT.identifier).foreign
    assert check_entry(" ".join(words[:2]), identifier=SPLIT.identifier).foreign
    whole = check_entry(" ".join(words), identifier=SPLIT.identifier)
    assert (whole.foreign, whole.right) == (True, False)
    assert check_entry(" ".join(words)).right


def test_no_word_is_shown_in_a_log() -> None:
    assert "academic" not in repr(check_entry("acadmic"))


def test_published_cards_are_right_word_by_word() -> None:
    for title, cards, secret, _ in json.loads(conformance("slip39", "vectors.json").read_text()):
        if secret:
            for card in cards:
                assert check_entry(card, length=len(card.split())).right, title


def test_cards_are_numbered_as_people_count_them() -> None:
    cards = cards_of(SPLIT)
    assert [(card.number, card.count, card.threshold, card.groups) for card in cards] == [
        (1, 3, 2, 1),
        (2, 3, 2, 1),
        (3, 3, 2, 1),
    ]
    assert [" ".join(card.words) for card in cards] == list(SPLIT.shares[0])
    assert {card.identifier for card in cards} == {SPLIT.identifier}


def test_groups_of_one_are_one_set_for_people() -> None:
    split = split_secret(bytes(32), random_bytes=seeded_bytes("one of"), quorum=any_of(1, 3))
    assert [
        (card.number, card.count, card.threshold, card.groups, card.group_threshold)
        for card in cards_of(split)
    ] == [
        (1, 3, 1, 1, 1),
        (2, 3, 1, 1, 1),
        (3, 3, 1, 1, 1),
    ]


def test_cards_of_groups_say_their_group() -> None:
    quorum = Quorum(2, (Group(2, 2), Group(1, 1), Group(2, 3)))
    cards = cards_of(split_secret(bytes(32), random_bytes=seeded_bytes("groups"), quorum=quorum))
    assert [(card.group, card.number, card.count, card.threshold) for card in cards] == [
        (1, 1, 2, 2), (1, 2, 2, 2), (2, 1, 1, 1), (3, 1, 3, 2), (3, 2, 3, 2), (3, 3, 3, 2),
    ]  # fmt: skip
    assert {(card.groups, card.group_threshold) for card in cards} == {(3, 2)}
    for card in cards:
        checked = check_share(" ".join(card.words))
        assert (checked.group + 1, checked.member_threshold) == (card.group, card.threshold)


def test_a_cards_number_is_the_same_however_it_is_typed_and_differs_between_cards() -> None:
    marks = {card.mark for card in cards_of(SPLIT)}
    assert len(marks) == 3
    assert all(mark.isdigit() and len(mark) == 6 for mark in marks)
    assert share_mark(CARD.upper().replace(" ", "\n")) == cards_of(SPLIT)[0].mark
    assert WORDS[5] not in repr(cards_of(SPLIT))
