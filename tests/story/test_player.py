"""The rules of play, one by one."""

from typing import Any

import msgspec
import pytest

from storyarn_pipelines.domain.flows import Connection, Node
from storyarn_pipelines.errors import UnknownFlowError, UsageError
from storyarn_pipelines.story import player as player_module
from storyarn_pipelines.story.choices import ScriptedChoices, SeededChoices
from storyarn_pipelines.story.player import STEP_LIMIT, Player
from storyarn_pipelines.story.script import script
from tests.story.builders import (
    Trace,
    assign,
    block,
    case,
    condition,
    end,
    events,
    flow,
    line,
    node,
    number,
    play,
    response,
    rule,
    said,
    sheet,
    story,
    text_of,
    wire,
)  # fmt: skip

MC = sheet(
    12, "mc",
    number("gold", 5), block("name", "text", "Mira"), block("ok", "boolean", False),
    block("kind", "select", None), block("tags", "multi_select", ["a"]),
    name="Mira <i>",
)  # fmt: skip
POOR = condition(rule("mc", "gold", "less_than", "3"))
RICH = condition(rule("mc", "gold", "greater_than", "3"))


def single(under_test: Node, *wires: Connection, others: tuple[Node, ...] = ()) -> Trace:
    """A play of one node (id 1) after the entry; pins lead to dialogues 2 and up."""
    targets = {x.target_node_id for x in wires} - {1} - {x.id for x in others}
    nodes = [node(0, "entry"), under_test, *others]
    nodes += [node(key, "dialogue", text=f"at {key}") for key in sorted(targets)]
    return play(story(flow(nodes, [wire(0, 1), *wires]), sheets=[MC]))


# Moving through a flow


@pytest.mark.parametrize("kind", ["entry", "hub", "annotation", "sequence", "from_the_future"])
def test_a_node_without_meaning_is_passed_by_its_output(kind: str) -> None:
    assert end(single(node(1, kind), wire(1, 2, "other"), wire(1, 3))) == ("dead_end", 3)


def test_a_trace_of_a_line() -> None:
    made = node(1, "dialogue", text="<p>Hi, {mc.name}</p>", speaker_sheet_id="12")
    assert single(made) == {
        "events": [
            {"say": {"speaker": "Mira <i>", "text": "Hi, Mira", "node": 1}},
            {"end": "dead_end", "node": 1, "pin": "output"},
        ],
        "variables": {"mc.gold": 5, "mc.kind": None, "mc.name": "Mira", "mc.ok": False,
                      "mc.tags": ["a"]},
        "steps": 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("stored", "speaker"),
    [(12, "Mira <i>"), ("12", "Mira <i>"), ("012", "Mira <i>"), (13, None), (None, None),
     ("mc", None), (12.0, None), (True, None), ([12], None), ("9" * 99, None)],
)  # fmt: skip
def test_a_speaker_is_a_sheet_by_its_id(stored: object, speaker: str | None) -> None:
    trace = single(node(1, "dialogue", speaker_sheet_id=stored))
    assert trace["events"][0]["say"] == {"speaker": speaker, "text": "", "node": 1}


@pytest.mark.parametrize("data", [None, "odd", [1], {"text": 5, "responses": {"a": 1}}])
def test_a_dialogue_without_sense_says_nothing_and_goes_on(data: Any) -> None:
    made = msgspec.structs.replace(node(1, "dialogue"), data=data)
    assert said(single(made, wire(1, 2))) == ["", "at 2"]


def test_a_dialogue_with_responses_never_leaves_by_output() -> None:
    made = node(1, "dialogue", text="?", responses=[response("a"), response("b")])
    assert end(single(made, wire(1, 2))) == ("dead_end", 1)


@pytest.mark.parametrize(
    ("pins", "target"), [(["resp_a", "a"], 3), (["resp_a"], 2), (["response_a"], None)]
)
def test_a_response_leaves_by_its_id_or_the_older_alias(pins: list[str], target: int) -> None:
    made = node(1, "dialogue", responses=[response("a")])
    trace = single(made, *(wire(1, number_, pin) for number_, pin in enumerate(pins, start=2)))
    assert end(trace) == ("dead_end", target or 1)


