"""Random worlds: python -m tests.web.permitted_driver SEED WORLDS LOGIN PASSWORD, in a copy of a case.

In each world the records are of random classes, sensitivities and states, linked to random customers, and one person has
random grants; in the first world none. Nothing of it is committed. Prints every way in which a page shows more or less
than `decide` allows.
"""

from __future__ import annotations

import json
import os
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import django

WORDS = ("客户", "合同", "公司", "电话")
STATES = ("sorting", "review", "archived", "restricted", "due", "held")


def main() -> None:
    """As many worlds as are asked for."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "kedang.entrypoints.web.settings"
    django.setup()
    from django.core.management import call_command
    from django.db import transaction
    from django.test.utils import setup_test_environment

    from kedang.entrypoints.web.archive import finding

    setup_test_environment()
    call_command("migrate", interactive=False, verbosity=0)  # a door that opens makes its own tables
    finding.STEP_SECONDS = 0.001  # nobody measures here
    chance = random.Random(sys.argv[1])
    wrong: list[str] = []
    seen: Counter[str] = Counter()
    archive, account, client = _opened(sys.argv[3], sys.argv[4])
    for world in range(int(sys.argv[2])):
        with transaction.atomic():
            grants = _shuffled(archive, account, chance, chance.randint(1, 3) if world else 0)
            wrong += [
                f"world {world} {grants}: {one}" for one in _differences(archive, account, client, seen)
            ]
            transaction.set_rollback(True)
    sys.stdout.write(json.dumps({"wrong": wrong, "seen": seen, "too_many": _too_many()}))


def _opened(login: str, password: str) -> tuple[Any, Any, Any]:
    from django.conf import settings
    from django.test import Client

    from kedang.entrypoints.cli.context import new_context
    from kedang.entrypoints.cli.offered import offered
    from kedang.entrypoints.web.opened import NOBODY, hold
    from kedang.holdings.adapters.door_key import door_key
    from kedang.holdings.models import Account

    context = new_context(as_json=True)
    cases = hold(context.home.root, context.places)
    cases.unlock("Q001", offered(None))
    client = Client(headers={"accept-language": "zh-CN"})
    answer = client.post("/account/login/", {"login": login, "password": password})
    assert answer.status_code == 302, f"signing in answers {answer.status_code}"
    account = Account.objects.get(login=door_key(settings.HOME).fingerprint(login))
    return cases.lend("Q001", NOBODY), account, client


def _shuffled(archive: Any, account: Any, chance: random.Random, granted: int) -> list[dict[str, Any]]:
    from kedang.holdings.adapters.guarding import guarded
    from kedang.holdings.models import Customer, Link, Membership, Record, Source
    from kedang.records.content import RecordClass, Sensitivity

    records = list(Record.objects.order_by("id"))
    for record in records:
        record.record_class = chance.choice(list(RecordClass)).value
        record.sensitivity = chance.choice(list(Sensitivity)).value
        record.state = chance.choice(STATES)
    Record.objects.bulk_update(records, ["record_class", "sensitivity", "state"], batch_size=100)
    customers = list(Customer.objects.order_by("id").values_list("id", flat=True))
    Link.objects.filter(id__in=chance.sample(list(Link.objects.values_list("id", flat=True)), 20)).delete()
    heads = chance.sample(customers, 4)
    Customer.objects.filter(id=heads[0]).update(forward=heads[1])
    lists = {
        "classes": [one.value for one in RecordClass],
        "sensitivities": [one.value for one in Sensitivity],
        "sources": list(Source.objects.order_by("id").values_list("id", flat=True)),
        "customers": customers,
        "records": [record.id for record in records],
    }
    grants = _grants(archive, lists, chance, granted)
    row = Membership.objects.get(account=account.id)
    row.grants = grants
    guarded(archive, row).save()
    return [{"role": one["role"], "scope": sorted(one["scope"]), "last": one["last_day"]} for one in grants]


def _grants(
    archive: Any, lists: dict[str, list[str]], chance: random.Random, granted: int
) -> list[dict[str, Any]]:
    roles = ("owner", "officer", "sorter", "reviewer", "reader", "lawyer")
    days = [None, None, "2020-01-01", (_today() + timedelta(9)).isoformat()]
    return [
        {
            "id": archive.new_id(),
            "role": chance.choice(roles),
            "scope": {
                part: chance.sample(
                    values, chance.randint(0, min(9 if part == "records" else 3, len(values)))
                )
                for part, values in lists.items()
                if chance.random() < 0.35
            },
            "last_day": chance.choice(days),
            "given_by": archive.agent,
            "given": "2026-01-01T00:00:00+00:00",
        }
        for _ in range(granted)
    ]


def _differences(archive: Any, account: Any, client: Any, seen: Counter[str]) -> Iterator[str]:
    from kedang.access.deciding import OF_RECORDS, Act, decide
    from kedang.entrypoints.web.figures import FIGURES
    from kedang.holdings.actions.people import person_of
    from kedang.holdings.models import Record
    from kedang.holdings.queries.permitted import permitted, subject_of

    FIGURES.forget()
    person = person_of(archive, account.id)
    assert person is not None
    today = _today()
    records = {record.id: (record, subject_of(record)) for record in Record.objects.all()}
    allowed = {
        act: {
            one for one, (_, subject) in records.items() if decide(person, act, subject, today=today).allowed
        }
        for act in OF_RECORDS
    }
    for act, ids in allowed.items():
        found = set(permitted(archive.case_id, person, act, today=today).values_list("id", flat=True))
        if found != ids:
            yield f"{act}: {len(found - ids)} too many, {len(ids - found)} too few"
    may_list = {one: records[one][0] for one in allowed[Act.LIST]}
    yield from _pages(archive, client, may_list, allowed[Act.LIST] & allowed[Act.READ], seen)


def _pages(
    archive: Any, client: Any, may: dict[str, Any], readable: set[str], seen: Counter[str]
) -> Iterator[str]:
    answer = client.get("/c/Q001/archive/")
    if answer.status_code == 403:
        seen["refused"] += 1
        if may:
            yield "the list is refused to somebody who may list"
        return
    if answer.context is None:
        yield f"the list answers {answer.status_code} {answer.headers.get('Location', '')}"
        return
    seen["listed"] += 1
    shown: set[str] = set()
    while True:
        context = answer.context
        shown |= _records_in(answer)
        if context["total"] != len(may):
            yield f"total {context['total']} of {len(may)}"
        yield from _figures(context["facets"], may)
        if not context["following"]:
            break
        answer = client.get(context["following"])
    if shown != set(may):
        yield f"list: {len(shown - set(may))} too many, {len(set(may) - shown)} too few"
    yield from _told_desks(client, may, seen)
    yield from _named_sources(archive, client, may, seen)
    yield from _found(archive, client, readable, seen)


def _figures(facets: Any, may: dict[str, Any]) -> Iterator[str]:
    columns = {"class": "record_class", "sensitivity": "sensitivity", "state": "state"}
    for facet in facets:
        counts = {value.value: value.count for value in (*facet.values, *facet.more)}
        if facet.name in columns:
            wanted = Counter(getattr(record, columns[facet.name]) for record in may.values())
            if counts != dict(wanted):
                yield f"figures of {facet.name}: {counts} of {dict(wanted)}"
        elif facet.name != "source" and sum(counts.values()) != len(may):
            yield f"figures of {facet.name}: {sum(counts.values())} of {len(may)}"


def _desks(may: dict[str, Any]) -> dict[str, int]:
    """How many of these records were found at each desk; one that was found at two counts at both."""
    from kedang.holdings.models import Occurrence

    pairs = Occurrence.objects.exclude(record=None).values_list("desk_fingerprint", "record_id")
    return dict(Counter(bytes(desk).hex() for desk, record in set(pairs) if record in may))


def _told_desks(client: Any, may: dict[str, Any], seen: Counter[str]) -> Iterator[str]:
    values = client.get("/c/Q001/archive/desks/").context["values"]
    counts = {value["value"]: value["count"] for value in values}
    if counts != _desks(may):
        yield f"figures of desks: {counts} of {_desks(may)}"
    answer = client.get("/c/Q001/overview/charts/")
    if answer.status_code != 200:
        return
    (bars,) = (chart["bars"] for chart in answer.context["charts"] if chart["name"] == "desk")
    counts = {bar["key"]: bar["count"] for bar in bars}
    seen["charts"] += len(counts) > 1
    if counts != _desks(may):
        yield f"chart of desks: {counts} of {_desks(may)}"


def _named_sources(archive: Any, client: Any, may: dict[str, Any], seen: Counter[str]) -> Iterator[str]:
    """A source is named to whoever puts its id into an address when he may list something from it."""
    from kedang.holdings.adapters.names import source_names
    from kedang.holdings.models import Occurrence, Source

    for source in Source.objects.all():
        mine = Occurrence.objects.filter(source=source, record__in=list(may)).exists()
        (chip,) = client.get("/c/Q001/archive/", {"source": source.id}).context["chosen"]
        seen["unnamed"] += not mine
        if (source_names(archive, source).name in chip.label) is not mine:
            yield f"source {source.ordinal} is {'not ' * mine}named"


def _found(archive: Any, client: Any, readable: set[str], seen: Counter[str]) -> Iterator[str]:
    from kedang.holdings.queries.searching import search_records

    for words in WORDS:
        every = {hit.record_id for hit in search_records(archive, words, limit=5000).hits}
        answer = client.post("/c/Q001/archive/search/", {"words": words}, headers={"hx-request": "true"})
        if answer.status_code == 403:
            if readable:
                yield "searching is refused to somebody who may read"
            continue
        seen["searched"] += 1
        if answer.context["total"] != len(every & readable):
            yield f"{words}: {answer.context['total']} hits of {len(every & readable)}"
        if not _records_in(answer) <= every & readable:
            yield f"{words}: a hit that may not be read"
        for facet in answer.context["facets"]:
            if facet.name == "class" and sum(value.count for value in facet.values) != len(every & readable):
                yield f"{words}: figures of other hits"


def _records_in(answer: Any) -> set[str]:
    return set(re.findall(r"/records/([0-9a-f]{32})/", answer.content.decode()))


def _too_many() -> str:
    """The code that refuses more than are changed at once."""
    from kedang.holdings.actions.bulk_changes import require_seen
    from kedang.holdings.queries.bulk_effects import MOST_CHANGED, Effect
    from kedang.records.errors import KedangError

    effect = Effect("class", "contract", tuple(f"{one:032x}" for one in range(MOST_CHANGED + 1)), {})
    try:
        require_seen(effect, effect.digest)
    except KedangError as error:
        return error.code
    return ""


def _today() -> date:
    return datetime.now(UTC).date()


if __name__ == "__main__":
    main()
