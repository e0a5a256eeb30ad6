"""What is compared between two mentions, level by level, and by what pairs are found: the model without its weights.

Conditions are SQL that DuckDB and Spark both understand, on the columns of `rows`. The first level that holds counts;
a comparison of which one side says nothing is no evidence. The weights of the levels and their words stand in `weights.toml`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kedang.resolution.mentions import MentionKind

BAND_STARTS = (1, 2, 3, 5, 9, 17, 65, 257)
"""Customers who bear one name: the band of a name is the last start it reaches. 王伟 stands in the last, 欧阳修远 in the first."""
SHARED_FROM = 3
"""Different names beside one number, from which on the number is nobody's own: a household has two."""


@dataclass(frozen=True, slots=True)
class Level:
    """One way in which two values can agree or differ."""

    name: str
    when: str
    """SQL; empty for "anything else", the last level."""
    latin: bool = False
    """Reached only by two mentions in Latin letters."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One thing compared; levels from the strongest agreement to plain difference."""

    name: str
    silent: str
    """SQL: when one side says nothing."""
    levels: tuple[Level, ...]


def _equal(column: str) -> str:
    return f"{column}_l = {column}_r"


def _silent(*columns: str) -> str:
    return " or ".join(f"{column}_{side} is null" for column in columns for side in "lr")


def _compatible(column: str) -> str:
    return f"({column}_l = {column}_r or {column}_l is null or {column}_r is null)"


def _one_letter_differs(column: str) -> str:
    """SQL: equally long, at least three letters, and one of the first eight differs. (`levenshtein` counts bytes in DuckDB.)"""
    left, right = f"{column}_l", f"{column}_r"
    differing = " + ".join(
        f"(case when substr({left}, {place}, 1) = substr({right}, {place}, 1) then 0 else 1 end)"
        for place in range(1, 9)
    )
    return (
        f"length({left}) >= 3 and length({left}) = length({right}) and substr({left}, 9) = substr({right}, 9)"
        f" and {differing} = 1"
    )


def _near(left: str, right: str) -> str:
    """SQL: two Latin words that differ by a slip: one letter in three, two letters of a word that begins alike, or its end."""
    return (
        f"(3 * levenshtein({left}, {right}) <= greatest(length({left}), length({right}))"
        f" or (length({left}) >= 4 and length({left}) = length({right}) and substr({left}, 1, 1) = substr({right}, 1, 1)"
        f" and levenshtein({left}, {right}) = 2)"
        f" or (length({left}) >= 3 and length({right}) >= 3"
        f" and (substr({left}, 1, length({right})) = {right} or substr({right}, 1, length({left})) = {left})))"
    )


def _latin_alike() -> str:
    """SQL: both parts of two Latin names differ by slips at most, in their order or exchanged."""
    straight = f"{_near('given_l', 'given_r')} and {_near('family_l', 'family_r')}"
    crossed = f"{_near('given_l', 'family_r')} and {_near('family_l', 'given_r')}"
    return f"(({straight}) or ({crossed}))"


def _latin_half() -> str:
    """SQL: one part of two Latin names is the same but for a slip, wherever it stands."""
    pairs = (("given", "given"), ("family", "family"), ("given", "family"), ("family", "given"))
    return " or ".join(_near(f"{one}_l", f"{other}_r") for one, other in pairs)


_LATIN_PART_MISSING = "(given_l is null or family_l is null or given_r is null or family_r is null)"
_SLIP_IN_BIRTH = (
    "(levenshtein(birth_l, birth_r) = 1 or (substr(birth_l, 1, 4) = substr(birth_r, 1, 4)"
    " and substr(birth_l, 6, 2) = substr(birth_r, 9, 2) and substr(birth_l, 9, 2) = substr(birth_r, 6, 2)))"
)


def _exchanged(column: str, neighbours: Iterable[tuple[int, int]]) -> str:
    """SQL: two values differ by two neighbouring signs that are exchanged."""
    left, right = f"{column}_l", f"{column}_r"
    places = " or ".join(
        f"(substr({left}, {one}, 1) = substr({right}, {other}, 1) and substr({right}, {one}, 1) = substr({left}, {other}, 1)"
        f" and substr({left}, {one}, 1) <> substr({right}, {one}, 1))"
        for one, other in neighbours
    )
    return f"levenshtein({left}, {right}) = 2 and ({places})"


