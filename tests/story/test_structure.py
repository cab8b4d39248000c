"""Statements stand where a writer would put them, and follow the rules of the player."""

import pytest

from storyarn_pipelines.domain.flows import Connection, Node
from storyarn_pipelines.story.graph import FlowGraph
from storyarn_pipelines.story.statements import (
    Call,
    End,
    Pass,
    SilentLoop,
)
from storyarn_pipelines.story.steps import Callee
from storyarn_pipelines.story.structure import Rules
from tests.story.builders import case, flow, node, response, rule, wire
from tests.story.shapes import INK, of, outline, placed, shape, shared_tail, statements


@pytest.mark.parametrize(
    ("wires", "expected"),
    [
        ("0-1 1-2", ["0 1 2 !"]),
        # branches that meet
        ("0-1 1t2 1f3 2-4 3-4", ["0 1[2|3] 4 !"]),
        ("0-1 1t2 1f2", ["0 1[|] 2 !"]),
        ("0-1 1t2 1f3 2-3", ["0 1[2|] 3 !"]),
        ("0-1 1t2 2t3 2f4 3-5 4-5 5-6 1f6", ["0 1[2[3|4] 5|] 6 !"]),
        ("0-1 1t2 2t3 2f4 3-5 4-5 1f5", ["0 1[2[3|4]|] 5 !"]),
        # branches that do not
        ("0-1 1t2 1f3", ["0 1[2 !|3 !]"]),
        ("0-1 1t2", ["0 1[2 !|!]"]),
        ("0-1 1f2", ["0 1[!|2 !]"]),
        ("0-1 1f2 2t3 2f4 3-5 4-5", ["0 1[!|] 2[3|4] 5 !"]),
        ("0-1 1t2 1f3 2t4 2f5 3t6 3f7", ["0 1[2[4 !|5 !]|3[6 !|7 !]]"]),
        # guards in a row do not nest
        ("0-1 1f2 2f3 3f4 4f5", ["0 1[!|] 2[!|] 3[!|] 4[!|5 !]"]),
        ("0-1 1a2 1b3 3a4 3b5 5a6 5b7", ["0 1[2 !|] 3[4 !|] 5[6 !|7 !]"]),
        # a tail that only some branches share
        ("0-1 1a2 1b3 1c4 2-5 3-5 4-6", ["0 1[2|3|4 6 !] 5 !"]),
        ("0-1 1a2 1b2 1c3 2-3", ["0 1[||>3] 2 >3", "3: 3 !"]),
        ("0-1 1a2 1b2 1c3 1d3", ["0 1[||>3|>3] 2 !", "3: 3 !"]),
        ("0-1 1t2 1f3 2t4 2f5 4-6 5-6 5-7 3-6", ["0 1[2[4|5]|3] 6 !"]),
        # an early way out costs one section, not one for each level
        (
            "0-1 1t2 1f9 2t3 2f4 3-5 4a5 4b9 5t6 5f7 6-8 7-8 8-9",
            ["0 1[|>9] 2[3|4[|>9]] 5[6|7] 8 >9", "9: 9 !"],
        ),
        # circles
        ("0-0", ["0: 0 >0"]),
        ("0-1 1-1", ["0 >1", "1: 1 >1"]),
        ("0-1 1a2 1b3 2-1", ["0 >1", "1: 1[2 >1|3 !]"]),
        ("0-1 1a2 1b3 1c4 2-1 3-1 4t5 4f6 5-7 6-7", ["0 >1", "1: 1[2 >1|3 >1|] 4[5|6] 7 !"]),
        ("0-1 1t2 1f3 2t4 2f1 4-2", ["0 >1", "1: 1[>2|3 !]", "2: 2[4 >2|>1]"]),
        ("0-1 1t2 1f3 2-3 3-2", ["0 1[>2|>3]", "3: 3 >2", "2: 2 >3"]),
        ("0-1 1t2 1f3 2t3 2f4 3-2", ["0 1[>2|>3]", "3: 3 >2", "2: 2[>3|4 !]"]),
        ("0-1 1a2 1b3 1c4 2-3 3-4 4-2",
         ["0 1[>2|>3|>4]", "4: 4 >2", "3: 3 >4", "2: 2 >3"]),
    ],
)  # fmt: skip
def test_a_shape_becomes_the_statements_that_a_writer_would_choose(
    wires: str, expected: list[str]
) -> None:
    assert sorted(outline(of(shape(wires)))) == sorted(expected)
    assert outline(of(shape(wires)))[0] == expected[0]


