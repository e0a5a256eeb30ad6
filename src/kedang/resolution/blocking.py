"""By what mentions meet: the pairs that are compared at all, in SQL for tables and in Python for one mention."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from kedang.resolution.comparable import Comparable
from kedang.resolution.comparisons import BAND_STARTS, BLOCKS, CANNOT_BE_ONE, Block
from kedang.resolution.frequencies import Frequencies, name_column
from kedang.resolution.mentions import MentionKind
from kedang.resolution.rows import COLUMNS


def block_keys(one: Comparable, rows: Iterable[Sequence[str]], frequencies: Frequencies) -> frozenset[str]:
    """What other mentions must have in common with this one to be compared with it; certain numbers first.

    `rows` are its rows (`comparable_columns.rows_of`). Keys hold the values in clear: keep only keyed fingerprints of them.
    """
    keys = {f"certain:{number.kind.value}:{number.value}" for number in one.certain}
    for row in rows:
        said = dict(zip(COLUMNS, row, strict=True))
        band = frequencies.band(said[name_column(one.kind)])
        for block in BLOCKS[one.kind]:
            values = [said[column] for column in block.columns]
            if all(values) and _fits(block, said, band, one.weak_name, frequencies):
                keys.add("\x1f".join((one.kind.value, block.name, *values)))
    return frozenset(keys)


def _fits(block: Block, said: Mapping[str, str], band: int, weak: bool, frequencies: Frequencies) -> bool:
    if block.by_name and weak:
        return False
    if band >= block.most_common:
        return False
    return not block.own or not frequencies.is_shared(said[block.own])


def block_sqls(kind: MentionKind, rows: str) -> tuple[str, ...]:
    """SQL of the pairs (join_key_l, join_key_r) of rows of each block; a pair may be in several."""
    return tuple(_block_sql(block, kind, rows) for block in BLOCKS[kind])


def pairs_sql(kind: MentionKind, rows: str) -> str:
    """SQL of the distinct pairs of rows that share a block."""
    joins = "\nunion all\n".join(block_sqls(kind, rows))
    return f"select distinct join_key_l, join_key_r from ({joins}) as found"


def _conditions(block: Block, side: str) -> Iterator[str]:
    if block.by_name:
        yield f"not {side}.weak"
    if block.most_common < len(BAND_STARTS):
        yield f"{side}.band < {block.most_common}"
    if block.own:
        yield f"not {side}.{block.own}_shared"


def _block_sql(block: Block, kind: MentionKind, rows: str) -> str:
    """Pairs of different rows that agree in the columns of the block."""
    equal = " and ".join(f"l.{column} = r.{column}" for column in block.columns)
    conditions = " and ".join(
        ("l.unique_id < r.unique_id", *_conditions(block, "l"), *_conditions(block, "r"))
    )
    apart = f"coalesce({CANNOT_BE_ONE[kind]}, false)"
    return (
        f"select l.unique_id as join_key_l, r.unique_id as join_key_r from {rows} as l join {rows} as r"
        f" on {equal} where {conditions} and not {apart}"
    )
