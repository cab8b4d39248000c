"""What articy-js plays beside what the imported project plays."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from storyarn_pipelines.story.choices import SeededChoices
from storyarn_pipelines.story.index import Story
from storyarn_pipelines.story.player import Player
from tests.node.judge import Judge

Event = tuple[Any, ...]


def articy_plays(
    judge: Judge, document: Mapping[str, Any], directory: Path, plays: list[tuple[int, int]]
) -> list[dict[str, Any]]:
    """What articy-js does, step by step."""
    file = directory / "articy-js.json"
    file.write_text(json.dumps(document), "utf-8")
    asked = [{"start": f"0x{start:016X}", "seed": seed} for start, seed in plays]
    results: list[dict[str, Any]] = judge.ask("articy", file=str(file), plays=asked)["results"]
    return results


def articy_events(result: Mapping[str, Any], names: Mapping[str, str]) -> list[Event]:
    """Lines, each with the variables at that time, and choices, of a play by articy-js."""
    assert "error" not in result, result
    events: list[Event] = []
    for step in result["steps"]:
        if "text" in step:
            values = {
                f"{head}.{tail}".lower(): value
                for head, inner in step["variables"].items()
                for tail, value in inner.items()
            }
            events.append(("say", names.get(step["speaker"]), step["text"].strip(), values))
        options = [(x["menu"] or x["text"]).strip() for x in step["options"]]
        if len(options) > 1:
            events.append(("choose", options, step.get("chosen")))
    return events


def story_events(story: Story, flow: str | None, seed: int) -> tuple[list[Event], str]:
    """The same of a play of the imported project; what says nothing is not counted."""
    trace = Player(story, whole_numbers=True).play(flow, SeededChoices(seed))
    values = {x: y.initial for x, y in story.variables.variables.items()}
    events: list[Event] = []
    for event in trace["events"]:
        if "say" in event and (event["say"]["text"] or event["say"]["speaker"]):
            shown = {x: "" if y is None else y for x, y in values.items() if x != "articy.jump"}
            events.append(("say", event["say"]["speaker"], event["say"]["text"], shown))
        elif "choose" in event and not event["choose"].get("auto"):
            events.append(("choose", event["choose"]["options"], event["choose"]["index"]))
        values |= event.get("set", {})
    return events, trace["events"][-1]["end"]
