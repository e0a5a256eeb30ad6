"""The evaluation gives full marks to the truth itself and takes them from what is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from examples.sample_company.company import truth_path
from examples.sample_company.evaluate import evaluate, normal_value, report, text_recall
from tests.examples.sample import Sample

Json = dict[str, Any]


def perfect(truth: Json) -> list[Json]:
    """The catalogue of an archive that makes no mistake."""
    found: dict[str, Json] = {}
    for entry in truth["files"]:
        record: Json = {"sha256": entry["sha256"], "occurrences": entry["path"], "state": "archived"}
        record["question_codes"] = "KD-E101" if entry["problem"] else ""
        if entry["class"]:
            text, places, findings = entry["text"], dict[str, int](), []
            for category, value in entry["findings"]:
                start = text.index(value, places.get(value, 0))
                places[value] = start + 1
                findings.append(
                    {"category": category, "start": start, "end": start + len(value), "confidence": 1.0}
                )
            names = ";".join(link["name"] for link in entry["customers"] if link["certain"])
            record |= {"text": text, "findings": findings, "customers": names, "class": entry["class"]}
            record |= {
                key: entry[key] for key in ("accounting", "sensitivity", "retention_rule", "retention_until")
            }
        found[entry["sha256"]] = record
    return list(found.values())


def test_the_truth_itself_gets_full_marks(sample: Sample) -> None:
    result = evaluate(sample.truth, perfect(sample.truth))
    assert result.class_right == result.class_total > 400
    assert all(score.precision == score.recall == 1.0 for score in result.findings.values())
    assert result.customers.precision == result.customers.recall == 1.0
    assert all(right == total > 0 for right, total in result.flags.values())
    assert all(value == 1.0 for values in result.text.values() for value in values)


def test_each_kind_of_mistake_costs_marks(sample: Sample) -> None:
    records = [record for record in perfect(sample.truth) if record.get("class")]
    records[0]["class"] = "service" if records[0]["class"] != "service" else "contract"
    records[1]["text"] = ""
    records[2]["findings"] = [{"category": "bank_card", "start": 0, "end": 4, "confidence": 1.0}]
    records[3]["customers"] = "不存在的公司"
    result = evaluate(sample.truth, records[:-1])
    assert result.class_right == result.class_total - 1
    assert result.findings["bank_card"].wrong == 1
    assert result.customers.wrong == 1
    assert any(value == 0.0 for values in result.text.values() for value in values)
    lines = "\n".join(report(result))
    assert "missing" in lines
    assert "不存在的公司" in lines


def test_recall_counts_runs_of_four_wherever_the_cell_stands() -> None:
    assert text_recall("甲乙丙丁戊\t王芳", "王 芳\n前言甲乙丙丁戊后记") == 1.0
    assert text_recall("甲乙丙丁戊", "甲乙丙丁") == 0.5
    assert text_recall("", "anything") == 1.0
    assert normal_value("mobile_phone", "+86 138-0000-0000") == normal_value("mobile_phone", "13800000000")


def test_the_command_prints_the_comparison(sample: Sample, tmp_path: Path) -> None:
    catalogue = tmp_path / "catalogue.json"
    catalogue.write_text(json.dumps({"records": perfect(sample.truth)}), "utf-8")
    command = [
        sys.executable,
        "-m",
        "examples.sample_company.evaluate",
        str(truth_path(sample.root)),
        str(catalogue),
    ]
    found = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert "customers              1.0000    1.0000" in found.stdout
