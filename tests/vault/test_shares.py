from __future__ import annotations

import json
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kedang.records.errors import KedangError
from kedang.vault.errors import ShareMistyped, SharesForeign, SharesTooFew
from kedang.vault.quorums import DEFAULT_QUORUM, Group, Quorum, SplitSecret, any_of
from kedang.vault.shares import check_share, combine_shares, split_secret

from .seeded import conformance, seeded_bytes

SECRET = seeded_bytes("secret")(32)


def _split(quorum: Quorum = DEFAULT_QUORUM, seed: str = "split") -> SplitSecret:
    return split_secret(SECRET, random_bytes=seeded_bytes(seed), quorum=quorum)


def test_any_two_of_three_cards_give_the_secret_and_none_alone_does() -> None:
    (cards,) = _split().shares
    assert [len(card.split()) for card in cards] == [33, 33, 33]
    for two in combinations(cards, 2):
        assert combine_shares(two) == SECRET
        assert combine_shares(two[::-1]) == SECRET
    for card in cards:
        with pytest.raises(SharesTooFew) as caught:
            combine_shares([card])
        assert caught.value.facts == {"needed": 1, "given": 1}


def test_more_than_enough_cards_and_one_typed_twice_do_no_harm() -> None:
    (cards,) = _split().shares
    assert combine_shares([*cards, cards[0]]) == SECRET
    with pytest.raises(SharesTooFew):
        combine_shares([cards[0], cards[0]])


@given(st.integers(1, 6), st.integers(0, 5))
@settings(max_examples=20, deadline=None)
def test_any_m_of_n(threshold: int, more: int) -> None:
    split = _split(any_of(threshold, threshold + more))
    cards = [card for group in split.shares for card in group]
    assert len(cards) == threshold + more
    assert combine_shares(cards[-threshold:]) == SECRET


def test_groups_as_in_two_of_the_liquidators_and_one_lawyer_and_three_of_five_directors() -> None:
    quorum = Quorum(3, (Group(2, 3), Group(1, 1), Group(3, 5)))
    liquidators, lawyer, directors = _split(quorum).shares
    assert combine_shares([*liquidators[:2], *lawyer, *directors[2:]]) == SECRET
    with pytest.raises(SharesTooFew):
        combine_shares([*liquidators, *directors])
    with pytest.raises(SharesTooFew):
        combine_shares([*liquidators, *lawyer, *directors[:2]])


def test_no_cards_are_too_few() -> None:
    with pytest.raises(SharesTooFew):
        combine_shares([])


def test_cards_of_two_printings_do_not_mix() -> None:
    (one,), (other,) = _split().shares, _split(seed="another").shares
    with pytest.raises(SharesForeign):
        combine_shares([one[0], other[1]])


@pytest.mark.parametrize("place", [0, 10, 32])
def test_a_mistyped_word_is_named_by_its_place_and_never_quoted(place: int) -> None:
    words = _split().shares[0][0].split()
    words[place] = "kedang"
    with pytest.raises(ShareMistyped) as caught:
        check_share(" ".join(words), card=2)
    assert caught.value.facts == {"card": 2, "word": place + 1}


def test_a_wrong_word_of_the_list_fails_the_check_words_and_no_word_is_told() -> None:
    words = _split().shares[0][0].split()
    words[7] = "academic" if words[7] != "academic" else "acid"
    with pytest.raises(ShareMistyped) as caught:
        check_share(" ".join(words))
    assert caught.value.facts == {"card": 0, "words": 33}
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_card_may_be_typed_in_capitals_and_over_several_lines() -> None:
    split = _split()
    card = split.shares[0][0]
    typed = card.upper().replace(" ", "\n  ", 5)
    checked = check_share(typed)
    assert (checked.identifier, checked.member_threshold) == (split.identifier, 2)
    assert combine_shares([typed, split.shares[0][1]]) == SECRET


@pytest.mark.parametrize(
    "quorum",
    [
        Quorum(1, (Group(3, 2),)),
        Quorum(2, (Group(2, 3),)),
        Quorum(0, (Group(2, 3),)),
        Quorum(1, (Group(2, 17),)),
        Quorum(1, (Group(1, 2),)),
        Quorum(1, ()),
    ],
)
def test_a_quorum_that_cannot_be_is_refused(quorum: Quorum) -> None:
    with pytest.raises(ValueError, match=r"quorum|group"):
        _split(quorum)


def test_only_a_32_byte_secret_is_split() -> None:
    with pytest.raises(ValueError, match="32"):
        split_secret(bytes(16), random_bytes=seeded_bytes("x"))


def test_neither_secret_nor_words_are_shown() -> None:
    split = _split()
    assert "secret" not in repr(split)
    assert split.shares[0][0].split()[8] not in repr(split)


def test_the_same_randomness_gives_the_same_cards() -> None:
    assert _split().shares == _split().shares != _split(seed="another").shares


def test_published_slip39_vectors_all_agree() -> None:
    vectors = json.loads(conformance("slip39", "vectors.json").read_text())
    assert len(vectors) == 45
    for title, cards, secret, _ in vectors:
        if secret:
            assert combine_shares(cards, passphrase=b"TREZOR").hex() == secret, title
        else:
            with pytest.raises(KedangError) as caught:
                combine_shares(cards, passphrase=b"TREZOR")
            assert caught.value.code.startswith("KD-V60"), title
