"""What stands on a terminal: one language, nothing cut off, and a quiet end when nobody reads on."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len

from kedang.vault.share_words import check_entry
from tests.acceptance.sources import payload, put, settle
from tests.sharing import made_once
from tests.world import KEDANG, World

CHINESE = re.compile(r"[\u4e00-\u9fff]")
VERBS = (
    *("", "init", "status", "intake", "questions", "verify"),
    *("catalogue", "customers", "report", "search", "show", "open"),
)
OPENED = re.compile(
    "^以自动开启密钥开启（密钥槽 [0-9a-f]{12}）\n"
)  # what every command says that opens the case
BROKEN_PIPE = 128 + signal.SIGPIPE
READ_BY_NOBODY = (
    ("catalogue", "--format", "csv"),
    ("catalogue", "--format", "json", "--with-text"),
    ("catalogue", "--format", "xlsx"),
    ("customers", "--format", "csv"),
    ("customers",),
    ("questions",),
    ("questions", "--json"),
    ("search", "回访"),
    ("search", "回访", "--json"),
    ("status",),
    ("verify",),
)


@pytest.fixture(scope="module")
def kept(opened_case: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """An archive with a few records, one of them with questions."""
    return made_once(tmp_path_factory, "read-on-terminals", lambda place: _keep(opened_case, place))


def _keep(opened_case: World, place: Path) -> World:
    files = [(f"{n}.docx", payload("docx", number=n)) for n in range(1, 6)]
    put(place / "source", [*files, ("坏.docx", payload("docx", number=9)[:700])])
    settle(place / "source")
    world = opened_case.copied(place / "world")
    world.intake(place / "source")
    return world


def speaking(world: World, language: str, **more: str) -> World:
    return replace(world, environment=world.environment | {"KEDANG_LANG": language} | more)


@pytest.mark.parametrize("verb", VERBS)
def test_help_is_in_one_language_and_nothing_of_it_is_cut(verb: str, tmp_path: Path) -> None:
    for columns in ("60", "200"):
        english = speaking(World(tmp_path), "en", COLUMNS=columns)
        chinese = speaking(World(tmp_path), "zh", COLUMNS=columns)
        asked = [verb, "--help"] if verb else ["--help"]
        ran = english.run(*asked)
        assert (ran.status, ran.said) == (0, "")
        assert not CHINESE.search(ran.text)
        told = chinese.run(*asked)
        assert (told.status, bool(CHINESE.search(told.text))) == (0, True)
        for word in ("Usage", "Show", "default", "required", "Options", "TEXT"):
            assert word not in told.text
        for line in (ran.text + told.text).splitlines():
            assert cell_len(line) <= int(columns)


def test_wrong_usage_is_said_in_the_same_language(tmp_path: Path) -> None:
    cases = (
        (("nonsense",), "没有 nonsense 这条命令", "There is no command nonsense"),
        (("search",), "缺少 words", "words (WORDS…) is missing"),
        (("search", "x", "--nothing"), "没有 --nothing 这个选项", "There is no option --nothing"),
        (("search", "x", "--limit", "many"), "--limit 的值不对", "The value of --limit is wrong"),
        (("init",), "缺少 --name", "--name (TEXT) is missing"),
    )
    for arguments, zh, en in cases:
        for language, expected in (("zh", zh), ("en", en)):
            ran = speaking(World(tmp_path), language).run(*arguments)
            assert (ran.status, ran.text) == (2, "")
            assert expected in ran.said
            assert "--help" in ran.said


@pytest.mark.parametrize("arguments", READ_BY_NOBODY, ids=" ".join)
def test_output_that_nobody_reads_ends_quietly(kept: World, arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ran = subprocess.run(
        [KEDANG, *arguments],
        env=kept.surroundings(), cwd=kept.root, stdout=writing, stderr=subprocess.PIPE, check=False,
    )  # fmt: skip
    os.close(writing)
    assert (ran.returncode, OPENED.sub("", ran.stderr.decode())) == (BROKEN_PIPE, "")


def test_head_gets_its_line_and_nothing_is_said(kept: World) -> None:
    ran = subprocess.run(
        ["bash", "-c", f'"{KEDANG}" catalogue --format json --with-text | head -c 20; echo " ${{PIPESTATUS[0]}}"'],
        env=kept.surroundings(), cwd=kept.root, capture_output=True, check=True,
    )  # fmt: skip
    assert OPENED.sub("", ran.stderr.decode()) == ""
    assert ran.stdout.split()[-1] in (
        b"0",
        str(BROKEN_PIPE).encode(),
    )  # head may leave before or after the end


def test_a_full_disk_is_still_a_fault(kept: World) -> None:
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            [KEDANG, "catalogue", "--format", "csv"],
            env=kept.surroundings(), cwd=kept.root, stdout=full, stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
    assert ran.returncode == 5
    assert b"KD-K101" in ran.stderr
    assert b"Traceback" not in ran.stderr


def on_a_terminal(world: World, *arguments: str | Path) -> str:
    """What a person sees, with what moves the cursor."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(world.root)
        os.execve(  # no shell
            KEDANG, [KEDANG, *map(str, arguments)], world.surroundings() | {"TERM": "xterm", "COLUMNS": "90"}
        )
    seen = bytearray()
    try:
        while piece := os.read(terminal, 65536):
            seen += piece
    except OSError:  # the other side is closed
        pass
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, seen.decode()
    return seen.decode()


def test_progress_is_seen_while_it_works_and_gone_afterwards(world: World, tmp_path: Path) -> None:
    put(tmp_path / "source", [(f"{n}.docx", payload("docx", number=n)) for n in range(8)])
    settle(tmp_path / "source")
    seen = on_a_terminal(world, "intake", tmp_path / "source", "--no-name-model", "--no-resolve")
    assert "接收文件" in seen
    assert "收到 8 = 保存 8" in seen
    assert "\x1b[?25h" in seen  # the cursor is back
    assert "\x1b[" not in world.run("status").text  # and no colours where nobody looks


def test_shares_are_shown_in_rows_that_can_be_copied_by_hand(tmp_path: Path) -> None:
    world = World(tmp_path / "world", environment={"KEDANG_PASSPHRASE": "for tests only"})
    world.root.mkdir()
    seen = on_a_terminal(world, "init", "--name", "样例公司").replace("\r", "")
    cards = [block.partition("\n\n")[0] for block in re.split(r"\n\[[123]\]\n", seen)[1:]]
    words = [re.findall(r"(\d+) ([a-z]+)", card) for card in cards]
    assert [[int(number) for number, _ in card] for card in words] == [list(range(1, 34))] * 3
    assert all(len(row) < 80 for card in cards for row in card.splitlines())
    shares = [" ".join(word for _, word in card) for card in words]
    assert all(check_entry(share).share for share in shares), "the check words are right"
