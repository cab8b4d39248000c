"""The Tide Tower: one hundred and twelve steps, a key, and the question of the right note."""

from storyarn_pipelines.demo.authoring.flows import (
    Case,
    Do,
    Entry,
    Flow,
    Layer,
    Node,
    Reply,
    Say,
    Sequence,
    Switch,
    Track,
    onward,
)
from storyarn_pipelines.demo.authoring.logic import all_of, any_of
from storyarn_pipelines.demo.authoring.text import t
from storyarn_pipelines.demo.story.variables import (
    BELLS,
    CLOCK_RUNS,
    COMPANION,
    COURAGE,
    FORK,
    LETTER,
    NARRATOR,
    PIM,
    SIGNS,
    SKILLS,
    TODAY,
    WARNING,
    WATER,
    WREN,
    WREN_MOOD,
)

MORNING = TODAY.set("1931-10-10")


def tower() -> Flow:
    """Wind the clock: with the fork, with a friend, with what the letter said, or by nerve."""
    return Flow(
        "dawn.tower",
        "The Tide Tower",
        "Entered from the streets, once Wren has the key.",
        (
            *_frames(),
            Entry(to="stairs"),
            Say(
                key="stairs",
                inside="climb",
                who=NARRATOR,
                at="places.tide-tower",
                text=t(
                    "The lowest nine steps hiss. From the tenth on there is only your own breath, "
                    "and at the top a clock as quiet as snow.",
                    "Los nueve escalones de abajo sisean. Desde el décimo solo se oye tu propio "
                    "aliento, y arriba un reloj callado como la nieve.",
                    "Die untersten neun Stufen zischen. Ab der zehnten hörst du nur deinen Atem, "
                    "und oben steht eine Uhr, still wie Schnee.",
                ),
                to="key_in",
            ),
            Do(
                key="key_in",
                inside="clockroom",
                changes=(LETTER.subtract(1), WREN_MOOD.set("worried")),
                why="The letter is delivered: it lies open below the dial.",
                to="note",
            ),
            _note(),
            *_ways(),
            *_outcomes(),
            onward("down", t("Down again", "De vuelta abajo", "Wieder hinunter"), "dawn.morning"),
        ),
        scene="halfwater.tower",
        progress={"de": "review"},
    )


def _frames() -> tuple[Sequence, Sequence]:
    return (
        Sequence(
            key="climb",
            name="The climb",
            tracks=(Track("ambience", "ambience_rain.wav", 0.4),),
            layers=(Layer("backdrop", "map_tower.png", "Inside the tower", fit="cover"),),
        ),
        Sequence(
            key="clockroom",
            inside="climb",
            name="The clock room",
            tracks=(Track("sfx", "sfx_winding.wav", 0.9),),
            layers=(
                Layer("prop", "icon_key.png", "Key", "center", (0.5, 0.5, 0.2, 0.3), (0.5, 0.5)),
            ),
        ),
    )


def _note() -> Switch:
    return Switch(
        key="note",
        inside="clockroom",
        cases=(
            Case("fork", "Tuning fork", all_of(FORK.at_least(1)), "fork"),
            Case("pim", "Pim is here", all_of(COMPANION.equals("pim")), "pim"),
            Case(
                "letter",
                "Read the letter",
                all_of(SIGNS.rule("contains", "warm_rain")),
                "letter",
            ),
            Case(
                "ears",
                "Listens well",
                any_of(SKILLS.rule("contains", "sharp_ears"), COURAGE.at_least(3)),
                "listen",
            ),
        ),
        default="unsure",
    )