def test_sections_stand_in_the_order_of_reading() -> None:
    told = of(shape("0-1 1a2 1b3 1c5 2t4 2f5 3t4 3f6 6-5 6-5 4-1"))
    assert outline(told) == ["0 >1", "1: 1[2[>4|]|3[>4|6]|] 5 !", "4: 4 >1"]
    told = of(shape("0-9 9a8 9b7 8-8 7-6 6-6"))
    assert outline(told) == ["0 9[>8|7 >6]", "8: 8 >8", "6: 6 >6"]


def test_the_entry_has_a_label_only_if_something_jumps_there() -> None:
    assert [section.label for section in of(shape("0-1 1-0")).sections] == [0]
    assert [section.label for section in of(shape("0-1 1-2")).sections] == [None]


def test_a_flow_without_entry_has_no_sections_and_all_its_nodes_are_unreachable() -> None:
    nodes = [node(3, "hub"), node(1, "exit"), node(2, "annotation"), node(4, "sequence")]
    told = of(flow(nodes))
    assert (told.sections, told.unreachable) == ((), (1, 3))


def test_nodes_that_no_way_leads_to_are_named() -> None:
    nodes = [node(0, "entry"), node(1, "hub"), node(2, "exit"), node(9, "hub"), node(5, "hub")]
    wires = [wire(0, 1), wire(0, 2), wire(9, 1), wire(2, 5)]
    assert of(flow(nodes, wires)).unreachable == (2, 5, 9)


# Nodes of each type


SWITCH = [case(rule("a", "b", "is_true"), key=x) for x in ("x", "y", "x", None)]


@pytest.mark.parametrize(
    ("made", "wires", "expected"),
    [
        (node(1, "dialogue"), [], "1 !"),
        (node(1, "dialogue"), [wire(1, 9)], "1 node_not_found@9"),
        (node(1, "dialogue", responses=[response("a"), response("b")]), [wire(1, 2, "b")],
         "1[!|2 !]"),
        (node(1, "dialogue", responses=[response("a")]), [wire(1, 2, "resp_a")], "1[2 !]"),
        (node(1, "dialogue", responses=[response("a"), response("a")]), [wire(1, 2, "a")],
         "1[|] 2 !"),
        (node(1, "instruction"), [wire(1, 2)], "1 2 !"),
        (node(1, "condition", switch_mode=True, condition={"blocks": SWITCH}),
         [wire(1, 2, "x"), wire(1, 3, "default")], "1[|!||>3|>3] 2 !"),
        (node(1, "condition", switch_mode=True, condition={"blocks": SWITCH}),
         [wire(1, 2, "x")], "1[|!||!|!] 2 !"),
        (node(1, "condition", switch_mode=True), [wire(1, 2, "default")], "1 2 !"),
        (node(1, "jump"), [wire(1, 2)], "1 no_hub@1"),
        (node(1, "jump", target_hub_id="nowhere"), [wire(1, 2)], "1 hub_not_found@1"),
        (node(1, "jump", target_hub_id="there"), [], "1 3 !"),
        (node(1, "exit"), [wire(1, 2)], "1 exit@1"),
        (node(1, "exit", exit_mode="caller_return"), [wire(1, 2)], "1 <1"),
        (node(1, "exit", exit_mode="flow_reference"), [], "1 no_flow@1"),
        (node(1, "exit", exit_mode="flow_reference", referenced_flow_id=7), [],
         "1 returned_to_exit@1"),
        (node(1, "exit", exit_mode="flow_reference", referenced_flow_id=7), [wire(1, 2)], "1 2 !"),
        (node(1, "subflow"), [wire(1, 2)], "1 no_flow@1"),
        (node(1, "subflow", referenced_flow_id="odd"), [wire(1, 2)], "1 flow_not_found@1"),
        (node(1, "subflow", referenced_flow_id=7), [], "1 !"),
        (node(1, "subflow", referenced_flow_id=7), [wire(1, 2)], "1 2 !"),
        (node(1, "subflow", referenced_flow_id=7), [wire(1, 2, "exit_4")], "1[2 !|!]"),
        (node(1, "subflow", referenced_flow_id=7), [wire(1, 2, "exit_4"), wire(1, 2)], "1 2 !"),
        (node(1, "subflow", referenced_flow_id=7),
         [wire(1, 2, "exit_14"), wire(1, 3, "exit_5"), wire(1, 3, "exit_05")], "1[3 !|2 !|!]"),
        (node(1, "annotation"), [wire(1, 2)], "1 2 !"),
        (node(1, "from_the_future"), [wire(1, 2)], "1 2 !"),
    ],
)  # fmt: skip
def test_a_node_follows_the_rules_of_the_player(
    made: Node, wires: list[Connection], expected: str
) -> None:
    nodes = [node(0, "entry"), made, node(2, "hub"), node(3, "hub", hub_id="there")]
    assert outline(of(flow(nodes, [wire(0, 1), *wires])))[0] == f"0 {expected}"


