"""Numbers of things in a sentence: "1 record", "2,046 records"."""

from __future__ import annotations

from collections.abc import Mapping


class Count(int):
    """A number that can bring its noun: `{n:record|records}`. Plain `{n}` has separators."""

    def __format__(self, form: str) -> str:
        one, parted, many = form.partition("|")
        if parted:
            return f"{int(self):,} {one if self == 1 else many}"
        return format(int(self), form or ",")


def spoken(values: Mapping[str, object]) -> dict[str, object]:
    """The values of a sentence with every whole number as a Count."""
    return {
        name: Count(value) if isinstance(value, int) and not isinstance(value, bool) else value
        for name, value in values.items()
    }
