"""Servers that go away, answer nonsense or break off: one clear line, and nothing half-done."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from storyarn_pipelines.domain.options import ExportOptions
from storyarn_pipelines.errors import DatabaseUnavailableError, StorageUnavailableError
from storyarn_pipelines.snapshot.manifest import MANIFEST
from storyarn_pipelines.storage import ObjectStore, open_store
from storyarn_pipelines.store.collect import collect
from tests.conftest import DATA

# A server of its own in a process of its own, which the test may stop.
SERVER = """
import sys
from pathlib import Path
from storyarn_pipelines.store.embedded import embedded_url
import psycopg
from storyarn_pipelines.store.database import has_storyarn_tables, initialise
url = embedded_url(Path(sys.argv[1]))
if not has_storyarn_tables(url):
    initialise(url)
    with psycopg.connect(url) as connection:
        connection.execute(Path(sys.argv[2]).read_text("utf-8"))
print(url, flush=True)
sys.stdin.read()
"""


@contextmanager
def database_server(home: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    """A PostgreSQL with mini.sql and a way to stop it."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, str(home), str(DATA / "mini.sql")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()

        def stop() -> None:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(30)

        yield url, stop
        if process.stdin is not None and not process.stdin.closed:
            stop()


def test_a_database_that_stops_during_collect_is_a_transient_failure(tmp_path: Path) -> None:
    directory = tmp_path / "snapshot"
    directory.mkdir()
    with database_server(tmp_path / "home") as (url, stop):
        stopped: list[int] = []

        def stop_at_the_first_rows(step: str, done: int, total: int) -> None:
            if not stopped:
                stopped.append(done)
                stop()

        with pytest.raises(DatabaseUnavailableError) as raised:
            collect(
                url,
                "mini",
                ExportOptions(),
                directory,
                collected_at=datetime.now(UTC),
                progress=stop_at_the_first_rows,
            )
    assert raised.value.transient
    assert "\n" not in str(raised.value)
    assert not (directory / MANIFEST).exists()
    with database_server(tmp_path / "home") as (url, _):
        again = tmp_path / "again"
        again.mkdir()
        collect(url, "mini", ExportOptions(), again, collected_at=datetime.now(UTC))
        assert (again / MANIFEST).exists()


class Bucket(BaseHTTPRequestHandler):
    """A server whose answers a test chooses."""

    unavailable = 0
    requests = 0

    def _answer(self) -> None:
        kind = type(self)
        kind.requests += 1
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if kind.unavailable:
            kind.unavailable -= 1
            self._send(503, b"<Error><Code>SlowDown</Code></Error>")
        elif self.command == "GET":
            self._send(200, b"half of it", length=1_000_000)
        else:
            self._send(200, b"")

    def _send(self, status: int, body: bytes, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(length or len(body)))
        self.send_header("ETag", '"x"')
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    do_GET = do_PUT = _answer

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[type[Bucket], ObjectStore]]:
    """The server and a store that talks to it."""
    kind = type("OwnBucket", (Bucket,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{server.server_port}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    yield kind, open_store("s3://bucket")
    server.shutdown()
    server.server_close()


def put(store: ObjectStore, directory: Path) -> None:
    """Store a small object."""
    path = directory / "source"
    path.write_bytes(b"x")
    store.put_file("x", path)


def test_a_bucket_that_is_busy_for_a_moment_is_asked_again(
    bucket: tuple[type[Bucket], ObjectStore], tmp_path: Path
) -> None:
    kind, store = bucket
    kind.unavailable = 2
    put(store, tmp_path)
    assert kind.requests == 3


def test_a_bucket_that_stays_busy_is_a_transient_failure(
    bucket: tuple[type[Bucket], ObjectStore], tmp_path: Path
) -> None:
    kind, store = bucket
    kind.unavailable = 1000
    with pytest.raises(StorageUnavailableError, match="SlowDown"):
        put(store, tmp_path)
    assert kind.requests > 1


def test_a_download_that_breaks_off_is_a_transient_failure(
    bucket: tuple[type[Bucket], ObjectStore],
) -> None:
    _, store = bucket
    with store.open_read("x") as file, pytest.raises(StorageUnavailableError, match="broke"):
        file.read()
