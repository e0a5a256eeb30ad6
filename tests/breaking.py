"""A proxy that stands before an HTTP server and breaks the requests it is told to break."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_HOP = frozenset({"connection", "transfer-encoding", "content-length", "keep-alive"})


class Break(Enum):
    """What happens to a request."""

    REFUSED_500 = "answered 500 without reaching the server"
    DONE_BUT_500 = "carried out, then answered 500"
    ANSWER_LOST = "carried out, then the connection is cut without an answer"
    REQUEST_TORN = "half of its body reaches the server, then both connections are cut"
    REQUEST_LOST = "the connection is cut before anything reaches the server"
    ANSWER_TORN = "half of the answer's body comes back, then the connection is cut"
    STALLED = "nothing comes back"
    REQUEST_FLIPPED = "one bit of its body is turned over"
    ANSWER_FLIPPED = "one bit of the answer's body is turned over"
    TWICE = "carried out twice; the second answer comes back"
    PASSED = "nothing"
    PRETENDED_200 = "answered 200 and some bytes without reaching the server"
    FULL_507 = "answered that there is no room"


@dataclass(slots=True)
class BreakingProxy:
    """Where it listens, what it shall break next, and what it has seen."""

    endpoint: str
    upstream: str
    breaks: list[tuple[str, str, Break]] = field(default_factory=list)
    """Method, part of the path ("" for any), and what happens to the next request that fits; taken in order."""
    seen: list[tuple[str, str]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def will(self, method: str, how: Break, *, path: str = "", times: int = 1) -> None:
        """Break the next so many requests of this method whose path holds `path`."""
        self.breaks += [(method, path, how)] * times

    def taken(self, method: str, path: str) -> Break | None:
        """What happens to this request; it is counted."""
        with self.lock:
            self.seen.append((method, path))
            for entry in self.breaks:
                if entry[0] == method and entry[1] in path:
                    self.breaks.remove(entry)
                    return entry[2]
        return None


@contextmanager
def breaking_proxy(upstream: str) -> Iterator[BreakingProxy]:
    """A proxy before `upstream`, such as http://127.0.0.1:8333."""

    class Handler(_Handler):
        proxy = BreakingProxy("", upstream)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Handler.proxy.endpoint = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield Handler.proxy
    finally:
        Handler.proxy.released.set()
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: BreakingProxy

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def handle(self) -> None:
        try:
            super().handle()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def _relay(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        how = self.proxy.taken(self.command, self.path)
        if how in (Break.REFUSED_500, Break.FULL_507):
            self._answer(
                500 if how is Break.REFUSED_500 else 507, [], b"<Error><Code>InternalError</Code></Error>"
            )
            return
        if how is Break.PRETENDED_200:
            self._answer(200, [("ETag", '"0"'), ("Last-Modified", "Sat, 21 Nov 2026 00:00:00 GMT")], b"whole")
            return
        if how is Break.STALLED:
            self.proxy.released.wait(60)
        if how in (Break.REQUEST_LOST, Break.STALLED):
            self._cut()
            return
        if how is Break.REQUEST_TORN:
            self._send_half(body)
            self._cut()
            return
        if how is Break.REQUEST_FLIPPED:
            body = _flipped(body)
        if how is Break.TWICE:
            self._forward(body)
        self._bring_back(*self._forward(body), how)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _relay  # noqa: N815 - so the base class finds them

    def _bring_back(
        self, status: int, headers: list[tuple[str, str]], body: bytes, how: Break | None
    ) -> None:
        if how is Break.ANSWER_LOST:
            self._cut()
        elif how is Break.DONE_BUT_500:
            self._answer(500, [], b"<Error><Code>InternalError</Code></Error>")
        elif how is Break.ANSWER_TORN:
            self._answer(status, headers, body, sent=len(body) // 2)
            self._cut()
        else:
            self._answer(status, headers, _flipped(body) if how is Break.ANSWER_FLIPPED else body)

    def _forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection(urlsplit(self.proxy.upstream).netloc, timeout=60)
        try:
            connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def _send_half(self, body: bytes) -> None:
        target = urlsplit(self.proxy.upstream)
        with socket.create_connection((target.hostname, target.port or 80)) as upstream:
            head = f"{self.command} {self.path} HTTP/1.1\r\n{self.headers.as_string().strip()}\r\n\r\n"
            upstream.sendall(
                head.replace("\r\n", "\n").replace("\n", "\r\n").encode() + body[: len(body) // 2]
            )

    def _answer(
        self, status: int, headers: list[tuple[str, str]], body: bytes, *, sent: int | None = None
    ) -> None:
        self.send_response_only(status)
        lengths = [value for name, value in headers if name.lower() == "content-length"]
        for name, value in headers:
            if name.lower() not in _HOP:
                self.send_header(name, value)
        is_head = self.command == "HEAD"
        self.send_header("Content-Length", lengths[0] if is_head and lengths else str(len(body)))
        self.end_headers()
        if not is_head:
            self.wfile.write(body[:sent])
            self.wfile.flush()

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


def _flipped(body: bytes) -> bytes:
    middle = len(body) // 2
    return body[:middle] + bytes([body[middle] ^ 4]) + body[middle + 1 :] if body else body