@pytest.mark.parametrize(("key", "pin"), [(5, "resp_5"), (None, "resp_"), (True, "resp_true")])
def test_an_id_that_is_no_text_fits_the_alias_alone(key: object, pin: str) -> None:
    made = node(1, "dialogue", responses=[response(key)])
    assert end(single(made, wire(1, 2, pin))) == ("dead_end", 2)
    odd = node(1, "dialogue", responses=[response([1])])
    assert end(single(odd, wire(1, 2, "resp_[1]"))) == ("dead_end", 1)


def menu(*responses: dict[str, Any]) -> Trace:
    """A play of one dialogue whose responses have no wires."""
    return single(node(1, "dialogue", responses=list(responses)))


def test_a_menu_offers_the_valid_responses_in_order() -> None:
    trace = menu(
        response("a", "poor", when=POOR),
        response("b", "$mc.gold coins", when=RICH),
        response("c", "free"),
    )
    assert events(trace, "choose") == [
        {"index": 0, "text": "5 coins", "options": ["5 coins", "free"]}
    ]


def test_a_single_valid_response_is_taken_without_a_menu() -> None:
    trace = menu(response("a", when=POOR), response("b", "", assign("mc", "gold", "add", "1")))
    assert events(trace, "choose") == [
        {"index": 0, "text": "take b", "options": ["take b"], "auto": True}
    ]
    assert events(trace, "set") == [{"mc.gold": 6.0}]
    assert end(trace) == ("dead_end", 1)


def test_no_valid_response_is_the_end() -> None:
    trace = menu(response("a", when=POOR), response("b", when=POOR))
    assert [next(iter(event)) for event in trace["events"]] == ["say", "end"]
    assert end(trace) == ("no_valid_response", 1)


@pytest.mark.parametrize(
    ("stored", "is_valid"),
    [(text_of(POOR), False), (POOR, True), ("", True), (None, True), ("{", True), ("{}", True),
     (text_of(RICH), True), (5, True)],
)  # fmt: skip
def test_only_a_text_can_bar_a_response(stored: object, is_valid: bool) -> None:
    made = {**response("a"), "condition": stored}
    expected = "dead_end" if is_valid else "no_valid_response"
    assert end(menu(made)) == (expected, 1)


def test_assignments_run_before_the_pin_is_looked_up() -> None:
    trace = menu(response("a", "", assign("mc", "ok", "set_true")))
    assert [next(iter(event)) for event in trace["events"]] == ["say", "choose", "set", "end"]


@pytest.mark.parametrize(
    ("listed", "text", "gold"),
    [
        ([assign("mc", "gold", "set", "1")], [assign("mc", "gold", "set", "2")], 1.0),
        ([], [assign("mc", "gold", "set", "2")], 2.0),
        (None, [assign("mc", "gold", "set", "2")], 2.0),
        ([{}], [assign("mc", "gold", "set", "2")], 5),
    ],
)
def test_the_older_instruction_counts_only_without_a_list(
    listed: object, text: object, gold: float
) -> None:
    made = {**response("a"), "instruction_assignments": listed,
            "instruction": msgspec.json.encode(text).decode()}  # fmt: skip
    assert menu(made)["variables"]["mc.gold"] == gold


# Conditions and instructions


@pytest.mark.parametrize(
    ("stored", "target"),
    [
        (RICH, 2),
        (POOR, 3),
        (None, 2),
        ({}, 2),
        ({"logic": "all", "rules": [rule("a", "b", "is_true")]}, 2),
        (text_of(POOR), 2),
    ],
)
def test_a_condition_leaves_by_true_or_false(stored: object, target: int) -> None:
    made = node(1, "condition", condition=stored)
    assert end(single(made, wire(1, 2, "true"), wire(1, 3, "false"))) == ("dead_end", target)


def test_a_condition_without_a_wire_on_its_pin_is_the_end() -> None:
    made = node(1, "condition", condition=POOR)
    assert end(single(made, wire(1, 2, "true"))) == ("dead_end", 1)


