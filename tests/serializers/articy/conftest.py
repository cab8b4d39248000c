"""The real articy-js in one process for all tests of a worker, and exports of stored stories."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storyarn_pipelines.demo import build
from storyarn_pipelines.domain.options import parse_options
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.store.collect import collect
from storyarn_pipelines.store.load import insert_rows
from tests.node.judge import Judge, running_judge
from tests.serializers.articy.comparing import Export, export

WHEN = datetime(2026, 1, 1, tzinfo=UTC)
Exporter = Callable[..., tuple[StoryReader, Export]]


@pytest.fixture(scope="session")
def judge() -> Iterator[Judge]:
    """Node with articy-js; without Node the test is skipped, loudly."""
    with running_judge() as found:
        yield found


@pytest.fixture(scope="session")
def demo_url(new_database: Callable[..., str]) -> str:
    """A database with the sample project; tests only read it."""
    url = new_database()
    insert_rows(url, build().rows)
    return url


@pytest.fixture
def exported(mini_url: str, demo_url: str, tmp_path: Path) -> Exporter:
    """Exports of mini.sql (``mini``) or the sample project with some options, and their readers."""

    def run(name: str, **options: object) -> tuple[StoryReader, Export]:
        parsed = parse_options(options)
        directory = tmp_path / f"{name}-{parsed.digest()[:12]}"
        (directory / "snapshot").mkdir(parents=True, exist_ok=True)
        url, slug = (mini_url, "mini") if name == "mini" else (demo_url, build().slug)
        collect(url, slug, parsed, directory / "snapshot", collected_at=WHEN)
        reader = StoryReader(directory / "snapshot")
        return reader, export(reader, directory / "made", **options)

    return run