_DAY_NEIGHBOURS = ((1, 2), (2, 3), (3, 4), (4, 6), (6, 7), (7, 9), (9, 10))
"""Places of neighbouring digits in YYYY-MM-DD."""
_KEY_EXCHANGED = "length(key_l) = length(key_r) and " + _exchanged(
    "key", ((place, place + 1) for place in range(1, 20))
)
_PLACES_IN_LATIN = "latin_places_l and latin_places_r"
_NAMES_IN_LATIN = "latin_l and latin_r"


def _agreeing(*conditions: str) -> str:
    """SQL: how many of these hold."""
    return " + ".join(f"(case when {condition} then 1 else 0 end)" for condition in conditions)


_STRAIGHT = _agreeing(_near("road_l", "road_r"), _near("flat_l", "flat_r"))
_CROSSED = _agreeing(_near("road_l", "flat_r"), _near("flat_l", "road_r"))
_AGREEING_PLACES = (
    f"{_agreeing(_equal('number'), _near('suburb_l', 'suburb_r'), _near('town_l', 'town_r'))}"
    f" + greatest({_STRAIGHT}, {_CROSSED})"
)
"""How many parts of two addresses in Latin letters agree but for slips: nobody tells their district from their city, and road and building change places."""


def _banded(name: str, condition: str) -> tuple[Level, ...]:
    """Agreement by how many customers bear the name, rarest first."""
    return tuple(
        Level(f"{name}-{start}", f"{condition} and band_l = {band}") for band, start in enumerate(BAND_STARTS)
    )


def _number(column: str, *, near: bool) -> Comparison:
    levels = [Level("equal", f"{_equal(column)} and not {column}_shared_l"), Level("shared", _equal(column))]
    if near:
        levels.append(Level("near", f"levenshtein({column}_l, {column}_r) = 1"))
    return Comparison(column, _silent(column), (*levels, Level("other", "")))


def _plain(column: str, silent: str = "") -> Comparison:
    return Comparison(column, silent or _silent(column), (Level("equal", _equal(column)), Level("other", "")))


_ADDRESS = Comparison(
    "address",
    f"({_silent('city')}) and ({_silent('street')}) and not ({_PLACES_IN_LATIN})",
    (
        *(
            Level(name, f"{_PLACES_IN_LATIN} and {_AGREEING_PLACES} = {count}", latin=True)
            for name, count in (("five", 5), ("four", 4), ("three", 3), ("two", 2), ("one", 1))
        ),
        Level(
            "room",
            f"{_equal('street')} and {_equal('number')} and {_equal('room')} and {_compatible('city')}",
        ),
        Level(
            "number",
            f"{_equal('street')} and {_equal('number')} and {_compatible('room')} and {_compatible('city')}",
        ),
        Level("neighbour", f"{_equal('street')} and {_equal('number')} and {_compatible('city')}"),
        Level("street", f"{_equal('street')} and {_compatible('number')} and {_compatible('district')}"),
        Level("district", f"{_equal('district')} and {_compatible('street')}"),
        Level("city", f"{_equal('city')} and {_compatible('district')}"),
        Level("other", ""),
    ),
)
_NUMBERS = (
    _number("mobile", near=True),
    _number("landline", near=False),
    _plain("email"),
    _plain("account"),
    _plain("handle"),
    Comparison(
        "key",
        f"{_silent('key')} or key_system_l <> key_system_r",
        (
            Level("equal", _equal("key")),
            Level("near", "levenshtein(key_l, key_r) = 1"),
            Level("exchanged", f"{_NAMES_IN_LATIN} and {_KEY_EXCHANGED}", latin=True),
            Level("other", ""),
        ),
    ),
    _ADDRESS,
)

