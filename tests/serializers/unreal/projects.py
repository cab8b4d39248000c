"""Stories of a few lines with everything in them that an author may type."""

from random import Random
from typing import Any

from storyarn_pipelines.domain.flows import Connection, Flow, Node
from storyarn_pipelines.domain.localization import LocalizedString
from storyarn_pipelines.domain.scenes import Pin, Scene
from storyarn_pipelines.domain.sheets import Sheet
from tests.serializers.unreal.memory import translation
from tests.story.builders import (
    assign,
    blank,
    block,
    condition,
    flow,
    node,
    number,
    response,
    rule,
    scene,
    sheet,
    wire,
)  # fmt: skip

WORDS = (
    "Hello", "=1+1", "+1", "-1", "@sum", "{", "}", "`", "|plural(one=x)", "``{", "{0}", "{s.n}",
    "{s.text}", "{s.list}", "{s.unknown}", "{no.such}", "$s.n", "$s.text", "$100", "$no.such",
    "<b>bold</b>", "<i>it<b>both</b></i>", "</>", "<img>", "&lt;b&gt;", "&amp;", '"', "'", ",",
    "\\n", "C:\\new", "\\", "\\\\", "<br>", "</p><p>", "LOCTABLE(\"a\", \"b\")", "NSLOCTEXT(",
    "INVTEXT(\"x\")", "None", "if", "[wait]", "<<set>>", "->", "]]>", "|", "שלום", "😀", "\t",
    '<span class="variable-ref" data-ref="s.n">x</span>', "&nbsp;", "x" * 500,
)  # fmt: skip
SHORTCUTS = ("mira", "None", "npc.bob", "NPC.Bob", "a b", None)


def text_of(random: Random) -> str:
    """A few odd words."""
    words = random.choices(WORDS, k=random.randint(0, 4))
    return random.choice((" ", "")).join(words)


def _sheets(random: Random) -> list[Sheet]:
    return [
        sheet(
            1, "s",
            number("n", random.choice((0, 2.5, "7", None)), min=-100),
            block("text", "text", random.choice(("", text_of(random)))),
            block("flag", "boolean", random.choice((True, False, None))),
            block("list", "multi_select", random.choice((None, ["a", "b"], []))),
            block("pick", "select", random.choice((None, "a"))),
            block("day", "date", "2026-01-31"),
            block("bio", "rich_text", text_of(random)),
            block("fix", "text", text_of(random), is_constant=True),
        ),
        *(sheet(i, x, name=text_of(random) or "x") for i, x in enumerate(SHORTCUTS, 2)),
    ]  # fmt: skip


def _rule(random: Random) -> dict[str, Any]:
    return rule("s", *random.choice((
        ("n", random.choice(("greater_than", "less_than", "equals")), str(random.randint(-2, 9))),
        ("text", random.choice(("contains", "starts_with", "equals")), random.choice(WORDS)),
        ("flag", random.choice(("is_true", "is_false", "is_nil")), None),
        ("list", random.choice(("contains", "not_contains")), random.choice("abc")),
        ("pick", random.choice(("equals", "not_equals", "is_nil")), "a"),
        ("day", random.choice(("before", "after")), "2026-02-01"),
        ("bio", "is_empty", None),
    )))  # fmt: skip


def _change(random: Random) -> dict[str, Any]:
    return assign("s", *random.choice((
        ("n", random.choice(("set", "add", "subtract")), str(random.randint(0, 4) / 2)),
        ("text", "set", random.choice(WORDS)), ("text", "clear", None),
        ("flag", random.choice(("toggle", "set_true", "set_false")), None),
        ("pick", random.choice(("set", "set_if_unset")), random.choice("ab")),
        ("day", "set", "2026-03-01"),
    )))  # fmt: skip


def _node(random: Random, key: int) -> tuple[Node, list[str]]:
    kind = random.choice(("dialogue", "dialogue", "dialogue", "condition", "instruction"))
    if kind == "condition":
        return node(key, kind, condition=condition(_rule(random), _rule(random))), ["true", "false"]
    if kind == "instruction":
        changes = [_change(random) for _ in range(2)]
        return node(key, kind, assignments=changes), ["output"]
    ids = random.sample(("a", "A", "b c", "é", "none", "x" * 100), random.choice((0, 2, 3)))
    responses = [
        response(x, text_of(random), _change(random),
                 when=condition(_rule(random)) if random.random() < 0.3 else None)
        for x in ids
    ]  # fmt: skip
    made = node(
        key, kind, text=f"<p>{text_of(random)}</p>", speaker_sheet_id=random.randint(1, 9),
        localization_id=random.choice((f"line_{key}", f"Line_{key % 3}", f"LINE_{key % 3}", None)),
        menu_text=text_of(random), stage_directions=text_of(random), technical_id=text_of(random),
        responses=responses,
    )  # fmt: skip
    return made, ids or ["output"]


def telling_story(
    random: Random,
) -> tuple[list[Flow], list[Sheet], list[Scene], list[LocalizedString]]:
    """One flow, its sheets and scenes, and translations into Spanish."""
    nodes, wires = [node(100, "entry")], list[Connection]()
    pins = [["output"]]
    for key in range(101, 101 + random.randint(2, 9)):
        made, ways = _node(random, key)
        nodes.append(made)
        pins.append(ways)
    for source, ways in zip(nodes, pins, strict=True):
        for pin in ways:
            target = min(
                source.id + random.choice((1, 1, 1, 1, 2, 2, 3, -2 * (random.random() < 0.2))),
                nodes[-1].id,
            )
            wires.append(wire(source.id, max(target, 101), pin))
    texts = [
        translation("flow_node", x.id, "text", es=f"<p>¡{text_of(random)}</p>")
        for x in nodes
        if x.type == "dialogue" and random.random() < 0.5
    ]
    texts.append(translation("sheet", 2, "name", es="Otro"))
    door = blank(Pin, id=1, shortcut="door", hidden=True, position=0)
    return [flow(nodes, wires)], _sheets(random), [scene(door)], texts
