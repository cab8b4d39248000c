"""Random stories play in the real Godot with Dialogic as in Storyarn."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.serializers.godot.comparing import MOST, differences
from tests.serializers.godot.dialogic import folded
from tests.serializers.godot.engine import Godot, found_godot
from tests.serializers.godot.memory import ToldStory, export
from tests.serializers.godot.projects import SHEETS, hostile_flows
from tests.serializers.godot.stages import CONTENTS, expected, staged_flows
from tests.story.builders import story
from tests.story.random_flows import SHEET

_FLOWS, _SEEDS = 40, 2


@pytest.fixture(scope="module")
def godot() -> Iterator[Godot]:
    """The engine."""
    with found_godot() as found:
        yield found


def test_random_stories_play_in_dialogic_as_in_storyarn(godot: Godot, tmp_path: Path) -> None:
    flows = hostile_flows(Random(0), _FLOWS)
    made = export(ToldStory(tmp_path, flows, SHEETS), tmp_path / "made")
    told = story(*flows, sheets=SHEETS)
    plays: list[dict[str, Any]] = [{"timeline": f"flow_{x.id}", "flow": x.id, "seed": y}
             for x in flows for y in range(_SEEDS)]  # fmt: skip
    results = godot.play(made.parts, plays)
    found = {}
    for play, result in zip(plays, results, strict=True):
        events = [
            ("say", x[1], folded(x[2])) if x[0] == "say" else
            ("choose", tuple(map(folded, x[1])), x[2])
            for x in result["events"]
        ]  # fmt: skip
        endless = len(events) > MOST  # the player gives up, and may do so in the middle
        errors = [x for x in result["errors"] if not (endless and x == "stuck")]
        played = (events, result["values"], errors)
        flow_id, seed = int(play["flow"]), int(play["seed"])
        difference = differences(told, flow_id, seed, played, made.found)
        if difference:
            found[flow_id, seed] = difference
    assert found == {}


def test_lines_have_their_images_and_sounds_in_dialogic(godot: Godot, tmp_path: Path) -> None:
    flows = staged_flows(Random(4), 12)
    made = export(
        ToldStory(tmp_path, flows, [SHEET], CONTENTS), tmp_path / "made", include_assets="bundled"
    )
    plays = [{"timeline": f"flow_{x.id}", "seed": y} for x in flows for y in range(_SEEDS)]
    wanted, seen = expected(flows), set()
    for play, result in zip(plays, godot.play(made.parts, plays), strict=True):
        for _, _, text, background, sounds in (x for x in result["events"] if x[0] == "say"):
            assert (background, sounds) == wanted[text], (play, text)
            seen.add((background, *sorted(sounds.items())))
        assert result["errors"] == [], play
    assert len(seen) > 10
