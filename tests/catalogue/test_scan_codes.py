"""Codes on labels: what is scanned is what was printed, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedang.catalogue.errors import ReferenceCodeMalformed
from kedang.catalogue.scan_codes import box_code, check_character, read_scan_code, scan_code

CODE = "Q001-KH·HT·2025·D10-00042"


def test_a_scanned_label_gives_the_reference_code_back() -> None:
    assert scan_code(CODE) == "Q001-KH.HT.2025.D10-00042*" + check_character("Q001-KH.HT.2025.D10-00042")
    assert scan_code(CODE).isascii()
    assert read_scan_code(f" {scan_code(CODE).lower()}\n") == CODE
    assert read_scan_code(scan_code(box_code("Q001", 7))) == "Q001-BOX-0007"


def test_the_check_character_is_that_of_the_standard() -> None:
    assert check_character("A12425GABC1234002") == "M"  # ISO/IEC 7064 MOD 37,36 as GRid codes use it


@given(st.integers(0, 99_999), st.integers(0, 23), st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
def test_every_single_wrong_character_is_noticed(number: int, at: int, wrong: str) -> None:
    plain, _, check = scan_code(f"Q001-KH·HT·2025·D10-{number:05d}").rpartition("*")
    if plain[at] in "-." or plain[at] == wrong:
        return
    with pytest.raises(ReferenceCodeMalformed):
        read_scan_code(f"{plain[:at]}{wrong}{plain[at + 1 :]}*{check}")


@pytest.mark.parametrize("said", ["", "Q001-KH.HT", "Q001*", "客户*1", "*" * 200])
def test_what_is_no_label_is_refused(said: str) -> None:
    with pytest.raises(ReferenceCodeMalformed):
        read_scan_code(said)


def test_a_code_with_chinese_signs_has_no_label() -> None:
    with pytest.raises(ReferenceCodeMalformed):
        scan_code("Q001-KH·办公室-1")
