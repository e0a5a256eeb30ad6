"""The sample company is whole, true to its table, and the same each time."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from examples.sample_company.bulk import bulk
from examples.sample_company.company import truth_path, write_company
from examples.sample_company.world import build_world
from tests.examples.sample import SEED, Sample

DESKS = 10
FORMATS = {
    "txt",
    "csv",
    "md",
    "json",
    "xml",
    "html",
    "docx",
    "xlsx",
    "pptx",
    "doc",
    "xls",
    "ppt",
    "wps",
    "et",
    "dps",
    "odt",
    "ods",
    "odp",
    "rtf",
    "pdf",
    "scan-pdf",
    "mixed-pdf",
    "ofd",
    "einvoice-xml",
    "scan-jpg",
    "scan-png",
    "scan-tiff",
    "bmp",
    "webp",
    "gif",
    "eml",
    "msg",
    "mbox",
    "vcf",
    "ics",
    "chat-txt",
    "chat-csv",
    "chat-html",
    "wav",
    "zip",
    "7z",
    "tar.gz",
    "tar",
    "rar",
    "sqlite",
}
CATEGORIES = [
    "resident_id",
    "mobile_phone",
    "landline",
    "email",
    "bank_card",
    "credit_code",
    "passport",
    "travel_permit",
    "licence_plate",
    "address",
    "person_name",
    "organisation_name",
    "birth_date",
    "wechat_id",
    "qq_id",
    "taxpayer_number",
    "invoice_number",
]
CLASSES = {"personal", "contract", "transaction", "service", "communication", "other"}


def tree_of(root: Path) -> dict[bytes, tuple[str, int]]:
    """Each path with digest and time."""
    found = {}
    for folder, _, names in os.walk(os.fsencode(root)):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            found[os.path.relpath(path, os.fsencode(root))] = (
                digest,
                Path(os.fsdecode(path)).stat().st_mtime_ns,
            )
    return found


def test_every_file_on_disk_stands_in_the_truth_and_the_other_way_round(sample: Sample) -> None:
    on_disk = {path: digest for path, (digest, _) in tree_of(sample.root).items()}
    root = os.fsencode(sample.root)
    in_truth = {
        os.path.relpath(sample.raw_path(entry), root): entry["sha256"]
        for entry in sample.truth["files"]
        if "inside" not in entry
    }
    assert on_disk == in_truth
    assert len(on_disk) >= 400
    assert truth_path(sample.root).parent == sample.root.parent


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(sample: Sample, tmp_path: Path) -> None:
    again = tmp_path / "again"
    write_company(again, seed=SEED, scale=1)
    assert tree_of(again) == tree_of(sample.root)
    assert truth_path(again).read_bytes() == truth_path(sample.root).read_bytes()
    people = {customer.human.mobile for customer in build_world(SEED, 1).customers}
    assert not people & {customer.human.mobile for customer in build_world(SEED + 1, 1).customers}


def test_it_has_every_format_category_class_desk_and_year(sample: Sample) -> None:
    files = sample.truth["files"]
    assert not set(FORMATS) - {entry["format"] for entry in files}
    assert set(CATEGORIES) == {category for entry in files for category, _ in entry.get("findings", [])}
    assert {entry["class"] for entry in files if entry["class"]} == CLASSES
    assert len({entry["path"].split("/")[0] for entry in files}) >= DESKS
    years = Counter(entry["date"][:4] for entry in files if entry.get("date"))
    assert all(years[str(year)] > 40 for year in range(2021, 2026))
    assert {entry["problem"] for entry in files} == {None, "encrypted", "damaged", "empty", "unknown-format"}


def test_sixty_customers_are_met_and_the_closing_company_is_none_of_them(sample: Sample) -> None:
    customers = sample.truth["customers"]
    assert len(customers) == 60
    assert {customer["kind"] for customer in customers} == {"person", "organisation"}
    assert sample.truth["own_company"]["name"] not in {customer["name"] for customer in customers}
    met = {
        link["id"]
        for entry in sample.truth["files"]
        for link in entry.get("customers", [])
        if link["certain"]
    }
    assert met == {customer["id"] for customer in customers}
    doubtful = [
        link for entry in sample.truth["files"] for link in entry.get("customers", []) if not link["certain"]
    ]
    assert len(doubtful) > 50


def test_every_finding_stands_in_the_text(sample: Sample) -> None:
    for entry in sample.truth["files"]:
        for category, value in entry.get("findings", []):
            assert value, (entry["path"], category)
            assert value in entry["text"], (entry["path"], category)


def test_names_on_disk_are_as_long_and_as_odd_as_people_make_them(sample: Sample) -> None:
    names = [path.rpartition(b"/")[2] for path in tree_of(sample.root)]
    assert max(map(len, names)) >= 253
    gbk = [entry for entry in sample.truth["files"] if "raw_path_hex" in entry]
    assert len(gbk) > 20
    assert all("�" not in entry["path"] for entry in gbk)


def test_doubles_are_known_and_equal(sample: Sample) -> None:
    groups = sample.truth["duplicates"]
    assert len(groups) >= 30
    digests = {
        " » ".join([entry["path"], *entry.get("inside", [])]): entry["sha256"]
        for entry in sample.truth["files"]
    }
    assert all(len({digests[place] for place in group}) == 1 for group in groups)
    families = Counter(entry["family"] for entry in sample.truth["files"] if entry["family"])
    assert sorted(families.values()) == [5, 5, 5]


def test_a_larger_scale_adds_customers_and_varied_files() -> None:
    world = build_world(SEED, 3)
    files = list(bulk(world, SEED, 3))
    assert len(world.customers) == 180
    assert len({file.path for file in files}) == len(files) == 800
    assert len({hashlib.sha256(file.payload).digest() for file in files}) >= 790
    assert len({file.format for file in files}) >= 12
    assert {file.paper.record_class for file in files if file.paper} == CLASSES


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    command = [sys.executable, "-m", "examples.sample_company", "--out", str(tmp_path)]
    found = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2]
    )
    assert found.returncode == 2
    assert "not empty" in found.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
