"""What an export to Godot tells of each flow, and the instructions that it brings along."""

from collections.abc import Iterable

from storyarn_pipelines.domain.flows import Flow
from storyarn_pipelines.serializers.engines.findings import flow_place, node_place
from storyarn_pipelines.serializers.engines.story import EngineStory
from storyarn_pipelines.serializers.godot.names import GodotNames
from storyarn_pipelines.serializers.godot.timeline import MOST_ROUNDS
from storyarn_pipelines.story import nodes as n
from storyarn_pipelines.story.statements import End, Structure, walk

_LISTED = 10
_ENDS_RIGHT = ("exit", "returned_to_exit")


def tell_flow(story: EngineStory, flow: Flow, structure: Structure) -> None:
    """Tell what is odd about a flow."""
    told, place = story.told, flow_place(flow)
    if not structure.sections and flow.nodes:
        told.add("XP0101", "it has no entry, so its timeline says nothing", place)
    for loop in structure.silent_loops:
        message = f"nodes {_listed(loop.node_ids)} go round without a line"
        told.add("XP0103", f"{message}: after {MOST_ROUNDS} rounds the story ends", place)
    if structure.unreachable and structure.sections:
        message = f"nodes {_listed(structure.unreachable)} cannot be reached and are left out"
        told.add("XP0104", message, place)
    ends = {
        statement.node_id: statement.reason.replace("_", " ")
        for section in structure.sections
        for _, statement in walk(section.body)
        if isinstance(statement, End) and statement.reason not in _ENDS_RIGHT
    }
    if ends:
        listed = _listed([f"{key} ({reason})" for key, reason in ends.items()])
        told.add("XP0105", f"the story ends at nodes {listed}", place)
    for node in flow.nodes if story.options.selects else ():
        called = n.as_id(n.called_flow(node)) if n.is_call(node) else None
        if called is not None and called not in story.flows:
            message = f"the flow {called} is not part of this export: the story ends there"
            told.add("XP0102", message, node_place(flow, node))


def instructions(story: EngineStory, names: GodotNames) -> str:
    """How to load the artifact."""
    first = next((x for x in story.flows.values() if x.is_main), None) or next(
        iter(story.flows.values()), None
    )
    start = names.timeline(first.id) if first else "TIMELINE"
    name = " ".join(story.project.name.split())
    return f"""# {name} in Godot 4 with Dialogic 2

As a project of its own: unpack everything into an empty folder, put Dialogic's `addons/dialogic`
beside `project.godot`, and open the folder in Godot. If the addon shows errors this first time,
open the project once more: Godot has to learn the addon's classes before.

In a project that has Dialogic: copy the folder `storyarn` into it (to `res://storyarn`). Close
Godot, and copy the lines of the sections `[dialogic]` and `[internationalization]` from the
`project.godot` here into yours: the variables, the two directories, the translations. Where you
have variables or translations already, join the two lists. Open the project again.

Then `Dialogic.start("{start}")` plays the story. Each flow is a timeline that can be started.

- `storyarn/timelines`, `storyarn/characters`: what Dialogic plays.
- `storyarn/media`: voices and portraits. They are there if the export was made with
  `include_assets=bundled`; else put your files there, under the names that the timelines have.
- `storyarn/*.csv`: translations, which Godot imports when it opens the project.
- `storyarn/story.json`: the same story as plain data, for a parser of your own.
- The variables in the folder `{names.own}` keep track of who called which flow. Leave them alone.
"""


def _listed(items: Iterable[object]) -> str:
    found = list(items)
    shown = ", ".join(str(x) for x in found[:_LISTED])
    more = f" and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
    return shown + more
