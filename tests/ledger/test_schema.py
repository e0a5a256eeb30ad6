from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from kedang.ledger.errors import ActUnknown, FactsMalformed, ObjectsMalformed, SchemaMalformed
from kedang.ledger.schema import act_named, acts, read_acts

HEX = "a" * 32
SCHEMA = """
[choices]
answer = ["yes", "no"]
[acts.done]
zh = "做"
en = "done"
objects = { record = "one", source = "any" }
facts = { %s }
"""
GOOD = {
    "id": HEX,
    "digest": "b" * 64,
    "commitment": "c" * 64,
    "code": "KD-E101",
    "rule": "RS-ACC-VOUCHER",
    "token": "cn-2026-07",
    "reference-code": "Q001-KH·HT·2025·D10-00042",
    "count": 2**53 - 1,
    "flag": True,
    "date": "2024-02-29",
    "time": "2026-11-21T08:15:30.000000Z",
    "until": "permanent",
    "answer": "no",
    "rule[]": ["RS-TAX", "RS-TXN"],
    "rule[]?": [],
}
BAD = [
    ("id", "A" * 32),
    ("id", "a" * 31),
    ("id", 7),
    ("digest", "b" * 63),
    ("code", "KD-e101"),
    ("rule", "RS-"),
    ("rule", "rs-tax"),
    ("token", "Zhang San"),
    ("token", "张三"),
    ("token", "x" * 65),
    ("reference-code", "Q001-KH·合同·2025·D10-00042"),
    ("reference-code", "Q" * 129),
    ("count", -1),
    ("count", 2**53),
    ("count", True),
    ("count", 1.0),
    ("count", "1"),
    ("flag", 1),
    ("flag", "true"),
    ("date", "2023-02-29"),
    ("date", "20240229"),
    ("date", "2026-W47-6"),
    ("date", 20240229),
    ("time", "2026-11-21T08:15:30Z"),
    ("time", "2026-11-21T25:15:30.000000Z"),
    ("until", "forever"),
    ("answer", "maybe"),
    ("answer", None),
    ("rule[]", "RS-TAX"),
    ("rule[]", ["RS-TAX", "a note"]),
]


@pytest.mark.parametrize(("kind", "value"), GOOD.items())
def test_a_value_of_its_type_is_written(kind: str, value: object) -> None:
    act = read_acts(SCHEMA % f'x = "{kind}"')["done"]
    assert act.written_facts({"x": value}).startswith('{"x":')


@pytest.mark.parametrize(("kind", "value"), BAD)
def test_a_value_of_another_type_is_refused(kind: str, value: object) -> None:
    act = read_acts(SCHEMA % f'x = "{kind}"')["done"]
    with pytest.raises(FactsMalformed, match="KD-L102"):
        act.written_facts({"x": value})


def test_facts_are_exactly_those_of_the_act() -> None:
    act = read_acts(SCHEMA % 'x = "count", y = "count?"')["done"]
    assert act.written_facts({"y": 2, "x": 1}) == '{"x":1,"y":2}'
    assert act.written_facts({"x": 1}) == '{"x":1}'
    for facts in ({"y": 2}, {"x": 1, "note": 1}, {}):
        with pytest.raises(FactsMalformed):
            act.written_facts(facts)


@pytest.mark.parametrize(
    "objects",
    [
        [],
        [f"source:{HEX}"],
        [f"source:{HEX}", f"record:{HEX}"],
        [f"record:{HEX}", f"record:{HEX}"],
        [f"record:{HEX}", f"customer:{HEX}"],
        ["record:张三"],
        [f"record:{HEX}0"],
        [HEX],
    ],
)
def test_objects_are_exactly_those_of_the_act(objects: list[str]) -> None:
    act = read_acts(SCHEMA % "")["done"]
    assert act.written_objects([f"record:{HEX}", f"source:{HEX}"])
    with pytest.raises(ObjectsMalformed, match="KD-L103"):
        act.written_objects(objects)


@pytest.mark.parametrize(
    "schema",
    [
        SCHEMA % 'x = "text"',
        SCHEMA % 'X = "count"',
        (SCHEMA % "").replace('"any"', '"two"'),
        (SCHEMA % "").replace("acts.done", 'acts."Done it"'),
        (SCHEMA % "").replace('"yes"', '"ye\\""'),
        (SCHEMA % "").replace("answer =", "count ="),
    ],
)
def test_a_schema_with_free_text_or_unknown_words_is_refused(schema: str) -> None:
    with pytest.raises(SchemaMalformed, match="KD-L106"):
        read_acts(schema)


def test_an_unknown_act_is_refused_without_repeating_it() -> None:
    with pytest.raises(ActUnknown, match="KD-L101") as caught:
        act_named("张三")
    assert "张三" not in str(caught.value)


def test_every_act_that_is_needed_now_is_there_with_its_names() -> None:
    needed = (
        "case-opened source-registered accession-opened accession-closed received refused question-raised "
        "question-answered classified sent-to-review archived sent-back customer-recognised linked reckoned "
        "exported restored key-slot-added index-part-closed unlocked"
    )
    assert set(needed.split()) <= acts().keys()
    assert all(act.zh and act.en for act in acts().values())


def test_reasons_and_names_can_only_be_commitments() -> None:
    table = tomllib.loads(files("kedang.ledger").joinpath("acts.toml").read_text(encoding="utf-8"))
    for act in table["acts"].values():
        for fact in ("reason", "name", "location", "content", "output"):
            assert act["facts"].get(fact, "commitment").removesuffix("?") == "commitment"
