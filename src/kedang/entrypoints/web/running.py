"""Jobs that wait are carried out one after another for each case, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

from django.db import DatabaseError, close_old_connections

from kedang.entrypoints.errors import fault_of
from kedang.entrypoints.told import keys_told
from kedang.entrypoints.web.opened import OpenedCases, now
from kedang.holdings.actions.jobs import next_waiting, return_dead
from kedang.records.errors import KedangError

LOOK_SECONDS = 0.5
END_SECONDS = 10.0


class Runner:
    """A thread that looks for jobs of the opened cases and starts a process for each."""

    def __init__(self, cases: OpenedCases) -> None:
        self._cases = cases
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="jobs", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End, and end what runs: it goes on when the door is opened again."""
        self._over.set()
        self._thread.join()
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()

    def _look(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            for code in self._cases.open_codes():
                running = self._running.get(code)
                if running is None or running.poll() is not None:
                    self._safely(code)
            close_old_connections()

    def _safely(self, code: str) -> None:
        """A case that is locked just now, or a database that is busy, keeps nobody from looking again."""
        try:
            self._next(code)
        except KedangError as error:
            sys.stderr.write(f"{error.code} {code}\n")
        except (OSError, DatabaseError) as error:
            sys.stderr.write(f"{fault_of(error).code} {code}\n")

    def _next(self, code: str) -> None:
        case = self._cases.master(code).case_id
        return_dead(case, now=now())
        job = next_waiting(case)
        if job is None:
            return
        with self._cases.master_at_rest(code) as master:
            told = keys_told(master)
        process = subprocess.Popen(
            [sys.executable, "-m", "kedang.entrypoints.work", job.id],
            stdin=subprocess.PIPE,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "kedang.entrypoints.settings"},
        )
        self._running[code] = process
        if process.stdin is not None:
            process.stdin.write(told)
            process.stdin.close()
