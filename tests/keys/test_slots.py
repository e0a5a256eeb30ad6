"""Who opens the case: slots come, go and are replaced; what opened before opens no current sheet."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from kedang.records.ids import CaseId
from kedang.vault import keysheet, ring
from kedang.vault.errors import EpochKeyMismatch
from kedang.vault.folder_store import FolderStore
from kedang.vault.unlocking import Unlocked, unlock_with_secret
from tests.keys import driver
from tests.keys.conftest import MARKED, assert_whole, drive
from tests.world import World, kill_all, programs_below

LOCKED = 3
FINDINGS = 1


def words_of(world: World) -> list[str]:
    """The recovery shares as `init` wrote them, and the passphrase that it made."""
    return (world.root / "shares.txt").read_text(encoding="utf-8").split("\n\n")


def by_passphrase(world: World) -> World:
    """The same archive, opened by the passphrase."""
    return replace(world, environment=world.environment | {"KEDANG_PASSPHRASE": words_of(world)[-1].strip()})


def by_shares(world: World, shares: list[str]) -> World:
    """The same archive, opened by these shares."""
    file = world.root / "typed.txt"
    file.write_text("\n".join(one.strip() for one in shares), encoding="utf-8")
    return replace(world, environment=world.environment | {"KEDANG_SHARES_FILE": str(file)})


def acts(world: World) -> list[str]:
    """What the ledger says was done, in order."""
    rows = world.rows("SELECT leaf FROM holdings_ledgerleaf ORDER BY n")
    return [bytes(row[0]).decode().partition('"act":"')[2].partition('"')[0] for row in rows]


def test_a_removed_slot_opens_nothing_any_more(keyed: World) -> None:
    kept = keyed.copied(keyed.root.with_name("kept"))
    removed = by_passphrase(keyed).run("keys", "remove", "unattended", "--json")
    assert removed.json["epoch"] == 2, removed.said
    assert keyed.run("search", MARKED).status == LOCKED
    assert not list(keyed.secrets.glob("*.secret"))
    # Who kept secret and sheet and brings both back has a sheet older than the ledger.
    (keyed.secrets / next(kept.secrets.glob("*.secret")).name).write_bytes(
        next(kept.secrets.glob("*.secret")).read_bytes()
    )
    assert keyed.run("search", MARKED).status == LOCKED
    keyed.sheet().write_bytes(kept.sheet().read_bytes())
    stale = keyed.run("search", MARKED, "--json")
    assert (stale.status, stale.json["error"]) == (LOCKED, "KD-V503")


def test_who_kept_an_old_sheet_and_old_pages_still_opens_what_they_covered(keyed: World) -> None:
    kept = keyed.copied(keyed.root.with_name("kept"))
    assert by_passphrase(keyed).run("keys", "remove", "unattended").status == 0
    sheet = keysheet.decode(kept.sheet().read_bytes())
    secret = bytes.fromhex(next(kept.secrets.glob("*.secret")).read_text(encoding="ascii"))
    old = unlock_with_secret(sheet, secret)
    assert readable(kept, old, sheet.case) > 3  # as docs/security.md says: nobody can take that back
    assert readable(keyed, old, sheet.case) == 0


def readable(world: World, unlocked: Unlocked, case: CaseId) -> int:
    """How many keys of the live ring these keys open."""
    store, found = FolderStore(world.home / "vault"), 0
    for page in ring.stored_pages(store):
        epoch = ring.page_epoch(store.read(ring.page_name(page)))
        for key in unlocked.epoch_keys.values():
            try:
                found += len(ring.read_page(store, key, page=page, case=case, epoch=epoch).keys)
            except EpochKeyMismatch:
                continue
    return found


def test_new_shares_open_the_case_and_the_old_ones_nothing(keyed: World) -> None:
    old = words_of(keyed)[:3]
    cards, words = keyed.root / "cards.pdf", keyed.root / "new.txt"
    made = keyed.run("shares", "make", "--quorum", "3/5", "--out", cards, "--shares-out", words, "--json")
    assert made.status == 0, made.said
    new = words.read_text(encoding="utf-8").strip().split("\n\n")
    assert len(new) == 5
    assert cards.read_bytes().startswith(b"%PDF")
    assert cards.stat().st_mode & 0o077 == words.stat().st_mode & 0o077 == 0
    assert by_shares(keyed, old).run("search", MARKED).status == LOCKED
    assert by_shares(keyed, new[:2]).run("search", MARKED).status == LOCKED
    assert_whole(by_shares(keyed, new[1:4]))
    assert acts(keyed)[-1] == "searched"
    assert acts(keyed).count("unlocked") == 1  # keepers came together to search; `verify` writes nothing
    assert not any(card.split()[5] in made.text + made.said for card in new)


def test_groups_of_keepers_open_the_case_together(keyed: World) -> None:
    words = keyed.root / "new.txt"
    options = ("--group", "2/3", "--group", "1/1", "--groups-needed", "2", "--shares-out", words)
    assert keyed.run("shares", "make", *options).status == 0
    new = words.read_text(encoding="utf-8").strip().split("\n\n")
    assert by_shares(keyed, new[:3]).run("search", MARKED).status == LOCKED  # one whole group is not enough
    assert_whole(by_shares(keyed, [new[0], new[2], new[3]]))
    shown = keyed.run("keys", "--json").json
    assert [slot["threshold"] for slot in shown["slots"] if slot["kind"] == "quorum"] == [2]


def test_a_replaced_passphrase_carries_on_and_the_old_one_does_not(keyed: World) -> None:
    new = keyed.root / "new-passphrase"
    new.write_text("八月 未央\n", encoding="utf-8")
    opened = by_passphrase(keyed)
    assert opened.run("keys", "replace", "passphrase", "passphrase", "--passphrase-file", new).status == 0
    assert opened.run("search", MARKED).status == LOCKED
    assert_whole(replace(keyed, environment={"KEDANG_PASSPHRASE_FILE": str(new)}))
    assert_whole(keyed)  # the unattended secret is another slot


def test_a_replaced_unattended_secret_works_and_only_the_new_one_is_kept(keyed: World) -> None:
    before = next(keyed.secrets.glob("*.secret")).read_bytes()
    assert keyed.run("keys", "replace", "unattended", "unattended").status == 0
    after = next(keyed.secrets.glob("*.secret")).read_bytes()
    assert before not in after
    assert len(after.split()) == 1
    assert_whole(keyed)


def test_an_added_slot_needs_no_new_epoch_and_stands_in_the_ledger(keyed: World) -> None:
    file = keyed.root / "second"
    file.write_text("第二个口令", encoding="utf-8")
    added = keyed.ask("keys", "add", "passphrase", "--passphrase-file", file)
    assert acts(keyed)[-1] == "key-slot-added"
    shown = keyed.run("keys", "--json").json
    assert (shown["epoch"], shown["slots"][-1]["slot"]) == (1, added["slot"])
    assert_whole(replace(keyed, environment={"KEDANG_PASSPHRASE_FILE": str(file)}))


def test_the_slot_that_opened_the_case_cannot_remove_itself(keyed: World) -> None:
    refused = keyed.run("keys", "remove", "unattended", "--json")
    assert (refused.status, refused.json["error"]) == (3, "KD-H163")
    unknown = keyed.run("keys", "remove", "nobody", "--json")
    assert (unknown.status, unknown.json["error"]) == (2, "KD-H162")


def test_keys_change_only_while_a_copy_is_reached(world: World) -> None:
    refused = world.run("rotate", "--json")
    assert (refused.status, refused.json["error"]) == (3, "KD-H123")
    cards = world.root / "cards.pdf"
    assert world.run("shares", "make", "--out", cards).status == 3
    assert not cards.exists()  # no cards are printed that would open nothing


STEPS = ("sealing", "sheet-both", "switched", "sheet-new", "copied", "erased", "done", "slots")
WORKS = ("rotate", "remove unattended", "replace unattended")
FAULTS = [
    (WORKS[(at + shift) % 3], step, when)
    for at, step in enumerate(STEPS)
    for shift, when in enumerate(("before", "after"))
]


@pytest.mark.parametrize(("work", "step", "when"), FAULTS)
def test_a_change_broken_at_any_step_is_carried_through_or_given_up(
    keyed: World, work: str, step: str, when: str
) -> None:
    opened = by_passphrase(keyed)
    assert drive(opened, work, step, when).status == driver.DIED
    # The lease of the dead process lasts a minute; nobody waits for it here.
    keyed.change("UPDATE holdings_keyholder SET lease_until = '2000-01-01 00:00:00'")
    underway = opened.run("rotate", "--json")
    if step not in ("done", "slots") or (step, when) == ("done", "before"):
        assert underway.json["error"] == "KD-H121"
    resumed = opened.run("rotate", "--resume", "--json")
    given_up = resumed.json.get("given_up", False)
    assert given_up == (work.startswith("replace") and (step, when) == ("sealing", "before"))
    assert_whole(opened)
    still_opens = keyed.run("search", MARKED).status == 0
    assert still_opens == (work == "rotate" or given_up)
    new = replace(keyed, environment={"KEDANG_PASSPHRASE": driver.NEW_PASSPHRASE})
    assert (new.run("search", MARKED).status == 0) == (work.startswith("replace") and not given_up)


def test_intake_in_another_process_goes_on_through_a_change_of_keys(keyed: World) -> None:
    more = keyed.root / "more"
    more.mkdir()
    for number in range(60):
        (more / f"{number}.txt").write_text(f"送货单 第{number}号 桃花源路", encoding="utf-8")
    intake = keyed.start("intake", more, "--no-name-model", "--no-resolve", "--workers", "1", "--json")
    try:
        for _ in range(2):
            rotated = keyed.run("rotate", "--json")
            assert rotated.status == 0, rotated.said
        _out, err = intake.communicate(timeout=240)
    finally:
        kill_all(intake.pid)
    assert intake.returncode in (0, FINDINGS), err.decode()
    assert keyed.run("verify", "--deep", "--json").json["faults"] == []
    assert keyed.ask("search", '"桃花源路"')["total"] == 60


def test_no_worker_sees_a_secret_and_no_process_leaves_a_core(keyed: World) -> None:
    more = keyed.root / "more"
    more.mkdir()
    for number in range(200):
        (more / f"{number}.txt").write_text(f"送货单 第{number}号 桃花源路", encoding="utf-8")
    opened = by_passphrase(keyed)
    passphrase = opened.environment["KEDANG_PASSPHRASE"].encode()
    intake = opened.start("intake", more, "--no-name-model", "--no-resolve", "--workers", "2")
    try:
        seen: dict[int, tuple[bytes, tuple[str, ...]]] = {}
        while intake.poll() is None and len(seen) < 3:
            for one in [*programs_below(intake.pid, "kedang.pipeline")]:
                seen[one] = (Path(f"/proc/{one}/environ").read_bytes(), core_limit(one))
        coordinator = core_limit(intake.pid)
        intake.communicate(timeout=240)
    finally:
        kill_all(intake.pid)
    assert len(seen) >= 3
    assert coordinator == ("0", "0")
    assert all(limit == ("0", "0") for _, limit in seen.values())
    assert not any(passphrase in environ or b"KEDANG_" in environ for environ, _ in seen.values())


def core_limit(pid: int) -> tuple[str, ...]:
    """Soft and hard limit of a process's core dumps."""
    lines = Path(f"/proc/{pid}/limits").read_text(encoding="ascii").splitlines()
    return tuple(next(line for line in lines if line.startswith("Max core")).split()[4:6])


