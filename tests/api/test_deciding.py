"""Decisions that a program brings: within its token, on what it has looked at, and each at most once."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.api.test_api import ask, everything
from tests.web.conftest import Served


def questions_of(api: Served, *codes: str) -> list[dict[str, Any]]:
    """Open questions with these beginnings of their codes."""
    return [
        one for one in everything(api, "whole", "/questions", "questions") if one["code"].startswith(codes)
    ]


def decision(seen: str, reason: str = "对照原件", **more: Any) -> dict[str, Any]:
    """A decision under an id of its own."""
    return {"id": uuid4().hex, "seen": seen, "reason": reason, **more}


def record_of(api: Served, record: str) -> dict[str, Any]:
    """The record as the list has it."""
    found: dict[str, Any] = ask(api, "whole", f"/records/{record}")[1]
    return found


def test_an_answer_is_recorded_once_however_often_it_is_sent(api: Served) -> None:
    asked = questions_of(api, "KD-G10")[0]
    sent = decision(asked["seen"], values={"record_class": "service", "title": "热线来电登记"})
    path = f"/questions/{asked['id']}/answer"
    first = ask(api, "whole", path, sent)
    assert first == (200, {"id": sent["id"], "record": asked["record"], "kind": "corrected", "undone": False})
    assert ask(api, "whole", path, sent) == first
    late = ask(api, "whole", path, decision(asked["seen"], values={"record_class": "other"}))
    assert (late[0], late[1]["code"]) == (409, "KD-H401")
    assert ask(api, "second", path, sent)[0] == 409
    record = record_of(api, asked["record"])
    assert (record["record_class"], record["title"][0]["text"]) == ("service", "热线来电登记")
    undone = ask(api, "whole", f"/corrections/{sent['id']}/undo", {})
    assert undone[1]["undone"]
    assert ask(api, "whole", f"/corrections/{sent['id']}/undo", {}) == undone
    assert asked["id"] in {one["id"] for one in questions_of(api, "KD-G10")}


def test_facts_are_corrected_by_their_number_and_values_stay_covered(api: Served) -> None:
    for contract in everything(api, "contracts", "/records", "records"):
        path = f"/records/{contract['id']}"
        told = ask(api, "contracts", f"{path}/facts")[1]
        amount = next((one for one in told["facts"] if one["kind"] == "amount"), None)
        if amount is not None:
            break
    assert amount is not None
    facts = [
        {"number": amount["number"], "value": "￥9,876.50"},
        {"kind": "party", "value": "苏州另一家有限公司"},
    ]
    assert ask(api, "contracts", f"{path}/correct", decision(told["seen"], values={"facts": facts}))[0] == 200
    now = ask(api, "contracts", f"{path}/facts")[1]["facts"]
    said = [one for one in now if one["corrected"]]
    assert {one["kind"]: "".join(piece["text"] for piece in one["value"]) for one in said} == {
        "amount": "9876.50",
        "party": "",
    }
    stale = ask(api, "contracts", f"{path}/correct", decision(told["seen"], values={"date": "2020-01-01"}))
    assert (stale[0], stale[1]["code"]) == (409, "KD-H401")


def test_a_token_changes_nothing_beyond_its_scope_and_its_acts(api: Served) -> None:
    other = next(
        one for one in everything(api, "whole", "/records", "records") if one["record_class"] == "other"
    )
    contract = everything(api, "contracts", "/records", "records")[1]
    sent: dict[str, Any] = {"values": {"sensitivity": "general"}}
    for what in ("correct", "accept", "send-back"):
        body = decision(other["seen"], **(sent if what == "correct" else {}))
        assert ask(api, "contracts", f"/records/{other['id']}/{what}", body)[0] == 404
        body = decision(contract["seen"], **(sent if what == "correct" else {}))
        refused = ask(api, "reading", f"/records/{contract['id']}/{what}", body)
        assert (refused[0], refused[1]["code"]) == (403, "KD-S302")
    assert ask(api, "reading", "/archive-ready", {})[0] == 403
    assert record_of(api, other["id"])["seen"] == other["seen"]
    assert record_of(api, contract["id"])["seen"] == contract["seen"]


def test_a_question_is_given_to_somebody_who_may_answer_it(api: Served) -> None:
    asked = questions_of(api, "KD-")[-1]
    path = f"/questions/{asked['id']}"
    people = ask(api, "whole", f"{path}/people")[1]
    second = next(one["agent"] for one in people if one["name"] == "second")
    for _ in range(2):
        assert ask(api, "whole", f"{path}/assign", {"to": second}) == (
            200,
            {"question": asked["id"], "assigned": second},
        )
    assert ask(api, "whole", f"{path}/assign", {"to": uuid4().hex})[1]["code"] == "KD-H405"
    now = next(one for one in questions_of(api, "KD-") if one["id"] == asked["id"])
    assert now["assigned"] == second


def unlike(asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The questions about the first two records."""
    return list({one["record"]: one for one in asked}.values())[:2]


def test_another_person_accepts_or_sends_back_and_a_number_is_given_once(api: Served) -> None:
    mine, others = unlike(questions_of(api, "KD-G102", "KD-G103"))
    about = {mine["record"], others["record"]}
    while left := [
        one for one in questions_of(api, "KD-") if one["record"] in about
    ]:  # an answer changes the record
        assert ask(api, "whole", f"/questions/{left[0]['id']}/answer", decision(left[0]["seen"]))[0] == 200
    ask(api, "whole", "/archive-ready", {})
    first, second = record_of(api, mine["record"]), record_of(api, others["record"])
    assert (first["state"], second["state"]) == ("review", "review")
    own = ask(api, "whole", f"/records/{first['id']}/accept", decision(first["seen"]))
    assert (own[0], own[1]["code"]) == (403, "KD-H411")
    sent = decision(first["seen"], excepted=["A2", "A3", "B1"])
    accepted = ask(api, "second", f"/records/{first['id']}/accept", sent)
    assert accepted[0] == 200
    assert accepted[1]["reference_code"] == record_of(api, first["id"])["reference_code"] != ""
    assert ask(api, "second", f"/records/{first['id']}/accept", sent) == accepted
    back = decision(second["seen"], "类别不对")
    returned = ask(api, "second", f"/records/{second['id']}/send-back", back)
    assert returned[1]["verdict"] == "sent-back"
    assert ask(api, "second", f"/records/{second['id']}/send-back", back) == returned
    assert record_of(api, second["id"])["state"] == "sorting"
