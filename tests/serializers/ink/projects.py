"""Random stories in a database: many of them in one project, so that one export has them all."""

import json
import re
from collections.abc import Iterable, Sequence
from random import Random
from typing import Any

import psycopg

from storyarn_pipelines.domain.flows import Flow
from tests.story.builders import assign, condition, rule
from tests.story.random_flows import FLOWS, random_flow

HEAD = """
INSERT INTO users (id, email, display_name, inserted_at, updated_at)
    VALUES (1, 'o@example.test', 'O', now(), now());
INSERT INTO workspaces (id, name, slug, owner_id, inserted_at, updated_at)
    VALUES (1, 'W', 'w', 1, now(), now());
INSERT INTO projects (id, name, slug, settings, workspace_id, owner_id, inserted_at, updated_at)
    VALUES (1, E'Random */ // \\n~ x = 1', 'random', '{}', 1, 1, now(), now());
"""
PLAIN_BLOCKS: Sequence[tuple[str, str, Any, dict[str, Any]]] = (
    ("n", "number", 0, {"min": -4, "max": 4}),
    ("b", "boolean", False, {}),
    ("t", "text", "plain", {"max_length": 12}),
    ("pick", "select", None, {"options": [{"key": "x", "value": "X"}]}),
    ("tags", "multi_select", ["a", "b"], {}),
    ("day", "date", "2024-02-29", {}),
    ("tri", "boolean", None, {"mode": "tri_state"}),
    ("free", "number", 2.5, {}),
    ("rich", "rich_text", "<p>a <b>b</b></p>", {}),
)
"""Variables of the sheet ``s``: name, type, value, config."""

FORMULAS: Sequence[tuple[str, str, dict[str, str]]] = (
    ("quotient", "a / b", {"a": "s.free", "b": "s.n"}),
    ("curve", "round(-a * 1.5) ^ 2 - sqrt(abs(b)) + min(a, 2) * max(b, -1)",
     {"a": "s.n", "b": "s.free"}),
    ("half", "-a / 2 + b / -4 + (a + 1) ^ 3", {"a": "s.n", "b": "s.free"}),
    ("root", "sqrt(a) + ceil(a / 2) - floor(a / 3)", {"a": "s.n"}),
    ("chained", "x + 1", {"x": "s.calc.r.curve"}),
    ("broken", "a +", {"a": "s.n"}),
    ("lost", "a + nobody", {"a": "s.n"}),
    ("circle", "c + a", {"c": "s.calc.r.circle", "a": "s.n"}),
    ("strange", "a + b + c", {"a": "s.b", "b": "no.such", "c": "s.tags"}),
)  # fmt: skip
"""Cells of one row: column, expression, bindings."""

TEXTS = (
    "", "   ", "VAR x = 1", "CONST", "TODO: later", "INCLUDE other.ink", "return now", "-> END",
    "->->", "<- thread", "<> glue", "* once", "+ sticky", "- gather", "= stitch", "=== knot ===",
    "~ s_n = 5", "{s_n}", "{s.n}", "{s.t}|{s.b}", "a {s.n} b", "{x: y | z}", "{!a|b}", "#tag",
    "say # not a tag", "http://example.test/*x*/ // y", "back\\slash \\n \\", "[wait] ]]>",
    "<<set>>", "a | b", "else: x", "(label) text", "// comment", "/* open", "*/ close", "jump x",
    "if a:", '"quoted"', "=1+1", "@SUM(1)", "\u05e9\u05dc\u05d5\u05dd \u202eabc\u202c",
    "日本 😀 👨\u200d👩\u200d👧",
    "<p>one</p><p>two</p>", "a<br>b<br/>", "<p></p><p>x</p>", "<b>bold</b> and <i>it</i>",
    "-<b>&gt;</b> END", "/<i>/</i> cut?", "&lt;p&gt; &amp;amp; &quot;", "tab\there  two  blanks",
    '<span class="variable-ref" data-ref="s.free">v</span>!', "$s.n $s.t $100 $no.such",
    "~", "-", "|", "\r\nx\r", "a\u2028b\u0085c", "\x0bv\x1f", "{no.such}", "{word}", "word " * 400,
    "%d {0}",
)  # fmt: skip