COMPARISONS = {
    MentionKind.PERSON: (
        Comparison(
            "name",
            _silent("name"),
            (
                Level("weak", f"(weak_l or weak_r) and {_equal('surname')}"),
                *_banded("equal", f"{_equal('name')} and not (weak_l or weak_r)"),
                Level("sound", f"{_equal('sound')} and not (weak_l or weak_r)"),
                Level("swapped", _equal("words"), latin=True),
                Level("alike", f"{_NAMES_IN_LATIN} and {_latin_alike()}", latin=True),
                Level(
                    "partial",
                    f"{_NAMES_IN_LATIN} and {_LATIN_PART_MISSING} and ({_latin_half()})",
                    latin=True,
                ),
                Level("half", f"{_NAMES_IN_LATIN} and ({_latin_half()})", latin=True),
                Level(
                    "near",
                    f"(({_equal('surname')} and {_one_letter_differs('name')}) or (length(name_l) > 6 and length(name_r) > 6"
                    " and levenshtein(name_l, name_r) <= 2)) and not (weak_l or weak_r)",
                ),
                Level("other", ""),
            ),
        ),
        *_NUMBERS,
        Comparison(
            "birth",
            _silent("birth"),
            (
                Level("equal", _equal("birth")),
                Level("near", _SLIP_IN_BIRTH),
                Level("exchanged", _exchanged("birth", _DAY_NEIGHBOURS)),
                Level("other", ""),
            ),
        ),
    ),
    MentionKind.ORGANISATION: (
        Comparison(
            "name",
            _silent("name"),
            (
                Level("full", f"{_equal('name')} and {_equal('region')} and {_equal('legal_form')}"),
                *_banded(
                    "short",
                    f"{_equal('core')} and {_compatible('region')} and {_compatible('industry')} and {_compatible('legal_form')}",
                ),
                Level("sound", f"{_equal('sound')} and {_compatible('region')}"),
                Level(
                    "near",
                    f"{_one_letter_differs('core')} and {_equal('industry')} and {_compatible('region')}",
                ),
                Level("sister", _equal("core")),
                Level("other", ""),
            ),
        ),
        *_NUMBERS,
    ),
}

CANNOT_BE_ONE = {
    MentionKind.PERSON: "l.official <> r.official",
    MentionKind.ORGANISATION: "l.official <> r.official or coalesce(l.branch, 0) <> coalesce(r.branch, 0)",
}
"""Pairs that are not even looked at; SQL on the two rows, which may be unknown."""


@dataclass(frozen=True, slots=True)
class Block:
    """Mentions that agree in all these columns are compared."""

    name: str
    columns: tuple[str, ...]
    most_common: int = len(BAND_STARTS)
    """Only names of a band below this; common names need more beside them."""
    own: str = ""
    """Only while this number is not shared by many."""

    @property
    def by_name(self) -> bool:
        """Whether a name takes part: nicknames stay out of it."""
        return bool({"name", "core", "sound", "given", "family", "words"} & set(self.columns))


_CONTACTS = (
    Block("mobile", ("mobile",), own="mobile"),
    Block("landline", ("landline",), own="landline"),
    Block("email", ("email",)),
    Block("account", ("account",)),
    Block("handle", ("handle",)),
    Block("key", ("key",)),
)
BLOCKS = {
    MentionKind.PERSON: (
        *_CONTACTS,
        Block("mobile+surname", ("mobile", "surname")),
        Block("landline+surname", ("landline", "surname")),
        Block("name+birth", ("name", "birth")),
        Block("sound+birth", ("sound", "birth")),
        Block("name+street", ("name", "street")),
        Block("name+district", ("name", "district"), most_common=5),
        Block("rare name", ("name",), most_common=3),
        Block("door+surname", ("street", "number", "surname")),
        Block("latin birth", ("born",)),
        Block("latin words", ("words",), most_common=5),
        Block("latin given+city", ("given", "city")),
        Block("latin surname+city", ("family", "city")),
        Block("latin given+district", ("given", "district")),
        Block("latin surname+district", ("family", "district")),
        Block("latin door", ("road", "number")),
        Block("latin road+city", ("road", "city")),
    ),
    MentionKind.ORGANISATION: (
        *_CONTACTS,
        Block("name", ("name",)),
        Block("core+region", ("core", "region")),
        Block("rare core", ("core",), most_common=4),
        Block("core+street", ("core", "street")),
        Block("mobile+core", ("mobile", "core")),
        Block("landline+core", ("landline", "core")),
        Block("sound", ("sound",)),
        Block("door+industry", ("street", "number", "industry")),
    ),
}
