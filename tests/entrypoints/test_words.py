"""One vocabulary at every door: what the pages, the lists, the command line and the ledger call the same thing."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest

from kedang.catalogue.classes import SPOKEN, class_scheme
from kedang.entrypoints.ledger_page.words import Said
from kedang.entrypoints.web.texts import next_step, say
from kedang.records.content import RecordClass, Sensitivity
from kedang.records.errors import code_texts

COMMAND = re.compile(
    r"kedang [a-z]|(?<![\w-])--[a-z]|\b(?:accepted|dismissed|command)\b|命令|类别答复|answer with (?:its|their) class"
)
SETTING = re.compile(r"KEDANG_|AWS_")
NOT_ON_PAGES = {"KD-H102", "KD-H151", "KD-H152", "KD-H154"}
"""Codes of the command line alone: which case, and restoring."""
UNTOLD = {"id", "digest", "commitment"}
"""Types of facts that are shown to nobody."""


def table(place: str) -> dict[str, Any]:
    return tomllib.loads(files("kedang").joinpath(place).read_text(encoding="utf-8"))


@pytest.mark.parametrize("one", RecordClass)
def test_every_door_calls_a_class_by_the_same_title(one: RecordClass) -> None:
    title = class_scheme(SPOKEN).title(one)
    said = {
        "pages": say(f"web.class-{one}", "zh"),
        "command line": table("entrypoints/cli/texts.toml")[f"class-{one}"]["zh"],
        "report": table("entrypoints/report/texts.toml")[f"class_{one}"]["zh"],
        "customer file": table("entrypoints/customer_page/texts.toml")[f"class-{one}"]["zh"],
        "ledger": Said("zh").value(one.value, "class"),
        "labels": next(
            series["zh"].rpartition("·")[2]
            for series in table("catalogue/scheme.toml")["series"]
            if series.get("class") == one
        ),
    }
    assert said == dict.fromkeys(said, title.zh)
    assert say(f"web.class-{one}", "en") == title.en


def test_pages_lists_and_ledger_call_grades_and_states_alike() -> None:
    labels = table("catalogue/columns.toml")["labels"]
    for grade in Sensitivity:
        words = {say(f"web.sensitivity-{grade}", "zh"), labels["sensitivity"][grade]}
        assert words == {Said("zh").value(grade.value, "sensitivity")}
    states = {
        key: said["zh"]
        for key, said in table("entrypoints/web/texts.toml").items()
        if key.startswith("state-")
    }
    assert {key.removeprefix("state-"): zh for key, zh in states.items()} == labels["state"]


def _stated() -> Iterator[tuple[str, str]]:
    """Every fact of every act that people are told, with each of the values that it may choose from."""
    schema = table("ledger/acts.toml")
    for act in schema["acts"].values():
        for fact, written in act["facts"].items():
            kind = written.removesuffix("?").removesuffix("[]")
            if kind not in UNTOLD:
                yield from ((fact, value) for value in schema["choices"].get(kind, ("",)))


def test_the_ledger_has_words_for_whatever_an_entry_can_say() -> None:
    words = table("entrypoints/ledger_page/texts.toml")
    objects = {kind for act in table("ledger/acts.toml")["acts"].values() for kind in act["objects"]}
    assert objects <= words["kinds"].keys()
    assert {fact for fact, _ in _stated()} <= words["facts"].keys()
    wordless = {value for fact, value in _stated() if value and Said("zh").value(value, fact) == value}
    assert wordless <= {"CSV", "JSON", "PDF"}
    assert Said("zh").value("2026-11-21T08:15:30.000000Z") == "2026年11月21日 08:15:30 UTC"
    assert Said("en").value("2026-11-21") == "21 Nov 2026"


def test_pages_say_what_to_do_in_the_browser_and_give_no_commands() -> None:
    own = table("entrypoints/web/next_steps.toml")
    assert own.keys() <= code_texts().keys()
    for code, text in code_texts().items():
        told = {language: next_step(code, language) for language in ("zh", "en")}
        typed = COMMAND.search(text.next_zh + text.next_en) or SETTING.search(text.next_zh + text.next_en)
        assert typed or code not in own, f"{code} says the same at every door"
        if code not in NOT_ON_PAGES:
            assert not COMMAND.search(told["zh"] + told["en"]), code
            assert not SETTING.search(told["zh"]) or "系统管理员" in told["zh"], code
            assert not SETTING.search(told["en"]) or "administrator" in told["en"], code
