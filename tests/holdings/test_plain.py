"""Rows without model objects have their tables' columns, and leave out only what the model would say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import dataclasses, django, json
django.setup()
from kedang.holdings import models
from kedang.holdings.intake import plain

def told(model, row):
    columns = [one for one in model._meta.concrete_fields if one.get_internal_type() != "BigAutoField"]
    left_out = {
        one.name: one.default if one.default_factory is dataclasses.MISSING else one.default_factory()
        for one in dataclasses.fields(row)
        if (one.default, one.default_factory) != (dataclasses.MISSING, dataclasses.MISSING)
    }
    return {
        "columns": sorted(one.attname for one in columns),
        "row": sorted(one.name for one in dataclasses.fields(row)),
        "defaults": {one.attname: one.get_default() for one in columns if one.has_default()},
        "left_out": {name: value for name, value in left_out.items() if value != b""},
    }

print(json.dumps({
    "Record": told(models.Record, plain.RecordRow),
    "Occurrence": told(models.Occurrence, plain.OccurrenceRow),
    "Question": told(models.Question, plain.QuestionRow),
    "Segment": told(models.Segment, plain.SegmentRow),
    "MentionKey": told(models.MentionKey, plain.MentionRow),
    "indexed": {"columns": sorted(plain.RECORD_COLUMNS), "row": sorted(plain.INDEXED_COLUMNS)},
}))
"""


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    """What models and plain rows say of themselves, told by a process that has Django."""
    home: Path = tmp_path_factory.mktemp("home")
    settings = {"DJANGO_SETTINGS_MODULE": "kedang.entrypoints.settings", "KEDANG_HOME": str(home)}
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=True,
    )
    said: dict[str, dict[str, object]] = json.loads(ran.stdout)
    return said


@pytest.mark.parametrize("table", ["Record", "Occurrence", "Question", "Segment", "MentionKey"])
def test_a_plain_row_has_the_columns_and_the_defaults_of_its_table(
    table: str, tables: dict[str, dict[str, object]]
) -> None:
    said = tables[table]
    assert said["row"] == said["columns"]
    defaults, left_out = said["defaults"], said["left_out"]
    assert isinstance(defaults, dict)
    assert isinstance(left_out, dict)
    assert {name: left_out[name] for name in defaults if name in left_out} == {
        name: value for name, value in defaults.items() if name in left_out
    }


def test_what_is_indexed_of_a_record_is_part_of_its_row(tables: dict[str, dict[str, object]]) -> None:
    said = tables["indexed"]
    assert isinstance(said["row"], list)
    assert isinstance(said["columns"], list)
    assert set(said["row"]) < set(said["columns"])
