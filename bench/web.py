"""People who browse an archive together at its web door: how long each page takes, and what goes wrong.

The door is served as it is (`kedang serve`, embedded), by a process of its own; people are threads of this one, each with
a session, and think between pages. Measured is what a browser waits for the page itself, without pictures and styles.
"""

from __future__ import annotations

import html
import http.client
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from bench.homes import places_of
from bench.measuring import run
from kedang.entrypoints.work import POLITENESS

PEOPLE = 50
SECONDS = 60.0
THINKS_SECONDS = (1.0, 5.0)
ARRIVING_SECONDS = 5.0
"""Within which they come; nobody is left out of the figures."""
PASSWORD = "measured and forgotten"  # noqa: S105 - of nobody
CODE = "B001"
TARGET_MS = 300
WORDS = (
    "合同",
    "付款 发票",
    "维修记录",
    "客户 电话",
    "送货 签字",
    "数量 型号",
    '"服务协议"',
    "盖章 日期",
    "地址",
)
SEED = 1
HERE = Path(__file__).parents[1]
KEDANG = str(Path(sys.executable).with_name("kedang"))


def browsing(home: Path, *, people: int, seconds: float, source: Path | None) -> dict[str, Any]:
    """Milliseconds by page with `people` at the door of this case; again while `source` is taken in."""
    said = run([sys.executable, "-m", "bench.people", str(home), str(people), PASSWORD], folder=HERE).said
    logins = said.split()
    with _served(home) as address:
        visitors = [Visitor(address, login, random.Random(f"{SEED} {login}")) for login in logins]
        for visitor in visitors:
            visitor.sign_in()
        found = {"people": people, "seconds": seconds, "browsing": _together(visitors, seconds)}
        if source is not None:
            with _taking_in(home, source):
                found["while an intake runs"] = _together(visitors, seconds)
    return found


@dataclass(slots=True)
class Visitor:
    """One person's browser."""

    address: str
    login: str
    chance: random.Random
    cookies: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    _connection: http.client.HTTPConnection | None = None
    _page: str = ""
    """What the person looks at."""

    def sign_in(self) -> None:
        """Through the form."""
        self._get("sign in", "/account/login/")
        said = {"csrfmiddlewaretoken": self._token(), "login": self.login, "password": PASSWORD}
        if self._post("sign in", "/account/login/", said) != 302:
            raise SystemExit(f"{self.login} could not sign in")

    def browse(self, until: float) -> None:
        """Page after page, with time to think."""
        self._get("list", f"/c/{CODE}/archive/")
        while time.monotonic() < until:
            time.sleep(self.chance.uniform(*THINKS_SECONDS))
            self._next()

    def _next(self) -> None:
        match self.chance.choices(("list", "facet", "search", "record", "overview"), (2, 3, 3, 3, 1))[0]:
            case "list":
                self._get("list", f"/c/{CODE}/archive/")
            case "facet":
                self._follow("facet", rf'href="(/c/{CODE}/archive/\?[^"]*)"')
            case "record":
                self._follow("record", rf'href="(/c/{CODE}/records/[0-9a-f]{{32}}/)"')
            case "overview":
                self._get("overview", f"/c/{CODE}/")
            case _:
                self._search()

    def _search(self) -> None:
        token = re.search(r'"X-CSRFToken": "([^"]+)"', html.unescape(self._page))
        headers = {"X-CSRFToken": token[1] if token else "", "HX-Request": "true"}
        said = {"words": self.chance.choice(WORDS)}
        self._post("search", f"/c/{CODE}/archive/search/", said, headers)

    def _follow(self, kind: str, pattern: str) -> None:
        found = re.findall(pattern, self._page)
        if found:
            self._get(kind, html.unescape(self.chance.choice(found)))
        else:
            self._get("list", f"/c/{CODE}/archive/")

    def _token(self) -> str:
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self._page)
        return found[1] if found else ""

    def _get(self, kind: str, path: str) -> None:
        status, body = self._ask(kind, "GET", path, None, {})
        if status == 200:
            self._page = body

    def _post(self, kind: str, path: str, said: dict[str, str], headers: dict[str, str] | None = None) -> int:
        sent = {"Content-Type": "application/x-www-form-urlencoded"} | (headers or {})
        return self._ask(kind, "POST", path, urlencode(said), sent)[0]

    def _ask(
        self, kind: str, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> tuple[int, str]:
        sent = headers | {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Accept-Language": "zh-CN",
            "Referer": f"http://{self.address}/",
        }
        started = time.perf_counter()
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection(self.address, timeout=60)
            self._connection.request(method, path, body, sent)
            answer = self._connection.getresponse()
            said = answer.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            self._connection = None
            self.errors.append(f"{kind} {type(error).__name__}")
            return 0, ""
        self.seconds.setdefault(kind, []).append(time.perf_counter() - started)
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        if answer.status >= 400:
            code = re.search(r"KD-[A-Z]\d+", said)
            self.errors.append(f"{kind} {answer.status} {code[0] if code else ''}")
        return answer.status, said


def _together(visitors: list[Visitor], seconds: float) -> dict[str, Any]:
    """All of them at once; what each waited for."""
    for visitor in visitors:
        visitor.seconds.clear()
        visitor.errors.clear()
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=visitor.browse, args=(until,)) for visitor in visitors]
    for number, thread in enumerate(threads):
        time.sleep(ARRIVING_SECONDS / len(threads) if number else 0)
        thread.start()
    for thread in threads:
        thread.join()
    kinds = sorted({kind for visitor in visitors for kind in visitor.seconds})
    by_kind = {kind: [one for visitor in visitors for one in visitor.seconds.get(kind, ())] for kind in kinds}
    every = [one for some in by_kind.values() for one in some]
    errors = [one for visitor in visitors for one in visitor.errors]
    return {
        "pages": len(every),
        "pages a second": round(len(every) / seconds, 1),
        **_percentiles("all", every),
        **{name: value for kind, some in by_kind.items() for name, value in _percentiles(kind, some).items()},
        "errors": {one: errors.count(one) for one in sorted(set(errors))},
        f"95th percentile under {TARGET_MS} ms": _percentile(every, 95) * 1000 < TARGET_MS,
        "load": round(os.getloadavg()[0], 1),
    }


