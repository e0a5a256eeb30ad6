"""A time-stamping authority of one's own: openssl behind a small HTTP server."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

CONFIGURATION = """
[req]
distinguished_name = name
prompt = no
[name]
O = Test authority
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[tsa]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[stamp]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
certs = {folder}/root.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""


@dataclass(frozen=True, slots=True)
class Authority:
    """Keys and certificates in a folder."""

    folder: Path

    @property
    def root(self) -> str:
        """The certificate that people trust, PEM."""
        return (self.folder / "root.pem").read_text()

    def reply(self, query: bytes) -> bytes:
        """What the authority answers."""
        asked, answer = self.folder / "query", self.folder / "reply"
        asked.write_bytes(query)
        run(
            *("ts", "-reply", "-config", str(self.folder / "openssl.cnf"), "-section", "stamp"),
            *("-queryfile", str(asked), "-out", str(answer)),
        )
        return answer.read_bytes()


def run(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def new_authority(folder: Path) -> Authority:
    """An authority with a root and a certificate of its own; a skip where there is no openssl."""
    if shutil.which("openssl") is None:
        pytest.skip("the program openssl is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "openssl.cnf"
    configuration.write_text(CONFIGURATION.format(folder=folder))
    (folder / "serial").write_text("01\n")
    settings = ("-config", str(configuration))
    at = {name: str(folder / name) for name in ("root.key", "root.pem", "tsa.key", "tsa.csr", "tsa.pem")}
    new_key = ("-newkey", "rsa:2048", "-nodes")
    run("req", "-x509", *new_key, "-keyout", at["root.key"], "-out", at["root.pem"], "-days", "30",
        "-subj", "/O=Test root", "-extensions", "root", *settings)  # fmt: skip
    run(
        "req",
        "-new",
        *new_key,
        "-keyout",
        at["tsa.key"],
        "-out",
        at["tsa.csr"],
        "-subj",
        "/O=Test TSA",
        *settings,
    )
    run("x509", "-req", "-in", at["tsa.csr"], "-CA", at["root.pem"], "-CAkey", at["root.key"], "-set_serial", "2",
        "-out", at["tsa.pem"], "-days", "30", "-extfile", str(configuration), "-extensions", "tsa")  # fmt: skip
    return Authority(folder)


@contextmanager
def serving(authority: Authority) -> Iterator[str]:
    """The authority's address while it answers."""

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            reply = authority.reply(query)
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