POOR_RULE, RICH_RULE = rule("mc", "gold", "less_than", "3"), rule("mc", "gold", "greater_than", "3")
SWITCHES: list[tuple[dict[str, Any], str | None]] = [
    ({"blocks": [case(POOR_RULE, key="a"), case(RICH_RULE, key="b"), case(key="c")]}, "b"),
    ({"blocks": [case(POOR_RULE, key="a"), case({}, key="b")]}, "b"),
    ({"blocks": [case(POOR_RULE, key="a")]}, "default"),
    ({"blocks": []}, "default"),
    ({"blocks": [], "rules": [RICH_RULE | {"id": "a"}]}, "default"),
    ({"blocks": [case(RICH_RULE)]}, "default"),
    ({"blocks": [{"type": "group", "id": "a", "logic": "all", "blocks": []}]}, "default"),
    ({"blocks": [case(POOR_RULE, RICH_RULE, key="a", logic="any")]}, "a"),
    ({"blocks": [case(RICH_RULE, key="unwired"), case(RICH_RULE, key="a")]}, None),
    ({"rules": [POOR_RULE | {"id": "a"}, RICH_RULE | {"id": "b"}]}, "b"),
    ({"rules": [POOR_RULE | {"id": "a"}]}, "default"),
]


@pytest.mark.parametrize(("stored", "pin"), SWITCHES)
@pytest.mark.parametrize("mode", [True, "yes", 0])
def test_a_switch_takes_its_first_case_that_holds(
    stored: dict[str, Any], pin: str | None, mode: object
) -> None:
    made = node(1, "condition", condition=stored, switch_mode=mode)
    pins = ["a", "b", "c", "default"]
    trace = single(made, *(wire(1, number_, x) for number_, x in enumerate(pins, start=2)))
    assert end(trace) == ("dead_end", 1 if pin is None else pins.index(pin) + 2)


def test_an_instruction_tells_what_it_really_changed() -> None:
    does = [
        assign("mc", "gold", "set", "5"),
        assign("mc", "name", "set", "Bob"),
        assign("mc", "kind", "set", "x"),
        assign("mc", "kind", "clear"),
        assign("nobody", "x", "set", "1"),
        assign("mc", "ok", "toggle"),
        assign("mc", "ok", "toggle"),
    ]
    trace = single(node(1, "instruction", assignments=does), wire(1, 2))
    assert events(trace, "set") == [{"mc.name": "Bob"}]
    assert said(trace) == ["at 2"]


def test_true_and_one_are_different_values() -> None:
    sheets = [sheet(1, "s", block("b", "boolean", True), number("n", 1))]
    copy = {**assign("s", "b", "set", "n"), "value_type": "variable_ref", "value_sheet": "s"}
    trace = play(story(line(node(1, "instruction", assignments=[copy])), sheets=sheets))
    assert events(trace, "set") == [{"s.b": 1}]


@pytest.mark.parametrize(("depth", "is_kept"), [(3, True), (45, True), (60, False), (900, False)])
def test_a_structure_left_in_a_clear_is_kept_unless_it_is_deep(depth: int, is_kept: bool) -> None:
    """Other types than text take the value, whatever it is."""
    deep: Any = "x"
    for _ in range(depth):
        deep = [deep]
    does = [assign("s", "k", "set", "y"), assign("s", "k", "clear", deep)]
    sheets = [sheet(1, "s", block("k", "select", "z"))]
    made = line(
        node(1, "instruction", assignments=does),
        node(2, "dialogue", text="{s.k}"),
        node(3, "instruction", assignments=does),
    )
    trace = play(story(made, sheets=sheets))
    assert trace["variables"]["s.k"] == (deep if is_kept else None)
    assert end(trace) == ("dead_end", 3)


def test_limits_hold_for_assignments() -> None:
    sheets = [sheet(1, "s", number("n", 500, max="100"))]
    does = [assign("s", "n", "add", "1")]
    trace = play(story(line(node(1, "instruction", assignments=does)), sheets=sheets))
    assert events(trace, "set") == [{"s.n": 100}]