@pytest.mark.parametrize(
    ("callee", "pins", "expected"),
    [
        (None, ["output"], "1 flow_not_found@1"),
        (Callee(False, frozenset()), ["output"], "1 no_entry@1"),
        (Callee(True, frozenset()), ["exit_5"], "1 !"),
        (Callee(True, frozenset({5})), ["exit_5"], "1 2 !"),
        (Callee(True, frozenset({5})), ["exit_5", "exit_6", "output"], "1 2 !"),
        (Callee(True, frozenset({5})), ["exit_6", "output"], "1 3 !"),
        (Callee(True, frozenset({5, 6})), ["exit_6", "exit_5"], "1[3 !|2 !]"),
        (Callee(True, frozenset({5, 6})), ["exit_5", "output"], "1[2 !|3 !]"),
        (Callee(True, frozenset({5, 6})), ["exit_5"], "1[2 !|!]"),
    ],
)
def test_what_is_known_of_a_called_flow_leaves_only_what_can_happen(
    callee: Callee | None, pins: list[str], expected: str
) -> None:
    nodes = [node(0, "entry"), node(1, "subflow", referenced_flow_id=7), node(2, "hub")]
    wires = [wire(1, key, pin) for key, pin in enumerate(pins, 2)]
    made = flow([*nodes, node(3, "hub"), node(4, "hub")], [wire(0, 1), *wires])
    told = of(made, callees=lambda flow_id: callee if flow_id == 7 else None)
    assert outline(told)[0] == f"0 {expected}"


def test_a_call_says_what_follows_each_exit_and_all_others() -> None:
    made = [node(0, "entry"), node(1, "subflow", referenced_flow_id="7"), node(2, "hub")]
    told = of(flow(made, [wire(0, 1), wire(1, 2, "exit_4")]))
    call = told.sections[0].body[1]
    assert isinstance(call, Call)
    assert (call.flow_id, [x.exit_id for x in call.outcomes]) == (7, [4])
    assert call.otherwise == [End("dead_end", 1, "output")]


def test_a_callee_returns_by_its_caller_returns_only() -> None:
    exits = [
        node(i, "exit", exit_mode=x)
        for i, x in enumerate(
            ("terminal", "caller_return", None, "flow_reference", "caller_return")
        )
    ]
    assert Callee.of(FlowGraph.of(flow(exits))) == Callee(False, frozenset({1, 4}))
    assert Callee.of(FlowGraph.of(flow([node(9, "entry")]))) == Callee(True, frozenset())


# What the target allows


def test_what_is_deeper_than_the_rules_allow_becomes_a_section() -> None:
    wires = "0-1 1t2 1f9 2t3 2f9 3t4 3f9 4t5 4f9"
    assert outline(of(shape(wires))) == ["0 1[2[3[4[5 !|]|]|]|] 9 !"]
    told = of(shape(wires), rules=Rules(2))
    assert max(depth for depth, _ in statements(told)) == 2
    assert sorted(placed(told)) == [0, 1, 2, 3, 4, 5, 9]


