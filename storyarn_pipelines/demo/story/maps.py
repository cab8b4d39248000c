"""The maps: the town, with the market and the tower inside it."""

from storyarn_pipelines.demo.authoring.logic import all_of, any_of
from storyarn_pipelines.demo.authoring.scenes import (
    Ambient,
    Item,
    Path,
    Pin,
    Remark,
    Scene,
    SceneLayer,
    Zone,
)
from storyarn_pipelines.demo.story.variables import (
    BEACON_HIDDEN,
    CLOCK_RUNS,
    COINS,
    JAR,
    KEY,
    SIGNS,
    WATER,
)

BASE = SceneLayer("Default")


def town() -> Scene:
    """Draw Halfwater: three roofs, four stairs, and out at sea a light."""
    return Scene(
        shortcut="halfwater",
        name="Halfwater",
        description="The whole town at night.",
        background="map_town.png",
        size=(480, 270),
        layers=(BASE, SceneLayer("Open sea", fog=True), SceneLayer("Daylight", visible=False)),
        scale=("steps", 2.5),
        display="scaled",
        zoom=1.25,
        center=(46.0, 55.0),
        pins=_town_pins(),
        zones=_town_zones(),
        paths=(
            Path(label="Eel Stairs", ends=("map-office", "map-market"), waypoints=((30.0, 62.0),)),
            Path(
                label="By ferry",
                ends=("map-ferry", "map-beacon"),
                waypoints=((66.0, 70.0), (78.0, 58.0)),
                style="dashed",
                width=3,
                color="#7fb4d8",
                pauses=(0, 1500),
            ),
            Path(
                label="",
                waypoints=((8.0, 40.0), (24.0, 36.0), (41.0, 41.0)),
                style="dotted",
                both_ways=False,
            ),
        ),
        remarks=(
            Remark("Rooftop path, cats only", (22.0, 33.0), "sm"),
            Remark("Here the sea asks the time", (80.0, 88.0), "lg", "#7fb4d8", "Open sea"),
        ),
        ambient=(
            Ambient("ambient.heron", "timed", {"interval_ms": 45000}, priority=1),
            Ambient("ambient.bell", "on_event", {"variable_ref": "tide.clock_running"}, priority=5),
        ),
        children=(_market(), _tower()),
    )


def _town_pins() -> tuple[Pin, ...]:
    return (
        Pin(
            key="map-wren",
            type="character",
            at=(18.5, 52.0),
            label="Wren",
            sheet="cast.wren",
            icon="wren_calm.png",
            size="lg",
            playable=True,
            leader=True,
        ),
        Pin(
            key="map-office",
            type="location",
            at=(16.0, 58.0),
            label="Post Office",
            tooltip="The kettle is on.",
            sheet="places.post-office",
            flow="prologue",
            locked=True,
        ),
        Pin(
            key="map-market",
            type="location",
            at=(43.0, 72.0),
            label="Lantern Market",
            sheet="places.market",
        ),
        Pin(
            key="map-ferry",
            type="event",
            at=(58.0, 78.0),
            label="The Moth Ferry",
            flow="night.ferry",
            icon="icon_jar.png",
            when=any_of(COINS.at_least(2), all_of(JAR.at_least(1))),
            effect="disable",
        ),
        Pin(
            key="map-beacon",
            type="location",
            at=(88.0, 44.0),
            label="The Sea Mark",
            layer="Open sea",
            sheet="places.sea-mark",
            hidden=True,
            opacity=0.8,
            color="#ffd27f",
        ),
        Pin(
            key="map-heron",
            type="character",
            at=(61.0, 83.0),
            label="Old Stilt",
            sheet="cast.stilt",
            icon="stilt_still.png",
            size="sm",
            patrol=("ping_pong", 0.4, 6000),
        ),
        Pin(
            key="map-puddle",
            type="custom",
            at=(35.0, 66.0),
            label="A puddle with ambitions",
            size="sm",
            color="#5b8fb0",
        ),
    )