def test_whole_numbers_are_shown_without_a_fraction() -> None:
    made = line(
        node(1, "instruction", assignments=[assign("mc", "gold", "set", "1000")]),
        node(2, "dialogue", text="{mc.gold}", responses=[response("a", "$mc.gold")]),
    )
    told = story(made, sheets=[MC])
    assert said(play(told)) == ["1.0e3"]
    trace = play(told, whole_numbers=True)
    assert (said(trace), events(trace, "choose")[0]["text"]) == (["1000"], "1000")
    assert type(trace["variables"]["mc.gold"]) is int


# Jumps and flows


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("h", ("dead_end", 8)),
        ("", ("no_hub", 1)),
        (None, ("no_hub", 1)),
        ("x", ("hub_not_found", 1)),
        (5, ("hub_not_found", 1)),
        ([], ("hub_not_found", 1)),
    ],
)
def test_a_jump_goes_to_the_hub_of_its_flow(target: object, expected: tuple[str, int]) -> None:
    hub = node(8, "hub", hub_id="h")
    trace = single(node(1, "jump", target_hub_id=target), wire(1, 2), others=(hub,))
    assert end(trace) == expected


def test_a_wire_into_another_flow_leads_nowhere() -> None:
    told = story(flow([node(0, "entry")], [wire(0, 77)]), line(node(77, "dialogue"), key=2))
    assert end(play(told)) == ("node_not_found", 77)
    assert play(told)["steps"] == 1


def call(*, caller: Node, exit_: Node, wires: tuple[Connection, ...] = ()) -> Trace:
    """Flow 1 calls flow 2 by ``caller`` (id 1); ``exit_`` (id 50) ends flow 2."""
    nodes = [node(0, "entry"), caller, node(7, "dialogue", text="seven"), node(8, "exit")]
    return play(
        story(
            flow(nodes, [wire(0, 1), *wires]),
            line(exit_, key=2),
            line(key=3),
            flow([node(60, "hub")], key=4),
            sheets=[MC],
        )
    )


SUBFLOW = node(1, "subflow", referenced_flow_id=2)
INTO = node(1, "exit", exit_mode="flow_reference", referenced_flow_id="2")
BACK = node(50, "exit", exit_mode="caller_return")
BOTH = (wire(1, 7), wire(1, 8, "exit_50"))


@pytest.mark.parametrize(
    ("caller", "exit_", "wires", "expected"),
    [
        (SUBFLOW, BACK, BOTH, ("exit", 8)),
        (SUBFLOW, BACK, BOTH[:1], ("dead_end", 7)),
        (SUBFLOW, BACK, (wire(1, 7, "exit_51"),), ("dead_end", 1)),
        (SUBFLOW, node(50, "exit"), BOTH, ("exit", 50)),
        (SUBFLOW, node(50, "exit", exit_mode="odd"), BOTH, ("exit", 50)),
        (SUBFLOW, node(50, "exit", exit_mode=None), BOTH, ("exit", 50)),
        (SUBFLOW, node(50, "hub"), BOTH, ("dead_end", 50)),
        (INTO, BACK, (), ("returned_to_exit", 1)),
        (INTO, BACK, BOTH, ("exit", 8)),
        (node(1, "subflow"), BACK, BOTH, ("no_flow", 1)),
        (node(1, "subflow", referenced_flow_id=None), BACK, BOTH, ("no_flow", 1)),
        (node(1, "exit", exit_mode="flow_reference"), BACK, BOTH, ("no_flow", 1)),
        (node(1, "subflow", referenced_flow_id=99), BACK, BOTH, ("flow_not_found", 1)),
        (node(1, "subflow", referenced_flow_id="two"), BACK, BOTH, ("flow_not_found", 1)),
        (node(1, "subflow", referenced_flow_id=[2]), BACK, BOTH, ("flow_not_found", 1)),
        (node(1, "subflow", referenced_flow_id=4), BACK, BOTH, ("no_entry", 1)),
        (node(1, "exit", exit_mode="caller_return"), BACK, BOTH, ("returned_to_nobody", 1)),
    ],
)
def test_calls_and_returns(
    caller: Node, exit_: Node, wires: tuple[Connection, ...], expected: tuple[str, int]
) -> None:
    assert end(call(caller=caller, exit_=exit_, wires=wires)) == expected


