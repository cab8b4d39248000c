"""Dialogues: what is said, by whom, and what can be answered."""

from typing import Any

from storyarn_pipelines.domain.flows import Node
from storyarn_pipelines.domain.json_values import filled, kind_of
from storyarn_pipelines.validation.conditions import check_condition_text
from storyarn_pipelines.validation.findings import Here
from storyarn_pipelines.validation.flow_view import FlowView
from storyarn_pipelines.validation.instructions import check_response_assignments
from storyarn_pipelines.validation.interpolation import check_dialogue_text, check_response_text
from storyarn_pipelines.validation.references import check_avatar, check_media, check_reference
from storyarn_pipelines.validation.run import Run
from storyarn_pipelines.validation.values import as_id, excerpt, is_blank


def check_dialogue(run: Run, view: FlowView, node: Node, data: dict[str, Any]) -> None:
    """Check one dialogue with its responses."""
    here = view.here(node)
    _check_people(run, here, data)
    text = data.get("text")
    if text is not None and not isinstance(text, str):
        run.add("SA1003", here, what="text", kind=kind_of(text), wanted="a text")
    elif is_blank(text):
        run.add("SA0401", here)
    else:
        check_dialogue_text(run, here, str(text))
    if data.get("condition"):
        run.add("SA0507", here)
    line = filled(data.get("localization_id"))
    if line:
        run.line_hashes.add(hash(line))
    _check_responses(run, here, data.get("responses"))


def _check_people(run: Run, here: Here, data: dict[str, Any]) -> None:
    speaker = data.get("speaker_sheet_id")
    if speaker is None or speaker == "":
        run.add("SA0403", here)
    else:
        check_reference(run, here, "sheet", speaker, "speaker")
    check_avatar(run, here, data.get("avatar_id"), as_id(speaker))
    check_reference(run, here, "sheet", data.get("location_sheet_id"), "location")
    check_media(run, here, data.get("audio_asset_id"), "voice-over")


def _check_responses(run: Run, here: Here, responses: object) -> None:
    if responses is None:
        return
    if not isinstance(responses, list):
        run.add("SA1003", here, what="responses", kind=kind_of(responses), wanted="a list")
        return
    seen: set[str] = set()
    for number, response in enumerate(responses, start=1):
        if not isinstance(response, dict):
            kind = kind_of(response)
            run.add("SA1003", here, what=f"response {number}", kind=kind, wanted="an object")
            continue
        _check_response(run, here, response, number)
        response_id = filled(response.get("id"))
        if response_id is None or response_id in seen:
            run.add("SA0404", here, response=_name(response, number))
        else:
            seen.add(response_id)


def _check_response(run: Run, here: Here, response: dict[str, Any], number: int) -> None:
    text, name = response.get("text"), _name(response, number)
    if is_blank(text):
        run.add("SA0402", here, response=number)
    elif isinstance(text, str):
        check_response_text(run, here, text)
    check_condition_text(run, here, response.get("condition"), f"condition of {name}")
    check_response_assignments(run, here, response, f"assignments of {name}")


def _name(response: dict[str, Any], number: int) -> str:
    text = excerpt(response.get("text"))
    return f'response {number} "{text}"' if text else f"response {number}"
