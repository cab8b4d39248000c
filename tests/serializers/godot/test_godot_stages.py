"""Sequences are seen and heard in Dialogic while the play is at lines inside of them."""

import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from storyarn_pipelines.domain.flows import Flow, Node
from tests.serializers.godot.dialogic import Game, Play
from tests.serializers.godot.memory import Export, ToldStory, export
from tests.serializers.godot.stages import (
    CONTENTS,
    expected,
    layer,
    sequence,
    staged_flows,
    track,
)
from tests.story.builders import (
    assign,
    blank,
    flow,
    line,
    node,
    response,
    rule,
    wire,
)
from tests.story.random_flows import SHEET

FIRST, SECOND = "res://storyarn/media/theme.wav", "res://storyarn/media/rain.wav"


def made(tmp_path: Path, *flows: Flow, **options: object) -> Export:
    """An export with media."""
    reader = ToldStory(tmp_path, flows, [SHEET], CONTENTS)
    return export(reader, tmp_path / "made", **options)


def spoken(key: int, parent: int | None, *responses: object) -> Node:
    """A line in a sequence."""
    data = {"text": f"line {key}", "responses": list(responses)}
    return blank(Node, id=key, type="dialogue", data=data, parent_id=parent)


@pytest.mark.parametrize("seed", range(20))
def test_each_line_of_random_stories_has_its_stage(tmp_path: Path, seed: int) -> None:
    flows = staged_flows(Random(seed))
    game, wanted = Game.of(made(tmp_path, *flows).parts), expected(flows)
    for one in flows:
        for chosen in range(3):
            play = Play(game, chosen).run(f"flow_{one.id}")
            says = [event[2] for event in play.events if event[0] == "say"]
            assert play.errors == []
            assert [wanted[text] for text in says] == play.stages


def test_a_sound_goes_on_from_line_to_line_and_begins_anew_in_another_sequence(
    tmp_path: Path,
) -> None:
    looped = flow(
        [
            node(1, "entry"),
            node(2, "hub", hub_id="h"),
            spoken(3, 10),
            spoken(4, 10, response("again"), response("on")),
            node(5, "jump", target_hub_id="h"),
            spoken(6, 11),
            spoken(7, None),
            spoken(8, 10),
            sequence(10, track(3, "music", "0.5"), layer(1)),
            sequence(11, track(3, "sfx"), inside=10),
        ],
        [wire(1, 2), wire(2, 3), wire(3, 4), wire(4, 5, "again"), wire(4, 6, "on"), wire(6, 7),
         wire(7, 8)],
    )  # fmt: skip
    game = Game.of(made(tmp_path, looped).parts)
    theme, bell = f'audio music "{FIRST}" [volume="-6.0"]', f'audio sfx "{FIRST}" [loop="false"]'
    rounds = set()
    for seed in range(20):
        play = Play(game, seed).run("flow_1")
        assert play.started == [theme, bell, theme]
        assert play.stages[-2:] == [("", {}), ("res://storyarn/media/inn.png", {"music": FIRST})]
        rounds.add(len(play.stages))
    assert len(rounds) > 1


def test_a_called_flow_without_sequences_is_played_on_an_empty_stage(tmp_path: Path) -> None:
    outer = flow(
        [node(1, "entry"), spoken(2, 10), node(3, "subflow", referenced_flow_id=2), spoken(4, 10),
         sequence(10, track(3), layer(1))],
        [wire(1, 2), wire(2, 3), wire(3, 4)],
    )  # fmt: skip
    inner = flow(
        [node(11, "entry"), spoken(12, None), node(13, "exit", exit_mode="caller_return")],
        [wire(11, 12), wire(12, 13)],
        2,
    )
    play = Play(Game.of(made(tmp_path, outer, inner).parts), 0).run("flow_1")
    full = ("res://storyarn/media/inn.png", {"music": FIRST})
    assert (play.errors, play.stages) == ([], [full, ("", {}), full])


def test_stories_without_sequences_have_no_events_of_stages(tmp_path: Path) -> None:
    parts = made(tmp_path, line(spoken(1, None), spoken(2, None))).parts
    text = parts["storyarn/timelines/flow_1.dtl"] + parts["project.godot"]
    assert b"background" not in text
    assert b"audio" not in text
    assert b"music" not in text


