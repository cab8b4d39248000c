"""A trace as a script that people read."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from storyarn_pipelines.domain.variables import Value
from storyarn_pipelines.story.text import shown

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")
_NARRATOR = "(no speaker)"
_ENDS = {
    "exit": "The story ends",
    "returned_to_nobody": "The flow returns, but nothing called it",
    "returned_to_exit": "The flow returns to an exit, which leads nowhere",
    "dead_end": "Nothing is connected here",
    "no_valid_response": "No response is available, so the reader is stuck",
    "no_hub": "The jump names no hub",
    "no_flow": "The call names no flow",
    "hub_not_found": "The hub of the jump is not in this flow",
    "flow_not_found": "The called flow does not exist",
    "node_not_found": "The wire leads to a node that is not in this flow",
    "no_entry": "The flow has no entry",
    "step_limit": "Stopped: so many nodes were visited that the story may never end",
}


def script(trace: Mapping[str, Any]) -> Iterator[str]:
    """The lines of a script: who says what, what was on offer, what changed, how it ended.

    Control characters, with which a text could steer a terminal, show as a replacement sign.
    """
    return (_CONTROL.sub("\N{REPLACEMENT CHARACTER}", line) for line in _lines(trace))


def _lines(trace: Mapping[str, Any]) -> Iterator[str]:
    for event in trace["events"]:
        if "say" in event:
            yield ""
            yield from _line(event["say"])
        elif "choose" in event:
            yield from _menu(event["choose"])
        elif "set" in event:
            changes = (f"{name} = {_value(value)}" for name, value in event["set"].items())
            yield f"    [{', '.join(changes)}]"
        else:
            yield ""
            yield from _end(event, trace["steps"])


def _line(said: Mapping[str, Any]) -> Iterator[str]:
    yield f"{said['speaker'] or _NARRATOR}  #{said['node']}"
    for line in said["text"].split("\n"):
        yield f"  {line}".rstrip()


def _menu(menu: Mapping[str, Any]) -> Iterator[str]:
    for index, option in enumerate(menu["options"]):
        mark = ">" if index == menu["index"] else " "
        number = "auto" if menu.get("auto") else index
        yield f"  {mark} {number}: {' '.join(option.split())}"


def _end(event: Mapping[str, Any], steps: int) -> Iterator[str]:
    label = f", {event['label']}" if event.get("label") else ""
    where = "" if event["node"] is None else f" at node {event['node']}"
    more = [f"{key} {event[key]}" for key in ("pin", "hub", "flow") if event.get(key) is not None]
    details = f" ({', '.join(more)})" if more else ""
    yield f"-- {_ENDS[event['end']]}{label}{where}{details}; {steps} nodes visited"
    if event.get("unscripted"):
        yield f"-- {event['unscripted']} menus had no choice given: the first response was taken"


def _value(value: Value) -> str:
    return f'"{value}"' if isinstance(value, str) else shown(value)
