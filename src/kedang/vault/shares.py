"""Recovery shares: a 32-byte secret as cards of words, any M of N of which give it back (SLIP-39).

Source: SLIP-0039, Shamir's secret-sharing for mnemonic codes, SatoshiLabs. The extendable form, iteration
exponent 0 and no passphrase: the secret is random, so stretching it would add nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Lock

from shamir_mnemonic import MnemonicError, shamir
from shamir_mnemonic.share import Share
from shamir_mnemonic.wordlist import WORD_INDEX_MAP

from kedang.vault.errors import ShareMistyped, SharesForeign, SharesTooFew
from kedang.vault.quorums import DEFAULT_QUORUM, Quorum, SplitSecret
from kedang.vault.suites import KEY_BYTES

MOST_SHARES = 16  # of one group, and groups: four bits each in SLIP-39
CARD_WORDS = 33  # of a 32-byte secret: 4 of the set and the card, 26 of the share, 3 check words
_IDENTIFIER_BITS = 15
_MARK_DIGITS = 6


@dataclass(frozen=True, slots=True)
class CheckedShare:
    """What one card says of itself; its words are right."""

    identifier: int
    group: int
    member: int
    group_threshold: int
    member_threshold: int


@dataclass(frozen=True, slots=True)
class ShareCard:
    """One card to print: its words, and where it stands in its set. Numbers count from 1."""

    identifier: int
    number: int
    """In its group."""
    count: int
    threshold: int
    group: int
    groups: int
    group_threshold: int
    words: tuple[str, ...] = field(repr=False)

    @property
    def mark(self) -> str:
        """Six digits that tell this card from others, and nothing of its words."""
        return share_mark(" ".join(self.words))


def cards_of(split: SplitSecret) -> tuple[ShareCard, ...]:
    """The cards of a set in order, group by group."""
    groups = split.quorum.groups
    if len(groups) > 1 and all(group.count == 1 for group in groups):  # see `any_of`
        return tuple(
            _card(split, words, (at, len(groups), split.quorum.group_threshold), (1, 1))
            for at, (words,) in enumerate(split.shares, start=1)
        )
    return tuple(
        _card(split, words, (number, group.count, group.threshold), (at, len(groups)))
        for at, (group, cards) in enumerate(zip(groups, split.shares, strict=True), start=1)
        for number, words in enumerate(cards, start=1)
    )


def share_mark(words: str) -> str:
    """Six digits by which a register or a holder names a card without its words."""
    digest = sha256(b"kedang share card v1 " + " ".join(words.casefold().split()).encode()).digest()
    return f"{int.from_bytes(digest[:8]) % 10**_MARK_DIGITS:0{_MARK_DIGITS}d}"


def split_secret(
    secret: bytes, *, random_bytes: Callable[[int], bytes], quorum: Quorum = DEFAULT_QUORUM
) -> SplitSecret:
    """The secret as cards of 33 words."""
    _require_quorum(quorum)
    if len(secret) != KEY_BYTES:
        raise ValueError(f"a secret is {KEY_BYTES} bytes")
    identifier = int.from_bytes(random_bytes(2)) & ((1 << _IDENTIFIER_BITS) - 1)
    master = shamir.EncryptedMasterSecret.from_master_secret(
        secret, b"", identifier, extendable=True, iteration_exponent=0
    )
    sizes = [(group.threshold, group.count) for group in quorum.groups]
    with _randomness(random_bytes):
        groups = shamir.split_ems(quorum.group_threshold, sizes, master)
    cards = tuple(tuple(share.mnemonic() for share in group) for group in groups)
    return SplitSecret(identifier, quorum, secret, cards)


def check_share(words: str, *, card: int = 0) -> CheckedShare:
    """What the typed card says, when every word and the check words are right; else ShareMistyped."""
    share = _typed(words, card)
    return CheckedShare(
        share.identifier,
        share.group_index,
        share.index,
        share.group_threshold,
        share.member_threshold,
    )


def combine_shares(typed: Sequence[str], *, passphrase: bytes = b"") -> bytes:
    """The secret, from enough shares in any order; more than enough do no harm.

    `passphrase` is for shares that were made elsewhere; those of a case have none.

    Raises:
        ShareMistyped: a card has a wrong word; `card` counts from 0.
        SharesForeign: cards of different sets, or altered ones.
        SharesTooFew: a quorum is not there; `needed` more cards of a group, or groups, are wanted.
    """
    shares = list(dict.fromkeys(_typed(words, card) for card, words in enumerate(typed)))
    if not shares:
        raise SharesTooFew(needed=1, given=0)
    if len({share.common_parameters() for share in shares}) != 1:
        raise SharesForeign(given=len(shares))
    chosen = _smallest_quorum(shares)
    groups: dict[int, shamir.ShareGroup] = {}
    try:
        for share in chosen:
            groups.setdefault(share.group_index, shamir.ShareGroup()).add(share)
        secret: bytes = shamir.recover_ems(groups).decrypt(passphrase)
    except (MnemonicError, ValueError):
        # The library's text quotes words of the card: neither said nor chained.
        raise SharesForeign(given=len(shares)) from None
    return secret


def _smallest_quorum(shares: Sequence[Share]) -> list[Share]:
    by_group: dict[int, list[Share]] = {}
    for share in shares:
        by_group.setdefault(share.group_index, []).append(share)
    for group in by_group.values():
        members = {share.index for share in group}
        if len({share.group_parameters() for share in group}) != 1 or len(members) != len(group):
            raise SharesForeign(given=len(shares))
    complete = [group for group in by_group.values() if len(group) >= group[0].member_threshold]
    wanted = shares[0].group_threshold
    if len(complete) < wanted:
        missing = [group[0].member_threshold - len(group) for group in by_group.values()]
        short = sum(count for count in missing if count > 0) or wanted - len(complete)
        raise SharesTooFew(needed=short, given=len(shares))
    return [share for group in complete[:wanted] for share in group[: group[0].member_threshold]]


def _typed(words: str, card: int) -> Share:
    typed = words.casefold().split()
    for place, word in enumerate(typed, start=1):
        if word not in WORD_INDEX_MAP:
            raise ShareMistyped(card=card, word=place)
    try:
        return Share.from_mnemonic(" ".join(typed))
    except MnemonicError:
        # As above: the words are a secret, and the library's text quotes them.
        raise ShareMistyped(card=card, words=len(typed)) from None


def _require_quorum(quorum: Quorum) -> None:
    counts = (len(quorum.groups), *(group.count for group in quorum.groups))
    thresholds = (quorum.group_threshold, *(group.threshold for group in quorum.groups))
    if any(
        not 1 <= threshold <= count <= MOST_SHARES
        for threshold, count in zip(thresholds, counts, strict=True)
    ):
        raise ValueError(f"a quorum is 1 to {MOST_SHARES} of as many or more")
    if any(group.threshold == 1 and group.count > 1 for group in quorum.groups):
        raise ValueError("a group of several needs at least two of them")


def _card(split: SplitSecret, words: str, of: tuple[int, int, int], group: tuple[int, int]) -> ShareCard:
    number, count, threshold = of
    at, groups = group
    wanted = split.quorum.group_threshold if groups > 1 else 1
    return ShareCard(split.identifier, number, count, threshold, at, groups, wanted, tuple(words.split()))


_library_randomness = Lock()  # protects the library's one global source of randomness


@contextmanager
def _randomness(random_bytes: Callable[[int], bytes]) -> Iterator[None]:
    """The library takes its randomness from a global; while the block runs, from the caller.

    May go when shamir-mnemonic takes it as an argument (not in 0.3.0).
    """
    with _library_randomness:
        before = shamir.RANDOM_BYTES
        shamir.RANDOM_BYTES = random_bytes
        try:
            yield
        finally:
            shamir.RANDOM_BYTES = before
