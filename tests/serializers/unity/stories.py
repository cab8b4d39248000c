"""Random stories about variables of every type, told in texts that the plugin would obey."""

import json
from random import Random
from typing import Any

from storyarn_pipelines.domain.flows import Flow
from storyarn_pipelines.domain.sheets import Sheet
from tests.story.builders import assign, block, condition, formula, number, rule, sheet, table
from tests.story.random_flows import FLOWS, random_flow

SHEETS: tuple[Sheet, ...] = (
    sheet(
        1, "s",
        number("n", 0, min=-4, max=4),
        block("b", "boolean", False),
        block("t", "text", "plain", config={"max_length": 12}),
        block("pick", "select", None),
        block("tags", "multi_select", ["a", "b"]),
        block("day", "date", "2024-02-29"),
        block("tri", "boolean", None, config={"mode": "tri_state"}),
        number("free", 2.5),
        number("tenth", 0.1),
        block("rich", "rich_text", "<p>a</p>"),
        table(
            "stats", {"value": "number", "twice": "formula", "root": "formula"},
            {"str": {"value": "3",
                     "twice": formula("a * 2 + n", a="@value", n="s.n"),
                     "root": formula("sqrt(n) / n", n="s.n")},
             "wits": {"value": "1",
                      "twice": formula("round(f / 2) + min(f, 1) ^ 2", f="s.free"),
                      "root": formula("max(abs(a), floor(a)) - ceil(-a)", a="s.stats.str.twice")}},
        ),
        name="Speaker",
    ),
    sheet(2, "npc.old-keeper", number("hp-max", 5), name="Speaker"),
    sheet(3, None, number("k", 1), name="Player"),
    sheet(4, "START", name=' [f] "Zoë" <b>'),
)  # fmt: skip

TEXTS = (
    "", "   ", "plain", "[f]", "[a] b [auto]", "[nosubtitle]x", "a | b", "[var=Alert]", "[VAR=x]",
    "[lua(Variable.x)]", "[lua(os.exit())] [lua(1)]", "[em1]loud[/em1]", "[pic=2]", "[panel=1]x",
    "[position 2]", "[var=?s.n]", "[autocase=s.t]", "[sighs] well", "[]", "[{s.t}]", "[{s.n}]",
    "[va<b>r=s.n</b>]", "{f}", "{s.n}|{s.t}", "{s.t} {s.b} {s.tags} {s.pick} {s.day} {s.free}",
    "&lt;b&gt;no&lt;/b&gt; a &lt; b", "&lt;{s.t}&gt;", "<b>bold</b> and <i>it</i> <u>{s.n}</u>",
    "<s>gone</s> <code>x</code>", "<p>one</p><p>two</p>", "a<br>b", "{no.such}",
    '<span class="variable-ref" data-ref="s.n">v</span>!', "$s.n $s.t $100 $no.such", "END",
    "START", "Continue()", '"quoted" \\n \\', "\u05e9\u05dc \u202e\u05e2\u05d5\u202c", "日本 😀",
    "word " * 400, "{s.stats.str.root}",
    '<span class="variable-ref" data-ref="npc.old-keeper.hp-max">v</span>', "{s.tenth}",
    "\r\nx\r", "a\u2028b", "\x0bv\x1f", "=1+1", "]]>", "-->", "thisID", "{0} %d",
)  # fmt: skip
SEARCHES = ("contains", "starts_with", "ends_with")
_VALUES = ("pippin", 'q" .. Variable["x"] .. "', "nil", "true", "[x] y")


def rich_rule(random: Random) -> dict[str, Any]:
    """A rule about a variable of any type."""
    return random.choice((
        rule("s", "t", random.choice(SEARCHES), random.choice("pn%")),
        rule("s", "t", random.choice(("is_empty", "is_nil"))),
        rule("s", "t", random.choice(("equals", "not_equals")), random.choice(_VALUES)),
        rule("s", "pick", random.choice(("is_nil", "equals", "not_equals")), "x"),
        rule("s", "tags", random.choice(("contains", "not_contains")), random.choice("abc")),
        rule("s", "day", random.choice(("before", "after", "equals")), "2024-06-01"),
        rule("s", "tri", random.choice(("is_nil", "is_true", "is_false"))),
        rule("s", "free", random.choice(("greater_than", "less_than_or_equal")), "2.5"),
        rule("s", "tenth", random.choice(("equals", "greater_than")), "0.1"),
        rule("s", "stats.str.twice", random.choice(("equals", "is_nil", "greater_than")), "6"),
        rule("s", "stats.str.root", "is_nil"),
        rule("npc.old-keeper", "hp-max", "greater_than", "4"),
        rule("s", "no_such", "is_nil"),
    ))  # fmt: skip


def rich_change(random: Random) -> dict[str, Any]:
    """An assignment to a variable of any type."""
    return random.choice((
        assign("s", "t", "set", random.choice(_VALUES)),
        assign("s", "t", "clear"),
        assign("s", "pick", random.choice(("set", "set_if_unset")), "x"),
        assign("s", "tags", "set", "a"),
        assign("s", "day", "set", random.choice(("2024-07-01", "1999-12-31"))),
        assign("s", "tri", random.choice(("toggle", "set_true", "set_false"))),
        assign("s", "free", random.choice(("add", "subtract", "set")), random.choice(("0.5", "3"))),
        {**assign("s", "free", "set", "n"), "value_type": "variable_ref", "value_sheet": "s"},
        {**assign("s", "n", "add", "stats.str.twice"), "value_type": "variable_ref",
         "value_sheet": "s"},
        assign("s", "stats.str.value", random.choice(("add", "set")), "2"),
        assign("npc.old-keeper", "hp-max", "subtract", "1"),
        assign("s", "b", "toggle"),
    ))  # fmt: skip


def _spice(random: Random, data: dict[str, Any]) -> None:
    if "responses" in data:
        data["text"] = random.choice(TEXTS) + random.choice(("", "{s.n}", " {s.stats.str.twice}"))
        data["speaker_sheet_id"] = random.choice((None, 1, "2", 3, 4, 99))
        data["menu_text"] = "Menu [f]"
        data["stage_directions"] = random.choice(("", "[a] looks up"))
        data["technical_id"] = random.choice(("", "START", "line_1"))
        for response in data["responses"]:
            response["text"] = random.choice(TEXTS)
            if random.random() < 0.3:
                response["condition"] = json.dumps(condition(rich_rule(random)))
            if random.random() < 0.3:
                response["instruction_assignments"].append(rich_change(random))
    if "assignments" in data:
        data["assignments"].append(rich_change(random))
    if not data.get("switch_mode") and "condition" in data and random.random() < 0.5:
        logic = random.choice(("any", "all"))
        data["condition"] = condition(rich_rule(random), rich_rule(random), logic=logic)


def rich_flows(random: Random) -> list[Flow]:
    """Three flows that call each other."""
    flows = [random_flow(random, key) for key in FLOWS]
    for flow in flows:
        for node in flow.nodes:
            if isinstance(node.data, dict):
                _spice(random, node.data)
    return flows
