"""The streets: where the night is spent, one bell after the other, while the water climbs."""

from storyarn_pipelines.demo.authoring.flows import (
    Call,
    Check,
    Do,
    Entry,
    Flow,
    Hub,
    Jump,
    Note,
    Reply,
    Say,
    onward,
)
from storyarn_pipelines.demo.authoring.logic import all_of, any_of
from storyarn_pipelines.demo.authoring.text import t
from storyarn_pipelines.demo.story.variables import (
    BELLS,
    KEY,
    NARRATOR,
    SEAL_BROKEN,
    SIGNS,
    STILT,
    TODAY,
    WARNING,
    WATER,
)


def streets() -> Flow:
    """Choose where to go, until the letter is on its way or the bells run out."""
    return Flow(
        "night.streets",
        "The Streets of Halfwater",
        "The loop of the night: every round costs a bell and a step.",
        (
            Entry(to="crossing"),
            Hub(key="crossing", label="The crossing", color="#2563eb", to="bell"),
            Do(
                key="bell",
                changes=(BELLS.subtract(1), WATER.add(1)),
                why="An hour passes.",
                to="late",
            ),
            Check(
                key="late",
                when=any_of(BELLS.rule("less_than_or_equal", 0), WATER.rule("greater_than", 10)),
                yes="gauge_red",
                no="where",
            ),
            _where(),
            *_market(),
            *_ferry(),
            *_letter(),
            *_too_late(),
            Note(
                key="about_rounds",
                text="Six bells: the loop ends after five rounds at the latest.",
                size="sm",
            ),
            onward("to_tower", t("Up the tower", "Torre arriba", "Den Turm hinauf"), "dawn.tower"),
            onward("to_sea", t("Out to sea", "Mar adentro", "Aufs Meer"), "dawn.sea-mark"),
            onward(
                "to_morning",
                t(
                    "The gates stay open",
                    "Las compuertas siguen abiertas",
                    "Die Tore bleiben offen",
                ),
                "dawn.morning",
            ),
        ),
        scene="halfwater",
    )


def _where() -> Say:
    return Say(
        key="where",
        who=NARRATOR,
        at="places.tide-tower",
        menu=t("At the crossing", "En el cruce", "An der Kreuzung"),
        text=t(
            "The four-stairs crossing. On the gauge by the lamp the market has "
            "{tide.gauge.market.dry} dry steps left. A drainpipe counts them with you.",
            "El cruce de las cuatro escaleras. Según la escala junto al farol, al mercado le "
            "quedan {tide.gauge.market.dry} escalones secos. Un canalón los cuenta contigo.",
            "Die Kreuzung der vier Treppen. Am Pegel bei der Laterne hat der Markt noch "
            "{tide.gauge.market.dry} trockene Stufen. Ein Regenrohr zählt mit.",
        ),
        replies=(
            Reply(
                "market",
                t("To the Lantern Market.", "Al mercado de los faroles.", "Zum Laternenmarkt."),
                "market",
            ),
            Reply(
                "ferry",
                t("Down to the ferry.", "Al transbordador.", "Hinunter zur Fähre."),
                "ferry",
            ),
            Reply(
                "letter",
                t(
                    "Into a doorway, to look at that letter.",
                    "A un portal, a mirar esa carta.",
                    "In einen Hauseingang, diesen Brief ansehen.",
                ),
                "letter",
                all_of(SEAL_BROKEN.is_false),
            ),
            Reply(
                "tower",
                t(
                    "Up the Tide Tower, key in hand.",
                    "A la Torre de las mareas, llave en mano.",
                    "Auf den Gezeitenturm, den Schlüssel in der Hand.",
                ),
                "to_tower",
                all_of(KEY.rule("greater_than", 0)),
            ),
        ),
    )


def _market() -> tuple[Call | Say | Jump, ...]:
    return (
        Call(
            key="market",
            flow="night.market",
            outcomes={"with_key": "heavier", "left": "lighter"},
        ),
        Say(
            key="heavier",
            who=NARRATOR,
            text=t(
                "The satchel bumps against your hip, {satchel.tally.now.pieces} things in it, and "
                "one of them weighs like a promise.",
                "La cartera te golpea la cadera con {satchel.tally.now.pieces} cosas dentro, y una "
                "pesa como una promesa.",
                "Die Tasche schlägt dir an die Hüfte, {satchel.tally.now.pieces} Dinge darin, und "
                "eines wiegt wie ein Versprechen.",
                de_is="in_progress",
            ),
            to="from_market",
        ),
        Say(
            key="lighter",
            who=NARRATOR,
            text=t(
                "The lanterns close one eye behind you, then the other.",
                "Los faroles cierran un ojo a tu espalda, y luego el otro.",
                "Die Laternen schließen hinter dir ein Auge, dann das andere.",
            ),
            to="from_market",
        ),
        Jump(key="from_market", hub="crossing"),
    )


def _ferry() -> tuple[Call | Say | Jump, ...]:
    return (
        Call(
            key="ferry",
            flow="night.ferry",
            outcomes={"aboard": "to_sea", "ashore": "on_the_quay"},
        ),
        Say(
            key="on_the_quay",
            who=STILT,
            face="still",
            text=t("...", "...", "...", note="He says nothing, but he says it well."),
            stage=t(
                "The heron looks at your shoes.",
                "La garza te mira los zapatos.",
                "Der Reiher betrachtet deine Schuhe.",
            ),
            to="from_ferry",
        ),
        Jump(key="from_ferry", hub="crossing"),
    )


def _letter() -> tuple[Call | Say | Jump, ...]:
    return (
        Call(
            key="letter",
            flow="night.seal",
            outcomes={"opened": "read", "closed": "kept"},
        ),
        Say(
            key="read",
            who=NARRATOR,
            text=t(
                "You fold the page along its old folds. A broken seal is a small thing. It weighs "
                "nothing at all, all the way down the street.",
                "Doblas la hoja por sus pliegues. Un lacre roto es poca cosa. No pesa nada, calle "
                "abajo, todo el camino.",
                "Du faltest das Blatt an den alten Falten. Ein gebrochenes Siegel ist eine "
                "Kleinigkeit. Es wiegt nichts, die ganze Straße hinunter.",
                de_is="review",
            ),
            to="from_letter",
        ),
        Say(
            key="kept",
            who=NARRATOR,
            text=t(
                "The wax stays whole. Something in your back straightens.",
                "El lacre sigue entero. Algo se te endereza en la espalda.",
                "Das Siegel bleibt ganz. Etwas in deinem Rücken richtet sich auf.",
            ),
            to="from_letter",
        ),
        Jump(key="from_letter", hub="crossing"),
    )


def _too_late() -> tuple[Do | Say, ...]:
    return (
        Do(
            key="gauge_red",
            changes=(
                WARNING.set("flood"),
                TODAY.set("1931-10-10"),
                SIGNS.change("set_if_unset", "warm_rain"),
            ),
            why="The night is over.",
            to="no_more_bells",
        ),
        Say(
            key="no_more_bells",
            who=NARRATOR,
            text=t(
                "No bell strikes. That is how you know: it should have, just now.",
                "No suena ninguna campana. Así lo sabes: tenía que haber sonado ahora mismo.",
                "Keine Glocke schlägt. Daran merkst du es: Gerade eben hätte sie müssen.",
            ),
            to="to_morning",
        ),
    )
