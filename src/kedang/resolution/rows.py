"""Comparables as rows of plain columns, in SQL: what the tables of DuckDB and Spark are filled with.

A mention with several telephones has several rows (facets), the first numbers in the first: the best facet speaks for it.
"""

from __future__ import annotations

from kedang.records.identifiers import IdentifierKind
from kedang.resolution.mentions import MentionKind

OFFICIAL = {
    MentionKind.PERSON: IdentifierKind.RESIDENT_ID,
    MentionKind.ORGANISATION: IdentifierKind.CREDIT_CODE,
}
"""The number that everybody of this kind has exactly one of."""

TEXT_COLUMNS = (
    "name", "core", "mobile", "landline", "birth", "key", "given", "family", "born", "road", "flat",
    "suburb", "town",
)  # fmt: skip
"""Compared letter by letter; all others only for equality, and kept as numbers."""
COLUMNS = (
    "name", "core", "mobile", "birth", "surname", "sound", "region", "industry", "legal_form", "branch", "official",
    "landline", "email", "account", "handle", "key", "key_system", "city", "district", "street", "number", "room", "numbers",
    "given", "family", "words", "born", "road", "flat", "suburb", "town",
)  # fmt: skip
LATIN_COLUMNS = COLUMNS[-8:]
"""Repeat what is written in Latin letters, to be compared by its letters, and are empty for all else."""
NUMBERS = {
    "mobile": "mobiles",
    "landline": "landlines",
    "email": "emails",
    "account": "accounts",
    "handle": "handles",
    "key": "keys",
}
"""Columns of which a mention may say several values, and where `comparable_columns` has them."""
MOST_FACETS = 8
"""Numbers of one kind beside one mention; who has more is a list."""

_LATIN = "strlen({0}) = length({0})"
_WORDS = r"regexp_split_to_array(name, '[\x09-\x0D\x1C-\x20]+')"
_SAID = {
    "birth": "birth_date",
    "key_system": "regexp_extract(key, '^(.*):', 1, 's')",
    "numbers": "if(len(certain) = 0, '', array_to_string(list_sort(certain), ' '))",
    "given": "given_name",
    "family": "surname",
    "words": f"array_to_string(list_sort(list_filter({_WORDS}, lambda word: word <> '')), ' ')",
    "born": "birth_date",
    **{
        column: f"if({_LATIN.format(place)}, {place}, '')"
        for column, place in (("road", "street"), ("flat", "room"), ("suburb", "district"), ("town", "city"))
    },
}


def rows_sql(mentions: str, kind: MentionKind) -> str:
    """SQL of the rows of the mentions of one kind: `place`, `alone`, `facet` (from 1), `weak_name`, then `COLUMNS`, null where nothing is said.

    `mentions` is as `comparable_columns.placed` makes it.
    """
    official = f"list_filter(certain, lambda one: starts_with(one, '{OFFICIAL[kind].value}:'))[1]"
    most = f"greatest({', '.join(f'len({several})' for several in NUMBERS.values())})"
    facets = f"if({most} < 2, [1], range(1, 1 + least({most}, {MOST_FACETS})))"
    numbers = ", ".join(f"{several}[facet] as {column}" for column, several in NUMBERS.items())
    said = ", ".join(f"nullif({_said(column, kind)}, '') as {column}" for column in COLUMNS)
    return (
        f"select place, alone, facet, weak_name, {said} from (select *, {numbers} from (select *, unnest({facets}) as facet,"
        f" if(len(certain) = 0, '', split_part({official}, ':', 2)) as official"
        f" from {mentions} where kind = '{kind.value}'))"
    )


def _said(column: str, kind: MentionKind) -> str:
    said = _SAID.get(column, column)
    if column not in LATIN_COLUMNS:
        return said
    if kind is not MentionKind.PERSON:
        return "''"
    return f"if(name <> '' and {_LATIN.format('name')}, {said}, '')"
