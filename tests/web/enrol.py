"""Accounts for tests: python enrol.py FILE, which has a JSON list of {login, name, password, grants}.

A grant is {role, scope?, last_day?}; scope has lists by part; `token` ({acts, scope?}) makes one for the API.
Prints the ids of the accounts, their agents and grants, and the tokens.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import django


def main() -> None:
    """All of them join the only case."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kedang.entrypoints.settings")
    django.setup()
    from kedang.entrypoints.cli.context import new_context
    from kedang.holdings.adapters.door_key import door_key

    people = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    now = datetime.now(UTC)
    with new_context(as_json=True).reading() as archive:
        door = door_key(archive.home.root)
        said = {one["login"]: joined(archive, door, one, now) for one in people}
    sys.stdout.write(json.dumps(said))


def joined(archive: Any, door: Any, one: dict[str, Any], now: datetime) -> dict[str, Any]:
    """One person's account, agent, grants and token."""
    from kedang.access.deciding import Grant
    from kedang.holdings.actions.people import add_account, join_case

    account = add_account(
        door,
        archive.new_id(),
        name=one.get("name", one["login"]),
        login=one["login"],
        password=one["password"],
        must_change=False,
        keeps_accounts=one.get("keeps_accounts", False),
        now=now,
    )
    grants = [
        Grant(
            archive.new_id(),
            said["role"],
            scope_of(said),
            date.fromisoformat(said["last_day"]) if said.get("last_day") else None,
        )
        for said in one["grants"]
    ]
    member = join_case(archive, door, account, grants, now=now)
    token = token_of(archive, account.id, member.agent_id, one["token"], now) if "token" in one else ""
    ids = [grant.id for grant in grants]
    return {"token": token, "account": account.id, "agent": member.agent_id, "grants": ids}


def token_of(archive: Any, account: str, agent: str, wanted: dict[str, Any], now: datetime) -> str:
    """A token for a month."""
    from kedang.access.deciding import Act
    from kedang.holdings.actions.tokens import make_token

    archive.agent = agent
    _row, token = make_token(
        archive,
        account,
        purpose="test",
        acts=[Act(act) for act in wanted["acts"]],
        scope=scope_of(wanted),
        last_day=(now + timedelta(days=30)).date(),
        now=now,
    )
    return token


def scope_of(said: dict[str, Any]) -> Any:
    """The scope that JSON describes."""
    from kedang.access.deciding import Scope

    return Scope(**{part: frozenset(values) for part, values in said.get("scope", {}).items()})


if __name__ == "__main__":
    main()