def _texts(random: Random) -> str:
    return random.choice(TEXTS) if random.random() < 0.8 else random.choice(TEXTS) + "{s.n}"


def _rule(random: Random) -> dict[str, Any]:
    return random.choice((
        rule("s", "t", random.choice(("contains", "starts_with")), random.choice("pn/")),
        rule("s", "t", "ends_with", random.choice("pn/")),
        rule("s", "t", "is_empty"),
        rule("s", "t", "equals", random.choice(("plain", 'q" // {'))),
        rule("s", "t", "not_equals", random.choice(("plain", 'q" // {'))),
        rule("s", "pick", random.choice(("is_nil", "equals")), "x"),
        rule("s", "tags", random.choice(("contains", "not_contains")), random.choice("abc")),
        rule("s", "day", random.choice(("before", "after")), "2024-06-01"),
        rule("s", "tri", random.choice(("is_nil", "is_true", "is_false"))),
        rule("s", "free", random.choice(("greater_than", "less_than_or_equal")), "2.5"),
        rule("s", "no_such", "is_nil"),
    ))  # fmt: skip


def _change(random: Random) -> dict[str, Any]:
    return random.choice((
        assign("s", "t", "set", random.choice(("pippin", 'q" // {', "much longer than fits"))),
        assign("s", "t", "clear"),
        assign("s", "pick", random.choice(("set", "set_if_unset")), "x"),
        assign("s", "tags", "set", "a"),
        assign("s", "day", "set", random.choice(("2024-07-01", "1999-12-31"))),
        assign("s", "tri", random.choice(("toggle", "set_true", "set_false"))),
        assign("s", "free", random.choice(("add", "subtract", "set")), random.choice(("0.5", "3"))),
        {**assign("s", "free", "set", "n"), "value_type": "variable_ref", "value_sheet": "s"},
    ))  # fmt: skip


def _nasty(random: Random, data: dict[str, Any]) -> None:
    """Hostile texts, and expressions over variables of all types."""
    if "responses" in data:
        data["text"] = _texts(random)
        data["speaker_sheet_id"] = random.choice((None, 1, "2", 3, 99))
        data["stage_directions"] = random.choice(("", "", "wipes # the -> {bar}\n] twice"))
        for response in data["responses"]:
            response["text"] = _texts(random)
            if random.random() < 0.2:
                response["condition"] = json.dumps(condition(_rule(random)))
            if random.random() < 0.2:
                response["instruction_assignments"].append(_change(random))
    if "assignments" in data and random.random() < 0.5:
        data["assignments"].append(_change(random))
    if not data.get("switch_mode") and "condition" in data and random.random() < 0.4:
        data["condition"] = condition(_rule(random), _rule(random), logic="any")


def random_flows(random: Random, stories: int, *, nasty: bool) -> list[tuple[Flow, int]]:
    """Flows of some stories, whose ids do not meet, each with what was added to them."""
    found = []
    for index in range(stories):
        for key in FLOWS:
            flow = random_flow(random, key)
            for node in flow.nodes:
                if nasty and isinstance(node.data, dict):
                    _nasty(random, node.data)
            found.append((flow, index))
    return found


def insert(connection: psycopg.Connection, flows: Iterable[tuple[Flow, int]]) -> None:
    """A project with the slug ``random``."""
    connection.execute(HEAD)
    cursor = connection.cursor()
    names = (
        (1, "S", "s"),
        (2, 'Old "Keeper" #1', "npc.old-keeper"),
        (3, "No {short} -> cut", None),
    )
    cursor.executemany(
        "INSERT INTO sheets (id, name, shortcut, position, project_id, inserted_at, updated_at) "
        "VALUES (%s, %s, %s, 0, 1, now(), now())",
        names,
    )
    cursor.executemany(
        "INSERT INTO blocks (variable_name, type, value, config, position, sheet_id, inserted_at, "
        "updated_at) VALUES (%s, %s, %s, %s, 0, 1, now(), now())",
        [(name, kind, json.dumps({"content": value}), json.dumps(config))
         for name, kind, value, config in PLAIN_BLOCKS],
    )  # fmt: skip
    _insert_formulas(cursor)
    for flow, index in flows:
        _insert_flow(cursor, flow, index)


