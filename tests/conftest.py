"""Real servers: one PostgreSQL a run and one database a test, one S3 server and its buckets."""

import resource
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
import pytest

from storyarn_pipelines.settings import Settings
from storyarn_pipelines.storage.s3 import default_client
from storyarn_pipelines.store.database import initialise
from storyarn_pipelines.store.embedded import embedded_url

DATA = Path(__file__).parent / "data"
TEMPLATE = "storyarn_template"

_numbers = count(1)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> str:
    """The URL of an empty maintenance database; parallel workers share the server."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    return embedded_url(shared)


def with_database(url: str, name: str) -> str:
    """The same server, another database."""
    return url.replace("/postgres?", f"/{name}?")


@pytest.fixture(scope="session")
def template(server: str, worker_id: str) -> str:
    """The name of a database that holds Storyarn's tables and no rows."""
    name = f"{TEMPLATE}_{worker_id}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    initialise(with_database(server, name))
    return name


@pytest.fixture(scope="session")
def new_database(server: str, template: str, worker_id: str) -> Callable[..., str]:
    """Makes a database of Storyarn's tables, or an entirely empty one, and returns its URL."""

    def make(*, empty: bool = False) -> str:
        name = f"test_{worker_id}_{next(_numbers)}"
        source = "template1" if empty else template
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {source} STRATEGY file_copy")
        return with_database(server, name)

    return make


@pytest.fixture
def storyarn_url(new_database: Callable[..., str]) -> str:
    """A database with Storyarn's tables, of this test alone."""
    return new_database()


@pytest.fixture(scope="session")
def mini_url(new_database: Callable[..., str]) -> str:
    """A database that holds mini.sql; tests only read it."""
    return load_mini(new_database())


def load_mini(url: str) -> str:
    """Load mini.sql."""
    with psycopg.connect(url) as connection:
        connection.execute((DATA / "mini.sql").read_text(encoding="utf-8"))
    return url


@pytest.fixture
def mini_copy(new_database: Callable[..., str]) -> str:
    """Another database with mini.sql, to be changed by the test."""
    return load_mini(new_database())


@pytest.fixture
def make_settings(tmp_path: Path) -> Callable[[str], Settings]:
    """Settings for a database URL, with storage, media and work area of this test alone."""

    def make(url: str) -> Settings:
        home = tmp_path / "home"
        return Settings(
            home=home,
            database_url=url,
            storage_url=str(home / "storage"),
            media_url=str(home / "storage" / "media"),
            work_url=str(home / "storage" / "work"),
        )

    return make


@dataclass(frozen=True)
class S3Server:
    """A real S3 server on this machine; ``root`` holds a directory for every bucket."""

    endpoint: str
    root: Path

    @property
    def environment(self) -> dict[str, str]:
        """The variables that lead any AWS client there."""
        return {
            "AWS_ENDPOINT_URL_S3": self.endpoint,
            "AWS_ACCESS_KEY_ID": "storyarn-test",
            "AWS_SECRET_ACCESS_KEY": "storyarn-test-secret",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """`rclone serve s3` on a free port."""
    root = tmp_path_factory.mktemp("s3")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    server = S3Server(f"http://{address}", root)
    keys = "{AWS_ACCESS_KEY_ID},{AWS_SECRET_ACCESS_KEY}".format(**server.environment)
    program = Path(sys.executable).parent / "rclone"
    command = [str(program), "serve", "s3", str(root), "--addr", address, "--auth-key", keys]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        wait_until(lambda: _listens(address))
        yield server
        process.terminate()


def _listens(address: str) -> bool:
    host, _, port = address.partition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


NO_BYTECODE = {"PYTHONDONTWRITEBYTECODE": "1"}


def limit_file_size() -> None:
    """Make every file end after 20 kB, as a full disk would.

    Such a process must not write bytecode: half a .pyc would break the processes after it.
    """
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))


def wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for a condition; fail when it never comes."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def s3(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """The S3 server with the variables set that lead there."""
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    return s3_server


@pytest.fixture
def bucket(s3: S3Server) -> str:
    """A new bucket."""
    name = f"bucket-{next(_numbers)}"
    default_client().create_bucket(Bucket=name)
    return name