def test_an_exit_into_another_flow_is_a_call_of_its_own() -> None:
    """The subflow's caller is never reached again."""
    told = story(
        flow([node(0, "entry"), SUBFLOW, node(7, "exit")], [wire(0, 1), wire(1, 7)]),
        line(node(50, "exit", exit_mode="flow_reference", referenced_flow_id=3), key=2),
        line(node(60, "exit", exit_mode="caller_return"), key=3),
    )
    assert end(play(told)) == ("returned_to_exit", 50)


def test_variables_are_shared_between_flows() -> None:
    told = story(
        line(SUBFLOW, node(3, "dialogue", text="{mc.name}")),
        line(
            node(20, "instruction", assignments=[assign("mc", "name", "set", "Bob")]), BACK, key=2
        ),
        sheets=[MC],
    )
    assert said(play(told)) == ["Bob"]


def test_a_flow_without_entry_is_refused_in_the_trace() -> None:
    assert play(story(flow([node(1, "hub")]))) == {
        "events": [{"end": "no_entry", "node": None, "flow": 1}], "variables": {}, "steps": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("made", "steps"),
    [
        (flow([node(0, "entry")], [wire(0, 0)]), STEP_LIMIT),
        (line(node(1, "subflow", referenced_flow_id=1)), STEP_LIMIT),
        (flow([node(0, "entry"), node(1, "dialogue")], [wire(0, 1), wire(1, 1)]), STEP_LIMIT),
    ],
)
def test_a_trace_stops_at_its_limit(made: Any, steps: int) -> None:
    trace = play(story(made))
    assert trace["steps"] == steps
    assert trace["events"][-1]["end"] == "step_limit"


def test_a_story_of_exactly_the_limit_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    made = story(line(node(1, "hub"), node(2, "exit")))
    monkeypatch.setattr(player_module, "STEP_LIMIT", 3)
    assert end(play(made)) == ("exit", 2)
    monkeypatch.setattr(player_module, "STEP_LIMIT", 2)
    assert end(play(made)) == ("step_limit", 2)


@pytest.mark.parametrize(
    ("data", "label"),
    [({"label": "Won"}, "Won"), ({"label": ""}, ""), ({}, "The End"), ({"text": "Bye"}, "Bye")],
)
def test_an_exit_tells_its_label(data: dict[str, str], label: str) -> None:
    assert single(node(1, "exit", **data))["events"][-1]["label"] == label


# Choices


TWO = node(1, "dialogue", responses=[response("a"), response("b"), response("c")])
LOOP = flow([node(0, "entry"), TWO], [wire(0, 1), wire(1, 1, "a"), wire(1, 1, "b")])


def test_scripted_choices_are_taken_in_turn_and_then_the_first() -> None:
    told = story(flow([node(0, "entry"), TWO, node(2, "dialogue", responses=[response("x")])],
                      [wire(0, 1), wire(1, 2, "b"), wire(2, 1, "x"), wire(1, 9, "a")]))  # fmt: skip
    trace = play(told, 1, 1)
    assert [x["text"] for x in events(trace, "choose")] == ["take b", "take x"] * 2 + ["take a"]
    assert trace["events"][-1] == {"end": "node_not_found", "node": 9, "unscripted": 1}


@pytest.mark.parametrize("index", [3, -1])
def test_a_choice_that_is_not_on_offer_is_refused(index: int) -> None:
    with pytest.raises(UsageError, match=rf"number 2 is {index}, but node 1 offers 0 to 2"):
        play(story(LOOP), 0, index)


def test_the_generator_is_the_contracts() -> None:
    """Worked out by hand: seed 7 begins at 8, then 386168, 386168 * 48271 mod 2147483647, …"""
    choices = SeededChoices(7)
    drawn = [choices.pick(1, ["a"] * 1000) for _ in range(3)]
    states = [386168, 386168 * 48271 % 2147483647]
    states.append(states[1] * 48271 % 2147483647)
    assert drawn == [state % 1000 for state in states]


