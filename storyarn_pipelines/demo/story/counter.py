"""The counter: what the postmistress will say about the clock, its keeper and the oath."""

from storyarn_pipelines.demo.authoring.flows import Entry, Flow, Hub, Jump, Reply, Say, back
from storyarn_pipelines.demo.authoring.logic import all_of
from storyarn_pipelines.demo.authoring.text import t
from storyarn_pipelines.demo.story.variables import (
    ASKED_CLOCK,
    ASKED_KEEPER,
    BEACON_HIDDEN,
    ODILE,
    ODILE_TRUST,
    SWORN,
)


def counter() -> Flow:
    """Ask the postmistress: each question once, and then the oath or the door."""
    return Flow(
        "night.counter",
        "The Counter",
        "Questions for Odile. Called by the prologue.",
        (
            Entry(to="questions"),
            Hub(key="questions", label="Questions", to="well"),
            Say(
                key="well",
                who=ODILE,
                face="stern",
                menu=t("Talk to Odile", "Hablar con Odile", "Mit Odile reden"),
                text=t(
                    "Undeliverable. Put it in the drawer with the others, or ask what you must.",
                    "No se puede entregar. Al cajón con las demás, o pregunta lo que tengas que "
                    "preguntar.",
                    "Unzustellbar. Leg ihn in die Lade zu den anderen, oder frag, was du fragen "
                    "musst.",
                ),
                replies=(
                    Reply(
                        "clock",
                        t("Who winds the clock?", "¿Quién le da cuerda?", "Wer zieht die Uhr auf?"),
                        "clock",
                        all_of(ASKED_CLOCK.is_false),
                        (ASKED_CLOCK.on,),
                    ),
                    Reply(
                        "keeper",
                        t(
                            "And who used to?",
                            "¿Y quién se la daba antes?",
                            "Und wer hat es früher getan?",
                        ),
                        "keeper",
                        all_of(ASKED_CLOCK.is_true, ASKED_KEEPER.is_false),
                        (ASKED_KEEPER.on, BEACON_HIDDEN.off),
                    ),
                    Reply(
                        "swear",
                        t(
                            "I swear it: sealed, and on time.",
                            "Lo juro: cerrada y a tiempo.",
                            "Ich schwöre: verschlossen und pünktlich.",
                        ),
                        "sworn",
                        do=(SWORN.on, ODILE_TRUST.add(1)),
                    ),
                    Reply(
                        "hurry",
                        t(
                            "No time. Keep the kettle warm.",
                            "No hay tiempo. Guárdame té.",
                            "Keine Zeit. Halt den Tee warm.",
                        ),
                        "hurried",
                    ),
                ),
            ),
            *_answers(),
            Jump(key="again", hub="questions"),
            back("sworn", t("Oath sworn", "Juramento hecho", "Eid geleistet")),
            back("hurried", t("Gone already", "Ya se fue", "Schon fort")),
        ),
    )


def _answers() -> tuple[Say, ...]:
    return (
        Say(
            key="clock",
            who=ODILE,
            face="stern",
            text=t(
                "Nobody. It ran down by itself, a minute a week, like everything else here. "
                "When it strikes, the gates close. Tonight it will not strike.",
                "Nadie. Se fue parando solo, un minuto por semana, como todo aquí. Cuando da la "
                "hora se cierran las compuertas. Esta noche no la dará.",
                "Niemand. Sie ist von selbst abgelaufen, eine Minute die Woche, wie alles hier. "
                "Wenn sie schlägt, gehen die Tore zu. Heute Nacht schlägt sie nicht.",
            ),
            to="again",
        ),
        Say(
            key="keeper",
            who=ODILE,
            face="kind",
            text=t(
                "[[sheet:cast.ambrose|Ambrose Quill]]. Rowed out to the Sea Mark after a quarrel, "
                "seven years ago. His granddaughter sells moths at the market.",
                "[[sheet:cast.ambrose|Ambrose Quill]]. Se fue remando a la baliza tras una "
                "riña, hace siete años. Su nieta vende polillas en el mercado.",
                "[[sheet:cast.ambrose|Ambrose Quill]]. Ist nach einem Streit zum Seezeichen "
                "hinausgerudert.",
                de_is="review",
                de_for="[[sheet:cast.ambrose|Ambrose Quill]]. Rowed out to the Sea Mark after a "
                "quarrel.",
                note="Second sentence added after the German was made.",
            ),
            to="again",
        ),
    )
