"""Nodes of older flows: types and data that today's database does not know."""

from typing import Any

import msgspec

from storyarn_pipelines.content.values import filled, listing, mapping
from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.importers.older_facts import option_id
from storyarn_pipelines.importers.older_values import (
    ALWAYS,
    Conversions,
    Data,
    encoded,
    excerpt,
    is_missing,
    new_row,
    number_of_words,
    ref_in,
    stored_condition,
    text_in,
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
_ANSWER_TEXTS = ("text", "text_key", "instruction", "code")


class Nodes:
    """Converts the nodes of one flow. ``notes`` are annotations that keep what has no place."""

    def __init__(self, conversions: Conversions, flow: str) -> None:
        self._conversions, self._flow = conversions, flow
        self.notes: list[Row] = []
        self.jumps: set[str] = set()
        self.annotated: set[str] = set()

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
                self._dialogue(node)
            case "choice":
                self._choice(node)
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

    def _choice(self, node: Row) -> None:
        data = Data(node, "data")
        value = data.value
        if "prompt" in value:
            value["text"] = data.text("prompt") or ""
            del value["prompt"]
        value.setdefault("text", "")
        key = data.text("prompt_key")
        if key is not None:
            value.setdefault("text_key", key)
        value.pop("prompt_key", None)
        if "options" in value:
            options = value.pop("options")
            more = listing(value.get("responses"))
            value["responses"] = [*options, *more] if isinstance(options, list) else options
        node.values["type"] = b'"dialogue"'
        self._conversions.note("choices made dialogues with responses", node.pointer)
        self._speech(node, data, "options")

    def _dialogue(self, node: Row) -> None:
        self._speech(node, Data(node, "data"), "responses")

    def _speech(self, node: Row, data: Data, list_key: str) -> None:
        """What dialogues and choices have in common."""
        value = data.value
        for key in ("text", "stage_directions", "menu_text"):
            data.text(key)
        self._speaker(data)
        self._localization_id(node, data)
        recording = self._conversions.facts.recordings.get(node.ref)
        if recording and value.get("audio_asset_id") is None:
            value["audio_asset_id"] = recording
            self._conversions.note("recordings of the source language made audio", node.pointer)
        answers = value.get("responses")
        if answers is not None and not isinstance(answers, list):
            raise refusal(f"{data.pointer}/{list_key}", "it must be a list")
        value["responses"] = [
            self._answer(node, answer, number, f"{data.pointer}/{list_key}/{number}")
            for number, answer in enumerate(listing(answers))
        ]
        said = [value.get(x) for x in ("text", "menu_text", "stage_directions")]
        said += [answer.get("text") for answer in value["responses"]]
        self._count(node, *said)
        data.save()

    def _speaker(self, data: Data) -> None:
        value = data.value
        if "speaker_sheet_id" in value:
            return
        speaker, kind = ref_in(value, "speaker_id", data.pointer), data.text("speaker_type")
        shortcut = data.text("speaker_shortcut")
        if kind not in (None, "page", "sheet"):
            if speaker is not None:
                self._conversions.note(
                    "speakers that are no sheets, kept in the node's data", data.pointer
                )
            return
        if speaker is None and shortcut:
            speaker = self._conversions.facts.shortcuts.get((t.SHEETS, shortcut))
            if speaker is None:
                self._conversions.note(
                    "speakers that are not in the file, kept in the node's data", data.pointer
                )
                return
        if "speaker_id" in value or speaker is not None:
            self._conversions.note("speaker_id read as speaker_sheet_id", data.pointer)
        value["speaker_sheet_id"] = speaker
        for key in ("speaker_id", "speaker_type", "speaker_shortcut"):
            value.pop(key, None)

    def _localization_id(self, node: Row, data: Data) -> None:
        value = data.value
        known, key = data.text("localization_id"), data.text("text_key")
        if known:
            return
        given = self._conversions.facts.dialogue_ids.get(node.ref)
        if given == key:
            self._conversions.note("text_key read as localization_id", data.pointer)
            del value["text_key"]
        else:
            self._conversions.note(
                "dialogues without a localization id of their own, given one", data.pointer
            )
        value["localization_id"] = given

    def _answer(self, node: Row, answer: Any, number: int, pointer: str) -> dict[str, Any]:
        if not isinstance(answer, dict):
            raise refusal(pointer, "it must be an object")
        for key in _ANSWER_TEXTS:
            text_in(answer, key, pointer)
        if not isinstance(answer.get("id"), str | None):
            raise refusal(f"{pointer}/id", "it must be a text")
        made = {"id": option_id(answer, number), "text": "", **answer}
        made["id"] = option_id(answer, number)
        made["text"] = answer.get("text") or ""
        made["condition"] = self._answer_condition(node, answer, made["id"], pointer)
        listed = answer.get("instruction_assignments")
        if listed is not None and not isinstance(listed, list):
            raise refusal(f"{pointer}/instruction_assignments", "it must be a list")
        made["instruction_assignments"] = listing(listed)
        made["instruction"] = answer.get("instruction")
        for key in ("instruction", "code"):
            text = filled(answer.get(key))
            if text and not text.lstrip().startswith("[") and not made["instruction_assignments"]:
                place = f"{pointer}/{key}"
                assignments = self._conversions.assignments(text, place)
                if assignments is None:
                    self.keep(node, f"{made['id']}/{key}", f"{made['id']}, {key}: {text}")
                else:
                    made["instruction_assignments"] = assignments
                    made["instruction"] = None
                    made.pop("code", None)
        return made

    def _answer_condition(
        self, node: Row, answer: dict[str, Any], name: str, pointer: str
    ) -> str | None:
        """A response's condition is JSON text."""
        place, found = f"{pointer}/condition", answer.get("condition")
        if isinstance(found, dict):
            self._conversions.note("conditions of responses made texts", place)
            return encoded(found, place).decode()
        if found is not None and not isinstance(found, str):
            raise refusal(place, "it must be a text or null")
        if not found or not found.strip() or stored_condition(found) is not None:
            return found or None
        stored = self._conversions.condition(found, place)
        if stored is None:
            self.keep(node, f"{name}/condition", f"{name}, condition: {found}")
            return found
        return msgspec.json.encode(stored).decode()

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
            if found is not None:
                value.pop("target_flow_shortcut", None)
        node.values["type"] = b'"subflow"'
        self.jumps.add(node.ref)
        self._conversions.note("flow_jump nodes made subflows", node.pointer)
        data.save()

    def _exit(self, node: Row) -> None:
        data = Data(node, "data")
        data.text("label")
        self._count(node, data.value.get("label"))
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
        what = "event nodes" if kind == "event" else f"nodes of the unknown type {excerpt(kind)}"
        self._conversions.note(f"{what} kept as annotations", node.pointer)
        data.save()

    def _count(self, node: Row, *texts: object) -> None:
        if is_missing(node, "word_count"):
            words = sum(number_of_words(text) for text in texts)
            node.values["word_count"] = b"%d" % words


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
