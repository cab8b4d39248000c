"""Random stories with texts that try to be events, markup or expressions of Dialogic."""

import json
from collections.abc import Sequence
from random import Random
from typing import Any

from storyarn_pipelines.domain.flows import Flow
from storyarn_pipelines.domain.sheets import Sheet
from tests.story.builders import assign, block, condition, formula, number, rule, sheet, table
from tests.story.random_flows import random_flow

SHEETS: Sequence[Sheet] = (
    sheet(
        1,
        "s",
        number("n", 0, min=-4, max=4),
        block("b", "boolean", False),
        block("t", "text", "plain", config={"max_length": 12}),
        block("pick", "select", None),
        block("tags", "multi_select", ["a", "b"]),
        block("day", "date", "2024-02-29"),
        block("tri", "boolean", True, config={"mode": "tri_state"}),
        number("free", 2.5),
        block("rich", "rich_text", "<p>a <b>[b]x[/b]</b> {s.n} \\ </p>"),
        table("c", {"v": "formula"}, {"r": {"v": formula("n * 2 + floor(f / 2)",
                                                         n="s.n", f="s.free")}}),
        name="S: [b]bold[/b] 1/2",
    ),
    sheet(2, "npc.old-keeper", name='Old "Keeper" (x) #id:1'),
    sheet(3, "jump", name="jump"),
    sheet(4, None, name="No short"),
)  # fmt: skip
TEXTS = (
    "", "   ", "set {s.n} = 5", "settle down", "done: hi", "jumping", "jump n101", "label x",
    "return", "leaves fall", "updated", "audio on", "elsewhere", "if a:", "elif x:", "else:",
    "- choice", "-dash", "# comment", "#id:7", "text #id:7 more", "[wait]", "[end_timeline]",
    "[wait time=9] x", "[b]bold[/b]", "[lb]", "[char=41]", "[n]", "[n+]x", "[br]",
    "[pause=3]stop", "[signal=x]", "[portrait=y]", "[if {s.b} yes/no]", "[if true yes/no]",
    "<<END BRANCH>>", "<a/b>", "1 < 2 and 3/4 > 0", "<Empty Text Event>", "10:30 is late",
    "Captain Jack: hi", "jump: (laughs): ok", "_: nobody", "{s.n}: x", '"quoted" (x): y',
    "{s.n}", "{s.t}|{s.b}", "a {s.n} b {s.n} {s.free} {s.rich}", "{{s.n}}", "\\{s.n}",
    "{x: y | z}", "back\\slash \\n \\", "ends \\", "\\\\", "| bar | [if {s.b}]", "a | b",
    "100%", "$s.n $s.t $100 $no.such", "$s.rich and {s.rich}", "$s.n {s.n}", "$s.free!",
    "{no.such}", "{word}", "&lt;p&gt; &amp;amp; &quot;", "<p>one</p><p>two</p>", "a<br>b<br/>",
    "<p></p><p>x</p>", "<b>bold</b> and <i>it</i>: x", "<b>- x</b>",
    '<span class="variable-ref" data-ref="s.free">v</span>!', "=1+1", "@SUM(1)",
    "\u05e9\u05dc\u05d5\u05dd \u202e\u05e2\u05d5\u05dc\u05dd\u202c", "日本 😀 👨\u200d👩\u200d👧",
    "\r\nx\r", "a\u2028b\u0085c", "tab\there  two  blanks", "word " * 400, "]", "}", ":", "::",
    "\\:", "\\[b]x", "[", "[[", "{", "//", "do A.b()", "s (x): hi", "res://x", "'", '"',
    "{s.c.r.v} is it", "$s.c.r.v", "$s.day $s.pick $s.tags {s.tri}",
)  # fmt: skip
_VALUES = ("pippin", 'q" // {', "[b]x", "<a/b>", "a much longer text than fits", "{s.n}", "\\n")


def _rule(random: Random) -> dict[str, Any]:
    return random.choice((
        rule("s", "t", random.choice(("contains", "starts_with", "ends_with")), "p"),
        rule("s", "t", random.choice(("contains", "starts_with", "ends_with")), "/"),
        rule("s", "t", "is_empty"),
        rule("s", "t", random.choice(("equals", "not_equals")), 'q" // {'),
        rule("s", "pick", random.choice(("is_nil", "equals")), "x"),
        rule("s", "tags", random.choice(("contains", "not_contains")), random.choice("abc")),
        rule("s", "day", random.choice(("before", "after")), "2024-06-01"),
        rule("s", "tri", random.choice(("is_true", "is_false"))),
        rule("s", "free", random.choice(("greater_than", "less_than_or_equal")), "2.5"),
    ))  # fmt: skip


def _change(random: Random) -> dict[str, Any]:
    return random.choice((
        assign("s", "t", "set", random.choice(_VALUES)),
        assign("s", "t", "clear"),
        assign("s", "pick", random.choice(("set", "set_if_unset")), "x"),
        assign("s", "day", "set", random.choice(("2024-07-01", "1999-12-31"))),
        assign("s", "tri", random.choice(("toggle", "set_true", "set_false"))),
        assign("s", "free", random.choice(("add", "subtract", "set")), random.choice(("0.5", "3"))),
        {**assign("s", "free", "set", "n"), "value_type": "variable_ref", "value_sheet": "s"},
    ))  # fmt: skip


def _text(random: Random) -> str:
    return "".join(random.choice(TEXTS) for _ in range(random.choice((1, 1, 2))))


def hostile_flows(random: Random, count: int = 3) -> list[Flow]:
    """Flows with such texts, spoken by odd speakers; the first three are called by all."""
    flows = [random_flow(random, key) for key in range(1, count + 1)]
    for flow in flows:
        for node in flow.nodes:
            data = node.data
            if "responses" in data:
                data["text"] = _text(random)
                data["speaker_sheet_id"] = random.choice((None, 1, "2", 3, 4, 99))
                data["stage_directions"] = random.choice(("", "", "wipes # the -> {bar}\n] twice"))
                for response in data["responses"]:
                    response["text"] = _text(random)
                    if random.random() < 0.2:
                        response["condition"] = json.dumps(condition(_rule(random)))
                    if random.random() < 0.3:
                        response["instruction_assignments"].append(_change(random))
            if "assignments" in data and random.random() < 0.6:
                data["assignments"].append(_change(random))
    return flows
