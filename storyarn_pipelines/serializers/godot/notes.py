"""What an export to Godot tells of each flow, and the instructions that it brings along."""

from storyarn_pipelines.domain.flows import Flow, Node
from storyarn_pipelines.serializers.engines import notes
from storyarn_pipelines.serializers.engines.findings import flow_place
from storyarn_pipelines.serializers.engines.story import EngineStory
from storyarn_pipelines.serializers.godot.names import FOLDER, GodotNames
from storyarn_pipelines.serializers.godot.speech import GodotSpeech
from storyarn_pipelines.serializers.godot.timeline import MOST_ROUNDS
from storyarn_pipelines.story.statements import Structure


def tell_flow(story: EngineStory, flow: Flow, structure: Structure) -> None:
    """Tell what is odd about a flow's timeline."""
    notes.tell_flow(story, flow, structure, called="timeline", rounds=MOST_ROUNDS)


def tell_rest(story: EngineStory, flow: Flow, speech: GodotSpeech) -> None:
    """Tell what a flow leads to outside of this export, and what is left of its sequences."""
    notes.tell_outside(story, flow)
    if story.options.godot_output == "json":
        return
    lost = [x.id for x in flow.nodes if x.type == "sequence" and not _is_said(x, speech)]
    if lost:
        message = f"sequences {notes.listed(lost)}: of what they show and play, Dialogic gets the "
        message += f"uppermost backdrop and the tracks from their start; the rest {_kept(story)}"
        story.told.add("XP0203", message, flow_place(flow))


def tell_scenes(story: EngineStory) -> None:
    """Tell once that scenes have no place in timelines."""
    scenes = story.reader.manifest.tables.get("scenes")
    if scenes is not None and scenes.rows and story.options.godot_output != "json":
        message = f"{scenes.rows} scenes have no place in a timeline: what is on them "
        story.told.add("XP0203", f"{message}{_kept(story)}", "scenes")


def tell_embedded(story: EngineStory) -> None:
    """Tell that only the generic file can hold bytes."""
    if (story.options.include_assets, story.options.godot_output) == ("embedded", "dialogic"):
        message = "no file of Dialogic holds embedded media: bundled ones lie where it looks"
        story.told.add("XP0203", message, "media")


def _kept(story: EngineStory) -> str:
    left_out = story.options.godot_output == "dialogic"
    return "is left out" if left_out else "stands in story.json"


def _is_said(sequence: Node, speech: GodotSpeech) -> bool:
    """Whether timelines say all that a sequence shows and plays."""
    layers = [x for x in sequence.visual_layers if x.visible]
    shown = all(x.kind == "backdrop" and speech.image(x.asset_id) for x in layers)
    whole = all(x.fit == "cover" and x.opacity == 1 for x in layers)
    heard = all(x.asset_id is None or speech.sound(x.asset_id) for x in sequence.tracks)
    timed = any(x.start_time or x.end_time is not None for x in sequence.tracks)
    return len(layers) <= 1 and shown and whole and heard and not timed


def instructions(story: EngineStory, names: GodotNames) -> str:
    """How to load the artifact."""
    plain = f"- `{FOLDER}/story.json`: the same story as plain data, for a parser of your own.\n"
    plain = plain if story.options.godot_output == "both" else ""
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
- `storyarn/media`: voices, portraits, backgrounds and music. They are there if the export was made
  with `include_assets=bundled`; else put your files there, under the names that the timelines have.
- `storyarn/*.csv`: translations, which Godot imports when it opens the project.
{plain}- The variables in the folder `{names.own}` keep track of who called which flow, and of what
  plays. Leave them alone.
"""