def _percentiles(name: str, seconds: list[float]) -> dict[str, str]:
    half, most = _percentile(seconds, 50), _percentile(seconds, 95)
    return {f"{name}, ms": f"p50 {1000 * half:.0f}, p95 {1000 * most:.0f}, of {len(seconds)}"}


def _percentile(seconds: list[float], share: int) -> float:
    if len(seconds) < 2:
        return seconds[0] if seconds else 0.0
    return statistics.quantiles(seconds, n=100, method="inclusive")[share - 1]


def _environment(home: Path) -> dict[str, str]:
    """Of a command that works in this case: keys where the command line looks for them."""
    (keys,), unattended = places_of(home).sheets, places_of(home).secrets
    beside = keys.with_name(keys.name + "-unattended")
    if not beside.exists():
        shutil.copytree(unattended, beside)
    return os.environ | {"KEDANG_HOME": str(home), "KEDANG_KEYS": str(keys)}


@contextmanager
def _served(home: Path) -> Iterator[str]:
    """The door, open until the end of the block."""
    command = [KEDANG, "serve", "--port", "0"]
    process = subprocess.Popen(command, env=_environment(home), stdout=subprocess.PIPE, text=True, cwd=HERE)
    try:
        for line in process.stdout or ():
            if found := re.search(r"http://[^/]+", line):
                yield urlsplit(found.group()).netloc
                break
        else:
            raise SystemExit("the door did not open")
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(30)
        process.kill()


@contextmanager
def _taking_in(home: Path, source: Path) -> Iterator[None]:
    """An intake beside it, as polite as one that was asked for at the door; ended with the block, it would resume."""
    command = ["nice", "-n", str(POLITENESS), KEDANG, "intake", str(source)]
    process = subprocess.Popen(
        command, env=_environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=HERE
    )
    try:
        time.sleep(5)
        yield
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(60)
        process.kill()
