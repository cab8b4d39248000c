"""Stories whose flows are well wired, so that plays of them are long and come everywhere."""

from collections.abc import Sequence
from random import Random
from typing import Any

from hypothesis import strategies as st

from storyarn_pipelines.domain.flows import Connection, Flow, Node
from storyarn_pipelines.story.index import Story
from tests.story.builders import (
    assign,
    block,
    case,
    condition,
    flow,
    node,
    number,
    response,
    rule,
    sheet,
    story,
    wire,
)  # fmt: skip

SHEET = sheet(1, "s", number("n", 0, min=-4, max=4), block("b", "boolean", False))
KINDS = (
    "dialogue", "dialogue", "condition", "condition", "condition", "instruction", "instruction",
    "hub", "jump", "subflow", "exit", "entry", "odd",
)  # fmt: skip
FLOWS = (1, 2, 3)


def _rule(random: Random) -> dict[str, Any]:
    if random.random() < 0.3:
        return rule("s", "b", random.choice(("is_true", "is_false")))
    operator = random.choice(("less_than", "greater_than", "equals"))
    return rule("s", "n", operator, str(random.randint(-3, 3)))


def _changes(random: Random) -> list[dict[str, Any]]:
    changes = [
        assign("s", "n", random.choice(("add", "subtract", "set")), str(random.randint(0, 3)))
    ]
    return changes + [assign("s", "b", "toggle")] * random.randint(0, 1)


def _dialogue(random: Random, key: int) -> tuple[Node, Sequence[str]]:
    keys = random.choices(("a", "b", "c", None, 7), k=random.choice((0, 0, 1, 2, 2, 3)))
    responses = [
        response(
            x, "", *_changes(random)[: random.randint(0, 1)],
            when=condition(_rule(random)) if random.random() < 0.3 else None,
        )
        for x in keys
    ]  # fmt: skip
    pins = [random.choice((str(x), f"resp_{x}")) for x in keys if x != 7]
    return node(key, "dialogue", text=f"{key} {{s.n}}", responses=responses), pins or ["output"]


def _condition(random: Random, key: int) -> tuple[Node, Sequence[str]]:
    if random.random() < 0.6:
        return node(key, "condition", condition=condition(_rule(random))), ["true", "false"]
    keys = random.choices(("x", "y", "z", None), k=random.randint(0, 3))
    cases = {"logic": "all", "blocks": [case(_rule(random), key=x) for x in keys]}
    pins = [*(x for x in keys if x), "default"]
    return node(key, "condition", condition=cases, switch_mode=True), pins


def _node(random: Random, key: int, kind: str) -> tuple[Node, Sequence[str]]:
    called = {"referenced_flow_id": random.choice((*FLOWS, *FLOWS, "2", 9, None, "odd"))}
    exits = [f"exit_{x}" for x in random.sample(range(10), 2)]
    exits += [f"exit_{random.choice(FLOWS) * 100 + random.randint(1, 15)}" for _ in range(5)]
    match kind:
        case "dialogue":
            return _dialogue(random, key)
        case "condition":
            return _condition(random, key)
        case "instruction":
            return node(key, kind, assignments=_changes(random)), ["output"]
        case "hub":
            return node(key, kind, hub_id=random.choice("hk")), ["output"]
        case "jump":
            return node(key, kind, target_hub_id=random.choice(("h", "k", "k", "no", None))), []
        case "subflow":
            return node(key, kind, **called), [*exits, "output"]
        case "exit":
            modes = ("terminal", "caller_return", "caller_return", "flow_reference")
            made = node(key, kind, exit_mode=random.choice(modes), **called)
            return made, ["output"] if random.random() < 0.2 else []
    return node(key, kind), ["output"]


def random_flow(random: Random, key: int) -> Flow:
    """A flow of up to 16 nodes, some of which lead forward only; few pins have no wire."""
    size = random.randint(1, 15)
    first = key * 100
    nodes = [node(first, random.choice(("entry",) * 19 + ("hub",)))]
    wires: list[Connection] = []
    pins: list[Sequence[str]] = [["output"]]
    for i in range(1, size + 1):
        kind = random.choice(KINDS)
        made, ways = _node(random, first + i, kind)
        nodes.append(made)
        pins.append(ways)
    back = random.choice((0.0, 0.1, 0.5))
    near = random.choice((2, 4, 16))
    for i, ways in enumerate(pins):
        for pin in ways:
            for _ in range(random.choice((0, 1, 1, 1, 1, 1, 1, 1, 1, 2))):
                lowest, highest = (0, size) if random.random() < back else (i + 1, i + near)
                target = random.randint(lowest, max(lowest, highest))
                wires.append(wire(first + i, first + min(target, size + (target % 9 == 0)), pin))
    return flow(nodes, wires, key)


def random_story(random: Random) -> Story:
    """A story of three flows that call each other."""
    return story(*(random_flow(random, key) for key in FLOWS), sheets=[SHEET])


stories = st.randoms(use_true_random=False).map(random_story)
flows = st.randoms(use_true_random=False).map(lambda random: random_flow(random, 1))