def test_what_stands_behind_a_statement_counts_for_the_depth() -> None:
    made = shape("0-1 1t2 1f9 2t3 2f4 3-5 4-5 5t6 5f7 6t8 6f10 7-11 8-11 9-11 10-11")
    assert outline(of(made, rules=Rules(3))) == ["0 1[2[3|4] 5[6[8|10]|7]|9] 11 !"]
    expected = ["0 1[>2|9 >11]", "2: 2[3|4] 5[6[8 >11|10 >11]|7 >11]", "11: 11 !"]
    assert outline(of(made, rules=Rules(2))) == expected


def test_what_can_only_jump_to_a_section_counts_as_a_guard() -> None:
    told = of(shared_tail(40))
    guards = " ".join(f"{i}[>40|]" for i in range(1, 23))
    assert outline(told)[0] == f"0 {guards} 23[>40|>24]"
    assert [section.label for section in told.sections] == [None, 24, 40]


def test_a_choice_under_a_branch_becomes_a_section_if_the_target_asks_too_late() -> None:
    made = shape("0-1 1t2 1f3 2-4 4a5 4b6 5-7 6-7 3-7")
    assert outline(of(made)) == ["0 1[2 4[5|6]|3] 7 !"]
    assert outline(of(made, rules=INK)) == ["0 1[>2|3 >7]", "2: 2 4[5 >7|6 >7]", "7: 7 !"]
    behind = shape("0-1 1t2 1f8 2t3 2f4 3-5 4-5 5a6 5b7 6-9 7-9 8-9")
    expected = ["0 1[>2|8 >9]", "2: 2[3|4] 5[6 >9|7 >9]", "9: 9 !"]
    assert outline(of(behind, rules=INK)) == expected
    guarded = shape("0-1 1t2 1f3 3a4 3b5")
    assert outline(of(guarded, rules=INK)) == ["0 1[2 !|] 3[4 !|5 !]"]


def test_rules_without_any_level_are_refused() -> None:
    with pytest.raises(ValueError, match="deepest is 0"):
        Rules(0)


def test_a_wired_exit_that_calls_is_followed_by_the_graph_too() -> None:
    call = node(1, "exit", exit_mode="flow_reference", referenced_flow_id=7)
    made = flow([node(0, "entry"), call, node(2, "hub"), node(3, "hub")],
                [wire(0, 1), wire(1, 2, "exit_4"), wire(1, 3)])  # fmt: skip
    assert FlowGraph.of(made).reachable() == [0, 1, 2, 3]
    assert sorted(placed(of(made))) == [0, 1, 2, 3]


# Circles without lines


@pytest.mark.parametrize(
    ("wires", "expected"),
    [
        ("0-1 1-1", [SilentLoop((1,), True)]),
        ("0-1 1-2 2-1", [SilentLoop((1, 2), True)]),
        ("0-1 1t2 1f3 2-1", [SilentLoop((1, 2), False)]),
        ("0-1 1t1", [SilentLoop((1,), False)]),
        ("0-1 1t2 1f3 2-2 3-3", [SilentLoop((2,), True), SilentLoop((3,), True)]),
        ("0-1 1t2 1f3 2a1", []),
        ("0-1 1-2 5-6 6-5", []),
        ("0-1 1t2 2t3 3-1 2f1 3-4", [SilentLoop((1, 2, 3), False)]),
    ],
)
def test_circles_without_lines_are_found(wires: str, expected: list[SilentLoop]) -> None:
    assert list(of(shape(wires)).silent_loops) == expected


def test_a_called_flow_is_taken_to_say_something() -> None:
    call = node(1, "subflow", referenced_flow_id=3)
    made = flow([node(0, "entry"), call], [wire(0, 1), wire(1, 1)])
    assert of(made).silent_loops == ()


def test_passes_are_nodes_that_do_nothing() -> None:
    told = of(shape("0-1"))
    assert [type(x) for x in told.sections[0].body] == [Pass, Pass, End]
