"""The state of the world: the tide, the satchel, the log of the night, the almanac."""

from typing import Any

from storyarn_pipelines.demo.authoring.sheets import (
    Block,
    Column,
    Row,
    Sheet,
    formula,
    options,
)
from storyarn_pipelines.demo.authoring.text import t

SIGNS = options(
    wet_bells="Bells sound wet", still_heron="The heron stands still", warm_rain="The rain is warm"
)
KINDS = options(paper="Paper", metal="Metal", creature="Creature", food="Food")
TAGS = options(old="Old", quest="Needed", tasty="Tasty")


def world() -> Sheet:
    """Put the state in one folder. Tables with formulas stand on sheets without a dot."""
    return Sheet(
        "world",
        t("World", "Mundo", "Welt"),
        children=(_tide(), _satchel(), _log(), _almanac()),
        description="<p>Everything the night remembers.</p>",
        color="#2b3a67",
    )


def _tide() -> Sheet:
    return Sheet(
        "tide",
        t("The Tide", "La marea", "Die Flut"),
        (
            Block("number", "water", "Steps under water", 3, {"min": 0, "max": 12, "step": 1}),
            Block("number", "bells", "Bells until dawn", 6, {"min": 0, "max": 6}),
            Block(
                "boolean", "clock_running", "The clock runs", False, {"mode": "two_state"}
            ).beside("tide/clock", 0),
            Block("date", "today", "Date", "1931-10-09", {"min_date": "1931-01-01"}).beside(
                "tide/clock", 1
            ),
            Block(
                "select",
                "warning",
                "Flag on the tower",
                None,
                {"options": options(calm="White", spring="Blue", flood="Red")},
            ),
            Block(
                "table",
                "gauge",
                "Tide gauge",
                config={"collapsed": False},
                columns=(
                    Column("place", "Place", "text", constant=True, required=True),
                    Column("limit", "Steps in all", "number", required=True),
                    Column("dry", "Steps still dry", "formula"),
                ),
                rows=(_gauge("quay", "Quay", 6), _gauge("market", "Market", 11)),
            ),
        ),
        banner="banner_quay.png",
    )


def _gauge(slug: str, place: str, limit: int) -> Row:
    dry = formula("max(0, limit - water)", limit="limit", water="tide.water")
    return Row(slug, place, {"place": place, "limit": str(limit), "dry": dry})


def _satchel() -> Sheet:
    return Sheet(
        "satchel",
        t("The Satchel", "La cartera", "Die Posttasche"),
        (
            Block(
                "table",
                "things",
                "Things in it",
                config={"collapsed": False},
                columns=(
                    Column("count", "Count", "number", required=True),
                    Column("weight", "Weight", "number"),
                    Column("load", "Load", "formula"),
                    Column("label", "Label", "text"),
                    Column("wet", "Wet", "boolean"),
                    Column("kind", "Kind", "select", {"options": KINDS}),
                    Column("tags", "Tags", "multi_select", {"options": TAGS}),
                    Column("found", "Found", "date"),
                    Column("item", "Sheet", "reference", constant=True),
                    Column("givers", "Comes from", "reference", {"multiple": True}),
                ),
                rows=(
                    _thing(
                        "letter", weight="1", kind="paper", tags=["quest"], givers=["cast.ambrose"]
                    ),
                    _thing(
                        "key", weight="3", kind="metal", tags=["old", "quest"], givers=["cast.pim"]
                    ),
                    _thing("fork", weight="1", kind="metal", tags=["old"], givers=["cast.tobias"]),
                    _thing("jar", weight="2", kind="creature", tags=[], givers=["cast.pim"]),
                    _thing(
                        "cake", weight="1", kind="food", tags=["tasty"], givers=["places.market"]
                    ),
                ),
            ),
            Block(
                "table",
                "tally",
                "At a glance",
                config={"collapsed": True},
                columns=(
                    Column("coins", "Coins", "formula"),
                    Column("pieces", "Pieces", "formula"),
                ),
                rows=(Row("now", "Now", _tally()),),
            ),
        ),
        banner="banner_rooftops.png",
    )


