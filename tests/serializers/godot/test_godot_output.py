"""The option that chooses Dialogic's files, the generic JSON, or both."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.serializers.godot.test_godot_golden import Parts, exported

STORY, README = "storyarn/story.json", "storyarn/README.md"
TABLE = "storyarn/dialogic_timeline_translations.csv"


@pytest.fixture
def export(mini_url: str, tmp_path: Path) -> Callable[..., Parts]:
    """An export with some options."""
    return lambda **options: exported(mini_url, tmp_path, **options)


def test_both_are_written_if_nothing_is_chosen(export: Callable[..., Parts]) -> None:
    assert {STORY, README, "project.godot"} < set(export())


@pytest.mark.parametrize("options", [{}, {"pretty_print": False}])
def test_either_is_the_same_as_in_both(
    export: Callable[..., Parts], options: dict[str, object]
) -> None:
    both = export(localization_policy="preview", **options)
    dialogic = export(godot_output="dialogic", localization_policy="preview", **options)
    plain = export(godot_output="json", localization_policy="preview", **options)
    assert set(plain) == {STORY}
    assert dialogic.keys() == both.keys() - plain.keys()
    for name in (dialogic | plain).keys() - {README, TABLE}:
        assert both[name] == (dialogic | plain)[name], name
    # Nodes that a play cannot reach are in the generic file only.
    assert set(dialogic[TABLE].splitlines()) < set(both[TABLE].splitlines())
    assert STORY.encode() in both[README]
    assert STORY.encode() not in dialogic[README]


def test_the_generic_file_keeps_scenes_and_sequences(export: Callable[..., Parts]) -> None:
    story = json.loads(export(godot_output="json")[STORY])
    (dialogue,) = [x for x in story["dialogues"].values() if "sequences" in x]
    assert dialogue["scene"] in story["scenes"]
    opening = dialogue["sequences"]["sequence_610"]
    assert [x["kind"] for x in opening["layers"]] == ["backdrop", "character"]
    assert [x["file"] for x in opening["tracks"]] == ["res://storyarn/media/theme.mp3", None]
    assert dialogue["sequences"]["sequence_611"]["sequence"] == "sequence_610"
    assert dialogue["nodes"]["dialogue_602"]["sequence"] == "sequence_611"
    pins = [pin for scene in story["scenes"].values() for pin in scene["pins"]]
    assert pins
    assert all("icon_file" in x for x in pins)
