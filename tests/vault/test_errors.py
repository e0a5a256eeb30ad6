from __future__ import annotations

import pickle
import re
import tomllib
from importlib.resources import files
from pathlib import Path

from kedang.records.errors import CodeText, KedangError
from kedang.vault import errors

CLASSES = [
    found
    for found in vars(errors).values()
    if isinstance(found, type) and issubclass(found, KedangError) and found is not KedangError
]


def test_every_code_is_one_error_of_this_room() -> None:
    codes = [found.code for found in CLASSES]
    assert len(set(codes)) == len(codes) > 20
    assert all(re.fullmatch(r"KD-V[1-8]\d\d", code) for code in codes)


def test_every_code_has_its_texts_and_a_next_step_in_both_languages() -> None:
    table = tomllib.loads(files("kedang.vault").joinpath("errors.toml").read_text(encoding="utf-8"))
    texts = {code: CodeText(code=code, **entry) for code, entry in table.items()}
    assert set(texts) == {found.code for found in CLASSES}
    for text in texts.values():
        assert text.zh
        assert text.next_zh
        assert text.en.isascii()
        assert text.next_en.isascii()


def test_every_error_survives_the_way_between_processes() -> None:
    for found in CLASSES:
        error = pickle.loads(pickle.dumps(found(record="00", chunk=3)))  # noqa: S301
        assert (type(error), error.facts) == (found, {"record": "00", "chunk": 3})
        assert str(error) == f"{found.code} record=00, chunk=3"


def test_every_error_is_produced_by_a_case() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    for found in CLASSES:
        assert len(re.findall(rf"\b{found.__name__}\b", tests)) > 1, found.__name__
