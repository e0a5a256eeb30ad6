"""Mentions as rows of columns, and what in rows may keep two apart."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kedang.records.identifiers import Identifier, IdentifierKind
from kedang.resolution.clusters import MAY_CONFLICT, births_conflict, names_conflict, traits_of
from kedang.resolution.comparable import Address, Comparable, birth_of
from kedang.resolution.comparable_columns import columns_of, rows_of
from kedang.resolution.mentions import MentionKind
from kedang.resolution.rows import COLUMNS, LATIN_COLUMNS, MOST_FACETS
from kedang.resolution.tables import fill, open_database

PERSON, ORGANISATION = MentionKind.PERSON, MentionKind.ORGANISATION
RESIDENT = Identifier(IdentifierKind.RESIDENT_ID, "110105194912310021")
OUYANG = Comparable("a", PERSON, name="欧阳修远", surname="欧阳", given_name="修远", sound="ou yang xiu yuan")


def said(one: Comparable) -> list[dict[str, str]]:
    """What the rows of a mention say."""
    with open_database(threads=1) as database:
        (rows,) = rows_of(database, [one])
    return [{column: value for column, value in zip(COLUMNS, row, strict=True) if value} for row in rows]


def test_a_mention_with_one_number_of_each_kind_is_one_row() -> None:
    address = Address("浙江省", "杭州市", "西湖区", "文三路", "388", "3-2-501")
    one = replace(OUYANG, mobiles=("13917758201",), keys=("desk:orders:客户编号:K:17",), address=address)
    assert said(one) == [
        {
            "name": "欧阳修远", "surname": "欧阳", "sound": "ou yang xiu yuan", "mobile": "13917758201",
            "key": "desk:orders:客户编号:K:17", "key_system": "desk:orders:客户编号:K",
            "city": "杭州市", "district": "西湖区", "street": "文三路", "number": "388", "room": "3-2-501",
        }
    ]  # fmt: skip


def test_the_first_numbers_stand_in_the_first_row_and_lists_end() -> None:
    one = replace(OUYANG, mobiles=("1", "2"), emails=("a@b.cn",))
    assert [(row["mobile"], row.get("email")) for row in said(one)] == [("1", "a@b.cn"), ("2", None)]
    many = replace(OUYANG, landlines=tuple(map(str, range(100, 120))))
    assert [row["landline"] for row in said(many)] == [str(100 + place) for place in range(MOST_FACETS)]


def test_certain_numbers_are_told_with_their_kind_and_the_official_one_alone() -> None:
    passport = Identifier(IdentifierKind.PASSPORT, "E12345678")
    (row,) = said(replace(OUYANG, certain=(RESIDENT, passport)))
    assert row["official"] == RESIDENT.value
    assert (
        row["numbers"]
        == f"{IdentifierKind.PASSPORT.value}:E12345678 {IdentifierKind.RESIDENT_ID.value}:{RESIDENT.value}"
    )
    assert row["birth"] == "1949-12-31"
    firm = Comparable("f", ORGANISATION, name="云帆", core="云帆", certain=(RESIDENT,))
    assert "official" not in said(firm)[0]


def test_only_persons_in_latin_letters_are_said_again_by_their_letters() -> None:
    john = Comparable(
        "j", PERSON, name="smith  john", surname="smith", given_name="john", birth_date="1980-02-03",
        address=Address(city="2600", district="西湖区", street="mary st", room="unit 3"),
    )  # fmt: skip
    (row,) = said(john)
    assert {column: row[column] for column in LATIN_COLUMNS if column in row} == {
        "given": "john", "family": "smith", "words": "john smith", "born": "1980-02-03", "road": "mary st",
        "flat": "unit 3", "town": "2600",
    }  # fmt: skip
    assert not set(LATIN_COLUMNS) & set(said(OUYANG)[0])
    assert not set(LATIN_COLUMNS) & set(said(replace(john, kind=ORGANISATION))[0])


def test_the_same_said_again_is_one_row_unless_a_person_has_spoken_of_it() -> None:
    mentions = [replace(OUYANG, id=str(place), mobiles=("1", "2")) for place in range(5)]
    with open_database(threads=2) as database:
        person = fill(database, columns_of(mentions, at_once=2), apart={"3"})[PERSON]
        assert person.size() == 4
        members = set(database.table(person.members).fetchall())
        rows = database.table(person.rows).project("unique_id").fetchall()
    assert len(rows) == len(set(rows)) == 4
    assert sorted(node for node, _ in members) == sorted([*range(5)] * 2)
    assert {(row,) for _, row in members} == set(rows)


def test_nobody_at_all_is_no_row() -> None:
    with open_database(threads=1) as database:
        assert [table.size() for table in fill(database, columns_of([])).values()] == [0, 0]


_name = st.sampled_from(
    [
        "",
        "张伟",
        "张炜",
        "章伟",
        "张伟明",
        "张卫明",
        "李伟明",
        "欧阳修远",
        "John Smith",
        "J Smith",
        "Mary Smith",
        "Amy",
        "张伟A",
    ]
)
_birth = st.sampled_from(["", "1980-02-03", "1980-03-02", "1981-02-03", "1981-04-03", "1980"])
_some = st.sampled_from(["", "甲", "乙"])
_unlike = st.builds(
    Comparable,
    id=st.just("a"), kind=st.sampled_from(MentionKind), name=_name, core=_name, weak_name=st.booleans(), surname=_some,
    sound=st.sampled_from(["", "zhang wei", "li wei ming"]), region=_some, industry=_some, branch=_some, birth_date=_birth,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(one=_unlike, other=_unlike)
@example(one=replace(OUYANG, birth_date="1980-02-03"), other=replace(OUYANG, birth_date="1981-04-03"))
@example(one=OUYANG, other=replace(OUYANG, name="Anna", sound=""))
def test_what_is_forbidden_to_join_is_never_taken_for_alike(one: Comparable, other: Comparable) -> None:
    """`MAY_CONFLICT` chooses what is looked at tie by tie: all that the rules of `clusters` could forbid."""
    other = replace(other, kind=one.kind)
    mine, theirs = traits_of(one), traits_of(other)
    forbidden = (
        names_conflict(mine, theirs)
        or births_conflict(mine.birth, theirs.birth)
        or (one.branch or None) != (other.branch or None)
    )
    if forbidden:
        assert may_conflict(one, other)


def test_equal_mentions_are_alike() -> None:
    assert not may_conflict(OUYANG, OUYANG)
    assert not may_conflict(OUYANG, replace(OUYANG, name="欧阳修遠"))


def may_conflict(one: Comparable, other: Comparable) -> bool:
    rows = [
        {
            "called": (who.name if who.kind is PERSON else who.core) or None, "weak": who.weak_name,
            "surname": who.surname or None, "sound": who.sound or None, "region": who.region or None,
            "industry": who.industry or None, "branch": 1 + len(who.branch) + ord(who.branch) if who.branch else None,
            "birth": birth_of(who) or None,
        }
        for who in (one, other)
    ]  # fmt: skip
    texts = ("called", "surname", "sound", "region", "industry", "birth")
    schema = pa.schema(
        [*((name, pa.string()) for name in texts), ("weak", pa.bool_()), ("branch", pa.int64())]
    )
    with open_database(threads=1) as database:
        for name, row in zip("lr", rows, strict=True):
            database.register(name, pa.Table.from_pylist([row], schema))
        found = database.execute(f"select 1 from l, r where {MAY_CONFLICT}").fetchall()  # noqa: S608 - a constant of the code
        return bool(found)
