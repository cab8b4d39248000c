"""Stories in a few words: domain objects whose unmentioned fields are blank."""

import json
from collections.abc import Mapping, Sequence
from itertools import count, pairwise
from typing import Any, TypeVar, get_args, get_origin

import msgspec

from storyarn_pipelines.domain.flows import Connection, Flow, Node
from storyarn_pipelines.domain.scenes import Pin, Scene, Zone
from storyarn_pipelines.domain.sheets import Block, Sheet, TableColumn, TableRow
from storyarn_pipelines.story.choices import Choices, ScriptedChoices
from storyarn_pipelines.story.graph import FlowGraph
from storyarn_pipelines.story.index import FlowName, Story, Texts
from storyarn_pipelines.story.player import Player
from storyarn_pipelines.story.variables import read_variables

T = TypeVar("T", bound=msgspec.Struct)
Trace = dict[str, Any]

_wire_ids = count(1)


def blank(kind: type[T], **given: Any) -> T:
    """An object with the given fields and blank others."""
    fields = {field.name: _nothing(field.type) for field in msgspec.structs.fields(kind)}
    return kind(**fields | given)


def _nothing(kind: Any) -> Any:
    if kind in (int, float, str, bool):
        return kind()
    if get_origin(kind) is tuple:
        return ()
    assert kind is Any or type(None) in get_args(kind), kind
    return None


def sheet(key: int, shortcut: str | None, *blocks: Block, name: str = "") -> Sheet:
    """A sheet; its name is its shortcut if none is given."""
    return blank(
        Sheet, id=key, shortcut=shortcut, name=name or shortcut or f"sheet {key}", blocks=blocks
    )


def block(name: str | None, kind: str, content: Any = None, **given: Any) -> Block:
    """A block with ``{"content": content}`` as its value, unless ``value`` is given."""
    fields = {"variable_name": name, "type": kind, "value": {"content": content}, "position": 0}
    return blank(Block, **fields | given)


def number(name: str = "n", content: Any = 0, **config: Any) -> Block:
    """A number block with limits."""
    return block(name, "number", content, config=config)


def table(
    name: str, columns: Mapping[str, str], rows: Mapping[str, Mapping[str, Any]], **given: Any
) -> Block:
    """A table from column types by slug and cells by row slug."""
    return block(
        name,
        "table",
        columns=tuple(blank(TableColumn, id=i, slug=x, type=kind, position=i)
                      for i, (x, kind) in enumerate(columns.items())),
        rows=tuple(blank(TableRow, id=i, slug=x, cells=cells, position=i)
                   for i, (x, cells) in enumerate(rows.items())),
        **given,
    )  # fmt: skip


def formula(expression: Any, **bindings: Any) -> dict[str, Any]:
    """A formula cell; a binding is a variable's name, or a column after ``@``."""
    return {
        "expression": expression,
        "bindings": {
            symbol: {"type": "same_row", "column_slug": ref[1:]}
            if isinstance(ref, str) and ref.startswith("@")
            else {"type": "variable", "ref": ref}
            for symbol, ref in bindings.items()
        },
    }


def scene(*elements: Pin | Zone, name: str = "scene", key: int = 1) -> Scene:
    """A scene with pins and zones."""
    pins = tuple(x for x in elements if isinstance(x, Pin))
    zones = tuple(x for x in elements if isinstance(x, Zone))
    return blank(Scene, id=key, name=name, pins=pins, zones=zones)


def node(key: int, kind: str, **data: Any) -> Node:
    """A node with some data."""
    return blank(Node, id=key, type=kind, data=data)


def wire(source: int, target: int, pin: str = "output") -> Connection:
    """A wire that is younger than those made before it."""
    return blank(
        Connection, id=next(_wire_ids), source_node_id=source, source_pin=pin,
        target_pin="input", target_node_id=target,
    )  # fmt: skip


def flow(
    nodes: Sequence[Node],
    wires: Sequence[Connection] = (),
    key: int = 1,
    shortcut: str | None = None,
    **given: Any,
) -> Flow:
    """A flow."""
    fields = {"id": key, "shortcut": shortcut, "name": f"flow {key}"}
    return blank(Flow, nodes=tuple(nodes), connections=tuple(wires), **fields | given)


def line(*nodes: Node, key: int = 1, **given: Any) -> Flow:
    """A flow of nodes that follow each other by ``output``, an entry in front (id key * 1000)."""
    everything = (node(key * 1000, "entry"), *nodes)
    return flow(everything, [wire(a.id, b.id) for a, b in pairwise(everything)], key, **given)


def story(
    *flows: Flow,
    sheets: Sequence[Sheet] = (),
    scenes: Sequence[Scene] = (),
    texts: Texts | None = None,
) -> Story:
    """A story; its first flow is the main one."""
    graphs = {x.id: FlowGraph.of(x) for x in flows}
    return Story(
        read_variables(sheets, scenes),
        tuple(FlowName(x.id, x.name, x.shortcut, x is flows[0]) for x in flows),
        {x.id: x.name for x in sheets},
        graphs.get,
        texts or {},
    )


def play(told: Story, *indexes: int, choices: Choices | None = None, **options: Any) -> Trace:
    """Play the main flow with scripted choices, or others."""
    return Player(told, **options).play(None, choices or ScriptedChoices(indexes))


def events(trace: Trace, kind: str) -> list[Any]:
    """The events of one kind."""
    return [event[kind] for event in trace["events"] if kind in event]


def said(trace: Trace) -> list[str]:
    """The lines."""
    return [event["text"] for event in events(trace, "say")]


def end(trace: Trace) -> tuple[str, int | None]:
    """How a play ended, and where."""
    last = trace["events"][-1]
    return last["end"], last["node"]


def rule(sheet_name: str, variable: str, operator: str, value: Any = None) -> dict[str, Any]:
    """One rule as it is stored."""
    return {"sheet": sheet_name, "variable": variable, "operator": operator, "value": value}


def condition(*rules: dict[str, Any], logic: str = "all") -> dict[str, Any]:
    """A condition of one block."""
    return {"logic": logic, "blocks": [case(*rules, logic=logic)]}


def case(*rules: dict[str, Any], key: Any = None, logic: str = "all") -> dict[str, Any]:
    """A block, or a case of a switch."""
    return {"id": key, "type": "block", "logic": logic, "rules": list(rules)}


def text_of(stored: dict[str, Any]) -> str:
    """A condition as responses keep it."""
    return json.dumps(stored)


def assign(sheet_name: str, variable: str, operator: str, value: Any = None) -> dict[str, Any]:
    """An assignment as it is stored."""
    return {**rule(sheet_name, variable, operator, value), "value_type": "literal"}


def response(key: Any, text: str = "", *does: dict[str, Any], when: Any = None) -> dict[str, Any]:
    """A response; ``when`` is a condition's object, stored as a text."""
    return {
        "id": key,
        "text": text or f"take {key}",
        "condition": text_of(when) if isinstance(when, dict) else when,
        "instruction_assignments": list(does),
    }
