"""Cards that are being printed and not yet in force: in the memory of this process, for a quarter of an hour.

So that cards are on paper before a key sheet knows them, and the shares are never on a disk.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from kedang.vault.quorums import SplitSecret

KEPT_SECONDS = 15 * 60


@dataclass(frozen=True, slots=True)
class WaitingCards:
    """One set of cards and the slot whose place it is to take; an empty slot: one more."""

    split: SplitSecret = field(repr=False)
    slot: str
    until: float


class Waiting:
    """The cards that wait, by case and person."""

    def __init__(self) -> None:
        self._cards: dict[tuple[str, str], WaitingCards] = {}
        self._guard = threading.Lock()

    def keep(self, case: str, agent: str, split: SplitSecret, slot: str) -> None:
        """Keep a set; an older one of the same person is forgotten."""
        with self._guard:
            self._cards[case, agent] = WaitingCards(split, slot, time.monotonic() + KEPT_SECONDS)

    def of(self, case: str, agent: str) -> WaitingCards | None:
        """The set of a person; None when there is none any more."""
        with self._guard:
            now = time.monotonic()
            self._cards = {one: cards for one, cards in self._cards.items() if cards.until > now}
            return self._cards.get((case, agent))

    def forget(self, case: str, agent: str | None = None) -> None:
        """Forget the set of a person, or all of a case."""
        with self._guard:
            gone = [one for one in self._cards if one[0] == case and agent in (None, one[1])]
            for one in gone:
                del self._cards[one]


_WAITING = Waiting()


def waiting_cards() -> Waiting:
    """Those of this process."""
    return _WAITING
