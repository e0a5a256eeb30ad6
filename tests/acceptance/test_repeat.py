"""Taking in again takes what is new or changed, and nothing is ever left unsaid."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.sources import ORDINARY, letter, payload, put, settle, zipped
from tests.world import World

WRITER = """
import os, sys, time
mode, path = sys.argv[1:]
descriptor = os.open(path, os.O_WRONLY)
until = time.monotonic() + 120
while time.monotonic() < until:
    if mode == "grow":
        os.lseek(descriptor, 0, os.SEEK_END)
        os.write(descriptor, b"x" * 16)
    else:
        os.pwrite(descriptor, os.urandom(16), 64)
"""
LARGE = 48 * 1024 * 1024  # bytes; reading it takes long enough to be written to meanwhile


def paths_of(world: World) -> dict[str, list[str]]:
    """Each path with the SHA-256 of everything that was ever found there."""
    found: dict[str, list[str]] = {}
    for row in world.catalogue():
        for path in row["occurrences"].split(" | "):
            found.setdefault(path, []).append(row["sha256"])
    return found


def balanced(said: Any) -> bool:
    """Whether everything that was received is accounted for, with nothing left open."""
    whole: bool = said["received"] == said["kept"] + sum(said["refused"].values())
    return whole and said["open"] == 0


@contextmanager
def being_written(path: Path, mode: str) -> Iterator[None]:
    """Another program writes to the file all the time."""
    writer = subprocess.Popen([sys.executable, "-c", WRITER, mode, str(path)])
    try:
        time.sleep(0.3)
        yield
    finally:
        writer.kill()
        writer.wait()


def test_a_repeat_takes_nothing_and_what_is_new_or_changed_is_taken(world: World, tmp_path: Path) -> None:
    source = tmp_path / "source"
    put(source, [("甲.txt", b"one"), ("乙.txt", b"two"), ("包.zip", zipped([("丙.txt", b"three")]))])
    settle(source)
    first = world.intake(source)
    assert (first["received"], first["records"], first["unchanged"]) == (4, 4, 0)
    again = world.intake(source)
    assert (again["received"], again["unchanged"], again["resumed"]) == (0, 3, False)

    (source / "甲.txt").write_bytes(b"one, changed")
    (source / "丁.txt").write_bytes(b"four")
    (source / "乙.txt").unlink()
    settle(source)
    changed = world.intake(source)
    assert (changed["received"], changed["unchanged"], changed["refused"]) == (2, 1, {})
    found = paths_of(world)
    assert len(found["甲.txt"]) == 2, "the old version stays"
    assert len(found["乙.txt"]) == 1, "what has gone from the source stays in the archive"
    assert len(found["丁.txt"]) == 1
    current = world.rows("SELECT version, current FROM holdings_occurrence WHERE NOT current OR version > 1")
    assert sorted(current) == [(1, 0), (2, 1)]
    assert world.ask("verify", "--deep")["clean"]


def test_a_touched_or_moved_back_file_is_no_new_version(world: World, tmp_path: Path) -> None:
    """Another date or inode says nothing while the bytes are the same."""
    source = tmp_path / "source"
    put(source, [("甲.txt", b"one"), ("包.zip", zipped([("乙.txt", b"two")]))])
    settle(source)
    world.intake(source)
    (source / "甲.txt").touch()
    (source / "包.zip").rename(tmp_path / "away")
    put(source, [("包.zip", (tmp_path / "away").read_bytes())])
    again = world.intake(source)
    assert (again["received"], again["unchanged"]) == (0, 2)
    assert world.rows("SELECT count(*), max(version) FROM holdings_occurrence") == [(3, 1)]


def test_a_changed_container_gives_its_members_anew(world: World, tmp_path: Path) -> None:
    source = tmp_path / "source"
    put(source, [("包.zip", zipped([("甲.txt", b"one"), ("乙.txt", b"two")]))])
    settle(source)
    world.intake(source)
    put(source, [("包.zip", zipped([("甲.txt", b"one"), ("乙.txt", b"two, changed")]))])
    settle(source)
    said = world.intake(source)
    assert (said["received"], said["records"]) == (3, 3)
    assert {path: len(set(found)) for path, found in paths_of(world).items()} == {
        "包.zip": 2,
        "包.zip/甲.txt": 1,
        "包.zip/乙.txt": 2,
    }


def test_a_refused_file_is_refused_once_and_taken_when_it_can_be_read(
    opened_case: World, unprivileged: tuple[str, ...], tmp_path: Path
) -> None:
    world = World(opened_case.copied(tmp_path / "world").root, wrapping=unprivileged)
    source = tmp_path / "source"
    put(source, [("甲.txt", b"one"), ("锁着.txt", b"two"), ("锁着的/丙.txt", b"three")])
    settle(source)
    (source / "锁着.txt").chmod(0)
    (source / "锁着的").chmod(0)
    try:
        said = world.intake(source)
        assert said["refused"] == {"KD-A101": 1, "KD-A202": 1}
        assert balanced(said)
        again = world.intake(source)
        assert (again["received"], again["unchanged"]) == (0, 3)
        assert world.ask("status")["balance"]["received"] == 3
    finally:
        (source / "锁着的").chmod(0o700)
    (source / "锁着.txt").chmod(0o600)
    opened = world.intake(source)
    assert (opened["kept"], opened["refused"]) == (2, {})
    assert set(paths_of(world)) == {"甲.txt", "锁着.txt", "锁着的/丙.txt"}


def test_equal_containers_give_the_same_members_and_are_parsed_once(world: World, tmp_path: Path) -> None:
    source = tmp_path / "source"
    inner = zipped([("甲.txt", b"one"), ("乙.txt", b"two")])
    outer = zipped([("内.zip", inner), ("丙.txt", b"three")])
    put(source, [(f"{n}/外.zip", outer) for n in range(5)] + [("另.zip", inner)])
    settle(source)
    said = world.intake(source)
    assert (said["received"], said["records"], said["duplicates"]) == (5 * 5 + 3, 5, 23)
    members = world.rows(
        "SELECT count(*) FROM holdings_occurrence p JOIN holdings_occurrence c ON c.parent_id = p.id"
        " GROUP BY p.id"
    )
    assert members == [(2,)] * 11
    assert len(paths_of(world)) == said["received"]


def test_an_attachment_belongs_to_each_of_its_messages(world: World, tmp_path: Path) -> None:
    source = tmp_path / "source"
    contract = payload("pdf", number=8)
    put(source, [(f"{n}.eml", letter(ORDINARY, [("合同.pdf", contract)], n)) for n in range(1, 4)])
    settle(source)
    said = world.intake(source)
    assert (said["received"], said["records"]) == (6, 4)
    row = next(row for row in world.catalogue() if row["media_type"] == "application/pdf")
    assert sorted(row["occurrences"].split(" | ")) == [f"{n}.eml/合同.pdf" for n in range(1, 4)]


@pytest.mark.parametrize(("mode", "code"), [("change", "KD-A203"), ("grow", "KD-A206")])
def test_a_file_that_never_stands_still_is_refused_and_taken_later(
    mode: str, code: str, world: World, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    put(source, [("静.txt", b"still"), ("忙.bin", b"\0" * LARGE)])
    with being_written(source / "忙.bin", mode):
        said = world.intake(source)
    assert said["refused"] == {code: 1}
    assert (said["kept"], balanced(said)) == (1, True)
    settle(source)
    later = world.intake(source)
    assert (later["kept"], later["refused"]) == (1, {})
    assert world.ask("verify", "--deep")["clean"]


def test_what_is_no_file_is_said_with_a_code(world: World, tmp_path: Path) -> None:
    source = tmp_path / "source"
    put(source, [("甲.txt", b"one"), ("里/乙.txt", b"two")])
    settle(source)
    os.mkfifo(source / "管道")
    listening = socket.socket(socket.AF_UNIX)
    os.chdir(source)
    listening.bind("插座")
    (source / "出去").symlink_to(tmp_path)
    (source / "里面").symlink_to(source / "甲.txt")
    (source / "断了").symlink_to("nowhere")
    (source / "绕圈").symlink_to(source)
    said = world.intake(source)
    listening.close()
    assert said["refused"] == {"KD-A102": 2, "KD-A103": 1, "KD-A104": 2, "KD-A105": 1}
    assert (said["kept"], balanced(said)) == (2, True)
    assert world.intake(source)["received"] == 0


def test_a_source_that_is_a_device_or_is_not_there_is_said_so(world: World, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "管道")
    assert world.intake(tmp_path / "管道")["refused"] == {"KD-A102": 1}
    ran = world.run("intake", tmp_path / "nowhere")
    assert (ran.status, "KD-A110" in ran.said) == (2, True)


def test_every_name_that_a_disk_can_hold_comes_back_as_it_was(world: World, tmp_path: Path) -> None:
    source = tmp_path / "source"
    names = [
        b"two\nlines.txt",
        "名单 客户".encode("gbk") + b".txt",
        b"x" * 251 + b".txt",
        "长".encode() * 83 + b".txt",
        b"\xff\xfe\x01\x7f'\"$(rm).txt",
        " 空格 .txt".encode(),
        b"-rf",
        b"a:b|c?.txt",
    ]
    put(source, [(name, b"content %d" % n) for n, name in enumerate(names)])
    settle(source)
    said = world.intake(source)
    assert (said["kept"], said["records"], said["refused"]) == (len(names), len(names), {})
    assert world.intake(source)["received"] == 0
    found = paths_of(world)
    for path in ("two␊lines.txt", "名单 客户.txt", "长" * 83 + ".txt", "-rf", "a:b|c?.txt"):
        assert path in found
    assert world.ask("search", "content 1")["total"] == 1


def test_two_intakes_at_once_do_not_meet(world: World, tmp_path: Path) -> None:
    source = tmp_path / "source"
    put(source, [(f"{n}.docx", payload("docx", number=n)) for n in range(30)])
    settle(source)
    first = world.start("intake", source, "--no-name-model", "--no-resolve", "--json")
    deadline = time.monotonic() + 60
    while not (world.home / "work").exists():
        assert time.monotonic() < deadline
        time.sleep(0.005)
    os.kill(first.pid, signal.SIGSTOP)
    try:
        second = world.run("intake", source, "--no-name-model", "--no-resolve", "--json")
        verifying = world.run("verify")
    finally:
        os.kill(first.pid, signal.SIGCONT)
    first.communicate(timeout=120)
    assert (verifying.status, "KD-H104" in verifying.said) == (3, True)
    assert first.returncode == 0
    assert (second.status, second.json["error"]) == (3, "KD-H104")
    assert world.rows("SELECT count(*) FROM holdings_occurrence") == [(30,)]


def test_looking_goes_on_while_something_is_taken_in(world: World, tmp_path: Path) -> None:
    put(tmp_path / "first", [("甲.txt", "琉璃厂旧书".encode())])
    settle(tmp_path / "first")
    world.intake(tmp_path / "first")
    put(tmp_path / "second", [(f"{n}.docx", payload("docx", number=n)) for n in range(60)])
    settle(tmp_path / "second")
    running = world.start("intake", tmp_path / "second", "--no-name-model", "--no-resolve")
    statuses = []
    while running.poll() is None:
        statuses.append(world.run("search", "琉璃厂").status)
        statuses.append(world.run("status").status)
    _, err = running.communicate()
    assert running.returncode == 0, err
    assert set(statuses) == {0}


def test_a_nearly_full_disk_stops_the_intake_and_loses_nothing(
    opened_case: World, small_disk: Path, tmp_path: Path
) -> None:
    world = opened_case.copied(small_disk / "world")
    source = tmp_path / "source"
    put(source, [(f"{n:02d}.bin", os.urandom(4_000_000)) for n in range(20)])
    settle(source)
    ran = world.run("intake", source, "--json")
    assert (ran.status, ran.json["error"]) == (5, "KD-H110")
    assert world.ask("verify", "--deep")["clean"]
    kept = world.ask("status")["balance"]["kept"]
    assert 0 < kept < 20
    subprocess.run(["mount", "-o", "remount,size=900m", str(small_disk)], check=True)
    said = world.intake(source)
    assert (said["received"], said["kept"], said["resumed"]) == (20, 20, True)
    assert world.ask("verify", "--deep")["clean"]


def test_a_disk_that_fills_to_the_last_byte_loses_nothing(
    opened_case: World, small_disk: Path, tmp_path: Path
) -> None:
    """Somebody else may use up the reserve."""
    world = opened_case.copied(small_disk / "world")
    source = tmp_path / "source"
    put(source, [(f"{n:02d}.bin", os.urandom(6_000_000)) for n in range(4)])
    settle(source)
    process = world.start("intake", source, "--no-name-model", "--no-resolve", "--json")
    while not (world.home / "work").exists():
        time.sleep(0.005)
    filled = small_disk / "filled"
    with filled.open("wb") as file:
        free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
        os.posix_fallocate(file.fileno(), 0, free - 2_000_000)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 5, (out, err)
    filled.unlink()
    said = world.intake(source)
    assert balanced(said)
    assert world.ask("status")["balance"]["kept"] == 4
    assert world.ask("verify", "--deep")["clean"]


def test_a_home_that_cannot_be_written_is_said_so(
    opened_case: World, small_disk: Path, tmp_path: Path
) -> None:
    world = opened_case.copied(small_disk / "world")
    put(tmp_path / "source", [("甲.txt", b"one")])
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    for command in (("intake", str(tmp_path / "source")), ("verify",), ("status",)):
        ran = world.run(*command)
        assert ran.status == 3, (command, ran.said)
        assert "KD-H118" in ran.said
