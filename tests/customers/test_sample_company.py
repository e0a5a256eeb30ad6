"""The sample company's offices through the real command line: every customer of the truth table is found once."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

from tests.customers.firm import listed
from tests.examples.sample import Sample
from tests.world import World

OFFICES = ("销售一部-老王", "销售二部-李雪梅", "客服部")
BORN_DIGITAL = {".csv", ".xlsx", ".txt", ".docx"}

SCATTERED = frozenset({"C000014", "C000044"})
"""Firms that also stand there under a former or a miswritten name (有线公司) with no number beside it."""


FOUNDING = {"contract", "bilingual_contract", "order", "customer_list", "old_id_list", "registration_card"}
"""Papers that make somebody a customer; who stands in others only stays a mention."""


def is_written(path: str) -> bool:
    """Whether an office wrote it itself."""
    return path.startswith(OFFICES) and Path(path).suffix.lower() in BORN_DIGITAL


def offices(sample: Sample, folder: Path) -> Path:
    """What the offices wrote themselves, without scans."""
    for path in sorted(sample.root.rglob("*")):
        if path.is_file() and is_written(str(path.relative_to(sample.root))):
            there = folder / path.relative_to(sample.root)
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, there)
    return folder


def test_every_customer_is_found_once(sample: Sample, tmp_path: Path) -> None:
    world = World(tmp_path / "world")
    world.root.mkdir()
    own = sample.truth["own_company"]
    (tmp_path / "own.txt").write_text(f"{own['short']}\n{own['old_name']}\n", encoding="utf-8")
    names = ("--name", own["name"], "--credit-code", own["credit_code"])
    shares = ("--shares-out", tmp_path / "shares.txt", "--own-name-file", tmp_path / "own.txt")
    assert world.run("init", *names, *shares, "--json").status == 0
    world.intake(offices(sample, tmp_path / "source"))
    world.ask("customers", "resolve")
    found = Counter(one["name"] for one in listed(world, "--limit", "1000"))
    called: dict[str, list[str]] = {}
    for one in sample.truth["customers"]:
        for name in {one["name"], *one["aliases"]}:
            called.setdefault(name, []).append(one["id"])
    assert [name for name in found if name not in called] == [], "nobody's"
    assert {name: count for name, count in found.items() if count > len(called[name])} == {}, "found twice"
    once = Counter(one for name, count in found.items() for one in called[name][:count])
    assert {one for one, count in once.items() if count > 1} <= SCATTERED, "found under two names"
    papers = [
        file for file in sample.truth["files"] if is_written(file["path"]) and file.get("kind") in FOUNDING
    ]
    expected = {customer["id"] for file in papers for customer in file["customers"]}
    assert len(expected) >= 40
    assert expected - once.keys() == set()


def test_the_whole_company_as_the_demo_takes_it_in(sample: Sample, tmp_path: Path) -> None:
    """Scans, recordings and names that the model finds among it: who is named in any of them is compared."""
    world = World(tmp_path / "world")
    world.root.mkdir()
    shares = ("--shares-out", tmp_path / "shares.txt")
    assert world.run("init", "--name", sample.truth["own_company"]["name"], *shares).status == 0
    said = world.ask("intake", sample.root)
    assert said["resolved"]
    assert said["received"] == said["kept"] + sum(said["refused"].values()) > 600
    assert said["open"] == 0
    assert world.ask("verify", "--deep")["clean"]
