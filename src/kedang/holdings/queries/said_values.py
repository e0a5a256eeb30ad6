"""What a mention says of somebody, value by value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kedang.pipeline.kept_mentions import KeptMention


@dataclass(frozen=True, slots=True)
class Said:
    """One value that a mention says of somebody."""

    field: str
    value: str


def values_of(kept: KeptMention) -> Iterator[Said]:
    """Everything that a mention says: name, numbers, address."""
    mention = kept.mention
    yield Said("name", mention.raw)
    for number in mention.identifiers:
        yield Said(number.kind.value, number.value)
    for account in mention.accounts:
        yield Said("account", account)
    for field, value in (("address", mention.address), ("birth_date", mention.birth_date)):
        if value:
            yield Said(field, value)
