"""What comparing keeps lies in segments: only those that change are written again, and what is damaged counts as nothing."""

from __future__ import annotations

import json
import sys
from typing import Any

from tests.destruction.ordering import require_whole
from tests.world import World

SCRIPT = """
import json, os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "kedang.entrypoints.settings"
django.setup()
from kedang.entrypoints.cli.context import new_context
from kedang.holdings.adapters.kept_comparison import keep, kept_segments, open_kept
from kedang.holdings.models import KeptComparison
from kedang.holdings.queries.comparing import marks, since, spoken
from kedang.holdings.queries.forwarding import Forwarding
from kedang.pipeline.compared_before import Before, Line, decode_head, encode_head, updated, written
from kedang.pipeline.resolving_messages import Outcome
archive = new_context().unlock()
merged = Forwarding.of(archive.case_id, ground="person")
heard, now = spoken(archive, merged), marks(archive, merged)

def opened():
    kept = open_kept(archive)
    before = Before(decode_head(kept.before))
    before.payloads.extend(kept_segments(archive, kept))
    return kept, before

def lines(before):
    for segment in before.segments():
        for record, seen in segment.records.items():
            for one in seen:
                yield Line((record, one.at), one.home, segment.customers[one.customer] if one.customer >= 0 else "", one.keys)

def put(kept, head, segments):
    outcome = Outcome(head.mentions, 0, 0, encode_head(head), tuple(place for place, _ in segments))
    keep(archive, kept, heard.said, outcome, iter([one for place, one in segments if place < 0]), now)

def rows():
    return {one.id: bytes(one.mac).hex() for one in KeptComparison.objects.filter(is_head=False)}

kept, before = opened()
first, every, whole = len(rows()), list(lines(before)), before.head.mentions
put(kept, before.head, list(written(before.head, every, 2)))
kept, before = opened()
parted, known = rows(), list(lines(before)) == every
changed = since(kept, now, heard).has_changed
put(kept, before.head, list(updated(before, [], {}, [every[0].at[0]], 2)))
kept, before = opened()
left = rows()
said = {"segments": [first, len(parted), len(left)], "mentions": [whole, before.head.mentions], "known": known,
        "changed": changed, "gone": sum(one.at[0] == every[0].at[0] for one in every),
        "same": sum(parted.get(one) == mac for one, mac in left.items()), "left": [one.at for one in lines(before)] ==
        [one.at for one in every if one.at[0] != every[0].at[0]]}
KeptComparison.objects.filter(is_head=False).order_by("id").first().delete()
said["without one"] = open_kept(archive) is None
print(json.dumps(said))
"""


def test_segments_are_parted_changed_and_missed_one_by_one(firm: World) -> None:
    ran = firm.run("-c", SCRIPT, program=(sys.executable,))
    assert ran.status == 0, ran.said
    said: dict[str, Any] = json.loads(ran.text)
    first, parted, left = said["segments"]
    assert (first, parted > 5) == (1, True)
    assert (said["known"], said["left"], said["changed"], said["without one"]) == (True, True, False, True)
    assert said["mentions"][0] - said["mentions"][1] == said["gone"] > 0
    assert 0 < left - said["same"] <= 2, (
        "only the segment of the record that has gone, and whoever took its place"
    )
    done = firm.ask("customers", "resolve")
    assert done["compared"] == done["mentions"], "everybody is compared again, and all is kept"
    assert firm.ask("customers", "resolve")["compared"] == 0
    require_whole(firm)
