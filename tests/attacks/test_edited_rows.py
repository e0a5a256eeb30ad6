"""Somebody edits the database without any key: every row that a person would be shown is guarded."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.attacks.archives import SOURCE_TEXT
from tests.world import World

LIST = "客户编号,姓名,手机\n1,慕容雪霏,13800138000\n2,端木知夏,13900139000\n"
CHANGED_RECORD = "KD-H203"
DISAGREEING = "KD-H212"
ALTERED = {
    "an occurrence points to another record": (
        "UPDATE holdings_occurrence SET record_id = (SELECT id FROM holdings_record ORDER BY id LIMIT 1)",
        DISAGREEING,
    ),
    "an occurrence is made to have been refused": (
        "UPDATE holdings_occurrence SET state = 'refused', code = 'KD-A301', record_id = NULL WHERE ordinal = 0",
        DISAGREEING,
    ),
    "things lie at another desk": (
        "UPDATE holdings_occurrence SET desk_fingerprint = randomblob(16) WHERE record_id IS NOT NULL",
        CHANGED_RECORD,
    ),
    "a refusal gets another reason": (
        "UPDATE holdings_occurrence SET code = 'KD-A301' WHERE state = 'refused'",
        DISAGREEING,
    ),
    "a link is removed": (
        "DELETE FROM holdings_link WHERE id = (SELECT min(id) FROM holdings_link)",
        DISAGREEING,
    ),
    "a link points to another customer": (
        "UPDATE holdings_link SET customer_id = (SELECT max(id) FROM holdings_customer)"
        " WHERE customer_id = (SELECT min(id) FROM holdings_customer) AND record_id NOT IN"
        " (SELECT record_id FROM holdings_link WHERE customer_id = (SELECT max(id) FROM holdings_customer))",
        DISAGREEING,
    ),
    "a question is answered by nobody": (
        "UPDATE holdings_question SET state = 'answered', answer = 'accepted'",
        DISAGREEING,
    ),
    "a commitment is another": ("UPDATE holdings_record SET commitment = zeroblob(32)", DISAGREEING),
    "findings are fewer": ("UPDATE holdings_record SET finding_counts = '{}'", CHANGED_RECORD),
    "the reckoning says something else": ("UPDATE holdings_record SET reckoning = '{}'", CHANGED_RECORD),
    "a media type is another": ("UPDATE holdings_record SET media_type = 'text/x-other'", CHANGED_RECORD),
    "it was archived earlier": (
        "UPDATE holdings_record SET archived = '1999-01-01 00:00:00' WHERE archived IS NOT NULL",
        CHANGED_RECORD,
    ),
    "fingerprints are others": (
        "UPDATE holdings_record SET fingerprint = randomblob(16)",
        CHANGED_RECORD,
    ),
    "milestones are others": (
        """UPDATE holdings_case SET milestones = '{"service_stopped_on":"1999-01-01"}'""",
        CHANGED_RECORD,
    ),
    "the time zone is another": ("UPDATE holdings_case SET time_zone = 'Asia/Tokyo'", CHANGED_RECORD),
    "a pack of rules is added": (
        "UPDATE holdings_case SET industry_packs = '[\"education\"]'",
        CHANGED_RECORD,
    ),
    "nobody accepts any more": (
        "UPDATE holdings_case SET archiving_review = 'second-person'",
        CHANGED_RECORD,
    ),
    "the fonds has another number": ("UPDATE holdings_case SET fonds_code = 'Q002'", CHANGED_RECORD),
    "the case was opened earlier": (
        "UPDATE holdings_case SET created = '1999-01-01 00:00:00'",
        CHANGED_RECORD,
    ),
    "facts of a question are others": (
        """UPDATE holdings_question SET facts = '{"page":3}'""",
        CHANGED_RECORD,
    ),
    "a question holds nothing back any more": (
        "UPDATE holdings_question SET blocking = 1 - blocking",
        CHANGED_RECORD,
    ),
    "a question is of another record": (
        "UPDATE holdings_question AS one SET record_id = (SELECT id FROM holdings_record AS other WHERE NOT EXISTS"
        " (SELECT 1 FROM holdings_question WHERE record_id = other.id AND code = one.code) LIMIT 1)"
        " WHERE id = (SELECT min(id) FROM holdings_question)",
        CHANGED_RECORD,
    ),
    "a question has another code": ("UPDATE holdings_question SET code = 'KD-E101'", CHANGED_RECORD),
    "a question was raised earlier": (
        "UPDATE holdings_question SET raised = '1999-01-01 00:00:00'",
        CHANGED_RECORD,
    ),
    "a range belongs to another record": (
        "UPDATE holdings_segment SET owner_id = (SELECT id FROM holdings_record WHERE is_container = 1)"
        " WHERE owner_id IS NOT NULL",
        CHANGED_RECORD,
    ),
    "a range belongs to nobody": (
        "UPDATE holdings_segment SET owner_id = NULL WHERE owner_id IS NOT NULL",
        CHANGED_RECORD,
    ),
    "a range is of another member": (
        "UPDATE holdings_segment SET member_path = '7' WHERE member_path = '0'",
        CHANGED_RECORD,
    ),
    "ranges change places": (
        "UPDATE holdings_segment SET ordinal = 1000 - ordinal",
        CHANGED_RECORD,
    ),
    "a range is removed": (
        "DELETE FROM holdings_segment WHERE id = (SELECT max(id) FROM holdings_segment)",
        CHANGED_RECORD,
    ),
    "a container is none any more": (
        "UPDATE holdings_record SET is_container = 1 - is_container",
        CHANGED_RECORD,
    ),
}


@pytest.fixture(scope="module")
def taken_in(opened_case: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """An archive with a contract, customers, a duplicate, a refusal and a question. Copied, not used."""
    source = tmp_path_factory.mktemp("edited") / "source"
    source.mkdir()
    (source / "合同.txt").write_text(SOURCE_TEXT)
    (source / "合同 副本.txt").write_text(SOURCE_TEXT)
    (source / "客户名单.csv").write_text(LIST)
    (source / "便条.txt").write_text("慕容雪霏 13800138000 来电\n")
    (source / "便条 二.txt").write_text("端木知夏 13900139000 来电\n")
    (source / "坏.docx").write_bytes(b"PK\3\4 broken")
    (source / "别处.txt").symlink_to("/etc/hostname")
    with zipfile.ZipFile(source / "包.zip", "w") as packed:
        packed.writestr("甲.txt", "收据 甲")
        packed.writestr("乙.txt", "收据 乙")
    world = opened_case.copied(source.parent / "world")
    world.intake(source)
    for table, least in (("link", 2), ("customer", 2), ("question", 1), ("segment", 3)):
        assert world.rows(f"SELECT count(*) FROM holdings_{table}")[0][0] >= least  # noqa: S608
    assert world.rows("SELECT count(*) FROM holdings_occurrence WHERE state = 'refused'")[0][0] >= 1
    return world


def test_rows_that_nobody_has_edited_agree(taken_in: World, tmp_path: Path) -> None:
    world = taken_in.copied(tmp_path / "kept")
    question = world.rows("SELECT id FROM holdings_question WHERE state = 'open'")[0][0]
    assert world.run("questions", "--answer", f"{question}=accepted").status == 0
    assert world.ask("verify", "--deep")["clean"]


@pytest.mark.parametrize("what", ALTERED)
def test_an_edited_row_shows(what: str, taken_in: World, tmp_path: Path) -> None:
    world = taken_in.copied(tmp_path / "kept")
    statement, code = ALTERED[what]
    assert world.change(statement) >= 1
    ran = world.run("verify", "--json")
    assert ran.status == 4, ran.text
    assert code in {fault["code"] for fault in ran.json["faults"]}, ran.text


BLESSED = {
    "a class, by a number": (
        "UPDATE holdings_record SET record_class = 'personal', state = 'sorting'",
        ("intake", "--json", "--no-name-model", "--no-resolve"),
    ),
    "milestones, by a period": (
        """UPDATE holdings_case SET milestones = '{"service_stopped_on":"1999-01-01"}'""",
        ("intake", "--json", "--no-name-model", "--no-resolve"),
    ),
    "facts of a question, by an answer": (
        """UPDATE holdings_question SET facts = '{"page":3}'""",
        ("questions", "--json", "--answer"),
    ),
}


@pytest.mark.parametrize("what", BLESSED)
def test_an_edit_is_not_blessed_by_the_next_change(what: str, taken_in: World, tmp_path: Path) -> None:
    """What writes a row anew looks at its MAC first: else a new one would be made over the edit."""
    world = taken_in.copied(tmp_path / "kept")
    statement, arguments = BLESSED[what]
    (tmp_path / "new.txt").write_text(SOURCE_TEXT + "补充协议")
    question = world.rows("SELECT id FROM holdings_question WHERE state = 'open'")[0][0]
    assert world.change(statement) >= 1
    given = f"{question}=accepted" if arguments[0] == "questions" else tmp_path / "new.txt"
    ran = world.run(*arguments, given)
    assert (ran.status, ran.json["error"]) == (4, "KD-V104"), ran.text
    faults = world.run("verify", "--json").json["faults"]
    assert CHANGED_RECORD in {fault["code"] for fault in faults}
