"""The API: what a token may see, and that no request makes it fall over or tell what it must not."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import cycle
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings

from tests.web.conftest import CODE, Served

ROOT = f"/api/v1/cases/{CODE}"


def ask(api: Served, login: str, path: str, sent: Any = None) -> tuple[int, Any]:
    """The status and the document of a request with somebody's token."""
    request = Request(
        f"{api.address}{ROOT}{path}",
        data=None if sent is None else json.dumps(sent).encode(),
        headers={"Authorization": f"Bearer {api.people[login]['token']}", "Content-Type": "application/json"},
    )
    try:
        with urlopen(request) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


def everything(api: Served, login: str, path: str, name: str) -> list[dict[str, Any]]:
    """All pages of a list."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        status, page = ask(api, login, f"{path}?limit=37&cursor={cursor}")
        assert status == 200
        found += page[name]
        cursor = page["next"]
        if not cursor:
            return found


def test_the_books_are_told(api: Served) -> None:
    status, said = ask(api, "whole", "")
    assert status == 200
    assert said["balance_holds"]
    assert said["received"] == api.world.ask("status")["balance"]["received"]


def test_pages_give_every_record_once_and_a_token_narrows_them(api: Served) -> None:
    records = everything(api, "whole", "/records", "records")
    catalogue = {one["record_id"]: one for one in api.world.catalogue()}
    assert [one["id"] for one in records] == list(catalogue)
    contracts = {one for one, row in catalogue.items() if row["class"] == "contract"}
    for login in ("contracts", "reading"):
        assert {one["id"] for one in everything(api, login, "/records", "records")} == contracts
        hidden = next(one for one in catalogue if one not in contracts)
        assert ask(api, login, f"/records/{hidden}")[0] == 404
        assert ask(api, login, f"/records/{hidden}/text")[0] == 404


def test_whoever_has_no_grant_gets_nothing(api: Served) -> None:
    for path in ("", "/records", "/customers", "/questions", "/jobs", "/ledger"):
        status, said = ask(api, "nothing", path)
        assert (status, said["code"]) == (403, "KD-S302")


def test_values_of_a_text_are_covered(api: Served) -> None:
    rows = [one for one in api.world.catalogue() if one["findings"] and one["text"]]
    row = max(rows, key=lambda one: len(one["findings"]))
    status, said = ask(api, "whole", f"/records/{row['record_id']}/text")
    assert status == 200
    shown = "".join(piece["text"] if piece["text"] else "\0" * piece["length"] for piece in said["pieces"])
    assert len(shown) == len(row["text"])
    for finding in row["findings"]:
        assert set(shown[finding["start"] : finding["end"]]) == {"\0"}


def test_a_search_finds_only_what_the_token_may_read(api: Served) -> None:
    total = ask(api, "whole", "/records/search", {"words": "合同", "limit": 100})[1]
    fewer = ask(api, "reading", "/records/search", {"words": "合同", "limit": 100})[1]
    assert 0 < fewer["total"] < total["total"]
    assert {one["record_class"] for one in fewer["hits"]} == {"contract"}


@pytest.mark.parametrize("token", ["", "kedang_", "kedang_" + "0" * 96, "x" * 5000])
def test_what_is_no_token_opens_nothing(api: Served, token: str) -> None:
    request = Request(f"{api.address}{ROOT}/records", headers={"Authorization": f"Bearer {token}"})
    with pytest.raises(HTTPError) as refused:
        urlopen(request)
    refused.value.close()
    assert refused.value.code == 401


def test_no_request_makes_it_fall_over_or_leave_its_description(api: Served) -> None:
    """Requests of every sort to every operation, with tokens that see contracts only: one reads, one may change."""
    schema = schemathesis.openapi.from_url(f"{api.address}/api/v1/openapi.json")
    tokens = cycle(api.people[login]["token"] for login in ("reading", "contracts"))
    found: Iterable[Any] = schema.get_all_operations()
    operations = [one.ok() for one in found]
    assert len(operations) >= 18

    known = {
        "record": everything(api, "reading", "/records", "records")[0]["id"],
        "question": everything(api, "reading", "/questions", "questions")[0]["id"],
    }

    def fuzzed(case: Any) -> None:
        case.path_parameters["code"] = CODE
        if case.operation.method.lower() == "post":  # else hardly one would be about anything
            case.path_parameters |= {name: one for name, one in known.items() if name in case.path_parameters}
        headers = {"Authorization": f"Bearer {next(tokens)}"}
        answer = case.call(base_url=api.address, headers=headers)
        assert answer.status_code < 500, answer.text
        case.validate_response(answer, excluded_checks=[schemathesis.checks.positive_data_acceptance])

    for operation in operations:
        limited: Any = settings(
            max_examples=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
            database=None,
        )
        tried: Any = given(operation.as_strategy())
        limited(tried(fuzzed))()