@pytest.mark.parametrize(
    ("parts", "lost"),
    [
        ((layer(1), track(3)), False),
        ((layer(1, visible=False),), False),
        ((layer(1), layer(2, "character")), True),
        ((layer(1), layer(2, z_index=1)), True),
        ((layer(5),), True),
        ((track(5),), True),
        ((layer(1, opacity=0.5),), True),
        ((layer(1, fit="contain"),), True),
        ((track(3, start_time=Decimal("1.5")),), True),
    ],
)
def test_what_dialogic_cannot_show_or_play_is_told_and_kept_beside(
    tmp_path: Path, parts: tuple[object, ...], lost: bool
) -> None:
    told = line(spoken(1, 10))
    told = flow([*told.nodes, sequence(10, *parts)], told.connections)  # type: ignore[arg-type]
    export_ = made(tmp_path, told)
    found = [x for x in export_.found if x.code == "XP0203"]
    assert len(found) == lost
    assert all("sequences 10" in x.message and "flow 1" in x.where for x in found)
    dialogue = json.loads(export_.text("storyarn/story.json"))["dialogues"]["flow_1"]
    assert dialogue["nodes"]["dialogue_1"]["sequence"] == "sequence_10"
    kept = dialogue["sequences"]["sequence_10"]
    assert len(kept["layers"]) + len(kept["tracks"]) == len(parts)


def test_after_a_call_a_flow_without_sequences_has_an_empty_stage(tmp_path: Path) -> None:
    outer = flow(
        [node(1, "entry"), node(2, "subflow", referenced_flow_id=2), spoken(3, None)],
        [wire(1, 2), wire(2, 3)],
    )
    inner = flow(
        [node(11, "entry"), spoken(12, 20), node(13, "exit", exit_mode="caller_return"),
         sequence(20, track(3), layer(1))],
        [wire(11, 12), wire(12, 13)],
        2,
    )  # fmt: skip
    play = Play(Game.of(made(tmp_path, outer, inner).parts), 0).run("flow_1")
    full = ("res://storyarn/media/inn.png", {"music": FIRST})
    assert (play.errors, play.stages) == ([], [full, ("", {})])


def forked(kind: str, order: Sequence[int]) -> list[Flow]:
    """Three ways, of which one has a line more, meet at line 7."""
    lines = [spoken(4, 20), spoken(5, 20), spoken(6, 21), spoken(7, 21), spoken(8, 20)]
    around = [sequence(20, track(3), layer(1)), sequence(21, track(4), layer(2))]
    wires = [wire(4, 7), wire(5, 6), wire(6, 7), wire(8, 7)]
    values = dict(zip("abc", "012", strict=True))
    picked = [response(x, "", assign("s", "n", "set", y)) for x, y in values.items()]
    blocks = [
        {"id": f"case_{x}", "type": "block", "logic": "all", "rules": [rule("s", "n", "equals", y)]}
        for x, y in list(values.items())[:2]
    ]
    before, pins = {
        "choice": ([spoken(2, None, *picked)], ["a", "b", "c"]),
        "switch": (
            [spoken(2, None, *picked),
             node(3, "condition", switch_mode=True, condition={"logic": "all", "blocks": blocks})],
            ["case_a", "case_b", "default"],
        ),
        "call": ([node(2, "subflow", referenced_flow_id=2)], ["exit_13", "exit_14", "exit_15"]),
    }[kind]  # fmt: skip
    wires += [wire(1, 2), *(wire(2, 3, x) for x in values if len(before) == 2)]
    wires += [wire(before[-1].id, way, pin) for way, pin in zip(order, pins, strict=True)]
    exits = [node(key, "exit", exit_mode="caller_return") for key in (13, 14, 15)]
    asked = spoken(12, None, *picked)
    leaves = [wire(12, x.id, pin) for x, pin in zip(exits, values, strict=True)]
    inner = flow([node(11, "entry"), asked, *exits], [wire(11, 12), *leaves], 2)
    return [flow([node(1, "entry"), *before, *lines, *around], wires), inner]


@pytest.mark.parametrize("order", [(4, 5, 8), (5, 4, 8), (8, 4, 5)])
@pytest.mark.parametrize("kind", ["choice", "switch", "call"])
def test_each_way_on_from_a_fork_has_its_stages(
    tmp_path: Path, kind: str, order: Sequence[int]
) -> None:
    flows = forked(kind, order)
    game, wanted = Game.of(made(tmp_path, *flows).parts), expected(flows)
    taken = set()
    for seed in range(12):
        play = Play(game, seed).run("flow_1")
        says = [event[2] for event in play.events if event[0] == "say"]
        assert (play.errors, [wanted[text] for text in says]) == ([], play.stages)
        taken.add(tuple(says))
    assert len(taken) == 3