FORGETTING = """
import os, django
django.setup()
from kedang.entrypoints.cli.context import new_context
with new_context().reading() as archive:
    unlocked, pages = archive.keyring.unlocked, archive.keyring._pages
    archive.case_key(); archive.mac_key()
    private = unlocked.slot_private_key
    assert private and pages and "KEDANG_PASSPHRASE" not in os.environ
assert not private and not unlocked.epoch_keys and not pages and not archive._derived_keys
print("forgotten")
"""


def test_keys_are_forgotten_when_the_case_is_locked(keyed: World) -> None:
    opened = by_passphrase(keyed)
    environment = opened.surroundings() | {"DJANGO_SETTINGS_MODULE": "kedang.entrypoints.settings"}
    ran = subprocess.run(
        [sys.executable, "-c", FORGETTING], env=environment, capture_output=True, check=False
    )
    assert ran.stdout == b"forgotten\n", ran.stderr.decode()


def test_every_command_says_what_opened_the_case(keyed: World) -> None:
    assert "自动开启密钥" in keyed.run("search", MARKED).said
    assert "以口令开启" in by_passphrase(keyed).run("search", MARKED).said
    assert keyed.run("search", MARKED, "--json").said == ""


def test_a_locked_case_tells_what_is_not_personal_and_how_to_open_it(keyed: World) -> None:
    unlocked = keyed.ask("status")
    assert (unlocked["locked"], unlocked["opens_by"]) == (False, "unattended")
    for secret in keyed.secrets.iterdir():
        secret.unlink()
    told = keyed.run("status")
    assert told.status == 0
    assert "KEDANG_PASSPHRASE_FILE" in told.text
    said = keyed.ask("status")
    assert (said["locked"], said["opens_by"], said["balance_holds"]) == (True, None, True)
    assert sum(said["due_by_year"].values()) + said["permanent"] <= said["archived"] == 3
    assert said["ledger_head"].startswith(f"{said['ledger_size']}/")
    assert [copy["ring_current"] for copy in said["copies"]] == [False]
    assert MARKED not in told.text
    keys = keyed.run("keys", "--json").json
    assert keys["locked"]
    assert {slot["kind"] for slot in keys["slots"]} == {"passphrase", "quorum", "unattended"}
    keyed.sheet().unlink()
    assert keyed.run("status", "--json").json["keys_level"] == "red"


