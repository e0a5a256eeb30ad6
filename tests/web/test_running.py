"""What the serving process does by itself goes on when a case is locked beneath it."""

from __future__ import annotations

import json
import sys

from tests.world import World

SCRIPT = """
import json, os, sys, time, django
os.environ["DJANGO_SETTINGS_MODULE"] = "kedang.entrypoints.web.settings"
django.setup()
from kedang.entrypoints.cli.context import new_context
from kedang.entrypoints.cli.offered import offered
from kedang.entrypoints.web import keeping_watch, running
from kedang.entrypoints.web.opened import OpenedCases, now
from kedang.holdings.actions.jobs import ask_for
from kedang.holdings.models import Job
running.LOOK_SECONDS = keeping_watch.LOOK_SECONDS = 0.01

class LockedBeneath(OpenedCases):
    looks = 0

    def open_codes(self):  # another thread locks it as soon as this one has looked
        self.looks += 1
        return ["Q001"]

    def lend(self, code, agent):
        archive = super().lend(code, agent)
        self.lock(code)
        return archive

    def master(self, code):
        archive = super().master(code)
        self.lock(code)
        return archive

context, said = new_context(as_json=True), {}
for name in ("watch", "runner"):
    cases = LockedBeneath(context.home, context.places)
    ask_for(cases.unlock("Q001", offered(None)), name, {}, now=now())
    one = (
        keeping_watch.Watch(cases, {"KEDANG_SCHEDULE_SECONDS": "0.01"}) if name == "watch" else running.Runner(cases)
    )
    one.start()
    for _ in range(3000):
        if cases.looks > 3 or not one._thread.is_alive():
            break
        time.sleep(0.01)
    said[name] = one._thread.is_alive()
    one.stop()
    print(name, file=sys.stderr)
said["jobs"] = sorted(Job.objects.values_list("state", flat=True))
print(json.dumps(said))
"""


def test_a_case_that_is_locked_beneath_them_ends_neither_the_watch_nor_the_jobs(world: World) -> None:
    ran = world.run("-c", SCRIPT, program=(sys.executable,))
    assert ran.status == 0, ran.said
    assert json.loads(ran.text) == {"watch": True, "runner": True, "jobs": ["waiting", "waiting"]}
    watch, _, runner = ran.said.partition("watch\n")
    assert watch.count("KD-H106 Q001") > 1, "the watch asks again for what is due"
    assert runner.count("KD-H106 Q001") > 1, "the jobs are looked for again"
