"""What the documents say is what there is: commands, options, variables, codes, links."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from kedang.records.errors import code_texts
from tests.world import REPOSITORY
from tools import errors_page

GUIDES = ("docs/guide/zh.md", "docs/guide/en.md")
READMES = ("README.md", "README.zh-CN.md")
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
ANCHOR = re.compile(r'<a id="([^"]+)"')
VARIABLE = re.compile(r"KEDANG_[A-Z][A-Z_]*")
ELSEWHERE = ("http://", "https://", "mailto:")


def read(name: str) -> str:
    return (REPOSITORY / name).read_text(encoding="utf-8")


def about(guide: str, command: str) -> str:
    """The part of a guide that begins where the command is introduced, up to the next command's."""
    introduced = re.compile(rf"^(?:#+ .*|- \*\*)kedang {command}\b|`kedang {command}`", re.MULTILINE)
    others = re.compile(r"^(?:#+ .*|- \*\*)kedang \w+|^## ", re.MULTILINE)
    start = introduced.search(guide)
    if start is None:
        return ""
    end = others.search(guide, start.end())
    return guide[start.start() : end.start() if end else len(guide)]


def pages() -> list[Path]:
    """Every Markdown page of the project."""
    found = [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")]
    found += [*(REPOSITORY / "src").rglob("README.md"), *(REPOSITORY / "examples").glob("*.md")]
    return sorted(found)


def anchors(page: Path) -> set[str]:
    text = page.read_text(encoding="utf-8")
    slugs = {
        re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in HEADING.findall(text)
    }
    return slugs | set(ANCHOR.findall(text))


def broken_links(page: Path) -> Iterator[str]:
    for target in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        if target.startswith(ELSEWHERE):
            continue
        path, _, anchor = unquote(target).partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (anchor and there.suffix == ".md" and anchor not in anchors(there)):
            yield target


def test_the_program_tells_its_commands(commands: dict[str, set[str]]) -> None:
    assert {"init", "intake", "search", "verify"} <= set(commands)
    assert {"--name", "--no-unattended"} <= commands["init"]


@pytest.mark.parametrize("guide", GUIDES)
def test_every_command_and_option_is_in_both_guides(guide: str, commands: dict[str, set[str]]) -> None:
    text = read(guide)
    missing = {
        command: [option for option in options if not re.search(rf"`{option}\b", about(text, command))]
        for command, options in commands.items()
    }
    assert {command: options for command, options in missing.items() if options} == {}
    assert [command for command in commands if not about(text, command)] == []


@pytest.mark.parametrize("guide", GUIDES)
def test_no_guide_names_an_option_that_is_not_there(guide: str, commands: dict[str, set[str]]) -> None:
    known = {option for options in commands.values() for option in options}
    rows = re.findall(r"^ *\| (`--.*?) \|", read(guide), re.MULTILINE)
    named = {option for row in rows for option in re.findall(r"--[a-z-]+", row)}
    assert named
    assert named <= known


def test_every_environment_variable_is_in_the_settings() -> None:
    used = {
        name
        for path in (REPOSITORY / "src").rglob("*.py")
        for name in VARIABLE.findall(path.read_text(encoding="utf-8"))
    }
    described = set(re.findall(r"^\| `(KEDANG_[A-Z_]+)`", read("docs/settings.md"), re.MULTILINE))
    assert "KEDANG_HOME" in used
    assert described == used


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_every_link_leads_somewhere(page: Path) -> None:
    assert list(broken_links(page)) == []


@pytest.mark.parametrize("name", READMES)
def test_both_readmes_name_the_two_commands_and_show_the_picture(name: str) -> None:
    text = read(name)
    assert "make demo" in text
    assert "make test" in text
    assert "![" in text
    assert (REPOSITORY / "docs/pictures/report.png").stat().st_size < 250_000


def test_the_page_of_codes_is_current() -> None:
    assert errors_page.PAGE.read_text(encoding="utf-8") == errors_page.page(), "run tools/errors_page.py"


def test_every_code_that_a_document_names_exists() -> None:
    known = set(code_texts())
    for page in pages():
        named = set(re.findall(r"KD-[A-Z]\d{3}\b", page.read_text(encoding="utf-8")))
        assert named <= known, page


def test_every_industry_pack_is_in_both_guides() -> None:
    packs = tomllib.loads(read("src/kedang/disposition/packs.toml"))["packs"]
    for guide in GUIDES:
        assert {name for name in packs if f"`{name}`" not in read(guide)} == set()


def test_every_room_has_its_page_and_every_format_is_listed() -> None:
    rooms = {path.parent for path in (REPOSITORY / "src/kedang").glob("*/__init__.py")}
    assert {room.name for room in rooms if not (room / "README.md").is_file()} == set()
    formats = REPOSITORY / "docs/formats"
    listed = read("docs/formats/README.md")
    assert {page.name for page in formats.glob("*.md") if f"({page.name})" not in listed} == {"README.md"}


def test_no_document_names_a_place_of_one_computer() -> None:
    for page in pages():
        assert not re.search(r"(?<![\w.])/(?:root|work|tmp)/", page.read_text(encoding="utf-8")), page