def _insert_formulas(cursor: psycopg.Cursor) -> None:
    """A table ``calc`` with one row ``r`` and a column for each formula."""
    cursor.execute(
        "INSERT INTO blocks (id, variable_name, type, value, config, position, sheet_id, "
        "inserted_at, updated_at) VALUES (900, 'calc', 'table', '{}', '{}', 9, 1, now(), now())"
    )
    cursor.executemany(
        "INSERT INTO table_columns (block_id, name, slug, type, position, config, inserted_at, "
        "updated_at) VALUES (900, %s, %s, 'formula', %s, '{}', now(), now())",
        [(name, name, position) for position, (name, _, _) in enumerate(FORMULAS)],
    )
    cells = {
        name: {
            "expression": text,
            "bindings": {x: {"type": "variable", "ref": ref} for x, ref in bindings.items()},
        }
        for name, text, bindings in FORMULAS
    }
    cursor.execute(
        "INSERT INTO table_rows (block_id, name, slug, position, cells, inserted_at, updated_at) "
        "VALUES (900, 'r', 'r', 0, %s, now(), now())",
        [json.dumps(cells)],
    )


def _insert_flow(cursor: psycopg.Cursor, flow: Flow, index: int) -> None:
    """Ids get the index in front: flow 2 of story 7 is 72, its node 205 is 7205."""
    shift = index * 1000
    cursor.execute(
        "INSERT INTO flows (id, name, shortcut, position, project_id, inserted_at, updated_at) "
        "VALUES (%s, %s, %s, 0, 1, now(), now())",
        (flow.id + index * 10, f"flow {flow.id}", random_shortcut(flow.id, index)),
    )
    cursor.executemany(
        "INSERT INTO flow_nodes (id, type, data, flow_id, position_x, position_y, inserted_at, "
        "updated_at) VALUES (%s, %s, %s, %s, 0, 0, now(), now())",
        [(x.id + shift, known(x.type), json.dumps(_moved(x.data, index)), flow.id + index * 10)
         for x in flow.nodes],
    )  # fmt: skip
    present = {x.id for x in flow.nodes}
    cursor.executemany(
        "INSERT INTO flow_connections (source_pin, target_pin, flow_id, source_node_id, "
        "target_node_id, inserted_at, updated_at) VALUES (%s, 'input', %s, %s, %s, "
        "timestamp '2025-01-01' + make_interval(secs => %s), now()) ON CONFLICT DO NOTHING",
        [(_moved_pin(x.source_pin, shift), flow.id + index * 10, x.source_node_id + shift,
          x.target_node_id + shift, number)
         for number, x in enumerate(flow.connections)
         if x.target_node_id in present and x.source_node_id != x.target_node_id],
    )  # fmt: skip


def random_shortcut(flow_id: int, index: int) -> str | None:
    """Shortcuts that fall together in Ink, or are names that it refuses."""
    odd = {1: "a.b", 2: "a-b", 11: "true", 12: "s.n", 13: "body", 21: "007", 22: "else",
           31: "text", 32: "seen", 41: "number", 42: "storyarn-exit",
           51: "x", 52: "s.n.2"}  # fmt: skip
    number = flow_id + index * 10
    return odd.get(number, None if number % 3 == 0 else f"story{index}.flow-{flow_id}")


def known(kind: str) -> str:
    """The database knows no odd types."""
    return "annotation" if kind == "odd" else kind


def _moved(data: dict[str, Any], index: int) -> dict[str, Any]:
    called = data.get("referenced_flow_id")
    if isinstance(called, int):
        called += index * 10
    elif isinstance(called, str) and called.isdigit():
        called = str(int(called) + index * 10)
    return data | {"referenced_flow_id": called} if "referenced_flow_id" in data else data


def _moved_pin(pin: str, shift: int) -> str:
    found = re.fullmatch("exit_([0-9]+)", pin)
    return f"exit_{int(found[1]) + shift}" if found else pin
