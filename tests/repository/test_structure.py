"""The rules of the code's shape that no linter knows: sizes, names of modules, where imports and errors stand."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from kedang.records.errors import CodeText, KedangError, code_texts
from tests.world import REPOSITORY

SOURCE = REPOSITORY / "src" / "kedang"
TREES = ("src", "tests", "bench", "examples", "tools")
MOST_FUNCTION_LINES = 40
MOST_FILE_LINES = 400
FORBIDDEN_NAMES = {"utils", "util", "common", "helpers", "helper", "misc", "core"}
IMPORTING_FUNCTIONS = {("src/kedang/entrypoints/cli/__init__.py", "main")}
CODE = re.compile(r"KD-[A-Z]\d{3}")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def python_files(*trees: str) -> tuple[Path, ...]:
    """Every Python file of the trees that people write."""
    found = (path for tree in trees for path in (REPOSITORY / tree).rglob("*.py"))
    return tuple(sorted(path for path in found if "migrations" not in path.parts))


@cache
def tree_of(path: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> Iterator[Function]:
    """Every function and method of a file."""
    return (node for node in ast.walk(tree_of(path)) if isinstance(node, Function))


def named(path: Path) -> str:
    """The path as the repository says it."""
    return path.relative_to(REPOSITORY).as_posix()


def _is_table(function: Function) -> bool:
    """Nothing but one value that is returned, such as a row of figures."""
    said = [step for step in function.body if not isinstance(step, ast.Expr)]
    return len(said) == 1 and isinstance(said[0], ast.Return)


def _table_lines(path: Path) -> int:
    """The lines of tables that stand at the top of a file."""
    return sum(
        (node.end_lineno or 0) - node.lineno
        for node in tree_of(path).body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and isinstance(node.value, ast.Tuple | ast.List | ast.Dict | ast.Set)
    )


def test_functions_are_short() -> None:
    long = {
        f"{named(path)}:{function.lineno} {function.name}": lines
        for path in python_files(*TREES)
        for function in functions(path)
        if (lines := (function.end_lineno or 0) - function.lineno + 1) > MOST_FUNCTION_LINES
        and not _is_table(function)
    }
    assert long == {}


def test_files_are_short() -> None:
    long = {
        named(path): lines
        for path in python_files(*TREES)
        if (lines := path.read_text(encoding="utf-8").count("\n") - _table_lines(path)) > MOST_FILE_LINES
    }
    assert long == {}


def test_modules_are_named_for_what_is_in_them() -> None:
    for path in python_files(*TREES):
        assert not FORBIDDEN_NAMES & set(path.with_suffix("").relative_to(REPOSITORY).parts), path


def test_no_function_imports() -> None:
    found = {
        (named(path), function.name)
        for path in python_files("src")
        for function in functions(path)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert found <= IMPORTING_FUNCTIONS


def test_no_fault_is_swallowed_whole() -> None:
    broad = [
        f"{named(path)}:{node.lineno}"
        for path in python_files("src")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ExceptHandler) and _is_broad(node) and not _raises(node)
    ]
    assert broad == []


def _is_broad(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(
        one is None or (isinstance(one, ast.Name) and one.id in ("Exception", "BaseException"))
        for one in caught
    )


def _raises(handler: ast.ExceptHandler) -> bool:
    """Whether it raises again what it does not know: clearing up is not swallowing."""
    return any(isinstance(node, ast.Raise) and node.exc is None for node in ast.walk(handler))


def test_no_input_is_asserted_and_nothing_is_left_to_do() -> None:
    for path in python_files("src"):
        for node in ast.walk(tree_of(path)):
            assert not isinstance(node, ast.Assert), f"{named(path)}:{node.lineno}"
        assert not re.search(r"\b(TODO|FIXME|XXX)\b", path.read_text(encoding="utf-8")), named(path)


def test_every_public_thing_says_what_it_gives() -> None:
    silent = [
        f"{named(path)}:{node.lineno} {node.name}"
        for path in python_files("src")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and node in _outer(path)
        and not ast.get_docstring(node)
    ]
    assert silent == []
    assert [named(path) for path in python_files("src") if not ast.get_docstring(tree_of(path))] == [
        named(path) for path in python_files("src") if not path.read_text(encoding="utf-8").strip()
    ]


def _outer(path: Path) -> list[ast.stmt]:
    return tree_of(path).body


def test_rooms_ask_neither_clock_nor_environment_nor_chance() -> None:
    rooms = ("records", "accession", "extraction", "appraisal", "resolution", "catalogue", "vault", "ledger")
    asking = re.compile(
        r"datetime\.now|date\.today|(?<![\w.])time\.time\(|os\.environ|os\.urandom|secrets\.|random\.random"
    )
    found = [
        f"{named(path)}: {match.group()}"
        for room in (*rooms, "disposition", "access", "preservation")
        for path in python_files("src")
        if (SOURCE / room) in path.parents
        for match in asking.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def error_tables() -> dict[Path, dict[str, dict[str, object]]]:
    """Each room's errors.toml."""
    return {
        path: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(SOURCE.glob("*/errors.toml"))
    }


def test_every_code_has_texts_and_every_text_a_code() -> None:
    used = {
        code
        for path in SOURCE.rglob("*")
        if path.suffix in (".py", ".toml") and path.name != "errors.toml"
        for code in CODE.findall(path.read_text(encoding="utf-8"))
    } - {KedangError.code}
    assert used == set(code_texts())


def test_a_code_is_in_one_table_and_has_its_rooms_letter() -> None:
    counted = Counter(code for table in error_tables().values() for code in table)
    assert {code: count for code, count in counted.items() if count > 1} == {}
    letters = {path: {code[3] for code in table} for path, table in error_tables().items()}
    assert {named(path): sorted(found) for path, found in letters.items() if len(found) != 1} == {}
    assert len({next(iter(found)) for found in letters.values()}) == len(letters)


@pytest.mark.parametrize("text", code_texts().values(), ids=lambda text: text.code)
def test_a_code_speaks_both_languages_and_says_what_to_do(text: CodeText) -> None:
    for said in (text.zh, text.en, text.next_zh, text.next_en):
        assert said.strip() == said != ""
    assert re.search(r"[\u4e00-\u9fff]", text.zh)
    assert re.search(r"[\u4e00-\u9fff]", text.next_zh)
    assert not re.search(r"[\u4e00-\u9fff]", text.en.replace("客档", "") + text.next_en)


def test_sentences_of_the_doors_speak_both_languages() -> None:
    for path in (SOURCE / "entrypoints").rglob("texts.toml"):
        for name, entry in _sentences(tomllib.loads(path.read_text(encoding="utf-8"))):
            assert entry["zh"], f"{named(path)} {name}"
            assert entry["en"], f"{named(path)} {name}"
            slots = [sorted(re.findall(r"\{(\w+)", entry[language])) for language in ("zh", "en")]
            assert slots[0] == slots[1], f"{named(path)} {name}"


def _sentences(table: dict[str, object], above: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    for name, entry in table.items():
        if isinstance(entry, dict) and "zh" in entry:
            yield f"{above}{name}", entry
        elif isinstance(entry, dict):
            yield from _sentences(entry, f"{above}{name}.")


def test_the_first_migration_makes_every_table_as_the_models_have_it() -> None:
    printing = "from tools.first_migration import written; print(written(), end='')"
    made = subprocess.run([sys.executable, "-c", printing], cwd=REPOSITORY, check=True, capture_output=True)
    there = SOURCE / "holdings" / "migrations" / "0001_initial.py"
    assert there.read_bytes() == made.stdout, "run tools/first_migration.py"
