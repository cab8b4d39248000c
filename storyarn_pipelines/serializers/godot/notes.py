"""What an export to Godot tells of each flow, and the instructions that it brings along."""

from storyarn_pipelines.domain.flows import Flow
from storyarn_pipelines.serializers.engines import notes
from storyarn_pipelines.serializers.engines.story import EngineStory
from storyarn_pipelines.serializers.godot.names import GodotNames
from storyarn_pipelines.serializers.godot.timeline import MOST_ROUNDS
from storyarn_pipelines.story.statements import Structure


def tell_flow(story: EngineStory, flow: Flow, structure: Structure) -> None:
    """Tell what is odd about a flow."""
    notes.tell_flow(story, flow, structure, called="timeline", rounds=MOST_ROUNDS)
    notes.tell_outside(story, flow)


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
