"""Whatever a file wants, its original is sealed, it has a state and a code, and the others are unharmed."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.hostile_files import hostile
from tests.acceptance.sources import payload, put, settle
from tests.sharing import made_once
from tests.world import World, programs_below

HONEST = ("docx", "pdf", "txt/gbk", "xlsx", "eml/utf-8", "html/utf-8")
ESCAPED = ("kedang-was-here", "kedang-was-here-too")
MOST_SECONDS = 100.0


@dataclass(frozen=True, slots=True)
class Attacked:
    """An archive that took in hostile files among honest ones."""

    world: World
    files: dict[str, bytes]
    said: Any
    seconds: float
    peak_bytes: int
    rows: dict[str, dict[str, Any]]
    """By the path of an occurrence."""


@pytest.fixture(scope="module")
def attacked(opened_case: World, tmp_path_factory: pytest.TempPathFactory) -> Attacked:
    """All hostile files in one run, with an honest file between any two."""
    return made_once(tmp_path_factory, "hostile", lambda place: _attack(opened_case, place))


def _attack(opened_case: World, place: Path) -> Attacked:
    files = dict(hostile())
    for number, name in enumerate(list(files)):
        style = HONEST[number % len(HONEST)]
        files[f"{name} honest.{style.partition('/')[0]}"] = payload(style, number=600 + number)
    put(place / "source", files.items())
    settle(place / "source")
    world = opened_case.copied(place / "world")
    started = time.monotonic()
    process = world.start("intake", place / "source", "--no-name-model", "--no-resolve", "--json")
    peak = 0
    while process.poll() is None and time.monotonic() - started < 240:
        peak = max(peak, *map(_resident, [process.pid, *programs_below(process.pid, "kedang.pipeline")]))
        time.sleep(0.05)
    out, err = process.communicate(timeout=1)
    seconds = time.monotonic() - started
    assert process.returncode == 0, (out, err)
    rows = {path: row for row in world.catalogue() for path in row["occurrences"].split(" | ")}
    return Attacked(world, files, json.loads(out), seconds, peak, rows)


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
    except (OSError, IndexError):
        return 0


def test_the_run_ends_in_time_with_everything_accounted_for(attacked: Attacked) -> None:
    said = attacked.said
    assert said["received"] == said["kept"] + sum(said["refused"].values())
    assert said["open"] == 0
    assert attacked.seconds < MOST_SECONDS
    assert attacked.peak_bytes < 2 * 1024**3


def test_every_original_is_kept_as_it_was(attacked: Attacked) -> None:
    for name, octets in attacked.files.items():
        assert attacked.rows[name]["sha256"] == sha256(octets).hexdigest(), name
        assert attacked.rows[name]["size_bytes"] == len(octets), name
    assert attacked.world.ask("verify", "--deep")["clean"]


def test_honest_files_are_read_as_if_nothing_had_happened(attacked: Attacked) -> None:
    for name in attacked.files:
        if " honest." in name:
            row = attacked.rows[name]
            assert "何知秋" in row["text"], name
            assert not [
                code for code in row["question_codes"].split(";") if code.startswith(("KD-W", "KD-E"))
            ], name


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("laughs.xml", ("KD-E",)),
        ("outside.xml", ("KD-E",)),
        ("laughs.xlsx", ("KD-E",)),
        ("bomb.docx", ("KD-E", "KD-W", "KD-A")),
        ("pixels.png", ("KD-E",)),
        ("pages.pdf", ("KD-E",)),
        ("cut.xlsx", ("KD-E",)),
    ],
)
def test_what_could_not_be_read_is_a_question(name: str, codes: tuple[str, ...], attacked: Attacked) -> None:
    raised = attacked.rows[name]["question_codes"].split(";")
    assert any(code.startswith(codes) for code in raised), raised


def test_bombs_and_nests_end_in_refused_members_with_a_code(attacked: Attacked) -> None:
    refused = attacked.said["refused"]
    assert refused.get("KD-A306", 0) >= 2, "the members of both bombs"
    assert {code[:5] for code in refused} == {"KD-A3"}
    deepest = max(path.count("in.zip") for path in attacked.rows)
    assert 10 <= deepest <= 20


def test_nothing_reaches_outside(attacked: Attacked) -> None:
    for name in ESCAPED:
        assert not Path("/tmp", name).exists()
    outside = Path("/etc/passwd").read_text(encoding="utf-8").partition("\n")[0]
    for name, row in attacked.rows.items():
        assert outside not in row["text"], name


def test_no_entity_is_ever_expanded(attacked: Attacked) -> None:
    for name in ("laughs.xml", "laughs.docx", "laughs.xlsx", "outside.xml", "outside.docx"):
        assert len(attacked.rows[name]["text"]) < 2000, name
        assert "hahahaha" not in attacked.rows[name]["text"]


def test_a_lie_about_the_type_is_seen_through(attacked: Attacked) -> None:
    assert "何知秋" in attacked.rows["liar.pdf"]["text"]
    assert attacked.rows["liar.docx"]["media_type"] == "application/pdf"


def test_formulas_stay_text(attacked: Attacked) -> None:
    assert "=cmd|'/c calc'!A1" in attacked.rows["formulas.csv"]["text"]
    ran = attacked.world.run("catalogue", "--format", "csv")
    for line in ran.text.splitlines():
        for cell in line.split(","):
            assert not cell.lstrip('"').startswith(("=", "@", "+", "-cmd")), line
