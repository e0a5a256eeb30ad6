"""Which module reads which format. The modules carry heavy libraries, so each is loaded when first needed."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from kedang.records.content import Family, Format

_BY_NAME = {
    "text": "plain",
    "markdown": "plain",
    "sql": "sql_dump",
    "json": "json_text",
    "jsonl": "json_text",
    "csv": "delimited",
    "tsv": "delimited",
    "xml": "xml_text",
    "svg": "xml_text",
    "word-xml": "office_xml",
    "excel-xml": "office_xml",
    "html": "html_text",
    "docx": "docx",
    "docm": "docx",
    "dotx": "docx",
    "dotm": "docx",
    "xlsx": "workbooks",
    "xlsm": "workbooks",
    "xltx": "workbooks",
    "xlsb": "workbooks",
    "xls": "workbooks",
    "et": "workbooks",
    "biff": "workbooks",
    "ods": "odf",
    "odt": "odf",
    "ott": "odf",
    "odp": "odf",
    "odg": "odf",
    "flat-odf": "odf",
    "pptx": "pptx",
    "pptm": "pptx",
    "ppsx": "pptx",
    "potx": "pptx",
    "doc": "word97",
    "wps": "word97",
    "ppt": "legacy",
    "dps": "legacy",
    "rtf": "rtf",
    "encrypted-ooxml": "legacy",
    "works-wps": "works",
    "vsdx": "opc_pages",
    "xps": "opc_pages",
    "pdf": "pdf",
    "ofd": "ofd",
    "epub": "epub",
    "eml": "mail",
    "emlx": "mail",
    "mhtml": "mail",
    "msg": "outlook",
    "vcard": "contacts",
    "icalendar": "calendars",
    "sqlite": "sqlite",
    "dbf": "dbase",
}
_BY_FAMILY = {Family.IMAGE: "images", Family.AUDIO: "audio"}


def reader_of(format: Format) -> str | None:
    """The module that reads the format; None when none does."""
    return _BY_NAME.get(format.name) or _BY_FAMILY.get(format.family)


@cache
def loaded(module: str) -> Any:
    """A module of this room by its name, imported on first use."""
    return import_module(f"kedang.extraction.{module}")
