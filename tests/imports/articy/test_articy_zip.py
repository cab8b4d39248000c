"""The ZIP of our own articy export is imported as it was written, media and all."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from storyarn_pipelines.domain.import_options import ImportOptions
from storyarn_pipelines.domain.options import parse_options
from storyarn_pipelines.services.imports import import_file
from storyarn_pipelines.settings import Settings
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.store.collect import collect
from storyarn_pipelines.story.index import read_story
from tests.serializers.articy.comparing import export
from tests.serializers.articy.conftest import WHEN, Exporter, demo_url, exported
from tests.serializers.articy.test_articy_files import DemoMedia

from .test_articy_round_trip import FORMS, same_traces

__all__ = ["demo_url", "exported"]


@pytest.mark.parametrize("without", [None, *FORMS])
def test_the_zip_comes_back_with_its_media_and_plays_alike(
    exported: Exporter,
    make_settings: Callable[[str], Settings],
    studio_url: str,
    tmp_path: Path,
    without: str | None,
) -> None:
    reader, _ = exported("demo")
    reader.media_source = DemoMedia()
    made = export(reader, tmp_path / "bundled", include_assets="bundled").directory
    path = made / "artifact.zip"
    if without is not None:
        path = tmp_path / "part.zip"
        with zipfile.ZipFile(made / "artifact.zip") as whole, zipfile.ZipFile(path, "w") as part:
            for name in whole.namelist():
                if name != without:
                    part.writestr(name, whole.read(name))
    with psycopg.connect(studio_url) as connection:
        connection.execute("TRUNCATE projects CASCADE")
    report = import_file(make_settings(studio_url), path, ImportOptions(new="studio"))
    directory = tmp_path / "again"
    directory.mkdir()
    project = str(report.project["id"])
    collect(studio_url, project, parse_options({}), directory, collected_at=WHEN)
    again = StoryReader(directory)
    media = {(x.filename, x.size, x.blob_hash) for x in again.media()}
    assert len(media) == len(DemoMedia().files)
    assert {x[0] for x in media} == {x.filename for x in reader.media()}
    before, after = read_story(reader), read_story(again)
    plays = [(str(x.id), str(y.id)) for x, y in zip(before.flows, after.flows, strict=True)]
    assert same_traces(before, after, plays)
