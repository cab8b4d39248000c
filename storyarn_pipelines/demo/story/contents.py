"""Everything the sample consists of, in the order in which Storyarn would list it."""

from storyarn_pipelines.demo.authoring.flows import Flow
from storyarn_pipelines.demo.authoring.scenes import Scene
from storyarn_pipelines.demo.authoring.sheets import Sheet
from storyarn_pipelines.demo.story.ambient import bell, heron
from storyarn_pipelines.demo.story.cast import cast
from storyarn_pipelines.demo.story.counter import counter
from storyarn_pipelines.demo.story.maps import town
from storyarn_pipelines.demo.story.market import market
from storyarn_pipelines.demo.story.morning import morning
from storyarn_pipelines.demo.story.places import items, places
from storyarn_pipelines.demo.story.prologue import prologue
from storyarn_pipelines.demo.story.riddle import riddle
from storyarn_pipelines.demo.story.sea_mark import sea_mark
from storyarn_pipelines.demo.story.streets import streets
from storyarn_pipelines.demo.story.tower import tower
from storyarn_pipelines.demo.story.water import ferry, seal
from storyarn_pipelines.demo.story.world import trash, world

SHEETS: tuple[Sheet, ...] = (cast(), places(), items(), world(), trash())

_NIGHT = Flow(
    "night",
    "The Night",
    "From the counter to the last bell.",
    children=(counter(), streets(), market(), riddle(), ferry(), seal()),
)
_DAWN = Flow("dawn", "The Dawn", "Where it ends.", children=(tower(), sea_mark(), morning()))

FLOWS: tuple[Flow, ...] = (prologue(), _NIGHT, _DAWN, heron(), bell())
"""The flows; the two folders have no nodes of their own."""

SCENES: tuple[Scene, ...] = (town(),)