@pytest.mark.parametrize("seed", [0, -1, 2147483646, 10**30])
def test_every_seed_draws(seed: int) -> None:
    choices = SeededChoices(seed)
    assert {choices.pick(1, ["a", "b"]) for _ in range(50)} == {0, 1}


def test_only_menus_draw() -> None:
    only = node(2, "dialogue", responses=[response("x")])
    wires = [wire(1, 2, x) for x in "abc"]
    with_auto = flow([node(0, "entry"), TWO, only], [wire(0, 1), wire(2, 1, "x"), *wires])
    without = flow([node(0, "entry"), TWO], [wire(0, 1), *(wire(1, 1, x) for x in "abc")])
    picked = [
        [
            x["index"]
            for x in events(play(story(made), choices=SeededChoices(5)), "choose")
            if "auto" not in x
        ]
        for made in (with_auto, without)
    ]
    assert picked[0][:3000] == picked[1][:3000]


# Whole stories


def test_a_player_plays_again_from_the_start() -> None:
    told = story(
        line(node(1, "instruction", assignments=[assign("mc", "gold", "add", "1")])), sheets=[MC]
    )
    player = Player(told)
    assert player.play() == player.play()
    assert player.play()["variables"]["mc.gold"] == 6


def test_final_translations_replace_names_lines_and_responses() -> None:
    texts = {
        ("sheet", 12, "name"): "Mira auf Deutsch",
        ("flow_node", 1, "text"): "<p>Hallo {mc.name}</p>",
        ("flow_node", 1, "response.a.text"): "Nimm $mc.gold",
        ("block", 1, "value.content"): "never",
    }
    made = node(
        1, "dialogue", text="Hi", speaker_sheet_id=12, responses=[response("a"), response("b")]
    )
    trace = play(story(line(made), sheets=[MC], texts=texts))
    assert trace["events"][0]["say"] == {
        "speaker": "Mira auf Deutsch",
        "text": "Hallo Mira",
        "node": 1,
    }
    assert trace["events"][1]["choose"]["options"] == ["Nimm 5", "take b"]


@pytest.mark.parametrize(("name", "key"), [(None, 1), ("two", 2), ("3", 3), ("2", 3)])
def test_a_flow_is_found_by_shortcut_then_id(name: str | None, key: int) -> None:
    told = story(line(key=1), line(key=2, shortcut="two"), line(key=3, shortcut="2"))
    assert told.find(name) == key


def test_an_unknown_flow_names_those_that_exist() -> None:
    many = [line(key=number_, shortcut=f"f{number_}") for number_ in range(1, 12)]
    with pytest.raises(UnknownFlowError, match=r"'nix' does not exist; .* f1, .* and 3 more"):
        story(*many).find("nix")
    told = msgspec.structs.replace
    without = story(*many)
    flows = tuple(told(x, is_main=False) for x in without.flows)
    with pytest.raises(UnknownFlowError, match="no flow is the main one; flows are f1"):
        type(without)(without.variables, flows, {}, without.graph).find(None)
    with pytest.raises(UnknownFlowError, match="the project has no flows"):
        story().find("x")


def test_a_script_tells_the_same_to_people() -> None:
    options = [response("a", "Yes", assign("mc", "name", "set", "Bob")), response("b", "No")]
    text = "<p>One</p><p>Two \x1b[31m</p>"
    made = line(node(1, "dialogue", text=text, speaker_sheet_id=12, responses=options))
    assert list(script(play(story(made, sheets=[MC])))) == [
        "",
        "Mira <i>  #1",
        "  One",
        "  Two \N{REPLACEMENT CHARACTER}[31m",
        "  > 0: Yes",
        "    1: No",
        '    [mc.name = "Bob"]',
        "",
        "-- Nothing is connected here at node 1 (pin a); 2 nodes visited",
        "-- 1 menus had no choice given: the first response was taken",
    ]


def test_scripted_choices_count_from_nothing() -> None:
    assert ScriptedChoices().pick(1, ["a", "b"]) == 0
