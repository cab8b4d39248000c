"""Scripts arrive in a database whole, and once."""

from collections.abc import Callable
from pathlib import Path

from storyarn_pipelines.domain.options import parse_options
from storyarn_pipelines.services.demo import ensure_demo
from storyarn_pipelines.services.export import export_project
from storyarn_pipelines.settings import Settings
from storyarn_pipelines.story.choices import SeededChoices
from storyarn_pipelines.story.index import read_story
from storyarn_pipelines.story.player import Player
from tests.imports.conftest import Import
from tests.imports.yarn.drafting import Drafted, said
from tests.imports.yarn.test_yarn_import_plays import STORIES
from tests.imports.yarn.test_yarn_round_trip import events_of
from tests.serializers.yarn.test_yarn_plays import snapshot


def test_scripts_play_from_a_database_and_come_twice_without_a_change(
    bring: Import, studio: str, tmp_path: Path
) -> None:
    for number, (name, text) in enumerate(STORIES.items()):
        directory = tmp_path / str(number)
        directory.mkdir()
        drafted = Drafted({"a.yarn": text}, directory)
        report = bring(drafted.path, name=name)
        assert report.errors == []
        assert report.warnings == []
        (directory / "snapshot").mkdir()
        reader = snapshot(studio, str(report.project["id"]), directory / "snapshot")
        player = Player(read_story(reader), whole_numbers=True)
        for seed in range(4):
            trace = player.play("start", SeededChoices(seed))
            assert said(trace) == said(drafted.play("start", choices=SeededChoices(seed)))
        again = bring(drafted.path, into=str(report.project["id"]), conflicts="overwrite")
        assert again.errors == []
        for counts in again.sections.values():
            assert not counts.get("new")
            assert not counts.get("updated")


def test_an_export_in_a_zip_comes_back_with_its_voices_and_translations(
    bring: Import, studio: str, new_database: Callable[..., str], tmp_path: Path
) -> None:
    url = new_database(empty=True)
    settings = Settings(tmp_path, url, str(tmp_path / "s"), str(tmp_path / "m"), str(tmp_path))
    project = ensure_demo(settings)
    out = tmp_path / "story.zip"
    export_project(settings, project, "yarn", parse_options({"include_assets": "bundled"}), out=out)
    report = bring(out)
    assert report.errors == []
    assert report.sections["media"]["new"] > 0
    readers = []
    for place, (database, key) in enumerate(((url, project), (studio, report.project["id"]))):
        (tmp_path / str(place)).mkdir()
        readers.append(snapshot(database, str(key), tmp_path / str(place)))
    for locale in (None, *(x.locale_code for x in readers[0].languages() if not x.is_source)):
        first, second = (Player(read_story(x, locale), whole_numbers=True) for x in readers)
        for flow in first.story.flows:
            for seed in range(3):
                wanted, found = (
                    events_of(x.play(flow.shortcut, SeededChoices(seed)), set())
                    for x in (first, second)
                )
                assert found == wanted, (locale, flow.name)
