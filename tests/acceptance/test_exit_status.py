"""Transcripts: what each command says in Chinese and English, and the status it ends with."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

from tests.acceptance.sources import ORDINARY, letter, payload, put, settle
from tests.sharing import made_once
from tests.world import COMPANY, PASSPHRASE, World

GOOD, FINDINGS, MISUSED, REFUSED, CORRUPT, UNAVAILABLE = range(6)


@pytest.fixture(scope="module")
def kept(opened_case: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """An archive with a few records. Copied, not used."""
    return made_once(tmp_path_factory, "kept", lambda place: _keep(opened_case, place))


def _keep(opened_case: World, place: Path) -> World:
    source = place / "source"
    contract = payload("pdf", number=3)
    put(
        source,
        [
            ("合同.pdf", contract),
            ("来信.eml", letter(ORDINARY, [("合同.pdf", contract)])),
            ("名单.csv", payload("csv/gb18030", number=4)),
            ("记录.txt", "琉璃厂旧书店回访".encode()),
            ("坏.docx", payload("docx", number=5)[:700]),
        ],
    )
    settle(source)
    world = opened_case.copied(place / "world")
    world.intake(source)
    return world


@pytest.fixture
def archive(kept: World, tmp_path: Path) -> World:
    """That archive, for this test alone."""
    return kept.copied(tmp_path / "archive")


def in_english(world: World) -> World:
    """The same archive, used by somebody who reads English."""
    return replace(world, environment=world.environment | {"KEDANG_LANG": "en"})


def said(world: World, *arguments: str) -> tuple[int, str]:
    """Status and everything that a command says."""
    ran = world.run(*arguments)
    assert "Traceback" not in ran.said, ran.said
    return ran.status, ran.text + ran.said


@dataclass(frozen=True, slots=True)
class Line:
    """One command of the transcript of a good day."""

    arguments: tuple[str, ...]
    status: int
    zh: str
    en: str


TRANSCRIPT = (
    Line(("status",), GOOD, "账目平衡", "The books balance"),
    Line(
        ("status",), GOOD, "谁拿走这台电脑，谁就能打开档案", "whoever takes this computer opens the archive"
    ),
    Line(("verify",), GOOD, "核验通过", "Verified"),
    Line(("verify", "--deep"), GOOD, "核验通过", "Verified"),
    Line(("search", "琉璃厂"), GOOD, "找到 1 件", "1 found"),
    Line(("search", "绝无此词"), GOOD, "找到 0 件", "0 found"),
    Line(("questions",), FINDINGS, "KD-E102", "KD-E102"),
    Line(("search", '"琉璃'), MISUSED, "KD-S", "KD-S"),
    Line(("show", "Q001-没有这件"), MISUSED, "KD-H109", "No record has this number"),
    Line(("status", "--case", "Q999"), MISUSED, "还没有全宗", "There is no case here yet"),
    Line(("questions", "--answer", "ffff=accepted"), MISUSED, "KD-H112", "No open question"),
    Line(("questions", "--answer", "ffff=perhaps"), MISUSED, "KD-H113", "cannot be answered so"),
    Line(("nonsense",), MISUSED, "nonsense", "nonsense"),
    Line(("search",), MISUSED, "words", "words"),
    Line(("intake", "/nowhere/at/all"), MISUSED, "KD-A110", "KD-A110"),
    Line(("init", "--name", COMPANY), REFUSED, "全宗号已被使用", "The fonds number is taken"),
    Line(("catalogue", "--format", "csv", "--out", "/nowhere/x.csv"), UNAVAILABLE, "KD-K101", "KD-K101"),
)


def test_a_transcript_in_two_languages(kept: World) -> None:
    for number, line in enumerate(TRANSCRIPT):
        world, expected = (in_english(kept), line.en) if number % 2 else (kept, line.zh)
        status, text = said(world, *line.arguments)
        assert (status, expected in text) == (line.status, True), (line, text)


def test_an_empty_home_says_what_to_do(tmp_path: Path) -> None:
    world = World(tmp_path)
    for command in (("status",), ("verify",), ("search", "x"), ("intake", str(tmp_path))):
        status, text = said(world, *command)
        assert (status, "KD-H101" in text, "kedang init" in text) == (MISUSED, True, True), text


def test_keys_inside_the_home_are_refused(tmp_path: Path) -> None:
    world = World(tmp_path, environment={"KEDANG_KEYS": str(tmp_path / "home" / "keys")})
    status, text = said(world, "init", "--name", COMPANY)
    assert (status, "KD-H114" in text) == (REFUSED, True)


def test_a_wrong_passphrase_opens_nothing(archive: World) -> None:
    wrong = replace(archive, environment={"KEDANG_PASSPHRASE": "not this one"})
    status, text = said(wrong, "search", "琉璃厂")
    assert (status, "KD-H106" in text, "not this one" in text) == (REFUSED, True, False)


def test_without_the_unattended_secret_a_passphrase_is_wanted(tmp_path: Path) -> None:
    world = World(tmp_path, environment={"KEDANG_PASSPHRASE": PASSPHRASE})
    assert world.init("--no-unattended").status == GOOD
    assert said(world, "verify")[0] == GOOD
    status, text = said(replace(world, environment={}), "verify")
    assert (status, "KD-H106" in text) == (REFUSED, True)
    file = tmp_path / "passphrase"
    file.write_text(PASSPHRASE + "\n", encoding="utf-8")
    by_file = replace(world, environment={"KEDANG_PASSPHRASE_FILE": str(file)})
    assert said(by_file, "verify")[0] == GOOD


def test_without_the_key_sheet_nothing_opens_and_it_opens_when_it_is_back(archive: World) -> None:
    sheet = archive.sheet()
    away = sheet.with_suffix(".away")
    sheet.rename(away)
    for command in (("search", "琉璃厂"), ("verify",)):
        status, text = said(archive, *command)
        assert (status, "KD-H107" in text) == (UNAVAILABLE, True)
    status, text = said(archive, "status")  # what is not personal is told all the same
    assert (status, "可达 0 处" in text, "本案未开启" in text) == (GOOD, True, True)
    away.rename(sheet)
    assert said(archive, "search", "琉璃厂")[0] == GOOD


def test_two_places_of_the_sheet_are_both_written_and_either_opens(tmp_path: Path) -> None:
    places = [tmp_path / "one", tmp_path / "two"]
    world = World(tmp_path / "world", environment={"KEDANG_KEYS": f"{places[0]}:{places[1]}"})
    world.root.mkdir()
    assert world.init().status == GOOD
    assert [len(list(place.glob("*.keysheet"))) for place in places] == [1, 1]
    assert "可达 2 处" in said(world, "status")[1]
    shutil.rmtree(places[1])
    assert said(world, "verify")[0] == GOOD
    assert "可达 1 处" in said(world, "status")[1]


def test_a_broken_key_sheet_is_said_so(archive: World) -> None:
    whole = archive.sheet().read_bytes()
    for broken in (whole[: len(whole) // 2], b"", whole[:-1], b"\xff" + whole, whole.replace(b"{", b"[", 1)):
        archive.sheet().write_bytes(broken)
        status, text = said(archive, "verify")
        assert (status, "KD-V501" in text) == (CORRUPT, True), text


def test_a_broken_unattended_secret_is_as_good_as_none(archive: World) -> None:
    secret = next(archive.secrets.glob("*.secret"))
    whole = secret.read_bytes()
    for broken in (whole[:-1], b"\xff\xfe", b""):
        secret.chmod(0o600)
        secret.write_bytes(broken)
        status, text = said(archive, "search", "琉璃厂")
        assert (status, "KD-H106" in text, "KEDANG_SHARES_FILE" in text) == (REFUSED, True, True), text


def test_an_altered_key_sheet_is_never_used(archive: World) -> None:
    """One character changed, in each field that holds a key or the MAC."""
    whole = archive.sheet().read_text(encoding="utf-8")
    pieces = sorted({piece for piece in whole.split('"') if len(piece) >= 40})
    assert len(pieces) >= 4
    for piece in Random(1).sample(pieces, 4):
        other = "A" if piece[20] != "A" else "B"
        archive.sheet().write_text(whole.replace(piece, piece[:20] + other + piece[21:]), encoding="utf-8")
        status, text = said(archive, "search", "琉璃厂")
        assert (status in (MISUSED, REFUSED, CORRUPT), "KD-" in text) == (True, True), text


def test_a_broken_sheet_in_one_place_does_not_lock_the_case(tmp_path: Path) -> None:
    places = [tmp_path / "one", tmp_path / "two"]
    world = World(tmp_path / "world", environment={"KEDANG_KEYS": f"{places[0]}:{places[1]}"})
    world.root.mkdir()
    assert world.init().status == GOOD
    for place in places:
        sheet = next(place.glob("*.keysheet"))
        whole = sheet.read_bytes()
        sheet.write_bytes(whole[:-40])
        assert said(world, "verify")[0] == GOOD
        sheet.write_bytes(whole)


def test_a_key_sheet_older_than_the_ledger_is_refused(archive: World) -> None:
    assert archive.change("UPDATE holdings_case SET epoch = epoch + 1") == 1
    status, text = said(archive, "verify")
    assert (status, "KD-V503" in text) == (REFUSED, True), text


def _flip(path: Path, place: int) -> None:
    octets = bytearray(path.read_bytes())
    octets[place] ^= 1
    path.chmod(0o600)
    path.write_bytes(octets)


def _flip_pack(world: World) -> None:
    pack = max(world.objects("packs"), key=lambda path: path.stat().st_size)
    _flip(pack, pack.stat().st_size // 3)


def _drop_pack(world: World) -> None:
    world.objects("packs")[0].unlink()


def _flip_record_page(world: World) -> None:
    page = world.rows("SELECT key_page FROM holdings_record LIMIT 1")[0][0]
    _flip(next(path for path in world.objects("ring") if path.name == page), -20)


def _flip_source_page(world: World) -> None:
    page = world.rows("SELECT key_page FROM holdings_source LIMIT 1")[0][0]
    _flip(next(path for path in world.objects("ring") if path.name == page), -20)


def _drop_page(world: World) -> None:
    page = world.rows("SELECT key_page FROM holdings_record LIMIT 1")[0][0]
    next(path for path in world.objects("ring") if path.name == page).unlink()


def _move_due_date(world: World) -> None:
    world.change("UPDATE holdings_record SET retention_until = '2020-01-01' WHERE state = 'archived'")


def _reclass(world: World) -> None:
    world.change("UPDATE holdings_record SET record_class = 'other', accounting = 0")


def _renumber(world: World) -> None:
    world.change(
        "UPDATE holdings_record SET reference_code = replace(reference_code, '00001', '00009')"
        " WHERE reference_code IS NOT NULL"
    )


def _cut_ledger(world: World) -> None:
    world.change("DELETE FROM holdings_ledgerleaf WHERE n = (SELECT max(n) FROM holdings_ledgerleaf)")


def _rewrite_leaf(world: World) -> None:
    leaf = bytes(world.rows("SELECT leaf FROM holdings_ledgerleaf WHERE n = 3")[0][0])
    world.change("UPDATE holdings_ledgerleaf SET leaf = ? WHERE n = 3", leaf.replace(b"0", b"1", 1))


def _drop_refusals(world: World) -> None:
    world.change("DELETE FROM holdings_ledgerleaf WHERE n = 4")
    world.change("UPDATE holdings_ledgerleaf SET n = n - 1 WHERE n > 4")


def _drop_occurrence(world: World) -> None:
    world.change(
        "DELETE FROM holdings_occurrence WHERE record_id = (SELECT record_id FROM holdings_occurrence"
        " GROUP BY record_id HAVING count(*) = 1 AND record_id IS NOT NULL LIMIT 1)"
    )


def _loosen_occurrence(world: World) -> None:
    world.change("UPDATE holdings_occurrence SET record_id = NULL WHERE depth = 1")


def _unbalance(world: World) -> None:
    world.change("UPDATE holdings_occurrence SET state = 'gone' WHERE depth = 1")


def _rename(world: World) -> None:
    world.change("UPDATE holdings_occurrence SET sealed = zeroblob(length(sealed)) WHERE depth = 1")


def _drop_index(world: World) -> None:
    next((world.home / "index").glob("*.part")).unlink()


def _swap_contents(world: World) -> None:
    world.change(
        "UPDATE holdings_record SET content_offset = derived_offset, content_length = derived_length,"
        " content_pack = derived_pack WHERE segments = 0"
    )


@pytest.mark.parametrize(
    ("damage", "codes", "deep"),
    [
        (_flip_pack, ("KD-V3", "KD-V1"), True),
        (_drop_pack, ("KD-V2", "KD-H205"), False),
        (_flip_record_page, ("KD-V4", "KD-H204"), False),
        (_flip_source_page, ("KD-V4",), False),
        (_drop_page, ("KD-H204",), False),
        (_move_due_date, ("KD-H203",), False),
        (_reclass, ("KD-H203",), False),
        (_renumber, ("KD-H209",), False),
        (_cut_ledger, ("KD-H207", "KD-L"), False),
        (_rewrite_leaf, ("KD-H207", "KD-L"), False),
        (_drop_refusals, ("KD-H207", "KD-L"), False),
        (_drop_occurrence, ("KD-H202",), False),
        (_loosen_occurrence, ("KD-H210",), False),
        (_unbalance, ("KD-H201",), False),
        (_rename, ("KD-H211",), True),
        (_drop_index, ("KD-H208",), False),
        (_swap_contents, ("KD-H203", "KD-V1"), True),
    ],
)
def test_verify_finds_every_damage(
    damage: Callable[[World], None], codes: tuple[str, ...], deep: bool, archive: World
) -> None:
    damage(archive)
    ran = archive.run("verify", "--json", *(("--deep",) if deep else ()))
    assert ran.status == CORRUPT, (ran.text, ran.said)
    found = {fault["code"] for fault in ran.json.get("faults", ())} | {ran.json.get("error", "")}
    assert any(code.startswith(codes) for code in found), found


def test_a_ledger_cut_and_healed_by_hand_is_found_by_the_signed_head(archive: World) -> None:
    """Leaves cut off and the head moved back: the rows agree with each other, the signed head does not."""
    head = archive.rows("SELECT size, frontier, last_time FROM holdings_ledgerhead")[0]
    assert said(archive, "catalogue", "--format", "csv", "--out", str(archive.root / "c.csv"))[0] == GOOD
    archive.intake(archive.home.parent / "user")
    archive.change("DELETE FROM holdings_ledgerleaf WHERE n >= ?", head[0])
    archive.change("UPDATE holdings_ledgerhead SET size = ?, frontier = ?, last_time = ?", *head)
    archive.change("DELETE FROM holdings_checkpoint WHERE size > ?", head[0])
    assert said(archive, "verify")[0] == CORRUPT


def test_a_damaged_index_is_rebuilt_by_verify_mend(archive: World) -> None:
    _drop_index(archive)
    assert said(archive, "verify")[0] == CORRUPT
    assert said(archive, "verify", "--mend")[0] == GOOD
    assert archive.ask("search", "琉璃厂")["total"] == 1


def test_a_damaged_database_is_said_so(archive: World) -> None:
    octets = bytearray(archive.database.read_bytes())
    octets[:16] = b"not a database.."
    archive.database.write_bytes(octets)
    for command in (("status",), ("verify",), ("search", "x")):
        status, text = said(archive, *command)
        assert status in (CORRUPT, UNAVAILABLE), text
        assert "KD-K10" in text


def test_open_gives_the_very_bytes(archive: World, tmp_path: Path) -> None:
    for row in archive.catalogue():
        out = tmp_path / row["record_id"]
        assert archive.run("open", row["record_id"], "--out", out).status == GOOD
        assert out.stat().st_mode & 0o777 == 0o600
        assert (len(out.read_bytes()), row["sha256"]) == (row["size_bytes"], _sha256(out))
    assert archive.run("open", row["record_id"], "--out", "-").out == out.read_bytes()


def _sha256(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def test_answering_the_questions_archives_what_they_held_back(archive: World) -> None:
    asked = json.loads(archive.run("questions", "--json").out)
    blocking = [one["id"] for one in asked if one["blocking"]]
    assert blocking
    before = archive.ask("status")["archived"]
    answers = [piece for one in blocking for piece in ("--answer", f"{one[:12]}=accepted")]
    assert archive.run("questions", *answers).status == GOOD
    after = archive.ask("status")
    assert after["archived"] > before
    assert after["archived"] == after["balance"]["records"]
    assert archive.ask("verify", "--deep")["clean"]