def _thing(slug: str, **cells: Any) -> Row:
    shared = {
        "count": "0",
        "load": formula("count * weight", count="count", weight="weight"),
        "label": slug.capitalize(),
        "wet": False,
        "found": None,
        "item": f"items.{slug}",
    }
    return Row(slug, slug.capitalize(), shared | cells)


def _tally() -> dict[str, Any]:
    """Whole numbers to show in texts: a coin that was spent would else read as 2.0."""
    return {
        "coins": formula("round(c)", c="cast.wren.coins"),
        "pieces": formula(
            "round(l + k + f + j + h)",
            l="satchel.things.letter.count",
            k="satchel.things.key.count",
            f="satchel.things.fork.count",
            j="satchel.things.jar.count",
            h="satchel.things.cake.count",
        ),
    }


def _log() -> Sheet:
    return Sheet(
        "log",
        t("Log of the Night", "Diario de la noche", "Nachtbuch"),
        (
            _flag("oath_sworn", "Oath sworn").beside("log/letter", 0),
            _flag("seal_broken", "Seal broken").beside("log/letter", 1),
            Block("date", "due", "Letter due", None).beside("log/letter", 2),
            _flag("asked_clock", "Asked about the clock"),
            _flag("asked_keeper", "Asked about the keeper"),
            Block("boolean", "pim_believes", "Pim believes us", None, {"mode": "tri_state"}),
            Block(
                "select",
                "companion",
                "Who comes along",
                None,
                {"options": options(heron="Old Stilt", pim="Pim")},
            ),
            Block("text", "answer", "Answer to the riddle", t("")),
            Block("number", "guesses", "Guesses", 0, {"min": 0}),
            Block("multi_select", "signs", "Signs noticed", ["wet_bells"], {"options": SIGNS}),
            _flag("keeper_home", "The keeper came home"),
            _flag("staying", "Wren keeps the lamp"),
        ),
    )


def _flag(key: str, label: str) -> Block:
    return Block("boolean", key, label, False, {"mode": "two_state"})


def _almanac() -> Sheet:
    return Sheet(
        "almanac",
        t("The Almanac", "El almanaque", "Der Almanach"),
        (
            Block(
                "multi_select",
                "flood_signs",
                "Signs of a flood",
                ["wet_bells", "still_heron", "warm_rain"],
                {"options": SIGNS},
            ),
            Block(
                "rich_text",
                "entry",
                "Entry for October",
                t(
                    "When [[sheet:cast.stilt|a heron]] stands still and the rain is warm, "
                    "count the steps.\nTonight: [[var:tide.water]].",
                    "Cuando [[sheet:cast.stilt|una garza]] se queda quieta y la lluvia es tibia, "
                    "cuenta los escalones.\nEsta noche: [[var:tide.water]].",
                    "Steht [[sheet:cast.stilt|ein Reiher]] still und ist der Regen warm, "
                    "so zähle die Stufen.\nHeute Nacht: [[var:tide.water]].",
                ),
            ),
            Block("date", "great_flood", "The great flood", "1874-10-10", constant=True),
            Block("number", "steps", "Steps of the quay", 12, {"step": 0.5}, constant=True),
            Block(
                "reference",
                "told_in",
                "Told in",
                "flow:prologue",
                {"allowed_types": ["sheet", "flow"]},
            ),
        ),
    )


def trash() -> Sheet:
    """Leave one sheet in the trash: a character who was cut."""
    return Sheet(
        "cast.lamplighter",
        t("The Lamplighter (cut)"),
        (Block("text", "line", "Best line", t("Dark again, is it? Good. I like to be needed.")),),
        color="#777777",
        trashed=True,
    )
