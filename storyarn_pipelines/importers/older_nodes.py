"""Nodes of older flows: types and data that today's database does not know."""

from typing import Any

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.json_values import filled, mapping
from storyarn_pipelines.importers.older_speech import Speech
from storyarn_pipelines.importers.older_values import (
    ALWAYS,
    Conversions,
    Data,
    count_words,
    excerpt,
    new_row,
    ref_in,
    stored_condition,
)
from storyarn_pipelines.importers.rows import Row, refusal

NODE_TYPES = (
    "entry", "exit", "dialogue", "condition", "instruction", "hub", "jump", "subflow",
    "annotation", "sequence",
)  # fmt: skip
"""The types that the database takes."""

_COLOR = "#fbbf24"
_APART = 80
_SAID = ("text", "description", "label", "event_id")


class Nodes:
    """Converts the nodes of one flow. ``notes`` are annotations that keep what has no place."""

    def __init__(self, conversions: Conversions, flow: str) -> None:
        self._conversions, self._flow = conversions, flow
        self.notes: list[Row] = []
        self.jumps: set[str] = set()
        self.annotated: set[str] = set()
        self._speech = Speech(conversions, self.keep)

    def convert(self, node: Row) -> None:
        """Bring one node into today's shape."""
        kind = node.text("type")
        if kind is None:
            raise refusal(f"{node.pointer}/type", "it is missing")
        is_new_type = kind not in NODE_TYPES
        if not is_new_type and "inserted_at" in node.values:
            return
        match kind:
            case "dialogue":
                self._speech.dialogue(node)
            case "choice":
                self._speech.choice(node)
            case "condition":
                self._condition(node)
            case "instruction":
                self._instruction(node)
            case "flow_jump":
                self._flow_jump(node)
            case "exit":
                self._exit(node)
            case _ if is_new_type:
                self._annotate(node, kind)

    def keep(self, node: Row, key: str, text: str) -> None:
        """An annotation beside a node that keeps a text."""
        place = f"{self._flow}/note/{node.ref}/{key}"
        self.notes.append(annotation(f"{node.pointer}/{key}", place, text, near=node))

    def _condition(self, node: Row) -> None:
        data = Data(node, "data")
        value = data.value
        if "condition" in value and not isinstance(value["condition"], str):
            return
        key = "condition" if "condition" in value else "expression"
        text = data.text(key)
        if text is None:
            return
        value.update(self.condition_data(node, key, text, f"{data.pointer}/{key}"))
        if value["condition"] is not ALWAYS and key == "expression":
            del value["expression"]
        data.save()

    def condition_data(self, near: Row, key: str, text: str, place: str) -> dict[str, Any]:
        """The data of a condition node; a text that cannot be read stays in it, asking nothing."""
        stored = stored_condition(text) or self._conversions.condition(text, place)
        if stored is None:
            self.keep(near, key, f"{key}: {text}")
            return {"switch_mode": False, "condition": ALWAYS, "expression": text}
        return {"switch_mode": False, "condition": stored}

    def _instruction(self, node: Row) -> None:
        data = Data(node, "data")
        value = data.value
        if "assignments" in value:
            return
        text = data.text("code")
        if text is None:
            return
        assignments = self._conversions.assignments(text, f"{data.pointer}/code")
        if assignments is None:
            self.keep(node, "code", f"code: {text}")
        else:
            del value["code"]
        value["assignments"] = assignments or []
        data.save()

    def _flow_jump(self, node: Row) -> None:
        data = Data(node, "data")
        value = data.value
        target = ref_in(value, "target_flow_id", data.pointer)
        data.text("target_flow_shortcut")
        if "referenced_flow_id" not in value:
            found = self._conversions.facts.target_flow(node.ref) if target is None else target
            value["referenced_flow_id"] = found
            value.pop("target_flow_id", None)
            if found is None:
                what = "flow_jump nodes whose flow is not in the file: the story ends there"
                self._conversions.note(what, node.pointer)
            else:
                value.pop("target_flow_shortcut", None)
        node.values["type"] = b'"subflow"'
        self.jumps.add(node.ref)
        self._conversions.note("flow_jump nodes made subflows", node.pointer)
        data.save()

    def _exit(self, node: Row) -> None:
        data = Data(node, "data")
        data.text("label")
        count_words(node, data.value.get("label"))
        if self._flow in self._conversions.facts.called and "exit_mode" not in data.value:
            data.value["exit_mode"] = "caller_return"
            self._conversions.note(
                "exits of flows that flow_jump nodes call made to return to the caller",
                node.pointer,
            )
            data.save()

    def _annotate(self, node: Row, kind: str) -> None:
        data = Data(node, "data")
        value = data.value
        text = next((x for key in _SAID if (x := filled(value.get(key)))), kind)
        defaults = {"text": text, "color": _COLOR, "font_size": "md"}
        data.value = {**defaults, **mapping(value), "node_type": kind}
        if not isinstance(data.value["text"], str):
            data.value |= {"text": text, "original_text": value["text"]}
        node.values["type"] = b'"annotation"'
        self.annotated.add(node.ref)
        if kind == "event":
            self._conversions.note("event nodes kept as annotations", node.pointer)
        else:
            what = "nodes of unknown types kept as annotations"
            self._conversions.note(what, f"{node.pointer} {excerpt(kind)}")
        data.save()


def annotation(pointer: str, ref: str, text: str, near: Row | None = None) -> Row:
    """An annotation node, above another node if there is one."""
    x, y = (0.0, 0.0) if near is None else (position(near, "x"), position(near, "y") - _APART)
    return new_row(
        t.FLOW_NODES,
        pointer,
        id=ref,
        type="annotation",
        position_x=x,
        position_y=y,
        data={"text": text, "color": _COLOR, "font_size": "md"},
    )


def position(node: Row, axis: str) -> float:
    """Where a node stands, 0 if that is not told."""
    found = node.get(f"position_{axis}")
    return float(found) if isinstance(found, int | float) else 0.0
