"""One flow after the other: its graph, its wires, its nodes and the texts in them."""

import re
from collections.abc import Iterator
from typing import Any

from storyarn_pipelines.domain.flows import Node
from storyarn_pipelines.domain.json_values import filled, listing, mapping
from storyarn_pipelines.domain.progress import Counter
from storyarn_pipelines.validation.findings import Entity
from storyarn_pipelines.validation.flow_view import FlowView, node_entity, view
from storyarn_pipelines.validation.graph import check_graph
from storyarn_pipelines.validation.names import check_shortcut
from storyarn_pipelines.validation.nodes import check_node
from storyarn_pipelines.validation.references import check_reference
from storyarn_pipelines.validation.run import Run
from storyarn_pipelines.validation.values import is_blank
from storyarn_pipelines.validation.wires import check_wires

_RESPONSE_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_FIELDS = {"dialogue": ("text", "stage_directions", "menu_text"), "exit": ("label",)}


def check_flows(run: Run, counter: Counter) -> None:
    """Check all flows, one at a time."""
    for flow in run.story.flows():
        counter.add(len(flow.nodes))
        if flow.id not in run.index.flows:
            continue
        shown = view(run, flow)
        run.count("flows")
        run.count("nodes", len(shown.nodes))
        run.count("connections", len(shown.connections))
        check_shortcut(run, shown.this, flow.shortcut)
        check_reference(run, shown.this, "scene", flow.scene_id, "scene")
        check_graph(run, shown, check_wires(run, shown))
        for node in shown.nodes.values():
            run.nodes.add(node.id)
            check_node(run, shown, node)
        _check_texts(run, shown)


def check_line_ids(run: Run) -> None:
    """Name the dialogues that share a localization id.

    Ids are remembered as hashes only; the flows are read again if any of those is met twice.
    """
    shared = run.line_hashes.repeated()
    if not shared:
        return
    owners: dict[str, list[Entity]] = {}
    for flow in run.story.flows():
        if flow.id not in run.index.flows:
            continue
        for node in view(run, flow).nodes.values():
            line = filled(mapping(node.data).get("localization_id"))
            if node.type == "dialogue" and line and hash(line) in shared:
                owners.setdefault(line, []).append(node_entity(run.index.flows[flow.id], node))
    for line, entities in owners.items():
        for entity in entities[1:]:
            run.add("SA0405", entity.itself, entities[0], line=line)


def _check_texts(run: Run, shown: FlowView) -> None:
    """Check that every text of the flow has a row for translators."""
    if not run.texts.locales:
        return
    texts = [(node, name) for node in shown.nodes.values() for name in _texts(node)]
    keys = [(node.id, name) for node, name in texts]
    for locale, place in run.texts.missing("flow_node", keys):
        node, name = texts[place]
        run.add("SA0903", shown.here(node), what=_spoken(name), locale=locale)


def _spoken(name: str) -> str:
    """The name of a field in a writer's words."""
    if name.startswith("response."):
        return f"response {name.removeprefix('response.').removesuffix('.text')}"
    return name.replace("_", " ")


def _texts(node: Node) -> Iterator[str]:
    """The fields of a node that are to be translated."""
    fields = _FIELDS.get(node.type)
    if fields is None:
        return
    data: dict[str, Any] = mapping(node.data)
    for name in fields:
        if not is_blank(data.get(name)):
            yield name
    if node.type == "dialogue":
        for response in map(mapping, listing(data.get("responses"))):
            response_id = filled(response.get("id"))
            usable = response_id and _RESPONSE_ID.fullmatch(response_id)
            if usable and not is_blank(response.get("text")):
                yield f"response.{response_id}.text"
