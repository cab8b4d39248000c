"""What comes in plays as articy-js plays it."""

import json
from pathlib import Path

import pytest

from tests.node.judge import Judge

from .conftest import Drafter, Importer
from .playing import articy_events, articy_plays, story_events
from .projects import RandomProject

_MOST = 150


@pytest.mark.parametrize("seed", range(16))
def test_random_projects_play_as_articy_js_plays_them(
    judge: Judge, draft: Drafter, importer: Importer, tmp_path: Path, seed: int
) -> None:
    project = RandomProject(seed)
    document = project.document.json()
    made = draft(project.document.xml() if seed % 2 else json.dumps(document))
    story = importer(made.path).story
    names = {f"0x{x:016X}": project.document.things[x].members["name"] for x in project.people}
    plays = [(project.start, number) for number in range(6)]
    for result, (_, number) in zip(
        articy_plays(judge, document, tmp_path, plays), plays, strict=True
    ):
        wanted = articy_events(result, names)
        got, end = story_events(story, None, number)
        cut = _MOST if end == "step_limit" or len(wanted) > _MOST else None
        assert got[:cut] == wanted[:cut], made.notes
