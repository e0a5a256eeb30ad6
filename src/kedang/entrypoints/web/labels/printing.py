"""The PDFs of labels and lists, from memory to memory: typst reads nothing but its fonts and writes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from importlib.resources import files
from io import BytesIO
from itertools import groupby
from typing import Any

import pylopdf_fonts_zh_cn
import segno
import typst

from kedang.catalogue.paper import box_kinds
from kedang.catalogue.scan_codes import box_code, scan_code
from kedang.entrypoints.cards.printing import CHINESE_FONT, fonts_of
from kedang.entrypoints.errors import CardFontMissing
from kedang.entrypoints.legible import UNSAFE
from kedang.entrypoints.web.labels.choosing import Wanted
from kedang.entrypoints.web.texts import say
from kedang.holdings.queries.boxes import BoxLine, FolderLine, ItemLine, SeriesLine
from kedang.records.days import said_day

FONTS = ("Noto Sans SC", "DejaVu Sans Mono")
QUIET_ZONE = 4  # modules of white around a QR code, ISO/IEC 18004


@dataclass(frozen=True, slots=True)
class Print:
    """What stands on every sheet."""

    case_name: str
    fonds: str
    language: str
    printed: date
    head: str
    """Short code of the ledger's head."""

    def say(self, key: str, **values: object) -> str:
        """A text of the area."""
        return say(f"labels.{key}", self.language, **values)


def print_of(wanted: Wanted, print_: Print, items: Sequence[ItemLine], boxes: Sequence[BoxLine]) -> bytes:
    """The PDF of what is wanted.

    Raises:
        CardFontMissing: Chinese would have come out as empty boxes.
    """
    if wanted.what == "labels":
        return _labels(wanted, print_, [_item_label(item, print_) for item in items])
    if wanted.what == "folder-labels":
        folders = [_folder_label(one, box, print_) for box in boxes for one in box.folders]
        return _labels(wanted, print_, folders)
    if wanted.what == "box-labels":
        return _compiled("spines.typ", print_, {"spines": [_spine(box, print_) for box in boxes]})
    return _compiled("lists.typ", print_, {"lists": list(_lists(wanted, print_, items, boxes))})


def _labels(wanted: Wanted, print_: Print, labels: list[dict[str, Any]]) -> bytes:
    given = {"sheet": asdict(wanted.sheet), "skip": wanted.skip, "labels": labels}
    return _compiled("labels.typ", print_, given)


def _item_label(item: ItemLine, print_: Print) -> dict[str, Any]:
    zh = print_.language.startswith("zh")
    series = item.series
    kept = series.retention_zh if zh else series.retention_en
    box = print_.say("box-number", number=item.box) if item.box else ""
    return {
        "qr": _qr(scan_code(item.code)),
        "code": item.code,
        "first": series.title_zh if zh else series.title_en,
        "second": " · ".join(part for part in (str(series.year or ""), kept, box) if part),
        "check": scan_code(item.code).rpartition("*")[2],
    }


def _folder_label(folder: FolderLine, box: BoxLine, print_: Print) -> dict[str, Any]:
    return {
        "qr": _qr(scan_code(folder.code)),
        "code": folder.code,
        "first": print_.say("folder-range", first=_number(folder.first), last=_number(folder.last)),
        "second": print_.say("folder-in", number=box.number, pages=folder.pages),
        "check": scan_code(folder.code).rpartition("*")[2],
    }


def _number(code: str) -> str:
    return code.rpartition("-")[2]


def _spine(box: BoxLine, print_: Print) -> dict[str, Any]:
    code = box_code(print_.fonds, box.number)
    series = [one.series for one in box.folders]
    return {
        "width": box_kinds()[box.kind].spine,
        "qr": _qr(scan_code(code)),
        "code": code,
        "fonds": print_.fonds,
        "number": f"{box.number:04d}",
        "series": series[0].partition("-")[2] if series else "",
        "range": [_number(box.folders[0].first), _number(box.folders[-1].last)] if series else ["", ""],
        "pages": box.pages,
        "names": [print_.say(f"spine-{name}") for name in ("fonds", "series", "range", "pages", "box")],
    }


