"""Generated projects, as odd as a database lets them be, come back from our own articy export."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from storyarn_pipelines.domain.options import parse_options
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.store.collect import collect
from storyarn_pipelines.story.index import FlowName, read_story
from tests.imports.legal import make_legal
from tests.reference.projects import Generator
from tests.serializers.articy.comparing import export

from .conftest import WHEN, Drafter, Importer
from .test_articy_round_trip import FORMS, same_traces, unpacked

SEEDS = range(4)


@pytest.fixture(scope="session")
def generated(new_database: Callable[[], str]) -> tuple[str, dict[int, list[str]]]:
    """A database with projects by seed."""
    url = new_database()
    with psycopg.connect(url) as connection:
        generator = Generator(connection)
        projects = {seed: generator.fill(seed) for seed in SEEDS}
        make_legal(connection)
    return url, projects


def named(flow: FlowName) -> tuple[str, str]:
    """What a flow is called: generated ones that are alike have other names."""
    return flow.name, flow.shortcut or ""


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", SEEDS)
def test_generated_projects_come_back_and_play_alike(
    generated: tuple[str, dict[int, list[str]]],
    draft: Drafter,
    importer: Importer,
    tmp_path: Path,
    seed: int,
    form: str,
) -> None:
    url, projects = generated
    for place, project in enumerate(projects[seed]):
        directory = tmp_path / f"told-{place}"
        (directory / "snapshot").mkdir(parents=True)
        collect(url, project, parse_options({}), directory / "snapshot", collected_at=WHEN)
        reader = StoryReader(directory / "snapshot")
        made = export(reader, directory / "made")
        found = draft(unpacked(made.directory / "artifact.zip", form))
        assert [x for x in found.notes if "articy" in x] == []
        after = importer(found.path)
        for locale in (None, *(x.locale_code for x in reader.languages() if not x.is_source)):
            before, again = (read_story(x, locale=locale) for x in (reader, after.reader))
            old, new = (sorted(x.flows, key=named) for x in (before, again))
            assert list(map(named, new)) == list(map(named, old))
            plays = [(str(x.id), str(y.id)) for x, y in zip(old, new, strict=True)]
            same_traces(before, again, plays)
