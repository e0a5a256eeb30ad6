from __future__ import annotations

from importlib.resources import files

import pytest

from kedang.catalogue.errors import PeriodUnknown, SchemeMalformed
from kedang.catalogue.reference_codes import ReferenceCode
from kedang.catalogue.scheme import read_scheme, shipped_scheme
from kedang.records.content import RecordClass

SCHEME = shipped_scheme()
TEXT = files("kedang.catalogue").joinpath("scheme.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("period", "code"),
    [
        ("P0D", "D10"),
        ("P30D", "D10"),
        ("P6M", "D10"),
        ("P3Y", "D10"),
        ("P5Y", "D10"),
        ("P9Y12M", "D10"),
        ("P10Y", "D10"),
        ("P10Y1D", "D30"),
        ("P9Y11M31D", "D30"),
        ("P15Y", "D30"),
        ("P20Y", "D30"),
        ("P30Y", "D30"),
        ("P30Y1M", "Y"),
        ("P50Y", "Y"),
        ("PERM", "Y"),
    ],
)
def test_a_period_is_rounded_up_the_ladder_and_never_down(period: str, code: str) -> None:
    assert SCHEME.retention_code(period) == code


@pytest.mark.parametrize("period", ["", "P", "10", "INHERIT", "HOLD", "permanent"])
def test_a_period_without_length_has_no_code(period: str) -> None:
    with pytest.raises(PeriodUnknown, match="KD-C103"):
        SCHEME.retention_code(period)


@pytest.mark.parametrize(
    ("record_class", "accounting_kind", "codes"),
    [
        ("personal", None, "KH·JB"),
        ("contract", None, "KH·HT"),
        ("transaction", None, "KH·JY"),
        ("service", None, "KH·FW"),
        ("communication", None, "KH·GT"),
        ("other", None, "KH·QT"),
        ("transaction", "voucher", "KU·PZ"),
        ("contract", "voucher", "KU·PZ"),
        ("other", "book", "KU·ZB"),
        ("other", "annual-report", "KU·BG"),
        ("other", "interim-report", "KU·BG"),
        ("transaction", "bank", "KU·QT"),
        ("other", "a new kind", "KU·QT"),
    ],
)
def test_a_record_is_numbered_with_its_class_or_its_accounting_kind(
    record_class: str, accounting_kind: str | None, codes: str
) -> None:
    series = SCHEME.series(
        fonds="Q001",
        record_class=RecordClass(record_class),
        accounting_kind=accounting_kind,
        year=2025,
        period="P30Y",
    )
    assert str(series) == f"Q001-{codes}·2025·D30"
    assert ReferenceCode.parse(f"{series}-00001").series == series


def test_a_fonds_number_of_another_form_is_refused() -> None:
    for fonds in ("", "001", "QQ01", "张三"):
        with pytest.raises(SchemeMalformed, match="KD-C102"):
            SCHEME.series(
                fonds=fonds,
                record_class=RecordClass.OTHER,
                accounting_kind=None,
                year=2025,
                period="P3Y",
            )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('class = "service"', 'class = "services"'),
        ('class = "service"', 'class = "other"'),
        ('[[series]]\nclass = "personal"\ncodes = ["KH", "JB"]', '[[series]]\nclass = "personal"'),
        ("years = 30", "years = 5"),
        ("years = 30\n", ""),
        ('code = "Y"\n', 'code = "Y"\nyears = 99\n'),
        ("item_digits = 5", "items = 5"),
        ('accounting = "other"', 'accounting = "rest"'),
        ('accounting = "bank"', 'accounting = "book"'),
    ],
)
def test_a_scheme_that_is_wrong_is_refused(old: str, new: str) -> None:
    assert old in TEXT
    with pytest.raises(SchemeMalformed):
        read_scheme(TEXT.replace(old, new))