def _town_zones() -> tuple[Zone, ...]:
    return (
        Zone(
            key="zone-streets",
            name="Streets",
            action="walkable",
            outline=((6.0, 48.0), (50.0, 46.0), (62.0, 84.0), (8.0, 86.0)),
            label_mode="none",
            fill=None,
        ),
        Zone(
            key="zone-gauge",
            name="Tide gauge",
            action="display",
            outline=((52.0, 60.0), (57.0, 60.0), (57.0, 72.0), (52.0, 72.0)),
            shows="tide.water",
            label_font=(16, "mono", "700", "normal"),
            fill="#7fb4d8",
        ),
        Zone(
            key="zone-tower",
            name="Up the tower",
            action="action",
            outline=((28.0, 10.0), (36.0, 10.0), (36.0, 48.0), (28.0, 48.0)),
            tooltip="Needs a key as long as a forearm.",
            when=all_of(KEY.at_least(1)),
            effect="disable",
            target="scene:halfwater.tower",
            label_mode="both",
            label_icon="icon_key.png",
        ),
        Zone(
            key="zone-signal",
            name="Watch the sea",
            action="action",
            outline=((70.0, 30.0), (98.0, 30.0), (98.0, 60.0), (70.0, 60.0)),
            layer="Open sea",
            changes=(BEACON_HIDDEN.off, SIGNS.change("set_if_unset", "wet_bells")),
            target="flow:ambient.bell",
            border=("dashed", 1),
            label_font=(11, "serif", "400", "italic"),
        ),
    )


def _market() -> Scene:
    return Scene(
        shortcut="halfwater.market",
        name="Lantern Market",
        description="Forty rafts.",
        background="map_market.png",
        size=(480, 270),
        layers=(BASE, SceneLayer("Lanterns")),
        pins=(
            Pin(
                key="market-pim",
                type="character",
                at=(70.0, 62.0),
                label="Pim",
                layer="Lanterns",
                sheet="cast.pim",
                flow="night.riddle",
                icon="pim_grin.png",
                leader=True,
            ),
            Pin(
                key="market-raft",
                type="custom",
                at=(30.0, 70.0),
                label="A raft that moved",
                patrol=("loop", 0.8, 1000),
            ),
        ),
        zones=(
            Zone(
                key="market-stall",
                name="Cake stall",
                action="collection",
                outline=((38.0, 50.0), (56.0, 50.0), (56.0, 70.0), (38.0, 70.0)),
                items=(
                    Item("items.cake", "Honey cake", all_of(COINS.at_least(2))),
                    Item("items.jar", "Jar of moths"),
                ),
                empty_message="Crumbs, and a moth.",
                border=("dotted", 3),
            ),
            Zone(
                key="market-rafts",
                name="Rafts",
                action="walkable",
                outline=((5.0, 55.0), (95.0, 55.0), (95.0, 95.0), (5.0, 95.0)),
                label_mode="none",
            ),
        ),
        paths=(Path(label="Planks", ends=("market-raft", "market-pim")),),
        remarks=(Remark("OPEN TILL WET", (50.0, 20.0), "lg", "#ffd27f", "Lanterns"),),
        ambient=(Ambient("ambient.heron", "on_enter"),),
    )


def _tower() -> Scene:
    return Scene(
        shortcut="halfwater.tower",
        name="The Clock Room",
        description="At the top of one hundred and twelve steps.",
        background="map_tower.png",
        size=(480, 270),
        layers=(BASE, SceneLayer("Dust", fog=True)),
        fog=("#1a1420", 0.6),
        pins=(
            Pin(
                key="tower-clock",
                type="event",
                at=(50.0, 36.0),
                label="The Tide Clock",
                flow="dawn.tower",
                icon="icon_key.png",
                size="lg",
                when=all_of(CLOCK_RUNS.is_false),
            ),
        ),
        zones=(
            Zone(
                key="tower-reading",
                name="Dry steps at the quay",
                action="display",
                outline=((72.0, 40.0), (90.0, 40.0), (90.0, 60.0), (72.0, 60.0)),
                shows="tide.gauge.quay.dry",
                display_mode="value",
                when=all_of(WATER.rule("less_than_or_equal", 11)),
            ),
            Zone(
                key="tower-stairs",
                name="Down",
                action="action",
                outline=((5.0, 80.0), (25.0, 80.0), (25.0, 98.0), (5.0, 98.0)),
                target="scene:halfwater",
                hidden=True,
                layer="Dust",
            ),
        ),
        ambient=(
            Ambient("ambient.bell", "one_shot", priority=2),
            Ambient("ambient.heron", "on_enter", enabled=False),
        ),
    )
