"""Small flows that play in the background of the maps."""

from storyarn_pipelines.demo.authoring.flows import (
    Case,
    Entry,
    Flow,
    Node,
    Say,
    Switch,
    terminal,
)
from storyarn_pipelines.demo.authoring.logic import all_of
from storyarn_pipelines.demo.authoring.text import t
from storyarn_pipelines.demo.story.variables import NARRATOR, SIGNS, STILT, TODAY, WARNING, WATER


def heron() -> Flow:
    """Let the heron comment on the water, in its way."""
    return Flow(
        "ambient.heron",
        "What the Heron Thinks",
        "Ambient.",
        (
            Entry(to="water"),
            Switch(
                key="water",
                cases=(
                    Case("low", "Low", all_of(WATER.rule("less_than", 4)), "low"),
                    Case("knees", "At the knees", all_of(WATER.equals(6)), "knees"),
                ),
                default="high",
            ),
            _stilt(
                "low",
                "The heron stands on one leg and disapproves of the other.",
                "La garza está sobre una pata y desaprueba la otra.",
                "Der Reiher steht auf einem Bein und missbilligt das andere.",
            ),
            _stilt(
                "knees",
                "The water is at the heron's knees. So it is a tall night, then.",
                "El agua le llega a la garza a las rodillas. Será una noche alta.",
                "Das Wasser steht dem Reiher bis zum Knie. Also eine lange Nacht.",
            ),
            _stilt(
                "high",
                "The heron has moved up a step. Write that down.",
                "La garza ha subido un escalón. Apúntalo.",
                None,
            ),
            terminal(
                "looks_away",
                t("The heron looks away", "La garza aparta la vista", "Der Reiher sieht weg"),
                tags=("ambient",),
                color="#9aa7b0",
            ),
        ),
    )


def _stilt(key: str, en: str, es: str, de: str | None) -> Node:
    return Say(key=key, who=STILT, face="still", text=t(en, es, de), to="looks_away")


def bell() -> Flow:
    """Tell by the sound of the buoys what kind of night it is."""
    return Flow(
        "ambient.bell",
        "A Bell, Far Off",
        "Ambient.",
        (
            Entry(to="night"),
            Switch(
                key="night",
                cases=(
                    Case(
                        "after",
                        "The day after",
                        all_of(TODAY.rule("after", "1931-10-10")),
                        "silence",
                    ),
                    Case(
                        "deaf",
                        "No signs noticed",
                        all_of(SIGNS.rule("is_empty"), WARNING.rule("is_nil")),
                        "silence",
                    ),
                    Case(
                        "eve",
                        "The night before",
                        all_of(
                            TODAY.rule("before", "1931-10-10"),
                            TODAY.rule("not_equals", "1931-10-08"),
                        ),
                        "wet",
                    ),
                ),
                default="clear",
            ),
            _sound(
                "silence",
                "Nothing. Even the buoys hold their breath.",
                "Nada. Hasta las boyas contienen el aliento.",
                None,
            ),
            _sound(
                "wet",
                "A buoy bell, out by the rock. It sounds wet.",
                "La campana de una boya, junto a la roca. Suena mojada.",
                "Eine Bojenglocke, draußen beim Felsen. Sie klingt nass.",
            ),
            _sound(
                "clear",
                "A bell, and after it the gates, one by one.",
                "Una campana y, tras ella, las compuertas, una por una.",
                None,
            ),
            terminal(
                "fades",
                t("The sound fades", "El sonido se apaga", "Der Klang verhallt"),
                tags=("ambient",),
                color="#9aa7b0",
            ),
        ),
    )


def _sound(key: str, en: str, es: str, de: str | None) -> Node:
    return Say(key=key, who=NARRATOR, text=t(en, es, de), to="fades")
