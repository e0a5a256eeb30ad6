"""What a command loads before it works. Everybody waits for it at every command, and each module has its price."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from kedang.entrypoints.cli import texts
from tests.sharing import made_once
from tests.world import World

COMMAND = """
import atexit, sys
from kedang.entrypoints.cli import main
atexit.register(lambda: print(*sys.modules, file=sys.stderr))
sys.argv[0] = "kedang"
main()
"""
HEAVY = (
    "allauth",
    "charset_normalizer",
    "django.core.management.commands",
    "kedang.appraisal",
    "kedang.disposition",
    "kedang.extraction",
    "kedang.holdings.actions.epochs",
    "kedang.holdings.intake.rows",
    "kedang.holdings.queries.description",
    "kedang.pipeline.messages",
    "lxml",
    "ninja",
    "numpy",
    "obstore",
    "pkcs11",
    "pydantic",
    "pypinyin",
    "rich",
    "shamir_mnemonic",
    "smtplib",
)
"""Nothing of these is wanted by who only looks at an archive, checks it or lays it into a folder."""
MORE = {
    "status": (
        "kedang.holdings.actions.snapshotting",
        "kedang.catalogue",
        "kedang.access",
        "kedang.resolution",
    ),
    "backup": (
        "kedang.catalogue",
        "kedang.access",
        "kedang.resolution",
        "kedang.holdings.actions.registering",
    ),
    "verify": ("kedang.holdings.actions.healing", "kedang.holdings.actions.backing_up"),
}


@pytest.fixture(scope="module")
def copied(opened_case: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A case with a copy in a folder."""

    def make(place: Path) -> World:
        world = opened_case.copied(place / "world")
        assert world.run("copies", "add", place / "copy").status == 0
        return world

    return made_once(tmp_path_factory, "case-with-a-copy", make)


@pytest.mark.parametrize("arguments", [("status",), ("backup",), ("verify", "--deep")], ids=" ".join)
def test_a_command_loads_only_what_it_works_with(copied: World, arguments: tuple[str, ...]) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments],
        env=copied.surroundings(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    loaded = set(ran.stderr.splitlines()[-1].split())
    assert "kedang.holdings.models" in loaded
    unwanted = (*HEAVY, *MORE[arguments[0]])
    assert not {one for one in loaded if any(one == name or one.startswith(f"{name}.") for name in unwanted)}


def test_a_sentence_is_read_alone_as_it_would_be_with_all_others() -> None:
    written = Path(texts.__file__).with_name("texts.toml").read_text(encoding="utf-8")
    for name, said in tomllib.loads(written).items():
        assert (texts.text_of(name, "zh"), texts.text_of(name, "en")) == (said["zh"], said["en"])