def _ways() -> tuple[Node, ...]:
    return (
        Say(
            key="fork",
            inside="clockroom",
            who=NARRATOR,
            text=t(
                "You strike the fork on the rail. One note, and right about it. Somewhere behind "
                "the dial a wheel agrees.",
                "Golpeas el diapasón contra la baranda. Una sola nota, y con razón. Detrás de la "
                "esfera, una rueda le da la suya.",
                "Du schlägst die Gabel ans Geländer. Ein Ton, und er hat recht. Irgendwo hinter "
                "dem Zifferblatt gibt ein Rad ihm nach.",
            ),
            to="wound",
        ),
        Say(
            key="pim",
            who=PIM,
            face="grin",
            text=t(
                "Move over. He let me wind her on Sundays. Slow as soup, he said. Slow as soup.",
                "Quita. Los domingos me dejaba darle cuerda. Despacio como la sopa, decía. "
                "Despacio como la sopa.",
                "Rutsch mal. Sonntags durfte ich sie aufziehen. Langsam wie Suppe, hat er gesagt. "
                "Langsam wie Suppe.",
            ),
            to="wound",
        ),
        Say(
            key="letter",
            who=NARRATOR,
            text=t(
                "The note of the rain, said the letter. You open a shutter, and let the warm rain "
                "tell her.",
                "La nota de la lluvia, decía la carta. Abres un postigo y dejas que la lluvia "
                "tibia se la diga.",
                "Der Ton des Regens, stand im Brief. Du öffnest einen Laden und lässt den warmen "
                "Regen es ihr sagen.",
            ),
            to="wound",
        ),
        Say(
            key="unsure",
            who=WREN,
            face="worried",
            text=t(
                "Too fast breaks her. Too slow wakes nobody. How do people know such things?",
                "Muy deprisa se rompe. Muy despacio no despierta a nadie. ¿Cómo sabe la gente "
                "esas cosas?",
                "Zu schnell, und sie bricht. Zu langsam, und keiner wacht auf. Woher wissen Leute "
                "so was?",
            ),
            replies=(
                Reply(
                    "listen",
                    t(
                        "Hold still, and listen.",
                        "Quedarse quieta y escuchar.",
                        "Stillhalten und horchen.",
                    ),
                    "listen",
                    all_of(COURAGE.at_least(1)),
                ),
                Reply(
                    "push",
                    t("Push, and hope.", "Empujar y confiar.", "Drücken und hoffen."),
                    "jammed",
                ),
            ),
        ),
        Say(
            key="listen",
            who=NARRATOR,
            text=t(
                "Under the rain there is a hum. You had taken it for your own heart. You wind in "
                "time with it.",
                "Bajo la lluvia hay un zumbido. Creías que era tu corazón. Das cuerda a su compás.",
                "Unter dem Regen ist ein Summen. Du hattest es für dein Herz gehalten. Du ziehst "
                "im selben Takt.",
            ),
            to="wound",
        ),
    )


def _outcomes() -> tuple[Node, ...]:
    return (
        Do(
            key="wound",
            changes=(
                CLOCK_RUNS.on,
                WARNING.set("spring"),
                WATER.copy_of(BELLS, "subtract"),
                WREN_MOOD.set("glad"),
                MORNING,
            ),
            why="Every bell that was left is a step that stays dry.",
            to="strike",
        ),
        Say(
            key="strike",
            who=NARRATOR,
            text=t(
                "The bell strikes. Below you, gate by gate, a town that had forgotten how "
                "remembers to close its doors.",
                "Suena la campana. Abajo, compuerta a compuerta, un pueblo que lo había olvidado "
                "recuerda cómo se cierran las puertas.",
                "Die Glocke schlägt. Unter dir, Tor um Tor, erinnert sich eine Stadt daran, wie "
                "man zumacht.",
            ),
            voices={"es": ("needed", None), "de": ("needed", None)},
            to="down",
        ),
        Say(
            key="jammed",
            who=NARRATOR,
            text=t(
                "Something inside says <em>tock</em>, once, and then nothing, in a very final way.",
                "Algo dentro dice <em>toc</em>, una vez, y luego nada, de un modo muy definitivo.",
                "Drinnen sagt etwas <em>tock</em>, ein Mal, und dann nichts, und zwar sehr "
                "endgültig.",
            ),
            to="too_late",
        ),
        Do(
            key="too_late",
            changes=(WARNING.set("flood"), MORNING),
            why="The clock stays as it is.",
            to="down",
        ),
    )
