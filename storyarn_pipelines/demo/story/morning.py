"""Morning: what became of the town, the letter and the carrier, in one of four ways."""

from storyarn_pipelines.demo.authoring.flows import (
    Case,
    Check,
    Entry,
    Flow,
    Layer,
    Node,
    Note,
    Say,
    Sequence,
    Switch,
    Track,
    terminal,
)
from storyarn_pipelines.demo.authoring.logic import all_of
from storyarn_pipelines.demo.authoring.text import t
from storyarn_pipelines.demo.story.variables import (
    AMBROSE,
    CLOCK_RUNS,
    COMPANION,
    KEEPER_HOME,
    NARRATOR,
    ODILE,
    PIM,
    SEAL_BROKEN,
    STAYING,
    TODAY,
    WREN,
)


def morning() -> Flow:
    """Look at what the night has decided."""
    return Flow(
        "dawn.morning",
        "Morning",
        "The four endings.",
        (
            Sequence(
                key="daylight",
                name="Daylight",
                tracks=(
                    Track("music", "music_dawn.wav", 0.7),
                    Track("sfx", "sfx_bell.wav", 0.8),
                ),
                layers=(
                    Layer("backdrop", "banner_dawn.png", "Dawn", fit="cover"),
                    Layer(
                        "character",
                        "wren_smiling.png",
                        "Wren",
                        "bottom-center",
                        (0.5, 0.95, 0.3, 0.6),
                        (0.5, 1.0),
                    ),
                ),
            ),
            Entry(to="what_became"),
            Switch(
                key="what_became",
                cases=(
                    Case("lamp", "Wren keeps the lamp", all_of(STAYING.is_true), "lamp"),
                    Case("home", "The keeper is home", all_of(KEEPER_HOME.is_true), "quay"),
                    Case("bell", "The clock runs", all_of(CLOCK_RUNS.is_true), "dry"),
                ),
                default="roofs",
            ),
            *_lamp(),
            *_home(),
            *_bell(),
            *_flood(),
            Note(
                key="about_endings",
                text="Nobody drowns in Halfwater. The worst ending has the best soup.",
                size="lg",
            ),
        ),
    )


def _lamp() -> tuple[Node, ...]:
    return (
        Say(
            key="lamp",
            who=WREN,
            face="smiling",
            inside="daylight",
            text=t(
                "Far off, a bell. I count the strokes and write them down, under my own name: "
                "{cast.wren.nickname}, keeper. The heron has asked for herring.",
                "A lo lejos, una campana. Cuento los golpes y los apunto bajo mi nombre: "
                "{cast.wren.nickname}, guardiana. La garza ha pedido arenque.",
                "Weit weg eine Glocke. Ich zähle die Schläge und schreibe sie auf, unter meinem "
                "Namen: {cast.wren.nickname}, Wärterin. Der Reiher wünscht Hering.",
            ),
            to="new_keeper",
        ),
        terminal(
            "new_keeper",
            t("The new keeper", "La nueva guardiana", "Die neue Wärterin"),
            tags=("bittersweet", "secret"),
            color="#a78bfa",
            scene="halfwater",
        ),
    )


def _home() -> tuple[Node, ...]:
    return (
        Say(
            key="quay",
            who=PIM,
            face="sad",
            inside="daylight",
            text=t(
                "You are late. It is Saturday.",
                "Llegas tarde. Es sábado.",
                "Du kommst zu spät. Es ist Samstag.",
            ),
            voice="voice_pim_sunday.wav",
            to="sorry",
        ),
        Say(
            key="sorry",
            who=AMBROSE,
            face="tired",
            text=t(
                "Then I am a day early. I am sorry, Pim. I should have begun with that.",
                "Entonces llego un día antes. Perdóname, Pim. Debí empezar por ahí.",
                "Dann bin ich einen Tag zu früh. Es tut mir leid, Pim. Damit hätte ich anfangen "
                "sollen.",
            ),
            to="two_boats",
        ),
        terminal(
            "two_boats",
            t("Two boats home", "Dos botes a casa", "Zwei Boote heimwärts"),
            tags=("good", "reunion"),
            color="#22c55e",
            scene="halfwater.tower",
        ),
    )


