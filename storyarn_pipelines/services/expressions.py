"""All conditions and instructions of a story in the language of an engine, as a table."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from storyarn_pipelines.domain.diagnostics import Diagnostic
from storyarn_pipelines.domain.flows import Node
from storyarn_pipelines.domain.json_values import listing, mapping
from storyarn_pipelines.domain.progress import Counter, Progress, silent
from storyarn_pipelines.domain.scenes import Scene
from storyarn_pipelines.domain.tables import FLOW_NODES, FLOWS, SCENES
from storyarn_pipelines.expressions.ast import ALWAYS, Condition, Instruction
from storyarn_pipelines.expressions.emitters import EMITTERS, Emitted, Emitter
from storyarn_pipelines.expressions.emitters.domains import story_domains
from storyarn_pipelines.expressions.stored import (
    read_assignments,
    read_condition,
    read_response_assignments,
    read_response_condition,
    read_switch,
)
from storyarn_pipelines.snapshot.reader import StoryReader
from storyarn_pipelines.story import nodes as n
from storyarn_pipelines.story.variables import read_variables

EXPRESSIONS_FILE = "expressions.parquet"
_SCHEMA = pa.schema(
    [
        ("where", pa.string()),
        ("entity_type", pa.string()),
        ("entity_id", pa.int64()),
        ("part", pa.string()),
        ("kind", pa.string()),
        ("source", pa.string()),
        ("output", pa.string()),
        ("diagnostics", pa.list_(pa.string())),
    ]
)
_BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Expression:
    """One condition or instruction and where it stands."""

    where: str
    entity_type: str
    entity_id: int
    part: str
    code: Condition | Instruction


@dataclass(frozen=True, slots=True)
class Transpiled:
    """What was written: numbers by kind, and the findings."""

    counts: dict[str, int]
    diagnostics: list[Diagnostic]


def transpile_story(
    story: StoryReader, language: str, path: Path, progress: Progress = silent
) -> Transpiled:
    """Write every expression of a story in a language to a Parquet file.

    Columns: ``where`` (the place in words), ``entity_type`` and ``entity_id``, ``part`` of it,
    ``kind`` (condition or instruction), ``source`` (our text form), ``output``, ``diagnostics``.
    """
    sections = story.manifest.sections
    variables = read_variables(
        story.sheets() if "sheets" in sections else (),
        story.scenes() if "scenes" in sections else (),
    )
    instructions = (x.code for x in story_expressions(story) if isinstance(x.code, tuple))
    domains = story_domains(variables.variables, instructions)
    emitter = EMITTERS[language].for_story(variables.variables, domains)
    counts = {"conditions": 0, "instructions": 0}
    found: list[Diagnostic] = list(emitter.identifiers.diagnostics)
    counter = Counter(progress, "transpile", story.manifest.rows(FLOW_NODES.name))
    with pq.ParquetWriter(path, _SCHEMA, compression="zstd") as writer:
        rows: list[dict[str, Any]] = []
        for expression in story_expressions(story, counter):
            emitted, kind = _emit(emitter, expression)
            counts[f"{kind}s"] += 1
            found.extend(emitted.diagnostics)
            rows.append(_row(expression, kind, emitted))
            if len(rows) >= _BATCH:
                writer.write_table(pa.Table.from_pylist(rows, _SCHEMA))
                rows.clear()
        writer.write_table(pa.Table.from_pylist(rows, _SCHEMA))
    counter.finish()
    return Transpiled(counts, found)


def story_expressions(story: StoryReader, counter: Counter | None = None) -> Iterator[Expression]:
    """Every condition and instruction that is not empty, flows first."""
    sections = story.manifest.sections
    if FLOWS.section in sections:
        for flow in story.flows():
            name = flow.shortcut or f"flow {flow.id}"
            for node in flow.nodes:
                yield from _of_node(f"{name}, {node.type} {node.id}", node)
            if counter is not None:
                counter.add(len(flow.nodes))
    if SCENES.section in sections:
        for scene in story.scenes():
            yield from _of_scene(scene)


def _of_node(where: str, node: Node) -> Iterator[Expression]:
    data = n.data_of(node)
    if node.type == "condition" and n.is_switch(node):
        for number, case in enumerate(read_switch(data.get("condition"))):
            part = f"case {case.label or case.pin or number}"
            yield from _some(where, "flow_node", node.id, part, case.condition)
    elif node.type == "condition":
        condition = read_condition(data.get("condition"))
        yield from _some(where, "flow_node", node.id, "condition", condition)
    elif node.type == "instruction":
        instruction = read_assignments(data.get("assignments"))
        yield from _some(where, "flow_node", node.id, "assignments", instruction)
    elif node.type == "dialogue":
        for response in n.responses_of(node):
            name = f"response {response.get('id')}"
            condition = read_response_condition(response.get("condition"))
            yield from _some(where, "flow_node", node.id, f"{name} condition", condition)
            instruction = read_response_assignments(response)
            yield from _some(where, "flow_node", node.id, f"{name} instruction", instruction)


def _of_scene(scene: Scene) -> Iterator[Expression]:
    name = scene.shortcut or f"scene {scene.id}"
    for pin in scene.pins:
        where = f"{name}, pin {pin.shortcut or pin.id}"
        condition = read_condition(pin.condition)
        yield from _some(where, "scene_pin", pin.id, "condition", condition)
    for zone in scene.zones:
        where = f"{name}, zone {zone.shortcut or zone.id}"
        yield from _some(where, "scene_zone", zone.id, "condition", read_condition(zone.condition))
        action = mapping(zone.action_data)
        if zone.action_type == "action":
            instruction = read_assignments(action.get("assignments"))
            yield from _some(where, "scene_zone", zone.id, "action", instruction)
        for item in map(mapping, listing(action.get("items"))):
            condition = read_condition(item.get("condition"))
            yield from _some(where, "scene_zone", zone.id, f"item {item.get('id')}", condition)


def _some(
    where: str, entity_type: str, entity_id: int, part: str, code: Condition | Instruction
) -> Iterator[Expression]:
    if code not in (ALWAYS, ()):
        yield Expression(where, entity_type, entity_id, part, code)


def _emit(emitter: Emitter, expression: Expression) -> tuple[Emitted, str]:
    place = f"{expression.where}, {expression.part}"
    if isinstance(expression.code, tuple):
        return emitter.instruction(expression.code, place), "instruction"
    return emitter.condition(expression.code, place), "condition"


def _row(expression: Expression, kind: str, emitted: Emitted) -> dict[str, Any]:
    return {
        "where": expression.where,
        "entity_type": expression.entity_type,
        "entity_id": expression.entity_id,
        "part": expression.part,
        "kind": kind,
        "source": emitted.source,
        "output": emitted.text,
        "diagnostics": [f"{x.code} {x.message}" for x in emitted.diagnostics],
    }
