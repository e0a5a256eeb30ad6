"""Generated documents for the search benchmark: the same for the same seed, about 1,400 characters each."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

_WORDS = tomllib.loads(Path(__file__).with_name("search_words.toml").read_text(encoding="utf-8"))
_SURNAMES, _GIVEN, _COMMON = _WORDS["surnames"], _WORDS["given"], _WORDS["common"]
_CITIES, _ROADS = _WORDS["cities"], _WORDS["roads"]
_PRODUCTS, _TRADES = _WORDS["products"], _WORDS["trades"]


class Corpus:
    """Documents by number. `document(n)` gives the same text whenever it is asked."""

    def __init__(self, seed: int = 20240601) -> None:
        chance = random.Random(seed)
        self._seed = seed
        self._words = [self._coin(chance) for _ in range(8000)]
        self._weights = list(accumulate(1 / (rank + 8) for rank in range(len(self._words))))
        self._sentences = ["".join(self._draw(chance, 9)) + "。" for _ in range(4000)]

    @staticmethod
    def _coin(chance: random.Random) -> str:
        """A word: mostly a stretch of real words, sometimes rare characters, as names of things are."""
        if chance.random() < 0.25:
            return "".join(chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(2))
        at, length = chance.randrange(len(_COMMON) - 4), chance.choice((1, 2, 2, 2, 3, 4))
        return str(_COMMON[at : at + length])

    def _draw(self, chance: random.Random, count: int) -> list[str]:
        return chance.choices(self._words, cum_weights=self._weights, k=count)

    def facts(self, number: int) -> dict[str, str]:
        """The searched things of one document."""
        chance = random.Random(self._seed * 1_000_003 + number)
        name = chance.choice(_SURNAMES) + "".join(chance.choices(_GIVEN, k=chance.choice((1, 2, 2))))
        phone = f"1{chance.choice('3578')}{chance.randrange(10**9):09d}"
        return {
            "name": name,
            "phone": phone,
            "middle": phone[3:8],
            "company": f"{''.join(chance.choices(_GIVEN, k=3))}{chance.choice(_TRADES)}有限公司",
            "address": f"{chance.choice(_CITIES)}{chance.choice(_ROADS)}{chance.randrange(1, 999)}号",
            "product": f"{chance.choice(_PRODUCTS)}{chance.choice('ABCDEKX')}{chance.randrange(100, 999)}",
            "contract": f"HT-20{chance.randrange(15, 26)}-{chance.randrange(10**5):05d}",
            "phrase": chance.choice(self._sentences)[:6],
            "word": self._draw(chance, 1)[0].ljust(2, "合")[:2],
            "latin": chance.choice(("invoice", "service", "shipment", "warranty", "meeting")),
        }

    def document(self, number: int) -> str:
        """The text of one document: a head with its facts, then prose."""
        fact = self.facts(number)
        chance = random.Random(self._seed * 7_000_003 + number)
        lines = [
            f"{fact['company']} 客户资料\n客户姓名：{fact['name']}　手机：{fact['phone']}\n",
            f"通讯地址：{fact['address']}\n合同编号：{fact['contract']}，产品：{fact['product']}\n",
            f"邮箱：{fact['latin']}{number}@example.com\n金额：{chance.randrange(10**6):,}.00元\n",
        ]
        for _ in range(18):
            lines.append("".join(self._draw(chance, 14)) + "，" + "".join(self._draw(chance, 10)) + "。")
            lines.append(chance.choice(self._sentences))
        return "".join(lines)

    def documents(self, count: int, start: int = 0) -> Iterator[tuple[int, str]]:
        """(number, text) of `count` documents."""
        return ((number, self.document(number)) for number in range(start, start + count))
