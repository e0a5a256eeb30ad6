"""Everybody who is named is compared: found once, whatever the order, whatever interrupts; nothing in clear."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

from tests.acceptance import dying
from tests.acceptance.sources import put
from tests.customers.firm import LIST, MORE, desk, dump, listed, partition, waiting
from tests.world import COMPANY, World, files_below, kill_all, programs_below

LATE = "投诉登记表\n投诉人：欧阳修远\n联系电话：13917758201\n内容：发票抬头有误。\n"
NAMES = ("欧阳修远", "欧阳修遠", "司徒静", "13917758201", "文三路388号")


def test_everybody_is_found_once_and_the_branch_apart(compared: World) -> None:
    names = sorted(one["name"] for one in listed(compared))
    assert names == sorted(
        ["欧阳修远", "王伟", "王伟", "司徒静", "杭州云帆贸易有限公司", "杭州云帆贸易有限公司上海分公司"]
    )


def test_who_may_be_either_of_two_waits_for_a_person(compared: World) -> None:
    pairs = waiting(compared)
    loose = {"王伟"}
    assert pairs
    assert {
        name for pair in pairs for side in (pair["first"], pair["second"]) for name in side["values"]["name"]
    } >= loose
    assert all("evidence" not in pair for pair in pairs)


def test_comparing_again_changes_nothing(firm: World) -> None:
    before, pairs = dump(firm), waiting(firm)
    done = firm.ask("customers", "resolve", "--again")
    assert (done["customers"], done["joined"], done["merged"]) == (0, 0, 0)
    assert dump(firm) == before
    assert waiting(firm) == pairs
    assert firm.ask("customers", "resolve") == dict.fromkeys(done, 0)


def test_the_order_of_arrival_does_not_matter(compared: World, world: World, tmp_path: Path) -> None:
    source = desk(tmp_path / "desk", COMPANY)
    for name in ("投诉.txt", "订单.csv", "合同.txt", "客户名单.csv"):
        world.intake(source / name, workers=1)
    world.ask("customers", "resolve")
    assert partition(world) == partition(compared)


def test_only_what_something_new_touches_is_looked_at_again(firm: World, tmp_path: Path) -> None:
    put(tmp_path / "more", [("服务.txt", MORE.encode())])
    firm.intake(tmp_path / "more", workers=1)
    everybody = firm.ask("customers", "resolve", "--again")
    assert everybody["compared"] == everybody["mentions"] > 10
    after = dump(firm)
    pair = waiting(firm)[0]
    firm.run("customers", "judge", "--answer", f"{pair['pair']}=cannot-tell", "--json")
    assert firm.ask("customers", "resolve")["compared"] == 0  # "cannot tell" joins and parts nobody
    assert dump(firm) == after
    whole = firm.copied(tmp_path / "whole")
    put(tmp_path / "late", [("投诉2.txt", LATE.encode())])
    firm.intake(tmp_path / "late", workers=1)
    done = firm.ask("customers", "resolve")
    assert 0 < done["compared"] < done["mentions"] / 2
    whole.intake(tmp_path / "late", workers=1)
    whole.ask("customers", "resolve", "--again")
    assert partition(whole) == partition(firm)


def test_no_name_is_written_in_clear(compared: World) -> None:
    for path in files_below(compared.root):
        octets = path.read_bytes()
        for name in NAMES:
            assert name.encode() not in octets, path
            assert name.encode("gb18030") not in octets, path


def test_a_comparison_that_is_killed_is_made_again(opened_case: World, tmp_path: Path) -> None:
    world = opened_case.copied(tmp_path / "world")
    world.intake(desk(tmp_path / "desk", COMPANY), workers=1)
    put(
        tmp_path / "more",
        [("服务.txt", MORE.encode()), ("名单2.csv", LIST.replace("391775", "391776").encode())],
    )
    world.intake(tmp_path / "more", workers=1)
    undisturbed = world.copied(tmp_path / "undisturbed")
    undisturbed.ask("customers", "resolve")
    killed = 0
    for step in (4, 6, 8):
        program = (sys.executable, str(Path(dying.__file__)), str(step), "statement")
        killed += world.run("customers", "resolve", program=program).status == -signal.SIGKILL
    assert killed >= 2
    assert world.run("customers", "resolve", "--json").status == 0
    assert partition(world) == partition(undisturbed)
    ran = world.run("verify", "--deep", "--json")
    assert ran.status == 0, ran.text


def test_when_the_comparing_process_dies_it_is_said_and_nothing_is_lost(firm: World) -> None:
    running = firm.start("customers", "resolve", "--again", "--json")
    before = dump(firm)
    for _ in range(600):
        found = programs_below(running.pid, "kedang.pipeline.resolver")
        if found:
            kill_all(found[0])
            break
        time.sleep(0.02)
    out, _ = running.communicate(timeout=120)
    assert running.returncode == 5
    assert b"KD-H172" in out
    assert dump(firm) == before


def test_an_audit_states_its_bound(firm: World) -> None:
    ran = firm.run("customers", "audit", "--size", "5", "--json")
    said = ran.json
    if not said["population"]:
        assert said["pairs"] == []
        return
    answers = [part for pair in said["pairs"] for part in ("--answer", f"{pair['pair']}=same")]
    done = firm.run("customers", "audit", *answers, "--json").json
    assert done["wrong"] == 0
    assert 0 < done["bound_ppm"] <= 1_000_000