def _bell() -> tuple[Node, ...]:
    return (
        Say(
            key="dry",
            who=NARRATOR,
            inside="daylight",
            text=t(
                "The sea comes up to the gates, reads the time, and goes home. In the market they "
                "complain about the noise.",
                "El mar sube hasta las compuertas, mira la hora y se vuelve a casa. En el mercado "
                "se quejan del ruido.",
                "Das Meer kommt bis an die Tore, liest die Zeit ab und geht heim. Auf dem Markt "
                "beschweren sie sich über den Lärm.",
            ),
            to="on_time",
        ),
        Check(
            key="on_time",
            when=all_of(TODAY.rule("equals", "1931-10-10"), SEAL_BROKEN.is_false),
            yes="honour",
            no="wax",
        ),
        Say(
            key="honour",
            who=ODILE,
            face="kind",
            text=t(
                "Sealed, and on time. You may have the sea round, {cast.wren.nickname}. And tea.",
                "Cerrada y a tiempo. La ronda del mar es tuya, {cast.wren.nickname}. Y el té.",
                "Verschlossen und pünktlich. Du kriegst die Seerunde, {cast.wren.nickname}. Und "
                "Tee.",
            ),
            to="bell_rings",
        ),
        Say(
            key="wax",
            who=ODILE,
            face="stern",
            text=t(
                "There is blue wax on your cuff. I have not seen it. Drink your tea.",
                "Tienes lacre azul en el puño. No lo he visto. Tómate el té.",
                "Da ist blaues Wachs an deinem Ärmel. Ich habe nichts gesehen. Trink deinen Tee.",
            ),
            to="bell_rings",
        ),
        terminal(
            "bell_rings",
            t("The bell rings", "Suena la campana", "Die Glocke schlägt"),
            tags=("good",),
            color="#f4c95d",
            scene="halfwater.tower",
        ),
    )


def _flood() -> tuple[Node, ...]:
    return (
        Say(
            key="roofs",
            who=NARRATOR,
            inside="daylight",
            text=t(
                "By six the streets belong to the fish, and all of Halfwater sits on its roofs, "
                "passing a pot along the gutters.",
                "A las seis las calles son de los peces y todo Halfwater está en los tejados, "
                "pasándose una olla por los canalones.",
                "Um sechs gehören die Straßen den Fischen, und ganz Halfwater sitzt auf den "
                "Dächern und reicht einen Topf die Regenrinnen entlang.",
                review="The pot is the point. Well kept.",
            ),
            to="beside",
        ),
        Check(
            key="beside",
            when=all_of(COMPANION.rule("not_equals", "pim")),
            yes="soup_odile",
            no="soup_pim",
        ),
        Say(
            key="soup_odile",
            who=ODILE,
            face="kind",
            text=t(
                "Eat. The post will be late until Tuesday, and so will everything else.",
                "Come. El correo llegará tarde hasta el martes, como todo lo demás.",
                "Iss. Die Post kommt bis Dienstag zu spät, und alles andere auch.",
            ),
            to="warm_soup",
        ),
        Say(
            key="soup_pim",
            who=PIM,
            face="grin",
            text=t(
                "I stirred it with the key. You can taste the seconds.",
                "La removí con la llave. Se notan los segundos.",
                "Ich hab mit dem Schlüssel umgerührt. Man schmeckt die Sekunden.",
                de_is="draft",
            ),
            to="warm_soup",
        ),
        terminal(
            "warm_soup",
            t("High water, warm soup", "Marea alta, sopa caliente", "Hochwasser, heiße Suppe"),
            tags=("mild", "flood"),
            color="#60a5fa",
            scene="halfwater.market",
        ),
    )
