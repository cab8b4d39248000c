"""Dialogues and choices of older flows: speakers, localization ids, answers."""

from collections.abc import Callable
from typing import Any

import msgspec

from storyarn_pipelines.domain import tables as t
from storyarn_pipelines.domain.json_values import filled, listing
from storyarn_pipelines.importers.older_facts import option_id
from storyarn_pipelines.importers.older_values import (
    Conversions,
    Data,
    count_words,
    encoded,
    ref_in,
    stored_condition,
    text_in,
)
from storyarn_pipelines.importers.rows import Row, refusal

_ANSWER_TEXTS = ("text", "text_key", "instruction", "code")

Keep = Callable[[Row, str, str], None]
"""Keeps a text beside a node, under a key."""


class Speech:
    """Converts what is said and answered."""

    def __init__(self, conversions: Conversions, keep: Keep) -> None:
        self._conversions, self._keep = conversions, keep

    def choice(self, node: Row) -> None:
        """A choice is a dialogue whose options are its responses."""
        data = Data(node, "data")
        value = data.value
        if "prompt" in value:
            if data.text("text"):
                value["original_text"] = value["text"]
            value["text"] = data.text("prompt") or ""
            del value["prompt"]
        value.setdefault("text", "")
        key = data.text("prompt_key")
        if not data.text("text_key"):
            value.pop("prompt_key", None)
            value["text_key"] = key
        if "options" in value:
            options = value.pop("options")
            more = listing(value.get("responses"))
            value["responses"] = [*options, *more] if isinstance(options, list) else options
        node.values["type"] = b'"dialogue"'
        self._conversions.note("choices made dialogues with responses", node.pointer)
        self._convert(node, data, "options")

    def dialogue(self, node: Row) -> None:
        """A dialogue has a sheet as its speaker, a localization id and responses."""
        self._convert(node, Data(node, "data"), "responses")

    def _convert(self, node: Row, data: Data, list_key: str) -> None:
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
        count_words(node, *said)
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
            if key is None:
                value.pop("text_key", None)
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
        made["condition"] = self._answer_condition(node, answer, number, pointer)
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
                    self._keep(node, f"{number}/{key}", f"{made['id']}, {key}: {text}")
                else:
                    made["instruction_assignments"] = assignments
                    made["instruction"] = None
                    made.pop("code", None)
        return made

    def _answer_condition(
        self, node: Row, answer: dict[str, Any], number: int, pointer: str
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
            name = option_id(answer, number)
            self._keep(node, f"{number}/condition", f"{name}, condition: {found}")
            return found
        return msgspec.json.encode(stored).decode()
