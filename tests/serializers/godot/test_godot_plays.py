"""Exported timelines play in a model of Dialogic as the reference player plays the story."""

from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from storyarn_pipelines.domain.flows import Flow
from storyarn_pipelines.domain.sheets import Sheet
from tests.serializers.godot.comparing import differences
from tests.serializers.godot.dialogic import Game, Play
from tests.serializers.godot.memory import Export, ToldStory, export
from tests.serializers.godot.projects import SHEETS, TEXTS, hostile_flows
from tests.story.builders import assign, condition, flow, line, node, response, rule, story, wire
from tests.story.random_flows import FLOWS, SHEET, random_flow


def assert_plays(
    tmp_path: Path, flows: Sequence[Flow], sheets: Sequence[Sheet], seeds: int = 3
) -> Export:
    """All flows with some seeds, against the reference."""
    made = export(ToldStory(tmp_path, flows, sheets), tmp_path / "made")
    told = story(*flows, sheets=sheets)
    game = Game.of(made.parts)
    for one in flows:
        for seed in range(seeds):
            play = Play(game, seed).run(f"flow_{one.id}")
            played = (play.events, play.values, play.errors)
            assert differences(told, one.id, seed, played, made.found) == "", (one.id, seed)
    return made


@pytest.mark.parametrize("seed", range(15))
def test_random_stories_play_as_in_storyarn(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    assert_plays(tmp_path, [random_flow(random, key) for key in FLOWS], [SHEET])


@pytest.mark.parametrize("seed", range(15))
def test_hostile_stories_play_as_in_storyarn(tmp_path: Path, seed: int) -> None:
    assert_plays(tmp_path, hostile_flows(Random(seed)), SHEETS)


@pytest.mark.parametrize("speaker", [None, 1, 3])
def test_every_text_is_said_as_it_is(tmp_path: Path, speaker: int | None) -> None:
    spoken = [node(i + 1, "dialogue", text=x, speaker_sheet_id=speaker, responses=[])
              for i, x in enumerate((*TEXTS, "x" * 100_000))]  # fmt: skip
    made = assert_plays(tmp_path, [line(*spoken)], SHEETS, seeds=1)
    assert {x.code for x in made.found} <= {"XP0105", "XP0203", "XP0204", "EX0404"}
    told = [x for x in made.found if "responses" in x.message]
    assert told == []


def test_a_loop_in_a_called_flow_returns_to_its_caller(tmp_path: Path) -> None:
    """Every jump of the loop is on Dialogic's own stack when the flow returns."""
    outer = flow(
        [node(1, "entry"), node(2, "subflow", referenced_flow_id=2), node(3, "dialogue", text="a"),
         node(4, "dialogue", text="b")],
        [wire(1, 2), wire(2, 3, "exit_15"), wire(2, 4, "exit_16")],
    )  # fmt: skip
    inner = flow(
        [
            node(11, "entry"),
            node(12, "hub", hub_id="h"),
            node(13, "dialogue", text="in {s.n}", responses=[
                response("again", "", assign("s", "n", "add", "1")),
                response("left"), response("right")]),
            node(14, "jump", target_hub_id="h"),
            node(15, "exit", exit_mode="caller_return"),
            node(16, "exit", exit_mode="caller_return"),
        ],
        [wire(11, 12), wire(12, 13), wire(13, 14, "again"), wire(13, 15, "left"),
         wire(13, 16, "right")],
        2,
    )  # fmt: skip
    assert_plays(tmp_path, [outer, inner], [SHEET], seeds=20)


def test_without_a_valid_response_the_story_ends_behind_the_line(tmp_path: Path) -> None:
    never = condition(rule("s", "n", "greater_than", "100"))
    asked = node(1, "dialogue", text="well?", responses=[response("a", when=never)])
    made = assert_plays(tmp_path, [line(asked)], [SHEET])
    play = Play(Game.of(made.parts), 0).run("flow_1")
    assert (play.events, play.errors) == ([("say", None, "well?")], [])


def test_a_response_cannot_run_an_expression(tmp_path: Path) -> None:
    texts = ("{Dialogic.clear()}", "x | [if {s.b}]", "<a/b>", "#id:1")
    asked = node(1, "dialogue", text="?", responses=[response(str(i), x)
                                                     for i, x in enumerate(texts)])  # fmt: skip
    made = export(ToldStory(tmp_path, [line(asked)], [SHEET]), tmp_path / "made")
    options = [x for x in made.text("storyarn/timelines/flow_1.dtl").split("\n") if x[:1] == "-"]
    assert len(options) == len(texts)
    for option in options:
        text = option.rpartition(" #id:")[0]
        assert not set(text) & set("{|<"), option
        assert "#id:" not in text
    assert [x.code for x in made.found if x.where.endswith("dialogue 1")] == ["XP0202"]


def test_a_loop_without_a_line_ends(tmp_path: Path) -> None:
    going = flow(
        [node(1, "entry"), node(2, "hub", hub_id="h"), node(3, "jump", target_hub_id="h")],
        [wire(1, 2), wire(2, 3)],
    )
    made = export(ToldStory(tmp_path, [going], [SHEET]), tmp_path / "made")
    play = Play(Game.of(made.parts), 0).run("flow_1")
    assert (play.ended, play.errors) == (True, [])
    assert "XP0103" in {x.code for x in made.found}


def test_equal_stories_give_equal_bytes(tmp_path: Path) -> None:
    first, second = (
        export(ToldStory(tmp_path, hostile_flows(Random(1)), SHEETS), tmp_path / str(i))
        for i in range(2)
    )
    assert first == second
