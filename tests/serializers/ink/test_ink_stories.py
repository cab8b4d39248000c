"""Single stories whose shape is hard to say in Ink."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest

from storyarn_pipelines.domain.flows import Flow
from storyarn_pipelines.domain.options import parse_options
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.store.collect import collect
from storyarn_pipelines.story.choices import SeededChoices
from storyarn_pipelines.story.index import read_story
from storyarn_pipelines.story.player import Player
from tests.serializers.ink.engine import Exported, Ink, exported, fold, reference_events
from tests.serializers.ink.projects import insert
from tests.serializers.ink.test_ink_plays import WHEN
from tests.story.builders import assign, condition, flow, line, node, response, rule, wire

Export = Callable[..., Exported]


@pytest.fixture
def export(storyarn_url: str, tmp_path: Path) -> Export:
    """Exports flows; with ``sql``, after changing the rows."""

    def run(*flows: Flow, sql: str = "", **options: Any) -> Exported:
        with psycopg.connect(storyarn_url) as connection:
            insert(connection, [(x, 0) for x in flows])
            connection.execute(sql or "SELECT 1")
        return again(**options)

    def again(**options: Any) -> Exported:
        parsed = parse_options(options)
        directory = tmp_path / parsed.digest()
        directory.mkdir()
        collect(storyarn_url, "random", parsed, directory, collected_at=WHEN)
        found = exported(StoryReader(directory), parsed)
        found.directory = directory
        return found

    return run


def compare(ink: Ink, story: Exported, seeds: Sequence[int] = range(3)) -> list[Any]:
    """Compile, play every flow beside the reference, and give back the plays of the first."""
    assert ink.compile(story.script) == []
    player = Player(read_story(StoryReader(story.directory)), whole_numbers=True)
    for told in player.story.flows:
        for seed in seeds:
            played = ink.play(story.knots[told.id], seed)
            assert played["errors"] == []
            assert played["ended"]
            expected = player.play(told.shortcut or str(told.id), SeededChoices(seed))
            assert story.events(played) == reference_events(expected)
    return [story.events(ink.play(story.knots[1], seed)) for seed in seeds]


def say(key: int, text: str, **data: Any) -> Any:
    """A dialogue."""
    return node(key, "dialogue", text=text, **data)


CALLED = flow(
    [node(200, "entry"), say(201, "called"), node(202, "exit", exit_mode="caller_return")],
    [wire(200, 201), wire(201, 202)], key=2,
)  # fmt: skip


def test_a_flow_that_is_called_and_continued_returns_only_to_who_called_it(
    ink: Ink, export: Export
) -> None:
    caller = line(
        say(101, "before"),
        node(102, "subflow", referenced_flow_id=2),
        say(103, "back"),
        node(104, "exit", exit_mode="flow_reference", referenced_flow_id=2),
    )
    story = export(caller, CALLED)
    (events, *_) = compare(ink, story)
    assert [x[2] for x in events] == ["before", "called", "back", "called"]
    assert f"-> {story.knots[2]}.body ->\n" in story.script
    assert f"->-> {story.knots[2]}\n" in story.script


def test_a_terminal_exit_in_a_called_flow_ends_everything(ink: Ink, export: Export) -> None:
    ends = flow(
        [node(200, "entry"), say(201, "called"), node(202, "exit", exit_mode="terminal")],
        [wire(200, 201), wire(201, 202)], key=2,
    )  # fmt: skip
    caller = line(node(102, "subflow", referenced_flow_id=2), say(103, "never"))
    story = export(caller, ends)
    assert [x[2] for x in compare(ink, story)[0]] == ["called"]
    assert ink.play(story.knots[1])["variables"]["storyarn_exit"] == "202"


def test_a_return_goes_on_by_its_own_exit(ink: Ink, export: Export) -> None:
    two_exits = flow(
        [node(200, "entry"), say(201, "which?", responses=[response("a"), response("b")]),
         node(9007199254740993, "exit", exit_mode="caller_return"),
         node(203, "exit", exit_mode="caller_return")],
        [wire(200, 201), wire(201, 9007199254740993, "a"), wire(201, 203, "b")], key=2,
    )  # fmt: skip
    caller = flow(
        [node(100, "entry"), node(101, "subflow", referenced_flow_id="2"), say(102, "by a"),
         say(103, "by b")],
        [wire(100, 101), wire(101, 102, "exit_9007199254740993"), wire(101, 103, "exit_203")],
    )  # fmt: skip
    plays = compare(ink, export(caller, two_exits), range(6))
    assert {play[-1][2] for play in plays} == {"by a", "by b"}


def test_a_menu_whose_responses_may_all_be_refused_ends_the_story(ink: Ink, export: Export) -> None:
    never = condition(rule("s", "n", "greater_than", "100"))
    stuck = line(
        say(101, "stuck", responses=[response("a", when=never), response("b", when=never)])
    )
    story = export(stuck)
    assert compare(ink, story)[0] == [("say", None, "stuck")]
    assert "+ -> END" in story.script


@pytest.mark.parametrize("kind", ["hub", "condition", "jump"])
def test_a_loop_without_a_line_ends_and_is_told(ink: Ink, export: Export, kind: str) -> None:
    pins = ("true", "false") if kind == "condition" else ("output",)
    nodes = [node(100, "entry"), say(101, "in"), node(102, "hub", hub_id="h"),
             node(103, kind, hub_id="k", target_hub_id="h")]  # fmt: skip
    wires = [wire(100, 101), wire(101, 102), wire(102, 103), *(wire(103, 102, x) for x in pins)]
    story = export(flow(nodes, wires))
    assert ink.compile(story.script) == []
    played = ink.play(story.knots[1])
    assert (played["ended"], played["errors"]) == (True, [])
    assert [x["line"] for x in played["events"]] == ["in"]
    assert "XP0103" in story.codes("flow a.b")


def test_flows_that_call_each_other_for_ever_end(ink: Ink, export: Export) -> None:
    there = line(node(101, "subflow", referenced_flow_id=2))
    back = line(node(201, "exit", exit_mode="flow_reference", referenced_flow_id=1), key=2)
    story = export(there, back)
    assert ink.compile(story.script) == []
    played = ink.play(story.knots[1])
    assert (played["ended"], played["errors"], played["events"]) == (True, [], [])


def test_several_lines_of_one_dialogue_belong_together(ink: Ink, export: Export) -> None:
    text = "<p>one {s.n}</p><p></p><p>- two</p>"
    story = export(line(say(101, text, speaker_sheet_id=2, localization_id="greeting")))
    assert ink.compile(story.script) == []
    first, empty, second = ink.play(story.knots[1])["events"]
    common = ["speaker:npc.old-keeper", "line:flow_node.greeting.text"]
    assert first == {"line": "one 0", "tags": common}
    assert empty == {"line": "", "tags": [*common, "continued"]}
    assert second == {"line": "- two", "tags": [*common, "continued"]}
    table = story.table("source" if "strings.source.csv" in story.parts else "en")
    assert table["flow_node.greeting.text"]["text"] == "one {s_n}\n\n- two"


def test_what_the_language_cannot_say_is_told_with_its_node(export: Export) -> None:
    told = line(node(101, "instruction", assignments=[assign("s", "b", "set", "true")]))
    story = export(told)
    assert "EX0404" in story.codes("instruction 101")
    (kept,) = story.metadata["expressions"]
    assert kept["node"] == 101
    assert fold(kept["source"]) == 's.b = "true"'


def test_what_lies_outside_of_a_partial_export_is_told(ink: Ink, export: Export) -> None:
    caller = line(say(101, "before"), node(102, "subflow", referenced_flow_id=2), say(103, "no"))
    story = export(caller, CALLED, flow_ids=[1])
    assert [x[2] for x in compare(ink, story)[0]] == ["before"]
    assert "XP0102" in story.codes("subflow 102")


def test_a_flow_without_an_entry_is_there_and_says_nothing(ink: Ink, export: Export) -> None:
    story = export(line(node(102, "subflow", referenced_flow_id=2), say(103, "no")),
                   flow([say(201, "lost")], key=2))  # fmt: skip
    assert compare(ink, story)[0] == []
    assert "XP0101" in story.codes("flow a-b")
    assert "XP0104" in story.codes("flow a.b")


def test_the_same_project_gives_the_same_bytes(export: Export) -> None:
    story = export(line(say(101, "{s.t}")), CALLED)
    again = exported(StoryReader(story.directory))
    assert again.parts == story.parts


def test_compact_files_have_no_comments_and_play_alike(ink: Ink, export: Export) -> None:
    asks = [response("a", "// no comment"), response("b", "  {s.n}", assign("s", "n", "add", "1"))]
    story = export(line(say(101, "// x", responses=asks), say(102, "  y")), pretty_print=False)
    compare(ink, story)
    assert not [x for x in story.script.splitlines() if x.startswith((" ", "//"))]
    assert story.parts["metadata.json"].count(b"\n") <= 1