def _lists(
    wanted: Wanted, print_: Print, items: Sequence[ItemLine], boxes: Sequence[BoxLine]
) -> Iterable[dict[str, Any]]:
    """Each list with its own heading: a table of a series, of a folder, or of all boxes."""
    if wanted.what == "box-list":
        rows = [row for box in boxes for row in _box_rows(box)]
        yield _list(print_, "box-list", f"{print_.say('spine-fonds')} {print_.fonds}", rows)
    elif wanted.what == "item-list":
        for series, some in groupby(items, key=lambda item: item.series):
            yield _list(print_, "item-list", _series_said(series, print_), _item_rows(some))
    else:
        lying = [item for item in items if item.folder]
        for folder, some in groupby(lying, key=lambda item: item.folder):
            yield _list(print_, "volume-list", folder, _volume_rows(some))


def _list(print_: Print, kind: str, about: str, rows: Iterable[Sequence[str]]) -> dict[str, Any]:
    heads = print_.say(f"{kind}-heads").split("|")
    widths = [float(one) for one in say(f"labels.{kind}-widths", "en").split("|")]
    return {
        "title": print_.say(f"{kind}-title"),
        "about": about,
        "heads": heads,
        "widths": widths,
        "rows": [list(row) for row in rows],
    }


def _series_said(series: SeriesLine, print_: Print) -> str:
    zh = print_.language.startswith("zh")
    parts = (series.title_zh, series.retention_zh) if zh else (series.title_en, series.retention_en)
    return " · ".join((parts[0], str(series.year or ""), parts[1], series.series))


def _item_rows(items: Iterable[ItemLine]) -> Iterable[Sequence[str]]:
    for at, item in enumerate(items, start=1):
        place = f"{item.box:04d}" if item.box else ""
        yield (str(at), item.code, item.title, item.date, str(item.pages or ""), place)


def _volume_rows(items: Iterable[ItemLine]) -> Iterable[Sequence[str]]:
    """With the page at which each record begins in its folder."""
    begins = 1
    for at, item in enumerate(items, start=1):
        pages = item.pages or 1
        yield (str(at), item.code, item.title, item.date, f"{begins}–{begins + pages - 1}", "")
        begins += pages


def _box_rows(box: BoxLine) -> Iterable[Sequence[str]]:
    for at, folder in enumerate(box.folders):
        head = (f"{box.number:04d}", box.place) if at == 0 else ("", "")
        yield (
            head[0],
            folder.code,
            f"{_number(folder.first)}–{_number(folder.last)}",
            str(folder.pages),
            head[1],
        )


def _compiled(layout: str, print_: Print, given: dict[str, Any]) -> bytes:
    printed = said_day(print_.printed, print_.language)
    sheet = {
        "case": print_.case_name,
        "fonds": print_.fonds,
        "language": "zh" if print_.language.startswith("zh") else "en",
        "fonts": list(FONTS),
        "foot": print_.say("foot", fonds=print_.fonds, day=printed, head=print_.head),
        "numbering": print_.say("page-of", page="\1", pages="\2"),
    }
    said = UNSAFE.sub("\ufffd", json.dumps(given | sheet, ensure_ascii=False))
    options: dict[str, Any] = {
        "font_paths": [str(pylopdf_fonts_zh_cn.sans_path().parent)],
        "ignore_system_fonts": True,
        "sys_inputs": {"page": said},
        "format": "pdf",
    }
    made: bytes = typst.compile(
        files("kedang.entrypoints.web.labels").joinpath(layout).read_bytes(), **options
    )
    if not any(CHINESE_FONT in font for font in fonts_of(made)):
        raise CardFontMissing(missing=1)
    return made


def _qr(text: str) -> str:
    drawn = BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawn, kind="svg", border=QUIET_ZONE, xmldecl=False, svgns=True
    )
    return drawn.getvalue().decode()
