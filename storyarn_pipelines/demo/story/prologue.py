"""The last sack: how Wren gets a name in the ledger and a letter in the satchel."""

from storyarn_pipelines.demo.authoring.flows import (
    Call,
    Do,
    Entry,
    Flow,
    Layer,
    Note,
    Reply,
    Say,
    Sequence,
    Track,
    onward,
)
from storyarn_pipelines.demo.authoring.text import t
from storyarn_pipelines.demo.story.variables import (
    DUE,
    LETTER,
    NARRATOR,
    NICKNAME,
    ODILE,
    ODILE_TRUST,
)


def prologue() -> Flow:
    """Open the story: rain, a ledger, a letter."""
    return Flow(
        "prologue",
        "The Last Sack",
        "Wren signs the ledger and finds the letter.",
        (
            _opening(),
            Entry(to="rain"),
            Say(
                key="rain",
                inside="opening",
                who=NARRATOR,
                text=t(
                    "Rain comes to Halfwater the way visitors do: by the stairs, and without "
                    "knocking.",
                    "La lluvia llega a Halfwater como las visitas: por la escalera y sin llamar.",
                    "Der Regen kommt nach Halfwater wie der Besuch: über die Treppe und ohne "
                    "anzuklopfen.",
                    note="Halfwater stays Halfwater. Keep the dry tone.",
                ),
                stage=t(
                    "Roofs, rain, one lit window.",
                    "Tejados, lluvia, una ventana encendida.",
                    "Dächer, Regen, ein erleuchtetes Fenster.",
                ),
                voice="voice_narrator_rain.wav",
                voices={
                    "es": ("approved", "voice_narrator_rain_es.wav"),
                    "de": ("needed", None),
                },
                to="ledger",
            ),
            *_ledger(),
            *_letter(),
            Note(
                key="about_names",
                text="The nickname is shown to the player all night long: keep it to one word.",
            ),
            onward(
                "into_the_rain",
                t("Out into the rain", "A la lluvia", "Hinaus in den Regen"),
                "night.streets",
            ),
        ),
        scene="halfwater",
        is_main=True,
    )


def _opening() -> Sequence:
    return Sequence(
        key="opening",
        name="Rain on the roof",
        tracks=(
            Track("ambience", "ambience_rain.wav", 0.8),
            Track("music", "music_night.wav", 0.45, start=0.25, end=2.5),
        ),
        layers=(
            Layer("backdrop", "banner_rooftops.png", "Roofs", fit="cover"),
            Layer(
                "character",
                "odile_stern.png",
                "Odile",
                "bottom-left",
                (0.05, 0.35, 0.3, 0.6),
                (0.0, 1.0),
            ),
            Layer("overlay", "overlay_rain.png", "Rain", fit="fill", opacity=0.6),
        ),
    )


def _ledger() -> tuple[Say | Do, ...]:
    return (
        Say(
            key="ledger",
            inside="opening",
            who=ODILE,
            face="stern",
            at="places.post-office",
            text=t(
                "Last sack of the night, first night of the carrier. What shall the ledger call "
                "you?",
                "El último saco de la noche, la primera noche de la cartera. ¿Cómo te apunto en "
                "el registro?",
                "Der letzte Sack der Nacht, die erste Nacht der Botin. Wie soll dich das "
                "Dienstbuch nennen?",
            ),
            stage=t("Without looking up.", "Sin levantar la vista.", "Ohne aufzusehen."),
            voice="voice_odile_ledger.wav",
            voices={
                "es": ("recorded", "voice_odile_ledger_es.wav"),
                "de": ("needed", None),
            },
            replies=(
                Reply(
                    "wren",
                    t(
                        "Wren. It is short already.",
                        "Wren. Ya es corto.",
                        "Wren. Kürzer geht's nicht.",
                    ),
                    "signed",
                    do=(NICKNAME.set("Wren"),),
                ),
                Reply(
                    "pip",
                    t("Pip, like everybody else.", "Pip, como todo el mundo.", "Pip, wie alle."),
                    "signed",
                    do=(NICKNAME.set("Pip"), ODILE_TRUST.add(1)),
                ),
                Reply(
                    "domino",
                    t(
                        "Domino. I tend to knock things over.",
                        "Dominó... con D de desastre.",
                        "Domino. Ich werfe gern etwas um.",
                        es_is="review",
                        review="Joke differs from the source, fine with me?",
                    ),
                    "signed",
                    do=(NICKNAME.set("Domino"),),
                ),
            ),
        ),
        Do(
            key="signed",
            changes=(LETTER.set(1), DUE.change("set_if_unset", "1931-10-10")),
            why="The letter is in the satchel, and due in the morning.",
            to="find",
        ),
    )


def _letter() -> tuple[Say | Call, ...]:
    return (
        Say(
            key="find",
            who=NARRATOR,
            text=t(
                "{cast.wren.nickname} it is. At the bottom of the sack, dry as a biscuit among "
                "soaked invoices, lies one envelope.\n<em>To whoever still winds the Tide "
                "Clock.</em>",
                "{cast.wren.nickname}, pues. En el fondo del saco, seco como una galleta entre "
                "facturas empapadas, hay un sobre.\n<em>A quien todavía dé cuerda al Reloj de "
                "las Mareas.</em>",
                "Also {cast.wren.nickname}. Ganz unten im Sack, trocken wie Zwieback zwischen "
                "triefenden Rechnungen, liegt ein Umschlag.\n<em>An den, der die Gezeitenuhr "
                "noch aufzieht.</em>",
            ),
            to="counter",
        ),
        Call(
            key="counter",
            flow="night.counter",
            outcomes={"sworn": "proud", "hurried": "sigh"},
        ),
        Say(
            key="proud",
            who=ODILE,
            face="kind",
            text=t(
                "Sealed, and on time. That is the whole oath. Off you go, {cast.wren.nickname}.",
                "Cerrada y a tiempo. Ese es todo el juramento. Anda, {cast.wren.nickname}.",
                "Verschlossen und pünktlich. Das ist der ganze Eid. Ab mit dir, "
                "{cast.wren.nickname}.",
            ),
            to="into_the_rain",
        ),
        Say(
            key="sigh",
            who=ODILE,
            face="stern",
            text=t(
                "The door is that way. So is the sea. Mind which one you open.",
                "La puerta está allí. El mar también. Fíjate cuál abres.",
                "Zur Tür geht es dort. Zum Meer auch. Gib acht, was du aufmachst.",
            ),
            to="into_the_rain",
        ),
    )
