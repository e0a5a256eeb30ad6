"""What persons decide about customers: it holds at once, wins over every score, and can be undone to the byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.customers.firm import desk, dump, listed, number_of, records_of, waiting
from tests.world import COMPANY, World


def require_whole(world: World) -> None:
    ran = world.run("verify", "--deep", "--json")
    assert ran.status == 0, ran.text


def judgement(world: World, *arguments: str) -> int:
    return int(world.ask("customers", *arguments)["judgement"])


def test_a_merge_leaves_the_number_leading_to_the_other_and_is_undone_to_the_byte(firm: World) -> None:
    before = dump(firm)
    one, other = number_of(firm, "司徒静"), number_of(firm, "欧阳修远")
    given = judgement(firm, "merge", str(one), "--into", str(other), "--reason", "同一家庭账户")
    shown = firm.ask("customers", "show", str(one))
    assert shown["number"] == other
    assert [merged["number"] for merged in shown["merged"]] == [one]
    assert {said["value"] for said in shown["profile"][0]["values"]} >= {"司徒静", "欧阳修远"}
    assert shown["judgements"][0]["reason"] == "同一家庭账户"
    require_whole(firm)
    judgement(firm, "undo", str(given))
    assert dump(firm) == before
    require_whole(firm)


def test_a_split_gives_a_new_number_that_is_never_given_again(firm: World) -> None:
    before = dump(firm)
    one = number_of(firm, "司徒静")
    record = records_of(firm, one)[-1]
    given = judgement(firm, "split", str(one), "--record", record)
    new = max(line["number"] for line in listed(firm))
    assert records_of(firm, new) == [record]
    assert record not in records_of(firm, one)
    require_whole(firm)
    judgement(firm, "undo", str(given))
    assert dump(firm) == before
    assert judgement(firm, "split", str(one), "--record", record) > given
    assert max(line["number"] for line in listed(firm)) == new + 1
    require_whole(firm)


def test_what_was_decided_before_everything_was_sealed_anew_can_still_be_undone(
    firm: World, tmp_path: Path
) -> None:
    (tmp_path / "copy").mkdir()
    firm.ask("copies", "add", tmp_path / "copy")
    firm.ask("backup")
    one, other = number_of(firm, "司徒静"), number_of(firm, "欧阳修远")
    had = records_of(firm, one)
    given = judgement(firm, "move", str(one), "--record", had[-1], "--to", str(other))
    done = firm.run("rotate", "--reseal", "--yes", "--json")
    assert done.status == 0, done.text
    assert firm.rows("SELECT count(*) FROM holdings_keptcomparison") == [(0,)]
    judgement(firm, "undo", str(given))
    assert records_of(firm, one) == had
    assert firm.ask("customers", "resolve")["joined"] == 0
    require_whole(firm)


def test_moved_records_stay_moved_when_everything_is_compared_again(firm: World) -> None:
    before = dump(firm)
    one, other = number_of(firm, "司徒静"), number_of(firm, "欧阳修远")
    record = records_of(firm, one)[-1]
    given = judgement(firm, "move", str(one), "--record", record, "--to", str(other))
    firm.ask("customers", "resolve", "--again")
    assert record in records_of(firm, other)
    assert record not in records_of(firm, one)
    require_whole(firm)
    judgement(firm, "undo", str(given))
    assert dump(firm) == before


def test_a_person_and_a_firm_are_never_merged(firm: World) -> None:
    person, company = number_of(firm, "司徒静"), number_of(firm, "杭州云帆贸易有限公司")
    (contract,) = set(records_of(firm, company)) - set(records_of(firm, person))
    before = dump(firm)
    for arguments in (
        ("merge", str(person), "--into", str(company)),
        ("merge", str(person), "--into", str(person)),
        ("split", str(person), "--record", contract),
    ):
        ran = firm.run("customers", *arguments, "--json")
        assert (ran.status, ran.json["error"]) == (3, "KD-H176")
    assert dump(firm) == before


def test_what_rests_on_a_later_decision_is_undone_first(firm: World) -> None:
    one, other = number_of(firm, "司徒静"), number_of(firm, "欧阳修远")
    record = records_of(firm, one)[-1]
    first = judgement(firm, "split", str(one), "--record", record)
    new = max(line["number"] for line in listed(firm))
    judgement(firm, "move", str(new), "--record", record, "--to", str(other))
    ran = firm.run("customers", "undo", str(first), "--json")
    assert (ran.status, ran.json["error"]) == (3, "KD-H175")
    ran = firm.run("customers", "undo", "99", "--json")
    assert (ran.status, ran.json["error"]) == (2, "KD-H174")


@pytest.mark.parametrize("verdict", ["same", "different", "cannot-tell"])
def test_a_pair_is_judged_once_and_the_judgement_survives_a_new_comparison(firm: World, verdict: str) -> None:
    before = dump(firm)
    pair = waiting(firm)[0]
    assert "evidence" not in pair
    ran = firm.run("customers", "judge", "--answer", f"{pair['pair'][:12]}={verdict}", "--json")
    (told,) = ran.json["judged"]
    assert told["evidence"]["steps"], "the score is shown when it has been judged"
    firm.ask("customers", "resolve", "--again")
    sides = {(side["record_id"], side["mention"]) for side in (pair["first"], pair["second"])}
    for other in waiting(firm):
        assert {(side["record_id"], side["mention"]) for side in (other["first"], other["second"])} != sides
    require_whole(firm)
    if verdict != "same":
        return
    number = pair["first"]["customer"] or pair["second"]["customer"]
    loose = pair["first"] if pair["first"]["customer"] is None else pair["second"]
    assert loose["record_id"] in records_of(firm, number)
    judgement(firm, "undo", str(told["judgement"]))
    firm.ask("customers", "resolve", "--again")
    assert dump(firm) == before


def test_a_pair_that_does_not_wait_cannot_be_judged(firm: World) -> None:
    ran = firm.run("customers", "judge", "--answer", "0000=same", "--json")
    assert (ran.status, ran.json["error"]) == (2, "KD-H173")
    assert firm.run("customers", "judge", "--answer", "x=perhaps").status == 2


def test_judgements_about_what_is_destroyed_vanish_and_numbers_stay(firm: World, tmp_path: Path) -> None:
    one, other = number_of(firm, "司徒静"), number_of(firm, "欧阳修远")
    judgement(firm, "merge", str(one), "--into", str(other))
    firm.ask("customers", "list")
    (tmp_path / "copy").mkdir()
    firm.ask("copies", "add", tmp_path / "copy")
    assert firm.run("backup", "--json").status == 0
    planned = firm.run("destroy", "--customer", str(other), "--json")
    assert planned.status in (0, 1), planned.text
    done = firm.run(
        "destroy", "--customer", str(other), "--confirm", planned.json["digest"], "--reason", "期满",
        "--no-name-model", "--json",
    )  # fmt: skip
    assert done.status == 0, done.text
    for table in ("judgement", "keptcomparison"):
        assert firm.rows(f"SELECT count(*) FROM holdings_{table}") == [(0,)]  # noqa: S608
    assert {one, other}.isdisjoint(line["number"] for line in listed(firm))
    assert {number for (number,) in firm.rows("SELECT number FROM holdings_customer")} >= {one, other}
    require_whole(firm)
    firm.intake(desk(tmp_path / "again", COMPANY))
    require_whole(firm)