def test_cards_are_checked_word_by_word(keyed: World) -> None:
    cards = [card.split() for card in words_of(keyed)[:3]]
    wrong = [*cards[0][:20], "academic" if cards[0][20] != "academic" else "acid", *cards[0][21:]]
    unknown = [*cards[1][:7], "kedang", *cards[1][8:]]
    file = keyed.root / "typed.txt"
    file.write_text("\n\n".join(" ".join(card) for card in (wrong, unknown, cards[2][:30])), encoding="utf-8")
    checked = keyed.run("shares", "check", "--from", file, "--json")
    assert checked.status == FINDINGS
    assert [card["word_suspect"] for card in checked.json["cards"]] == [21, None, None]
    assert [card["words_unknown"] for card in checked.json["cards"]] == [[], [8], []]
    assert [card["words_missing"] for card in checked.json["cards"]] == [0, 0, 3]
    assert not checked.json["opens"]
    file.write_text("\n".join(" ".join(card) for card in cards[1:]), encoding="utf-8")
    right = keyed.ask("shares", "check", "--from", file)
    assert right["opens"]
    assert [card["number"] for card in right["cards"]] == [2, 3]


def test_a_typed_word_that_is_not_on_the_list_is_said_at_once(keyed: World) -> None:
    cards = [card.split() for card in words_of(keyed)[:2]]
    lines = ["zzzz", "", *cards[0], *(word[:4] for word in cards[1])]
    out = typed(keyed, ("shares", "check"), [cards[0][0], *lines])
    assert out.count("词表中没有这个词") == 1
    assert out.count("逐词正确") == 2
    assert "足以开启本案" in out
    assert cards[0][7] not in out  # what is typed is not shown


def typed(world: World, arguments: tuple[str, ...], lines: list[str]) -> str:
    """What a command says at a terminal to somebody who types these lines."""
    command = ["kedang", *arguments]
    child, terminal = os.forkpty()
    if child == 0:
        os.execve(Path(sys.executable).with_name("kedang"), command, world.surroundings())
    said, waiting = b"", list(lines)
    while True:
        try:
            said += (part := os.read(terminal, 4096))
        except OSError:
            break
        if not part:
            break
        if waiting and said.rstrip(b" ").endswith(b"/33"):
            os.write(terminal, waiting.pop(0).encode() + b"\n")
            said += b"|"
    os.waitpid(child, 0)
    os.close(terminal)
    return said.decode(errors="replace")
