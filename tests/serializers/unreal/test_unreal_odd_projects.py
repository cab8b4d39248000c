"""Projects that a database allows and nobody would write load in Unreal, and play the same."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from storyarn_pipelines.domain.options import parse_options
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.store.collect import collect
from storyarn_pipelines.story.index import read_story
from tests.reference.test_native_export import NOW, VARIANTS, Example, examples
from tests.serializers.unreal.comparing import check
from tests.serializers.unreal.loader import Archive
from tests.serializers.unreal.memory import export

__all__ = ["examples"]


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("seed", range(5))
def test_odd_projects_load_and_play(
    examples: Callable[[int], list[Example]],
    tmp_path: Path,
    seed: int,
    variant: str,
) -> None:
    for number, example in enumerate(examples(seed)):
        chosen = VARIANTS[variant](example, Random(f"{seed} {variant} {number}"))
        chosen["include_trash"] = chosen.get("include_trash") or example.deleted
        directory = tmp_path / f"{number}" / "snapshot"
        directory.mkdir(parents=True)
        collect(example.url, example.id, parse_options(chosen), directory, collected_at=NOW)
        snapshot = StoryReader(directory)
        content, found = export(snapshot, directory.parent, **chosen)
        archive = Archive(content)
        for culture in archive.graph["cultures"]:
            archive.translations(culture)
        for name in ("DT_DialogueLines", "DT_Choices", "DT_Characters", "DT_Variables"):
            assert archive.json_table(name) == archive.tables[name]
        if variant in ("everything", "trash"):
            told = read_story(snapshot)
            for flow in told.flows:
                check(told, flow.id, seed, archive, found)
